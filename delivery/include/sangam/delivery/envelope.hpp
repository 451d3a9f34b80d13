#pragma once

#include <sangam/causality/dot.hpp>
#include <sangam/causality/hybrid_clock.hpp>

#include <concepts>
#include <cstddef>
#include <vector>

namespace sangam::delivery {

/// What delivery knows of a message: nothing of its content.
///
/// `dependencies` are the maximal dots of its causal past, sorted, without its origin's previous dot, which
/// its own dot implies. An application that names dependencies itself puts those here instead.
struct envelope {
    causality::dot id;
    std::vector<causality::dot> dependencies;
    causality::hybrid_time time;
    std::size_t size_bytes = 0; ///< what it counts against the budgets: about its memory

    friend bool operator==(const envelope&, const envelope&) = default;
};

template <class T>
concept causal_message = std::movable<T> && std::derived_from<T, envelope>;

} // namespace sangam::delivery
