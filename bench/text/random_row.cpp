#include "measure.hpp"
#include "replays.hpp"
#include "rows.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace bench {
namespace {

constexpr std::size_t erases_percent = 30;
constexpr std::size_t small = 100'000;
constexpr std::size_t large = 1'000'000;
constexpr std::size_t huge = 10'000'000;
constexpr std::size_t runs_of_large_max = 3;

/// Single characters, come and gone at random places; the same ones every time.
workload random_edits(std::size_t count) {
    workload made;
    std::mt19937_64 rng(2);
    std::size_t length = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (length > 0 && rng() % 100 < erases_percent) {
            made.edits.add(rng() % length, 1, {});
            --length;
        } else {
            const char letter = static_cast<char>('a' + rng() % 26);
            made.edits.add(rng() % (length + 1), 0, {&letter, 1});
            ++length;
        }
    }
    made.recorded_edits = count;
    return made;
}

/// For a length at which the gap buffer would take an hour: an extra run of ours, whose text has the right
/// number of characters and holds its invariants, says what the others must end in.
workload checked_without_gap_buffer(workload made) {
    std::size_t length = 0;
    for (const edit& e : made.edits.edits()) {
        length += e.length;
        length -= e.erased;
    }
    const auto text = typed_text(made.edits);
    made.final_text = text.str();
    made.right = text.size() == length && text.check_invariants().empty();
    made.checked_by = "its length, its invariants";
    return made;
}

workload checked_by_gap_buffer(workload made) {
    made.final_text = text_of_gap_buffer(made.edits);
    made.checked_by = "gap buffer";
    return made;
}

figure about(const std::string& of, const workload& made, const timed& ours) {
    return figure{"text_random", of, {}, ours.right && made.right, made.checked_by}
        .with(edits, static_cast<double>(made.recorded_edits))
        .with(ns_per_edit, ours.ns / static_cast<double>(made.recorded_edits));
}

void add_gap_buffer(figure& made, const workload& edited, const timed& ours, const timed& gap) {
    made.right = made.right && gap.right;
    made.with(gap_ns_per_edit, gap.ns / static_cast<double>(edited.recorded_edits))
        .with(ratio_to_gap_buffer, ours.ns / gap.ns);
}

/// How much an edit costs of that in a text of `few` edits.
void add_growth(figure& made, const workload& few, const timed& of_few, const workload& many,
                const timed& of_many) {
    made.right = made.right && of_few.right;
    made.with(growth, of_many.ns / static_cast<double>(many.recorded_edits) /
                          (of_few.ns / static_cast<double>(few.recorded_edits)));
}

} // namespace

void measure_random(const settings& how, report& out) {
    const workload few = checked_by_gap_buffer(random_edits(small));
    const contender few_in_gap_buffer = [&] { return replay_in_gap_buffer(few); };
    const contender few_in_ours = [&] { return replay_locally(few); };
    {
        const auto measured = medians(how.runs, {few_in_gap_buffer, few_in_ours});
        figure made = about("100k edits", few, measured[1]);
        add_gap_buffer(made, few, measured[1], measured[0]);
        out.add(made);
    }
    {
        const workload many = checked_by_gap_buffer(random_edits(large));
        const auto measured = medians(
            std::min(how.runs, runs_of_large_max),
            {[&] { return replay_in_gap_buffer(many); }, [&] { return replay_locally(many); }, few_in_ours});
        figure made = about("1M edits", many, measured[1]);
        add_gap_buffer(made, many, measured[1], measured[0]);
        add_growth(made, few, measured[2], many, measured[1]);
        out.add(made);
    }
    if (!how.long_run) return;
    const workload most = checked_without_gap_buffer(random_edits(huge));
    const auto measured =
        medians(std::min(how.runs, runs_of_large_max), {[&] { return replay_locally(most); }, few_in_ours});
    figure made = about("10M edits", most, measured[0]);
    add_growth(made, few, measured[1], most, measured[0]);
    out.add(made);
}

} // namespace bench
