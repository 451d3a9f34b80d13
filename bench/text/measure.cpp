#include "measure.hpp"

#include <algorithm>

namespace bench {
namespace {

constexpr double patience_ns = 5e9;
constexpr double long_ns = 50e6;
constexpr int runs_in_a_turn = 3;

timed turn(const contender& takes_it) {
    timed best = takes_it();
    for (int i = 1; i < runs_in_a_turn && best.ns < long_ns; ++i) {
        const timed again = takes_it();
        best = {std::min(best.ns, again.ns), best.right && again.right};
    }
    return best;
}

timed median(std::vector<timed> runs) {
    const bool right = std::ranges::all_of(runs, &timed::right);
    const auto middle = runs.begin() + static_cast<std::ptrdiff_t>(runs.size() / 2);
    std::ranges::nth_element(runs, middle, {}, &timed::ns);
    return {middle->ns, right};
}

} // namespace

std::vector<timed> medians(std::size_t runs, const std::vector<contender>& contenders) {
    std::vector<std::vector<timed>> all(contenders.size());
    for (std::size_t i = 0; i <= runs; ++i) {
        for (std::size_t c = 0; c < contenders.size(); ++c) {
            const timed one = turn(contenders[c]);
            if (i > 0 || !one.right) all[c].push_back(one);
        }
    }
    std::vector<timed> result;
    result.reserve(all.size());
    for (auto& of_one : all) {
        result.push_back(median(std::move(of_one)));
    }
    return result;
}

std::vector<timed> curve(std::size_t runs, const std::vector<point>& points) {
    std::vector<timed> result;
    std::vector<contender> quick;
    for (const point& p : points) {
        result.push_back(p.run());
        if (result.back().ns > patience_ns) break;
        quick.push_back(p.run);
    }
    const std::vector<timed> found = medians(runs, quick);
    for (std::size_t i = 0; i < found.size(); ++i) {
        result[i] = {found[i].ns, found[i].right && result[i].right};
    }
    return result;
}

} // namespace bench
