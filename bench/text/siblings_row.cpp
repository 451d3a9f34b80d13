#include "curve_figures.hpp"
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

constexpr std::size_t counts[] = {100, 1'000, 10'000, 100'000};

/// All replicas have seen "<>" and insert between the two; nobody has seen another's insert.
struct siblings {
    rga_text seen;
    std::vector<prepared_operation> inserts; ///< by ascending replica, then as delivered
    std::string final_text;

    explicit siblings(std::size_t count) : final_text(1, '<') {
        const operation_context first{{replica_id{1}, 1}, {}};
        seen.apply(seen.insert(0, "<>", first.id.replica), first);
        for (std::size_t i = 0; i < count; ++i) {
            const operation_context context{{replica_id{i + 2}, 1}, {}};
            const char letter = static_cast<char>('a' + i % 26);
            inserts.push_back({seen.insert(1, {&letter, 1}, context.id.replica), context});
        }
        for (auto insert = inserts.rbegin(); insert != inserts.rend(); ++insert) {
            final_text += std::get<rga_text::insert_op>(insert->what).text;
        }
        final_text += '>';
    }

    [[nodiscard]] timed run() const {
        rga_text text = seen;
        const double ns = time_of([&] {
            for (const prepared_operation& insert : inserts) {
                text.apply(insert.what, insert.context);
            }
        });
        return {ns, text.str() == final_text};
    }
};

/// `arrange` puts the inserts into the order of their delivery.
void measure_order(const std::string& of, void (*arrange)(std::vector<prepared_operation>&),
                   const settings& how, report& out) {
    std::vector<point> points;
    for (const std::size_t count : counts) {
        const auto made = std::make_shared<siblings>(count);
        arrange(made->inserts);
        points.push_back({count, count, [made] { return made->run(); }});
    }
    add_curve(out, how.runs, "text_siblings", of, "order of ids", points);
}

} // namespace

void measure_siblings(const settings& how, report& out) {
    measure_order(
        "any order", [](auto& inserts) { std::ranges::shuffle(inserts, std::mt19937_64(3)); }, how, out);
    measure_order("ascending ids", [](auto&) {}, how, out);
    measure_order("descending ids", [](auto& inserts) { std::ranges::reverse(inserts); }, how, out);
}

} // namespace bench
