#pragma once

#include <sangam/causality/hybrid_clock.hpp>
#include <sangam/causality/replica_id.hpp>
#include <sangam/causality/vector_clock.hpp>
#include <sangam/crdt/observed_dots.hpp>
#include <sangam/crdt/operation_context.hpp>
#include <sangam/crdt/value.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace sangam::crdt {

/// One named value of an entry of a stream.
struct stream_field {
    std::string name;
    value content;
    friend bool operator==(const stream_field&, const stream_field&) = default;
};

/// The place of an entry in a stream. Ids extend happened-before: what was appended after an entry was seen
/// has a greater id.
struct stream_id {
    causality::hybrid_time time;
    causality::replica_id origin;
    std::uint64_t number = 0; ///< from 1: among the entries of its origin in this stream
    friend auto operator<=>(const stream_id&, const stream_id&) = default;
};

/// A log that many replicas append to, merged by id, with readers that skip nothing and groups of consumers.
///
/// Meaning: the entries that were appended and that no trim names, by increasing id. A trim names what it
///   saw: of each origin the entries up to a number. For a group, an entry that is there is acknowledged iff
///   some acknowledge names it; else pending, for the consumer of the greatest (time, dot) among the claims
///   of it that no later claim of it saw; else new. So every entry goes to some consumer, and to two if two
///   replicas claim it concurrently: at least once.
/// Invariants: (S1) an origin's entries that are there have consecutive numbers, up to the number of its
///   entries ever; (S2) the ids of an origin increase with the numbers; (S3) a group keeps nothing about
///   entries that are not there.
/// Cost: n entries, r origins; an append is O(log n + log r), reading k entries O(r + k (log r + log n)),
///   claiming k of them the same and O(entries that others claimed); a trim O(what it takes away, log n
///   each). Of an origin all of whose entries went, two numbers stay.
/// Errors: `append`, `claim` and `acknowledge` throw `exception` with errc::too_large and invalid_utf8,
///   `claim_again` with errc::unknown_entry. `apply` is total; only allocation throws: then a trim, claim or
///   acknowledge of several entries may have been done in part, any other has changed nothing.
/// Threads: const members may run together; anything else needs the caller's lock.
/// Source: the streams of Redis Active-Active; positions are vectors, because an entry that merges in late
///   has an id that a reader of "everything after this id" has passed already.
class stream {
public:
    /// An entry by who appended it.
    struct entry_name {
        causality::replica_id origin;
        std::uint64_t number = 0;
        friend auto operator<=>(const entry_name&, const entry_name&) = default;
    };
    struct append_op {
        std::vector<stream_field> fields;
        friend bool operator==(const append_op&, const append_op&) = default;
    };
    struct trim_op {
        std::vector<entry_name> up_to; ///< the last entry of each origin that goes, sorted by origin
        friend bool operator==(const trim_op&, const trim_op&) = default;
    };
    struct claimed_entry {
        entry_name name;
        observed_dots observed; ///< the claims that this replaces
        friend bool operator==(const claimed_entry&, const claimed_entry&) = default;
    };
    struct claim_op {
        std::string group;
        std::string consumer;
        std::vector<claimed_entry> entries;
        friend bool operator==(const claim_op&, const claim_op&) = default;
    };
    struct acknowledge_op {
        std::string group;
        std::vector<entry_name> entries;
        friend bool operator==(const acknowledge_op&, const acknowledge_op&) = default;
    };
    using operation = std::variant<append_op, trim_op, claim_op, acknowledge_op>;

    struct entry {
        stream_id id;
        std::vector<stream_field> fields;
        [[nodiscard]] entry_name name() const noexcept { return {id.origin, id.number}; }
        friend bool operator==(const entry&, const entry&) = default;
    };
    struct read_result {
        std::vector<entry> entries;
        causality::vector_clock position; ///< behind them
    };
    struct pending_entry {
        entry_name name;
        std::string consumer;
        causality::hybrid_time claimed; ///< when
        friend bool operator==(const pending_entry&, const pending_entry&) = default;
    };

    stream() noexcept;
    stream(const stream&);
    stream(stream&&) noexcept;
    stream& operator=(const stream&);
    stream& operator=(stream&&) noexcept;
    ~stream();

    [[nodiscard]] append_op append(std::vector<stream_field> fields) const;
    /// Takes away what is in `position` and seen here.
    [[nodiscard]] trim_op trim(const causality::vector_clock& position) const;
    /// Takes away all but the `keep` entries with the greatest ids.
    [[nodiscard]] trim_op trim_to(std::size_t keep) const;
    /// Takes away all that is seen.
    [[nodiscard]] trim_op reset() const;
    /// Claims the first `count` entries that are new to the group.
    [[nodiscard]] claim_op claim(std::string group, std::string consumer, std::size_t count) const;
    /// Takes over entries that are pending in the group.
    [[nodiscard]] claim_op claim_again(std::string group, std::string consumer,
                                       std::span<const entry_name> entries) const;
    /// Entries that are not there, or acknowledged already, are left out.
    [[nodiscard]] acknowledge_op acknowledge(std::string group, std::span<const entry_name> entries) const;
    /// False for what names entries of somebody else that never came: its author cannot have seen them.
    [[nodiscard]] bool accepts(const operation& op, causality::replica_id origin) const noexcept;
    /// Precondition: accepts(op, context.id.replica).
    void apply(const operation& op, const operation_context& context);

    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    /// Of each origin, how many entries were ever appended: the position behind all of them.
    [[nodiscard]] causality::vector_clock position() const;
    [[nodiscard]] std::optional<entry> find(const entry_name& name) const;
    /// By increasing id, at most `count` entries that are not in `position`. Who reads on with the position
    /// that is returned gets every entry once, also one that merges in late in front of others.
    [[nodiscard]] read_result read_after(const causality::vector_clock& position, std::size_t count) const;
    /// At most `count` entries with ids from `first` to `last`.
    [[nodiscard]] std::vector<entry> range(const stream_id& first, const stream_id& last,
                                           std::size_t count) const;
    /// What is claimed and not acknowledged in the group, by name.
    [[nodiscard]] std::vector<pending_entry> pending(const std::string& group) const;

    friend bool operator==(const stream& a, const stream& b);

private:
    class state;

    [[nodiscard]] const state& get() const noexcept;

    std::unique_ptr<state> state_; ///< null until something is written
};

static_assert(operation_based<stream>);

} // namespace sangam::crdt
