#include "text_ids.hpp"

#include <sangam/causality/assert.hpp>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <numeric>
#include <utility>

namespace sangam::crdt {
namespace {

using causality::replica_id;

/// As std::popcount, which without a special instruction is a call and looks things up.
constexpr std::uint32_t count_bits(std::uint64_t bits) noexcept {
    bits -= bits >> 1 & 0x5555'5555'5555'5555;
    bits = (bits & 0x3333'3333'3333'3333) + (bits >> 2 & 0x3333'3333'3333'3333);
    bits = (bits + (bits >> 4)) & 0x0f0f'0f0f'0f0f'0f0f;
    return static_cast<std::uint32_t>(bits * 0x0101'0101'0101'0101 >> 56);
}

} // namespace

std::size_t text_ids::author_hash::operator()(replica_id replica) const noexcept {
    static const char place = 0; // where it is differs from run to run, and nobody outside knows
    std::uint64_t bits = replica.bits ^ reinterpret_cast<std::uintptr_t>(&place);
    for (int round = 0; round < 2; ++round) {
        bits *= 0x9e37'79b9'7f4a'7c15; // odd, without a pattern: 2^64 over the golden ratio
        bits ^= bits >> 32;
    }
    return static_cast<std::size_t>(bits);
}

text_ids::text_ids(std::vector<replica_id> replicas, std::vector<run> runs, serial_t size)
    : runs_(std::move(runs)), replicas_(std::move(replicas)), runs_by_(replicas_.size()), size_(size) {
    for (author_t author = 0; author < replicas_.size(); ++author)
        authors_.emplace(replicas_[author], author);
    if (replicas_.size() == 1) {
        runs_by_[0].resize(runs_.size());
        std::iota(runs_by_[0].begin(), runs_by_[0].end(), 0);
    } else {
        for (std::size_t number = 0; number < runs_.size(); ++number)
            runs_by_[runs_[number].author].push_back(static_cast<std::uint32_t>(number));
    }
    for (author_t author = 0; author < replicas_.size(); ++author) {
        sort_runs_by(author);
        greatest_lamport_ = std::max(greatest_lamport_, end_of_lamports(runs_by_[author].back()) - 1);
    }
    if (runs_.empty()) return;
    last_author_ = runs_.back().author;
    last_is_greatest_ = end_of_lamports(runs_.size() - 1) - 1 == greatest_lamport_;
}

void text_ids::sort_runs_by(author_t author) {
    std::vector<std::uint32_t>& own = runs_by_[author];
    std::uint64_t least = runs_[own.front()].lamport;
    std::uint64_t greatest = least;
    bool sorted = true;
    for (const std::uint32_t number : own) {
        const std::uint64_t lamport = runs_[number].lamport;
        sorted = sorted && lamport >= greatest;
        least = std::min(least, lamport);
        greatest = std::max(greatest, lamport);
    }
    if (sorted) return;
    const bool dense = (greatest - least) / own.size() <= dense_lamports;
    if (!dense || !sort_by_rank(own, least, greatest))
        std::ranges::sort(own, {}, [this](std::uint32_t number) { return runs_[number].lamport; });
}

/// Each Lamport number has a bit, and as many bits in front of it as others are less. False, and nothing has
/// changed, if two are equal.
bool text_ids::sort_by_rank(std::vector<std::uint32_t>& own, std::uint64_t least,
                            std::uint64_t greatest) const {
    std::vector<std::uint8_t> bits(8 * ((greatest - least) / 64 + 1));
    for (const std::uint32_t number : own) {
        const std::uint64_t key = runs_[number].lamport - least;
        bits[key / 8] = static_cast<std::uint8_t>(bits[key / 8] | 1U << key % 8);
    }
    const auto word = [&bits](std::size_t n) {
        std::uint64_t w = 0;
        std::memcpy(&w, bits.data() + 8 * n, sizeof w);
        return w;
    };
    std::vector<std::uint32_t> before(bits.size() / 8); // bits in all the words in front
    std::uint32_t sum = 0;
    for (std::size_t n = 0; n < before.size(); ++n) {
        before[n] = sum;
        sum += count_bits(word(n));
    }
    if (sum != own.size()) return false;
    std::vector<std::uint32_t> sorted(own.size());
    for (const std::uint32_t number : own) {
        const std::uint64_t key = runs_[number].lamport - least;
        const std::uint64_t less = word(key / 64) & ((std::uint64_t{1} << key % 64) - 1);
        sorted[before[key / 64] + count_bits(less)] = number;
    }
    own.swap(sorted);
    return true;
}

std::optional<std::size_t> text_ids::find_repeated() const noexcept {
    for (const std::vector<std::uint32_t>& own : runs_by_) {
        for (std::size_t n = 1; n < own.size(); ++n) {
            if (runs_[own[n]].lamport < end_of_lamports(own[n - 1])) return std::max(own[n - 1], own[n]);
        }
    }
    return std::nullopt;
}

std::size_t text_ids::search_run(serial_t serial) const noexcept {
    // The number of steps depends on the number of runs alone, and no step is a guess of the processor's.
    const run* base = runs_.data();
    for (std::size_t length = runs_.size(); length > 1;) {
        const std::size_t half = length / 2;
        base = base[half].first <= serial ? base + half : base;
        length -= half;
    }
    return static_cast<std::size_t>(base - runs_.data());
}

text_ids::author_t text_ids::search_author(causality::replica_id replica) const noexcept {
    const auto at = authors_.find(replica);
    return at != authors_.end() ? at->second : no_serial;
}

std::uint64_t text_ids::greatest_lamport(causality::replica_id replica) const noexcept {
    const author_t author = author_of(replica);
    if (author == no_serial || runs_by_[author].empty()) return 0;
    return end_of_lamports(runs_by_[author].back()) - 1;
}

text_ids::found text_ids::find(const text_id& id) const noexcept {
    const author_t author = author_of(id.replica);
    if (author == no_serial) return {};
    const std::vector<std::uint32_t>& own = runs_by_[author];
    if (own.empty()) return {};
    std::size_t number = own.back(); // most of what is looked for is new
    if (runs_[number].lamport > id.lamport) {
        const auto behind = std::ranges::upper_bound(own, id.lamport, {},
                                                     [this](std::uint32_t n) { return runs_[n].lamport; });
        if (behind == own.begin()) return {};
        number = *std::prev(behind);
    }
    const run& r = runs_[number];
    const std::uint64_t skipped = id.lamport - r.lamport;
    const std::uint32_t length = end_of(number) - r.first;
    if (skipped >= length) return {};
    return {r.first + static_cast<serial_t>(skipped), length - static_cast<std::uint32_t>(skipped)};
}

// --- the least ids of blocks of runs, of blocks of blocks, and so on

void text_ids::index_least() {
    for (unsigned level = 1; level <= levels; ++level) {
        const std::size_t needed = (runs_.size() >> shift_of(level)) + 1;
        if (least_[level - 1].capacity() < needed) least_[level - 1].reserve(needed + needed / 2);
    }
    for (; indexed_runs_ < runs_.size(); ++indexed_runs_) {
        for (unsigned level = 1; level <= levels; ++level) {
            std::vector<std::uint32_t>& least = least_[level - 1];
            const std::size_t block = indexed_runs_ >> shift_of(level);
            if (block == least.size()) {
                least.push_back(static_cast<std::uint32_t>(indexed_runs_));
            } else if (first_id(indexed_runs_) < first_id(least[block])) {
                least[block] = static_cast<std::uint32_t>(indexed_runs_);
            } else {
                break; // nor is it the least of a greater block
            }
        }
    }
}

std::size_t text_ids::next_less(std::size_t from, std::size_t to, const text_id& id) const noexcept {
    unsigned level = 0;
    std::size_t block = from;
    while (block << shift_of(level) < to) {
        if (first_id(least_of_block(level, block)) < id) {
            if (level == 0) return block;
            --level;
            block *= block_size;
            continue;
        }
        ++block;
        for (; block % block_size == 0 && level < levels; ++level)
            block /= block_size;
    }
    return to;
}

std::size_t text_ids::least_in(std::size_t from, std::size_t to) const noexcept {
    const auto is_inside = [to](unsigned level, std::size_t block) {
        return (block + 1) << shift_of(level) <= to;
    };
    std::size_t least = to;
    unsigned level = 0;
    std::size_t block = from;
    while (block << shift_of(level) < to) {
        if (!is_inside(level, block)) {
            --level;
            block *= block_size;
            continue;
        }
        const std::size_t candidate = least_of_block(level, block);
        if (least == to || first_id(candidate) < first_id(least)) least = candidate;
        ++block;
        for (; block % block_size == 0 && level < levels && is_inside(level + 1, block / block_size); ++level)
            block /= block_size;
    }
    return least;
}

text_ids::author_t text_ids::reserve_for(causality::replica_id replica) {
    if (runs_.size() == runs_.capacity()) runs_.reserve(runs_.size() + runs_.size() / 2 + 4);
    author_t author = author_of(replica);
    if (author == no_serial) {
        // An author without a run does no harm, should what follows fail.
        author = static_cast<author_t>(replicas_.size());
        const auto make_room = [](auto& numbered) {
            if (numbered.size() == numbered.capacity()) numbered.reserve(2 * numbered.size() + 1);
        };
        make_room(replicas_);
        make_room(runs_by_);
        authors_.emplace(replica, author);
        replicas_.push_back(replica);
        runs_by_.emplace_back();
    }
    std::vector<std::uint32_t>& own = runs_by_[author];
    if (own.size() == own.capacity()) own.reserve(own.size() + own.size() / 2 + 1);
    return author;
}

void text_ids::add(const text_id& first, std::uint32_t length, author_t author) noexcept {
    const bool continued = !runs_.empty() && runs_.back().author == author &&
                           runs_.back().lamport + (size_ - runs_.back().first) == first.lamport;
    if (!continued) {
        runs_by_[author].push_back(static_cast<std::uint32_t>(runs_.size()));
        runs_.push_back({first.lamport, size_, author});
    }
    size_ += length;
    last_author_ = author;
    const std::uint64_t last = first.lamport + (length - 1);
    last_is_greatest_ = last >= greatest_lamport_;
    greatest_lamport_ = std::max(greatest_lamport_, last);
}

std::string text_ids::check_invariants() const {
    if (runs_.empty() != (size_ == 0)) return "ids: I1: serials without a run";
    std::uint64_t greatest = 0;
    for (std::size_t number = 0; number < runs_.size(); ++number) {
        const run& r = runs_[number];
        const std::string where = "ids, run " + std::to_string(number) + ": ";
        if (end_of(number) <= r.first || (number == 0 && r.first != 0))
            return where + "I1: a gap or no serial";
        if (r.author >= replicas_.size()) return where + "I2: nobody's";
        if (number > 0 && runs_[number - 1].author == r.author && r.lamport == end_of_lamports(number - 1))
            return where + "I3: it continues the one before";
        if (find(id_in(r, r.first)).first != r.first) return where + "I2: it is not found";
        greatest = std::max(greatest, end_of_lamports(number) - 1);
    }
    if (greatest != greatest_lamport_) return "ids: another Lamport number is the greatest";
    std::size_t listed = 0;
    for (const std::vector<std::uint32_t>& own : runs_by_)
        listed += own.size();
    if (listed != runs_.size()) return "ids: I2: runs that are nobody's";
    if (find_repeated()) return "ids: I2: ids stand twice, or in another order";
    if (!runs_.empty() && last_is_greatest_ != (end_of_lamports(runs_.size() - 1) - 1 == greatest))
        return "ids: whether the last run ends with the greatest Lamport number";
    return check_least();
}

std::string text_ids::check_least() const {
    for (unsigned level = 1; level <= levels; ++level) {
        for (std::size_t block = 0; block < least_[level - 1].size(); ++block) {
            const std::size_t from = block << shift_of(level);
            const std::size_t to = std::min(indexed_runs_, (block + 1) << shift_of(level));
            std::size_t least = from;
            for (std::size_t number = from; number < to; ++number) {
                if (first_id(number) < first_id(least)) least = number;
            }
            if (least_of_block(level, block) != least) return "ids: I4: another run has the least id";
        }
    }
    return {};
}

} // namespace sangam::crdt
