#pragma once

#include <sangam/crdt/sorted_set.hpp>
#include <sangam/crdt/value.hpp>
#include <sangam/engine/handle.hpp>

#include <cstddef>
#include <optional>
#include <vector>

namespace sangam::engine {

/// A set: crdt::or_set, in which a concurrent add beats a remove, or crdt::rw_set, in which the remove wins.
class set_handle : public handle {
public:
    using handle::handle;
    void add(crdt::value element) const;
    /// Does nothing (and sends nothing) when the element is not in an or_set; in an rw_set it still wins over
    /// adds that it has not seen.
    void remove(crdt::value element) const;
    void clear() const;
    [[nodiscard]] bool contains(const crdt::value& element) const;
    [[nodiscard]] std::size_t size() const;
    /// In increasing order.
    [[nodiscard]] std::vector<crdt::value> elements() const;
};

/// A set that only grows: crdt::g_set.
class g_set_handle : public handle {
public:
    using handle::handle;
    /// Does nothing (and sends nothing) when the element is there.
    void add(crdt::value element) const;
    [[nodiscard]] bool contains(const crdt::value& element) const;
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] std::vector<crdt::value> elements() const;
};

/// Members in the order of their scores: crdt::sorted_set.
/// Errors of the writing calls: crdt::errc::not_a_number, counter_overflow.
class sorted_set_handle : public handle {
public:
    using handle::handle;
    /// Adds the member, or gives it this score.
    void assign(crdt::value member, double score) const;
    /// Adds to the member's score; adds the member when it is not there.
    void increment(crdt::value member, double amount) const;
    /// Does nothing (and sends nothing) when the member is not there.
    void remove(crdt::value member) const;
    void clear() const;
    [[nodiscard]] bool contains(const crdt::value& member) const;
    [[nodiscard]] std::optional<double> score(const crdt::value& member) const;
    [[nodiscard]] std::size_t size() const;
    /// How many members stand before this one.
    [[nodiscard]] std::optional<std::size_t> rank(const crdt::value& member) const;
    /// `count` members from the rank `first` on, by (score, member).
    [[nodiscard]] std::vector<crdt::sorted_set::scored> entries(std::size_t first, std::size_t count) const;
    /// Those whose scores are from `least` to `greatest`.
    [[nodiscard]] std::vector<crdt::sorted_set::scored> entries_by_score(double least, double greatest) const;
};

} // namespace sangam::engine
