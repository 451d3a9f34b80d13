#include <sangam/crdt/rga_text.hpp>

#include "rga_sequence.hpp"

#include <sangam/causality/assert.hpp>
#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/utf8.hpp>

#include <algorithm>
#include <utility>

namespace sangam::crdt {
namespace {

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
    : sequence_(other.sequence_ ? std::make_unique<rga_sequence>(*other.sequence_) : nullptr) {}
rga_text::rga_text(rga_text&&) noexcept = default;
rga_text& rga_text::operator=(const rga_text& other) {
    return *this = rga_text(other);
}
rga_text& rga_text::operator=(rga_text&&) noexcept = default;
rga_text::~rga_text() = default;

const rga_sequence& rga_text::sequence() const noexcept {
    static const rga_sequence none;
    return sequence_ ? *sequence_ : none;
}

rga_text::insert_op rga_text::insert(std::size_t position, std::string_view text,
                                     causality::replica_id self) const {
    SANGAM_ASSERT(!text.empty());
    sequence().check_position(position, "rga_text::insert");
    if (text.size() > limits::text_insert_bytes_max) {
        throw_misuse(errc::too_large, "rga_text::insert: " + std::to_string(text.size()) +
                                          " bytes at position " + std::to_string(position) + ", limit " +
                                          std::to_string(limits::text_insert_bytes_max));
    }
    if (const auto invalid = utf8::find_invalid(text)) {
        throw_misuse(errc::invalid_utf8, "rga_text::insert: byte " + std::to_string(*invalid) + " of " +
                                             std::to_string(text.size()) + " at position " +
                                             std::to_string(position));
    }
    const text_id first = sequence().next_id(utf8::count_scalars(text), self, "rga_text::insert");
    return {first, sequence().parent_at(position), std::string(text)};
}

rga_text::erase_op rga_text::erase(std::size_t position, std::size_t count) const {
    SANGAM_ASSERT(count > 0);
    sequence().check_range(position, count, "rga_text::erase");
    return {sequence().ids_at(position, count)};
}

rga_text::erase_op rga_text::reset() const {
    return {sequence().ids_at(0, size())};
}

bool rga_text::accepts(const operation& op, causality::replica_id origin,
                       std::span<const text_id_range> pending) const {
    if (const auto* erased = std::get_if<erase_op>(&op)) {
        return sequence().accepts_erase(erased->ranges, pending);
    }
    const auto& inserted = std::get<insert_op>(op);
    return inserted.text.size() <= limits::text_insert_bytes_max && !utf8::find_invalid(inserted.text) &&
           sequence().accepts_insert(inserted.first, utf8::count_scalars(inserted.text), inserted.parent,
                                     origin, pending);
}

void rga_text::apply(const operation& op, const operation_context& context,
                     std::vector<text_patch>* patches) {
    SANGAM_ASSERT(accepts(op, context.id.replica));
    if (!sequence_) sequence_ = std::make_unique<rga_sequence>();
    if (const auto* inserted = std::get_if<insert_op>(&op)) {
        const std::size_t position =
            sequence_->insert(inserted->first, inserted->parent, utf8::to_scalars(inserted->text));
        if (patches != nullptr) patches->push_back({position, 0, inserted->text});
    } else {
        apply_erase(std::get<erase_op>(op), patches);
    }
}

void rga_text::apply_erase(const erase_op& op, std::vector<text_patch>* patches) {
    const std::size_t first_patch = patches != nullptr ? patches->size() : 0;
    for (text_id_range range : op.ranges) {
        while (range.length > 0) {
            const auto run = sequence_->erase_some(range);
            if (patches != nullptr && run.erased > 0) {
                append_erased(*patches, first_patch, sequence_->blocks().before(run.first).visible,
                              run.erased);
            }
        }
    }
}

std::size_t rga_text::size() const noexcept {
    return sequence().size();
}

std::size_t rga_text::size_with_tombstones() const noexcept {
    return sequence().blocks().size();
}

std::string rga_text::str() const {
    return str(0, size());
}

std::string rga_text::str(std::size_t position, std::size_t count) const {
    sequence().check_range(position, count, "rga_text::str");
    const text_blocks& blocks = sequence().blocks();
    std::string text;
    text.reserve(count);
    for (auto p = blocks.find_visible(position); count > 0; p = blocks.next(p)) {
        const element& e = blocks.at(p);
        if (!e.visible) continue;
        utf8::append(text, e.scalar);
        --count;
    }
    return text;
}

std::size_t rga_text::utf16_size() const noexcept {
    return sequence().blocks().totals().units;
}

std::size_t rga_text::to_utf16(std::size_t position) const {
    sequence().check_position(position, "rga_text::to_utf16");
    const text_blocks& blocks = sequence().blocks();
    return blocks.before(blocks.find_visible(position)).units;
}

std::size_t rga_text::from_utf16(std::size_t units) const {
    if (units > utf16_size()) {
        throw_misuse(errc::position_past_end, "rga_text::from_utf16: position " + std::to_string(units) +
                                                  ", size " + std::to_string(utf16_size()));
    }
    const text_blocks& blocks = sequence().blocks();
    const auto before = blocks.before(blocks.find_unit(units));
    if (before.units != units) {
        throw_misuse(errc::inside_surrogates, "rga_text::from_utf16: position " + std::to_string(units) +
                                                  ", size " + std::to_string(utf16_size()));
    }
    return before.visible;
}

text_cursor rga_text::cursor_at(std::size_t position, text_bias bias) const {
    return sequence().cursor_at(position, bias, "rga_text::cursor_at");
}

std::optional<std::size_t> rga_text::position_of(const text_cursor& cursor) const {
    return sequence().position_of(cursor);
}

std::vector<rga_text::element> rga_text::elements() const {
    const text_blocks& blocks = sequence().blocks();
    std::vector<element> all;
    all.reserve(blocks.size());
    for (auto p = blocks.begin(); p != blocks.end(); p = blocks.next(p))
        all.push_back(blocks.at(p));
    return all;
}

std::string rga_text::check_invariants() const {
    return sequence().blocks().check_invariants();
}

} // namespace sangam::crdt
