#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <vector>

namespace bench {

struct timed {
    double ns = 0;
    bool right = true; ///< the final text is the one that must come out
};

/// Prepares, times its own part, checks what came out.
using contender = std::function<timed()>;

/// Nanoseconds that `work` takes.
template <class Work>
[[nodiscard]] double time_of(Work&& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count();
}

/// Runs all in turn, `runs` times over, after one round that does not count: a machine that changes its speed
/// changes it for all of them. A turn is the fastest of three runs unless they are long: the first one finds
/// caches full of what the others used. The median of the turns of each; wrong if any run was.
[[nodiscard]] std::vector<timed> medians(std::size_t runs, const std::vector<contender>& contenders);

/// One point of a curve: `n` says how large, a run makes `steps` steps.
struct point {
    std::size_t n = 0;
    std::size_t steps = 0;
    contender run;
};

/// The points of one curve in turn, as `medians` does it, smaller ones first. Those after the first one that
/// takes longer than patience are left out, for a curve that is too steep is seen without them.
[[nodiscard]] std::vector<timed> curve(std::size_t runs, const std::vector<point>& points);

} // namespace bench
