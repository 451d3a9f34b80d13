#include <sangam/engine/text_undo_stack.hpp>

#include "recorded_edits.hpp"

#include <sangam/crdt/utf8.hpp>
#include <sangam/engine/errc.hpp>

#include <array>
#include <utility>
#include <variant>
#include <vector>

namespace sangam::engine {
namespace {

/// Behind the last insert, else at the first erase.
crdt::text_cursor place_of(const std::vector<crdt::rga_text::operation>& operations) {
    if (const auto* inserted = std::get_if<crdt::rga_text::insert_op>(&operations.back())) {
        crdt::text_id last = inserted->first;
        last.lamport += crdt::utf8::count_scalars(inserted->text) - 1;
        return {last, crdt::text_bias::left};
    }
    return {std::get<crdt::rga_text::erase_op>(operations.back()).ranges.front().first,
            crdt::text_bias::left};
}

} // namespace

text_undo_stack text_handle::undo_stack() const {
    auto edits = std::make_shared<recorded_edits>();
    edits->address = address_;
    return {*this, std::move(edits)};
}

text_handle text_handle::recorded_by(const text_undo_stack& stack) const {
    if (stack.edits_->address != address_) {
        throw exception({errc::bad_option, "an undo stack of \"" + stack.edits_->address.object.name +
                                               "\" for \"" + address_.object.name + "\""});
    }
    text_handle recorded = *this;
    recorded.recorder_ = stack.edits_;
    return recorded;
}

text_undo_stack::text_undo_stack(text_handle text, std::shared_ptr<recorded_edits> edits)
    : text_(std::move(text)), edits_(std::move(edits)) {
    text_.recorder_ = edits_;
}

text_handle text_undo_stack::text() const {
    return text_;
}

std::optional<crdt::text_cursor> text_undo_stack::undo() const {
    return take_back(true);
}

std::optional<crdt::text_cursor> text_undo_stack::redo() const {
    return take_back(false);
}

std::optional<crdt::text_cursor> text_undo_stack::take_back(bool undo) const {
    std::optional<crdt::text_cursor> place;
    crdt::text_undo rest;
    const std::array<executor::preparer, 2> steps{
        [&](const crdt::object& object, causality::replica_id self, operation_list& operations) {
            const std::lock_guard lock(edits_->mutex);
            rest = edits_->undo;
            const crdt::rga_text& text = *object.as<crdt::rga_text>();
            auto taken = undo ? rest.undo(text, self) : rest.redo(text, self);
            if (!taken.empty()) place = place_of(taken);
            for (crdt::rga_text::operation& op : taken)
                operations.add(std::move(op));
        },
        // Only when the first step's operations were not refused.
        [&](const crdt::object&, causality::replica_id, operation_list&) {
            text_.target_->when_committed([edits = edits_, rest = std::move(rest)]() mutable {
                const std::lock_guard lock(edits->mutex);
                edits->undo = std::move(rest);
            });
        }};
    text_.target_->write(text_.address_, steps);
    return place;
}

bool text_undo_stack::can_undo() const {
    const std::lock_guard lock(edits_->mutex);
    return edits_->undo.can_undo();
}

bool text_undo_stack::can_redo() const {
    const std::lock_guard lock(edits_->mutex);
    return edits_->undo.can_redo();
}

void text_undo_stack::open_group() const {
    const std::lock_guard lock(edits_->mutex);
    edits_->undo.open_group();
}

void text_undo_stack::close_group() const {
    const std::lock_guard lock(edits_->mutex);
    edits_->undo.close_group();
}

void text_undo_stack::clear() const {
    const std::lock_guard lock(edits_->mutex);
    edits_->undo.clear();
}

} // namespace sangam::engine
