#include "curve_figures.hpp"
#include "gap_buffer.hpp"
#include "rows.hpp"
#include "workload.hpp"

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace bench {
namespace {

using sangam::causality::replica_id;
using sangam::crdt::operation_context;
using sangam::crdt::rga_text;

constexpr std::size_t lengths[] = {1'000, 10'000, 100'000, 1'000'000};
constexpr std::size_t edits_inside = 10'000;

/// One replica erases a text character by character from random places. Another, which has not seen that,
/// inserts single characters at random places of it: they arrive behind erased characters. Then the first one
/// types and erases among them.
class deleted_area {
public:
    explicit deleted_area(std::size_t length) {
        std::mt19937_64 rng(5);
        rga_text whole;
        const operation_context first{{replica_id{1}, 1}, {}};
        whole_ = {whole.insert(0, std::string(length, '-'), first.id.replica), first};
        whole.apply(whole_.what, first);
        for (std::size_t left = length; left > 0; --left) {
            erased_.push_back(rng() % left);
        }
        operation_context context{{replica_id{2}, 0}, {}};
        for (std::size_t i = 0; i < edits_inside; ++i) {
            ++context.id.sequence;
            const char letter = static_cast<char>('a' + i % 26);
            inserts_.push_back(
                {whole.insert(rng() % (whole.size() + 1), {&letter, 1}, context.id.replica), context});
            whole.apply(inserts_.back().what, context);
        }
        after_inserts_ = whole.str();
        std::erase(after_inserts_, '-');
        plan_edits(rng);
    }

    [[nodiscard]] std::size_t length() const noexcept { return erased_.size(); }

    [[nodiscard]] timed run_erasing() const {
        rga_text text = start();
        const double ns = time_of([&] { erase_all(text); });
        return {ns, text.empty()};
    }

    [[nodiscard]] timed run_inserts() const {
        rga_text text = start();
        erase_all(text);
        const double ns = time_of([&] { apply_inserts(text); });
        return {ns, text.str() == after_inserts_};
    }

    [[nodiscard]] timed run_edits() const {
        rga_text text = start();
        erase_all(text);
        apply_inserts(text);
        operation_context context{{replica_id{1}, erased_.size() + 1}, {}};
        const double ns = time_of([&] {
            for (const edit& e : edits_.edits()) {
                ++context.id.sequence;
                if (e.erased > 0) {
                    text.local_erase(e.position, e.erased, context);
                } else {
                    text.local_insert(e.position, edits_.inserted_by(e), context);
                }
            }
        });
        return {ns, text.str() == after_edits_};
    }

private:
    void plan_edits(std::mt19937_64& rng) {
        gap_buffer expected;
        expected.insert(0, after_inserts_);
        for (std::size_t i = 0; i < edits_inside; ++i) {
            if (rng() % 2 == 0) {
                const std::size_t position = rng() % (expected.size() + 1);
                edits_.add(position, 0, "+");
                expected.insert(position, "+");
            } else if (expected.size() > 0) {
                const std::size_t position = rng() % expected.size();
                edits_.add(position, 1, {});
                expected.erase(position, 1);
            }
        }
        after_edits_ = expected.str();
    }

    [[nodiscard]] rga_text start() const {
        rga_text text;
        text.apply(whole_.what, whole_.context);
        return text;
    }

    void erase_all(rga_text& text) const {
        operation_context context{{replica_id{1}, 1}, {}};
        for (const std::size_t position : erased_) {
            ++context.id.sequence;
            text.local_erase(position, 1, context);
        }
    }

    void apply_inserts(rga_text& text) const {
        for (const prepared_operation& insert : inserts_) {
            text.apply(insert.what, insert.context);
        }
    }

    prepared_operation whole_;
    std::vector<std::size_t> erased_;
    std::vector<prepared_operation> inserts_;
    edit_list edits_;
    std::string after_inserts_;
    std::string after_edits_;
};

} // namespace

void measure_deleted_area(const settings& how, report& out) {
    std::vector<point> erasing;
    std::vector<point> inserts;
    std::vector<point> inside;
    for (const std::size_t length : lengths) {
        const auto area = std::make_shared<deleted_area>(length);
        erasing.push_back({length, length, [area] { return area->run_erasing(); }});
        inserts.push_back({length, edits_inside, [area] { return area->run_inserts(); }});
        inside.push_back({length, edits_inside, [area] { return area->run_edits(); }});
    }
    const std::size_t runs = std::min(how.runs, std::size_t{3});
    add_curve(out, runs, "text_deleted_area", "erasing it", "empty", erasing);
    add_curve(out, runs, "text_deleted_area", "inserts into it", "the text without erasures", inserts);
    add_curve(out, runs, "text_deleted_area", "edits inside", "gap buffer", inside);
}

} // namespace bench
