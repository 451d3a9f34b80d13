#pragma once

#include <sangam/crdt/text_columns.hpp>
#include <sangam/crdt/text_order.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

/// What the encoder and the decoder of texts must agree on: docs/text-format.md. Each column is a list of
/// numbers that say how far a value is from the one that was to be expected.
namespace sangam::transport::text_layout {

inline constexpr std::string_view magic = "SGtx";
inline constexpr char version = 1;

/// The first byte of the head. Texts without marks have no columns for them.
inline constexpr std::string_view kinds = "SHsh";
[[nodiscard]] constexpr char kind_code(crdt::text_columns::kind what, bool marked) noexcept {
    return kinds[(marked ? 2U : 0U) + (what == crdt::text_columns::kind::history ? 1U : 0U)];
}

/// What a segment of a mark says. Text is from here on: 5, 7 and so on for 0, 1 bytes; bytes are 6, 8, ...
namespace content {
inline constexpr std::uint64_t null = 0;
inline constexpr std::uint64_t no = 1;
inline constexpr std::uint64_t yes = 2;
inline constexpr std::uint64_t integer = 3;
inline constexpr std::uint64_t real = 4;
inline constexpr std::uint64_t text = 5;
inline constexpr std::uint64_t bytes = 6;
} // namespace content

/// A parent, counted from 1 (0: none), as how far it is in front of what was put behind it, round the end of
/// all numbers if it has a greater one. And back.
[[nodiscard]] constexpr std::uint32_t parent_code(std::uint32_t first, std::uint32_t parent,
                                                  std::uint32_t total) noexcept {
    return parent <= first ? first - parent : first + (total + 1 - parent);
}

[[nodiscard]] constexpr std::uint32_t parent_of(std::uint32_t code, std::uint32_t first,
                                                std::uint32_t total) noexcept {
    return code <= first ? first - code : first + (total + 1 - code);
}

/// The Lamport number that the next run of ids of a history is expected to begin with: behind the greatest.
class expected_lamport {
public:
    [[nodiscard]] std::uint64_t next() const noexcept { return next_; }
    void saw(const crdt::text_columns::id_run& run) noexcept {
        next_ = std::max(next_, run.lamport + run.length);
    }

private:
    std::uint64_t next_ = 1;
};

/// Where a run of ids begins, in the order of a text. Most go on where one of the last has ended, which
/// somebody has written in the middle of. Its code is then how many runs stand between the two, less one;
/// else, behind these, near the end of the one before.
class run_beginnings {
public:
    static constexpr std::uint64_t looked_back = 64;

    explicit run_beginnings(const std::vector<crdt::text_columns::id_run>& runs) noexcept : runs_(runs) {}

    /// Where the run before ended; a text begins with 1.
    [[nodiscard]] std::uint64_t end_before(std::size_t n) const noexcept {
        return n > 0 ? end_of(runs_[n - 1]) : 1;
    }
    /// How far back run n goes on, or looked_back.
    [[nodiscard]] std::uint64_t find(std::size_t n) const noexcept {
        const std::size_t candidate = last_by_end_[runs_[n].lamport % last_by_end_.size()];
        if (candidate + 2 > n || n - 2 - candidate >= looked_back) return looked_back;
        const crdt::text_columns::id_run& from = runs_[candidate];
        const bool goes_on = end_of(from) == runs_[n].lamport && from.replica == runs_[n].replica;
        return goes_on ? n - 2 - candidate : looked_back;
    }
    void saw(std::size_t n) noexcept {
        last_by_end_[end_of(runs_[n]) % last_by_end_.size()] = static_cast<std::uint32_t>(n);
    }

