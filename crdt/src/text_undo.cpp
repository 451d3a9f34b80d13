#include <sangam/crdt/text_undo.hpp>

#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/utf8.hpp>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace sangam::crdt {
namespace {

using ranges_t = std::vector<text_id_range>;

text_id operator+(const text_id& id, std::uint64_t count) noexcept {
    return {id.lamport + count, id.replica};
}

void append(ranges_t& ranges, const text_id& first, std::uint64_t length) {
    if (length == 0) return;
    if (!ranges.empty() && ranges.back().first + ranges.back().length == first) {
        ranges.back().length += length;
    } else {
        ranges.push_back({first, length});
    }
}

/// Characters that came back: those of `old` have ids from `first` on now.
struct renaming {
    text_id_range old;
    text_id first;
};

/// In order of replica, then Lamport number: the ranges of one replica do not overlap, but those of several
/// interleave by Lamport number.
struct by_replica {
    bool operator()(const text_id& a, const text_id& b) const noexcept {
        return std::pair(a.replica, a.lamport) < std::pair(b.replica, b.lamport);
    }
};

/// How much of a range from `id` on, `length` long, is before, and in, the next of the sorted `pieces`.
struct overlap {
    std::uint64_t before;
    std::uint64_t inside;
    std::size_t piece;
    std::uint64_t skipped; ///< of the piece
};

template <class Pieces, class RangeOf>
overlap next_overlap(const Pieces& pieces, RangeOf range_of, const text_id& id, std::uint64_t length) {
    const auto first_of = [&](const auto& piece) { return range_of(piece).first; };
    const auto behind = std::ranges::upper_bound(pieces, id, by_replica(), first_of);
    if (behind != pieces.begin()) {
        const text_id_range& piece = range_of(*std::prev(behind));
        const std::uint64_t skipped = id.lamport - piece.first.lamport;
        if (piece.first.replica == id.replica && skipped < piece.length)
            return {0, std::min(length, piece.length - skipped),
                    static_cast<std::size_t>(behind - pieces.begin()) - 1, skipped};
    }
    if (behind != pieces.end()) {
        const text_id_range& piece = range_of(*behind);
        const std::uint64_t before = piece.first.lamport - id.lamport;
        if (piece.first.replica == id.replica && before < length)
            return {before, std::min(length - before, piece.length),
                    static_cast<std::size_t>(behind - pieces.begin()), 0};
    }
    return {length, 0, 0, 0};
}

void rename(ranges_t& ranges, const std::vector<renaming>& renamings) {
    const auto old_of = [](const renaming& r) -> const text_id_range& { return r.old; };
    ranges_t renamed;
    for (const text_id_range& range : ranges) {
        for (std::uint64_t done = 0; done < range.length;) {
            const overlap next = next_overlap(renamings, old_of, range.first + done, range.length - done);
            append(renamed, range.first + done, next.before);
            if (next.inside > 0) append(renamed, renamings[next.piece].first + next.skipped, next.inside);
            done += next.before + next.inside;
        }
    }
    ranges = std::move(renamed);
}

/// What of the ranges is not in `removed`.
ranges_t difference(const ranges_t& ranges, ranges_t removed) {
    std::ranges::sort(removed, by_replica(), &text_id_range::first);
    const auto self = [](const text_id_range& r) -> const text_id_range& { return r; };
    ranges_t left;
    for (const text_id_range& range : ranges) {
        for (std::uint64_t done = 0; done < range.length;) {
            const overlap next = next_overlap(removed, self, range.first + done, range.length - done);
            append(left, range.first + done, next.before);
            done += next.before + next.inside;
        }
    }
    return left;
}

/// What of a text fits into one insert, cut between two characters.
std::string_view take_piece(std::string_view& text, std::size_t bytes_max) {
    std::size_t bytes = std::min(text.size(), bytes_max);
    while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U)
        --bytes;
    const std::string_view piece = text.substr(0, bytes);
    text.remove_prefix(bytes);
    return piece;
}

/// Makes inserts of fragments that come back, one for those that stand side by side.
class inserts {
public:
    explicit inserts(const text_id& first) : next_(first) {}

