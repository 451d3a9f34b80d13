#pragma once

#include <sangam/causality/replica_id.hpp>
#include <sangam/crdt/text_types.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace sangam::crdt {

/// The number of an element in the order of its arrival here, or of the text that was loaded, from 0. Dense,
/// so what is known of an element can stand in arrays; local, so it never leaves this replica.
using serial_t = std::uint32_t;
inline constexpr serial_t no_serial = std::numeric_limits<serial_t>::max();

/// The id of every serial and the serial of every id, in runs.
///
/// Invariants: (I1) runs are in the order of serials and have no gap; (I2) `runs_by` has those of a replica
///   by increasing Lamport number, and no two have the same; (I3) no run continues the one before; (I4) of
///   every block of runs that is indexed it is known which begins with the least id.
/// Cost: r replicas, k runs; `add` is O(1), lookups O(log k); a new replica is amortised.
class text_ids {
public:
    using author_t = std::uint32_t; ///< a replica, by the order of its first insert here

    /// Serials with consecutive ids of one replica; it ends where the next run begins.
    struct run {
        std::uint64_t lamport = 0; ///< of `first`
        serial_t first = 0;
        author_t author = 0;
    };

    text_ids() = default;
    /// Runs in any order; the author of each is the number of its replica. Preconditions: I1 and I3; every
    /// replica has a run, and the first ones of each are in the order of their numbers. Cost: O(k) if the
    /// Lamport numbers of none are far apart, else O(k log k).
    text_ids(std::vector<causality::replica_id> replicas, std::vector<run> runs, serial_t size);
    /// A run with an id that another has, too, if there is one: then nothing else may be called.
    [[nodiscard]] std::optional<std::size_t> find_repeated() const noexcept;

    [[nodiscard]] serial_t size() const noexcept { return size_; }
    [[nodiscard]] std::uint64_t greatest_lamport() const noexcept { return greatest_lamport_; }
    [[nodiscard]] std::uint64_t greatest_lamport(causality::replica_id replica) const noexcept;

    [[nodiscard]] const std::vector<run>& runs() const noexcept { return runs_; }
    [[nodiscard]] serial_t end_of(std::size_t run_number) const noexcept {
        return run_number + 1 < runs_.size() ? runs_[run_number + 1].first : size_;
    }
    /// The number of the run that holds a serial. Precondition: serial < size().
    [[nodiscard]] std::size_t run_of(serial_t serial) const noexcept {
        return serial >= runs_.back().first ? runs_.size() - 1 : search_run(serial);
    }
    [[nodiscard]] text_id id_of(serial_t serial) const noexcept {
        return id_in(runs_[run_of(serial)], serial);
    }
    [[nodiscard]] text_id id_in(const run& r, serial_t serial) const noexcept {
        return {r.lamport + (serial - r.first), replicas_[r.author]};
    }

    [[nodiscard]] const std::vector<causality::replica_id>& replicas() const noexcept { return replicas_; }
    /// The number of a replica that has inserted here, or no_serial.
    [[nodiscard]] author_t author_of(causality::replica_id replica) const noexcept {
        return last_author_ < replicas_.size() && replicas_[last_author_] == replica ? last_author_
                                                                                     : search_author(replica);
    }
    /// The numbers of an author's runs, by increasing Lamport number.
    [[nodiscard]] const std::vector<std::uint32_t>& runs_by(author_t author) const noexcept {
        return runs_by_[author];
    }

    /// The serial of an id and how many of those behind it have the ids behind it; {0, 0} if it is not known.
    struct found {
        serial_t first = 0;
        std::uint32_t length = 0;
    };
    [[nodiscard]] found find(const text_id& id) const noexcept;

    /// Lets the next two know all runs. Amortised O(1) a run.
    void index_least();
    /// The first run from `from` on that begins with an id less than `id`, or that with the least first id,
    /// of those below `to`; `to` if there is none. O(log k). Precondition: index_least since the last `add`.
    [[nodiscard]] std::size_t next_less(std::size_t from, std::size_t to, const text_id& id) const noexcept;
    [[nodiscard]] std::size_t least_in(std::size_t from, std::size_t to) const noexcept;

    /// True iff ids of `replica` from greatest_lamport() + 1 on would only lengthen the last run.
    [[nodiscard]] bool continues(causality::replica_id replica) const noexcept {
        return last_is_greatest_ && replicas_[last_author_] == replica;
    }
    /// Precondition: continues(their replica).
    void lengthen(std::uint32_t length) noexcept {
        size_ += length;
        greatest_lamport_ += length;
    }

    /// Makes room for one more run, so that `add` cannot throw. Returns the author's number.
    author_t reserve_for(causality::replica_id replica);
    /// Precondition: reserve_for(first.replica) gave `author`; first.lamport >
    /// greatest_lamport(first.replica).
    void add(const text_id& first, std::uint32_t length, author_t author) noexcept;

    /// Empty, or what does not hold of I1 to I4.
    [[nodiscard]] std::string check_invariants() const;

private:
    /// Block n of level l has the runs from n << shift_of(l) on; on level 0 it is a run.
    static constexpr unsigned levels = 7;
    static constexpr std::size_t block_size = 16;
    static constexpr std::uint64_t dense_lamports = 256; ///< so many a run, on the average, or less
    [[nodiscard]] static constexpr unsigned shift_of(unsigned level) noexcept { return 4 * level; }

    /// Ids are random, but those of a file are what its writer chose, to fall into one bucket perhaps.
    struct author_hash {
        std::size_t operator()(causality::replica_id replica) const noexcept;
    };
    [[nodiscard]] std::size_t search_run(serial_t serial) const noexcept;
    [[nodiscard]] author_t search_author(causality::replica_id replica) const noexcept;
    [[nodiscard]] text_id first_id(std::size_t run_number) const noexcept {
        return {runs_[run_number].lamport, replicas_[runs_[run_number].author]};
    }
    [[nodiscard]] std::size_t least_of_block(unsigned level, std::size_t block) const noexcept {
        return level == 0 ? block : least_[level - 1][block];
    }
    /// One more than the last of a run.
    [[nodiscard]] std::uint64_t end_of_lamports(std::size_t run_number) const noexcept {
        return runs_[run_number].lamport + (end_of(run_number) - runs_[run_number].first);
    }
    void sort_runs_by(author_t author);
    bool sort_by_rank(std::vector<std::uint32_t>& own, std::uint64_t least, std::uint64_t greatest) const;
    [[nodiscard]] std::string check_least() const;

    std::vector<run> runs_;
    std::array<std::vector<std::uint32_t>, levels> least_; ///< by level from 1 on, by block: a run's number
    std::size_t indexed_runs_ = 0;                         ///< those in least_
    std::vector<causality::replica_id> replicas_;
    std::vector<std::vector<std::uint32_t>> runs_by_;
    std::unordered_map<causality::replica_id, author_t, author_hash> authors_;
    std::uint64_t greatest_lamport_ = 0;
    serial_t size_ = 0;
    author_t last_author_ = no_serial; ///< of the last run
    bool last_is_greatest_ = false;    ///< the last run ends with greatest_lamport_
};

} // namespace sangam::crdt
