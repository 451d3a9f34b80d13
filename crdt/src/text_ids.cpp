#include "text_ids.hpp"

#include <sangam/causality/assert.hpp>

#include <algorithm>
#include <iterator>

namespace sangam::crdt {

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
    const std::size_t last = runs_by_[author].back();
    return runs_[last].lamport + (end_of(last) - runs_[last].first) - 1;
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

/// The last run is new.
void text_ids::note_least() noexcept {
    const std::size_t added = runs_.size() - 1;
    for (unsigned level = 1; level <= levels; ++level) {
        std::vector<std::uint32_t>& least = least_[level - 1];
        const std::size_t block = added >> shift_of(level);
        if (block == least.size()) {
            least.push_back(static_cast<std::uint32_t>(added));
        } else if (first_id(added) < first_id(least[block])) {
            least[block] = static_cast<std::uint32_t>(added);
        } else {
            return; // nor is it the least of a greater block
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

void text_ids::reserve(std::size_t runs) {
    for (unsigned level = 1; level <= levels; ++level)
        least_[level - 1].reserve((runs >> shift_of(level)) + 1);
    runs_.reserve(runs); // last: only if it has room, the others have
}

text_ids::author_t text_ids::reserve_for(causality::replica_id replica) {
    if (runs_.size() == runs_.capacity()) reserve(runs_.size() + runs_.size() / 2 + 4);
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
        note_least();
    }
    size_ += length;
    last_author_ = author;
    const std::uint64_t last = first.lamport + (length - 1);
    last_is_greatest_ = last >= greatest_lamport_;
    greatest_lamport_ = std::max(greatest_lamport_, last);
}

std::string text_ids::check_invariants() const {
    std::vector<std::uint64_t> last(replicas_.size(), 0);
    for (std::size_t number = 0; number < runs_.size(); ++number) {
        const run& r = runs_[number];
        const std::string where = "ids, run " + std::to_string(number) + ": ";
        if (end_of(number) <= r.first || (number == 0 && r.first != 0))
            return where + "I1: a gap or no serial";
        if (r.author >= replicas_.size() || r.lamport <= last[r.author]) return where + "I2: not increasing";
        if (number > 0 && runs_[number - 1].author == r.author && r.lamport == last[r.author] + 1)
            return where + "I3: it continues the one before";
        last[r.author] = r.lamport + (end_of(number) - r.first) - 1;
        if (last[r.author] > greatest_lamport_) return where + "I2: above the greatest Lamport number";
        if (find(id_in(r, r.first)).first != r.first) return where + "I2: it is not found";
    }
    for (unsigned level = 1; level <= levels; ++level) {
        for (std::size_t block = 0; block < least_[level - 1].size(); ++block) {
            const std::size_t from = block << shift_of(level);
            const std::size_t to = std::min(runs_.size(), (block + 1) << shift_of(level));
            std::size_t least = from;
            for (std::size_t number = from; number < to; ++number) {
                if (first_id(number) < first_id(least)) least = number;
            }
            if (least_of_block(level, block) != least) return "ids: I4: another run has the least id";
        }
    }
    return runs_.empty() != (size_ == 0) ? "I1: serials without a run" : std::string();
}

} // namespace sangam::crdt
