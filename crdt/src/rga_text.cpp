#include <sangam/crdt/rga_text.hpp>

#include "text_blocks.hpp"

#include <sangam/causality/assert.hpp>
#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/utf8.hpp>

#include <algorithm>
#include <utility>

namespace sangam::crdt {
namespace {

[[noreturn]] void fail(errc code, std::string where) {
    throw exception(error{code, std::move(where)});
}

void check_position(std::size_t position, std::size_t size, const char* who) {
    if (position > size) {
        fail(errc::position_past_end,
             std::string(who) + ": position " + std::to_string(position) + ", size " + std::to_string(size));
    }
}

void check_range(std::size_t position, std::size_t count, std::size_t size, const char* who) {
    if (position > size || count > size - position) {
        fail(errc::position_past_end, std::string(who) + ": position " + std::to_string(position) +
                                          ", count " + std::to_string(count) + ", size " +
                                          std::to_string(size));
    }
}

bool follows(const text_id& id, const text_id_range& range) noexcept {
    return id.replica == range.first.replica && id.lamport == range.first.lamport + range.length;
}

/// How many ids from `id` on one of the increasing ranges holds without a gap.
std::uint64_t count_from(std::span<const text_id_range> ranges, const text_id& id) noexcept {
    const auto behind = std::ranges::upper_bound(ranges, id, {}, &text_id_range::first);
    if (behind == ranges.begin()) return 0;
    const text_id_range& range = *std::prev(behind);
    const std::uint64_t skipped = id.lamport - range.first.lamport;
    return range.first.replica == id.replica && skipped < range.length ? range.length - skipped : 0;
}

bool fits(const text_id& first, std::uint64_t length) noexcept {
    return length > 0 && first.lamport <= limits::lamport_max &&
           length - 1 <= limits::lamport_max - first.lamport;
}

/// True iff every id of the range is in the index or pending.
bool knows(const text_index& index, std::span<const text_id_range> pending, const text_id_range& range) {
    for (std::uint64_t done = 0; done < range.length;) {
        const text_id id{range.first.lamport + done, range.first.replica};
        const std::uint64_t known =
            std::max<std::uint64_t>(index.homes_from(id).size(), count_from(pending, id));
        if (known == 0) return false;
        done += known;
    }
    return true;
}

/// Appends a patch, or widens the last one of the same operation where the two touch.
void append_erased(std::vector<text_patch>& patches, std::size_t first_of_operation, std::size_t position,
                   std::size_t erased) {
    if (patches.size() > first_of_operation) {
        text_patch& last = patches.back();
        if (position <= last.position && last.position <= position + erased) {
            last.position = position;
            last.erased += erased;
            return;
        }
    }
    patches.push_back({position, erased, {}});
}

} // namespace

rga_text::rga_text() noexcept = default;
rga_text::rga_text(const rga_text& other)
    : blocks_(other.blocks_ ? std::make_unique<text_blocks>(*other.blocks_) : nullptr) {}
rga_text::rga_text(rga_text&&) noexcept = default;
rga_text& rga_text::operator=(const rga_text& other) {
    return *this = rga_text(other);
}
rga_text& rga_text::operator=(rga_text&&) noexcept = default;
rga_text::~rga_text() = default;

const text_blocks& rga_text::blocks() const noexcept {
    static const text_blocks none;
    return blocks_ ? *blocks_ : none;
}

rga_text::insert_op rga_text::insert(std::size_t position, std::string_view text,
                                     causality::replica_id self) const {
    SANGAM_ASSERT(!text.empty());
    check_position(position, size(), "rga_text::insert");
    if (text.size() > limits::text_insert_bytes_max) {
        fail(errc::too_large, "rga_text::insert: " + std::to_string(text.size()) + " bytes at position " +
                                  std::to_string(position) + ", limit " +
                                  std::to_string(limits::text_insert_bytes_max));
    }
    if (const auto invalid = utf8::find_invalid(text)) {
        fail(errc::invalid_utf8, "rga_text::insert: byte " + std::to_string(*invalid) + " of " +
                                     std::to_string(text.size()) + " at position " +
                                     std::to_string(position));
    }
    insert_op op{{blocks().index().greatest_lamport() + 1, self}, std::nullopt, std::string(text)};
    if (!fits(op.first, utf8::count_scalars(text))) {
        fail(errc::too_large, "rga_text::insert: Lamport number " + std::to_string(op.first.lamport) +
                                  " and on, limit " + std::to_string(limits::lamport_max));
    }
    if (position > 0) op.parent = blocks().at(blocks().find_visible(position - 1)).id;
    return op;
}

rga_text::erase_op rga_text::erase(std::size_t position, std::size_t count) const {
    SANGAM_ASSERT(count > 0);
    check_range(position, count, size(), "rga_text::erase");
    erase_op op;
    for (auto p = blocks().find_visible(position); count > 0; p = blocks().next(p)) {
        const element& e = blocks().at(p);
        if (!e.visible) continue;
        if (!op.ranges.empty() && follows(e.id, op.ranges.back())) {
            ++op.ranges.back().length;
        } else {
            op.ranges.push_back({e.id, 1});
        }
        --count;
    }
    return op;
}

rga_text::erase_op rga_text::reset() const {
    return empty() ? erase_op{} : erase(0, size());
}

bool rga_text::accepts(const operation& op, causality::replica_id origin,
                       std::span<const text_id_range> pending) const {
    const text_index& index = blocks().index();
    if (const auto* erased = std::get_if<erase_op>(&op)) {
        return std::ranges::all_of(erased->ranges, [&](const text_id_range& range) {
            return fits(range.first, range.length) && knows(index, pending, range);
        });
    }
    const auto& inserted = std::get<insert_op>(op);
    if (inserted.text.size() > limits::text_insert_bytes_max || utf8::find_invalid(inserted.text)) {
        return false;
    }
    std::uint64_t greatest = index.greatest_lamport(origin);
    if (!pending.empty())
        greatest = std::max(greatest, pending.back().first.lamport + (pending.back().length - 1));
    if (inserted.first.replica != origin || inserted.first.lamport <= greatest ||
        !fits(inserted.first, utf8::count_scalars(inserted.text))) {
        return false;
    }
    return !inserted.parent || (inserted.parent->lamport < inserted.first.lamport &&
                                knows(index, pending, {*inserted.parent, 1}));
}

void rga_text::apply(const operation& op, const operation_context& context,
                     std::vector<text_patch>* patches) {
    SANGAM_ASSERT(accepts(op, context.id.replica));
    if (!blocks_) blocks_ = std::make_unique<text_blocks>();
    if (const auto* inserted = std::get_if<insert_op>(&op)) {
        apply_insert(*inserted, patches);
    } else {
        apply_erase(std::get<erase_op>(op), patches);
    }
}

void rga_text::apply_insert(const insert_op& op, std::vector<text_patch>* patches) {
    auto place = op.parent ? blocks_->next(blocks_->find(*op.parent)) : blocks_->begin();
    while (place != blocks_->end() && blocks_->at(place).id > op.first)
        place = blocks_->next(place);
    if (patches != nullptr) patches->push_back({blocks_->before(place).visible, 0, op.text});
    // What is right of the first character has a smaller id, and the others have greater ids still: none of
    // them skips.
    blocks_->insert(place, op.first, utf8::to_scalars(op.text));
}

void rga_text::apply_erase(const erase_op& op, std::vector<text_patch>* patches) {
    const std::size_t first_patch = patches != nullptr ? patches->size() : 0;
    for (const text_id_range& range : op.ranges) {
        for (std::uint64_t done = 0; done < range.length;) {
            const auto place = blocks_->find({range.first.lamport + done, range.first.replica});
            const auto run = blocks_->hide(place, range.length - done);
            if (patches != nullptr && run.hidden > 0) {
                append_erased(*patches, first_patch, blocks_->before(place).visible, run.hidden);
            }
            done += run.passed;
        }
    }
}

std::size_t rga_text::size() const noexcept {
    return blocks().totals().visible;
}

std::size_t rga_text::size_with_tombstones() const noexcept {
    return blocks().size();
}

std::string rga_text::str() const {
    return str(0, size());
}

std::string rga_text::str(std::size_t position, std::size_t count) const {
    check_range(position, count, size(), "rga_text::str");
    std::string text;
    text.reserve(count);
    for (auto p = blocks().find_visible(position); count > 0; p = blocks().next(p)) {
        const element& e = blocks().at(p);
        if (!e.visible) continue;
        utf8::append(text, e.scalar);
        --count;
    }
    return text;
}

std::size_t rga_text::utf16_size() const noexcept {
    return blocks().totals().units;
}

std::size_t rga_text::to_utf16(std::size_t position) const {
    check_position(position, size(), "rga_text::to_utf16");
    return blocks().before(blocks().find_visible(position)).units;
}

std::size_t rga_text::from_utf16(std::size_t units) const {
    check_position(units, utf16_size(), "rga_text::from_utf16");
    const auto before = blocks().before(blocks().find_unit(units));
    if (before.units != units) {
        fail(errc::inside_surrogates, "rga_text::from_utf16: position " + std::to_string(units) + ", size " +
                                          std::to_string(utf16_size()));
    }
    return before.visible;
}

text_cursor rga_text::cursor_at(std::size_t position, text_bias bias) const {
    check_position(position, size(), "rga_text::cursor_at");
    if (position == (bias == text_bias::left ? 0 : size())) return {std::nullopt, bias};
    return {blocks().at(blocks().find_visible(bias == text_bias::left ? position - 1 : position)).id, bias};
}

std::optional<std::size_t> rga_text::position_of(const text_cursor& cursor) const {
    if (!cursor.anchor) return cursor.bias == text_bias::left ? 0 : size();
    if (!blocks().index().contains(*cursor.anchor)) return std::nullopt;
    const auto place = blocks().find(*cursor.anchor);
    const bool behind = cursor.bias == text_bias::left && blocks().at(place).visible;
    return blocks().before(place).visible + (behind ? 1 : 0);
}

std::vector<rga_text::element> rga_text::elements() const {
    std::vector<element> all;
    all.reserve(size_with_tombstones());
    for (auto p = blocks().begin(); p != blocks().end(); p = blocks().next(p))
        all.push_back(blocks().at(p));
    return all;
}

std::string rga_text::check_invariants() const {
    return blocks().check_invariants();
}

} // namespace sangam::crdt
