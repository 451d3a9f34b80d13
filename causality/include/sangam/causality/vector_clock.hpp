#pragma once

#include <sangam/causality/dot.hpp>
#include <sangam/causality/replica_id.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sangam::causality {

/// How two events or two clocks relate under happened-before.
enum class causal_order { equal, before, after, concurrent };

[[nodiscard]] const char* to_string(causal_order order) noexcept;

/// One entry of a vector clock: the first `length` dots of `replica`.
struct clock_entry {
    replica_id replica;
    std::uint64_t length = 0;

    friend constexpr auto operator<=>(const clock_entry&, const clock_entry&) = default;
};

/// A causally closed set of dots, written as the length of the prefix of each replica's dots.
///
/// Meaning: `contains(d)` iff d.sequence is 1 to `clock[d.replica]`.
/// Invariants: (V1) entries are sorted by replica, each once; (V2) no entry has length 0, so equal meaning
///   is equal bytes.
/// Cost: n entries. Reading is O(log n); `advance_to` is O(log n), O(n) the first time a replica is named;
///   `merge`, `compare`, `dominates`, `difference` are O(n).
/// Threads: const members may run together; anything else needs the caller's lock.
/// Source: Mattern, "Virtual Time and Global States of Distributed Systems" (1989); Fidge (1988).
class vector_clock {
public:
    vector_clock() = default;
    vector_clock(std::initializer_list<clock_entry> entries);

    [[nodiscard]] std::uint64_t operator[](replica_id replica) const noexcept;
    [[nodiscard]] bool contains(const dot& d) const noexcept;
    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

    /// Sets the entry of `replica` to the greater of itself and `length`.
    void advance_to(replica_id replica, std::uint64_t length);

    /// The union of both sets.
    void merge(const vector_clock& other);

    /// True iff every dot of `other` is in this.
    [[nodiscard]] bool dominates(const vector_clock& other) const noexcept;

    /// before: all of this is in `other`, which has more.
    [[nodiscard]] causal_order compare(const vector_clock& other) const noexcept;

    /// The entries in which this exceeds `base`: what must be merged into `base` to make it dominate this.
    [[nodiscard]] vector_clock difference(const vector_clock& base) const;

    /// The number of dots in the set.
    [[nodiscard]] std::uint64_t total() const noexcept;

    [[nodiscard]] std::span<const clock_entry> entries() const noexcept { return entries_; }

    friend bool operator==(const vector_clock&, const vector_clock&) = default;

private:
    std::vector<clock_entry> entries_;
};

/// "0123456789abcdef:7,fedcba9876543210:2", in the order of the ids; empty for the empty clock.
[[nodiscard]] std::string to_string(const vector_clock& clock);

/// The inverse of `to_string`; nothing for any other text.
[[nodiscard]] std::optional<vector_clock> parse_vector_clock(std::string_view text);

} // namespace sangam::causality