    void add(const rga_text::fragment& back) {
        renamings_.push_back({back.ids, next_});
        std::string_view text = back.text;
        bool joins = back.joined && !operations_.empty();
        while (!text.empty()) {
            const std::size_t room =
                joins ? limits::text_insert_bytes_max - operations_.back().text.size() : 0;
            if (room < utf8_bytes_max) {
                operations_.push_back({next_, joins ? before(next_) : back.ids.first, {}});
                joins = true;
                continue;
            }
            const std::string_view piece = take_piece(text, room);
            operations_.back().text += piece;
            next_ = next_ + utf8::count_scalars(piece);
        }
    }
    [[nodiscard]] std::vector<rga_text::insert_op>& operations() noexcept { return operations_; }
    [[nodiscard]] std::vector<renaming>& renamings() noexcept { return renamings_; }

private:
    static constexpr std::size_t utf8_bytes_max = 4;

    static text_id before(const text_id& id) noexcept { return {id.lamport - 1, id.replica}; }

    std::vector<rga_text::insert_op> operations_;
    std::vector<renaming> renamings_;
    text_id next_;
};

} // namespace

void text_undo::record(const rga_text::change& change) {
    if (change.inserted.empty() && change.erased.empty()) return;
    undone_.clear();
    const bool same = last_.sequence != 0 && change.transaction == last_;
    const bool joins = (joins_ || same) && !done_.empty();
    last_ = change.transaction;
    joins_ = open_;
    if (joins) {
        rga_text::change& group = done_.back();
        for (const text_id_range& range : change.inserted)
            append(group.inserted, range.first, range.length);
        for (const text_id_range& range : change.erased) {
            // Backspaces come from right to left.
            if (!group.erased.empty() && range.first + range.length == group.erased.back().first) {
                group.erased.back() = {range.first, group.erased.back().length + range.length};
            } else {
                append(group.erased, range.first, range.length);
            }
        }
        return;
    }
    push(done_, change);
}

void text_undo::open_group() noexcept {
    open_ = true;
}

void text_undo::close_group() noexcept {
    open_ = joins_ = false;
    last_ = {};
}

void text_undo::clear() noexcept {
    done_.clear();
    undone_.clear();
    close_group();
}

void text_undo::push(groups& to, rga_text::change group) {
    to.push_back(std::move(group));
    if (to.size() > groups_max_) to.pop_front();
}

std::vector<rga_text::operation> text_undo::undo(const rga_text& text, causality::replica_id self) {
    return invert(done_, undone_, text, self);
}

std::vector<rga_text::operation> text_undo::redo(const rga_text& text, causality::replica_id self) {
    return invert(undone_, done_, text, self);
}

std::vector<rga_text::operation> text_undo::invert(groups& from, groups& to, const rga_text& text,
                                                   causality::replica_id self) {
    std::vector<rga_text::operation> operations;
    rga_text::change effect;
    std::vector<renaming> renamings;
    std::size_t passed = 0;
    for (; operations.empty() && passed < from.size(); ++passed) {
        const rga_text::change& group = from[from.size() - 1 - passed];
        for (const rga_text::fragment& mine : text.fragments(group.inserted)) {
            if (mine.visible) append(effect.erased, mine.ids.first, mine.ids.length);
        }
        if (!effect.erased.empty()) operations.emplace_back(rga_text::erase_op{effect.erased});

        const std::vector<rga_text::fragment> gone = text.fragments(difference(group.erased, group.inserted));
        std::uint64_t count = 0;
        for (const rga_text::fragment& fragment : gone)
            count += fragment.ids.length;
        if (count == 0) continue;
        const text_id first = text.next_id(count, self);
        inserts back(first);
        for (const rga_text::fragment& fragment : gone)
            back.add(fragment);
        operations.insert(operations.end(), std::move_iterator(back.operations().begin()),
                          std::move_iterator(back.operations().end()));
        effect.inserted.push_back({first, count});
        renamings = std::move(back.renamings());
    }
    close_group();
    from.erase(from.end() - static_cast<std::ptrdiff_t>(passed), from.end());
    if (operations.empty()) return operations;

    std::ranges::sort(renamings, by_replica(), [](const renaming& r) { return r.old.first; });
    for (groups* const all : {&done_, &undone_}) {
        for (rga_text::change& group : *all) {
            rename(group.inserted, renamings);
            rename(group.erased, renamings);
        }
    }
    push(to, std::move(effect));
    return operations;
}

} // namespace sangam::crdt
