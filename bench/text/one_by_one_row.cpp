#include "curve_figures.hpp"
#include "gap_buffer.hpp"
#include "replays.hpp"
#include "rows.hpp"

#include <memory>
#include <random>
#include <string>
#include <vector>

namespace bench {
namespace {

using sangam::causality::replica_id;
using sangam::crdt::operation_context;
using sangam::crdt::rga_text;

constexpr std::size_t counts[] = {1'000, 10'000, 100'000, 1'000'000};

/// Single characters from another replica, each where `next_position(length)` says.
template <class Next>
std::shared_ptr<const workload> inserts_from_afar(std::size_t count, Next next_position) {
    auto made = std::make_shared<workload>();
    rga_text author;
    gap_buffer expected;
    operation_context context{{replica_id{1}, 0}, {}};
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t position = next_position(i);
        const char letter = static_cast<char>('a' + i % 26);
        ++context.id.sequence;
        made->operations.push_back({author.insert(position, {&letter, 1}, context.id.replica), context});
        author.apply(made->operations.back().what, context);
        expected.insert(position, {&letter, 1});
    }
    made->final_text = expected.str();
    return made;
}

template <class Next>
void measure_places(const std::string& of, Next next_position, const settings& how, report& out) {
    std::vector<point> points;
    for (const std::size_t count : counts) {
        const auto made = inserts_from_afar(count, next_position);
        points.push_back({count, count, [made] { return replay_remotely(made->operations, *made); }});
    }
    add_curve(out, how.runs, "text_one_by_one", of, "gap buffer", points);
}

} // namespace

void measure_one_by_one(const settings& how, report& out) {
    measure_places("at the end", [](std::size_t length) { return length; }, how, out);
    measure_places("at the start", [](std::size_t) { return std::size_t{0}; }, how, out);
    measure_places(
        "anywhere", [rng = std::mt19937_64(4)](std::size_t length) mutable { return rng() % (length + 1); },
        how, out);
}

} // namespace bench