    [[nodiscard]] static std::uint64_t end_of(const crdt::text_columns::id_run& run) noexcept {
        return run.lamport + run.length;
    }

private:
    const std::vector<crdt::text_columns::id_run>& runs_;
    std::array<std::uint32_t, 1024> last_by_end_{}; ///< which one ended there, as far as Lamport numbers tell
};

/// Where numbers stand in the text, erased characters included: who erases goes on beside what he wrote or
/// erased last, whatever its number is.
class text_ranks {
public:
    explicit text_ranks(const std::vector<crdt::text_piece>& order) {
        by_rank_.reserve(order.size());
        for (const crdt::text_piece& piece : order) {
            by_rank_.push_back({piece.first, total_});
            total_ += piece.length;
        }
        by_number_ = by_rank_;
        std::ranges::sort(by_number_, {}, &start::number);
    }
    [[nodiscard]] std::uint32_t total() const noexcept { return total_; }
    /// Precondition of both: less than total().
    [[nodiscard]] std::uint32_t rank_of(std::uint32_t number) const noexcept {
        const start& s = *(std::ranges::upper_bound(by_number_, number, {}, &start::number) - 1);
        return s.rank + (number - s.number);
    }
    [[nodiscard]] std::uint32_t number_at(std::uint32_t rank) const noexcept {
        const start& s = *(std::ranges::upper_bound(by_rank_, rank, {}, &start::rank) - 1);
        return s.number + (rank - s.rank);
    }

private:
    struct start {
        std::uint32_t number = 0;
        std::uint32_t rank = 0;
    };
    std::vector<start> by_rank_;
    std::vector<start> by_number_;
    std::uint32_t total_ = 0;
};

/// Where a mark begins: 0 is the start; in front of the first character is 1, behind it 2, and so on.
/// Precondition: the anchor is one of the text, not its end.
[[nodiscard]] inline std::uint64_t place_of(const crdt::text_columns::mark_anchor& anchor,
                                            const text_ranks& ranks) noexcept {
    if (anchor.number == crdt::text_columns::no_number) return 0;
    const std::uint64_t rank = ranks.rank_of(anchor.number);
    return 2 * rank + (anchor.bias == crdt::text_bias::right ? 1 : 2);
}

/// Precondition: at most 2 * ranks.total().
[[nodiscard]] inline crdt::text_columns::mark_anchor anchor_at(std::uint64_t place,
                                                               const text_ranks& ranks) noexcept {
    if (place == 0) return {};
    return {ranks.number_at(static_cast<std::uint32_t>((place - 1) / 2)),
            place % 2 == 1 ? crdt::text_bias::right : crdt::text_bias::left};
}

/// What the next write of a mark is expected to be: the time that of the one before, numbers per replica.
class expected_write {
public:
    explicit expected_write(std::size_t replicas) : sequence_(replicas, 0) {}
    [[nodiscard]] std::uint64_t time() const noexcept { return time_; }
    [[nodiscard]] std::uint64_t sequence(std::size_t replica) const noexcept { return sequence_[replica]; }
    void saw(const crdt::text_columns::mark_write& write, std::size_t replica) noexcept {
        time_ = write.time.bits;
        sequence_[replica] = write.id.sequence;
    }

private:
    std::vector<std::uint64_t> sequence_;
    std::uint64_t time_ = 0;
};

/// Beside which number the next run of erased ones is expected: the last that was erased, or inserted since.
class expected_erase {
public:
    explicit expected_erase(std::uint32_t base) : inserted_(base) {}
    [[nodiscard]] std::uint32_t inserted() const noexcept { return inserted_; }
    [[nodiscard]] std::uint32_t beside(std::uint32_t inserted) const noexcept {
        return any_ && inserted == inserted_ ? last_ : inserted - 1;
    }
    void saw(const crdt::text_columns::erased_run& run) noexcept {
        any_ = true;
        inserted_ = run.inserted;
        last_ = run.backward ? run.first : run.first + run.length - 1;
    }

private:
    std::uint32_t inserted_;
    std::uint32_t last_ = 0;
    bool any_ = false;
};

/// What the next run of transactions is expected to be: numbers go on per replica, steps where the last
/// transaction begins.
class expected_transaction {
public:
    expected_transaction(std::size_t replicas, std::uint32_t base) : sequence_(replicas, 1), step_(base) {}
    [[nodiscard]] std::uint64_t sequence(std::size_t replica) const noexcept { return sequence_[replica]; }
    [[nodiscard]] std::uint64_t step() const noexcept { return step_; }
    void saw(const crdt::text_columns::transaction_run& run, std::size_t replica) noexcept {
        sequence_[replica] = run.first.sequence + run.count;
        step_ = run.step + std::uint64_t{run.count - 1} * run.stride;
    }

private:
    std::vector<std::uint64_t> sequence_;
    std::uint64_t step_;
};

} // namespace sangam::transport::text_layout
