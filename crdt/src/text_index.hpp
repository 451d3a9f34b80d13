#pragma once

#include <sangam/crdt/text_types.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace sangam::crdt {

/// Which ids a text knows, and the home (the block) of each.
///
/// Invariants: (X1) the runs of a replica increase and never touch, so known ids without a gap are in one
///   run; (X2) the homes of a replica's runs lie one behind the other, in the order of the runs.
/// Cost: r replicas, k runs of one replica; adding is O(log r), finding is O(log r + log k).
class text_index {
public:
    using home_t = std::uint32_t;

    /// The homes of `id` and of the known ids that follow it without a gap; empty if `id` is not known. Valid
    /// until the next `add`.
    [[nodiscard]] std::span<const home_t> homes_from(const text_id& id) const noexcept;
    [[nodiscard]] bool contains(const text_id& id) const noexcept { return !homes_from(id).empty(); }

    /// The greatest Lamport number of all, or of one replica; 0 if there is none.
    [[nodiscard]] std::uint64_t greatest_lamport() const noexcept { return greatest_lamport_; }
    [[nodiscard]] std::uint64_t greatest_lamport(causality::replica_id replica) const noexcept;

    /// Precondition: range.first.lamport > greatest_lamport(range.first.replica).
    void add(const text_id_range& range, home_t home);
    /// Precondition: every id of the range is known.
    void move(const text_id_range& range, home_t home) noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// Empty, or what does not hold of X1 and X2.
    [[nodiscard]] std::string check_invariants() const;

private:
    struct run {
        std::uint64_t first = 0; ///< Lamport number
        std::size_t home = 0;    ///< where the home of `first` is in `homes`
    };
    struct replica_ids {
        std::vector<run> runs; ///< not empty
        std::vector<home_t> homes;

        [[nodiscard]] std::uint64_t greatest_lamport() const noexcept;
        [[nodiscard]] std::size_t end_of(std::size_t run) const noexcept;
    };

    std::map<causality::replica_id, replica_ids> replicas_;
    std::uint64_t greatest_lamport_ = 0;
    std::size_t size_ = 0;
};

} // namespace sangam::crdt
