#include <sangam/engine/text_undo_stack.hpp>

#include "recorded_edits.hpp"

#include <sangam/engine/errc.hpp>

#include <array>
#include <utility>
#include <variant>
#include <vector>

namespace sangam::engine {
namespace {

/// Behind the rightmost character that came back, else at the first that went.
crdt::text_cursor place_of(const crdt::rga_text& text,
                           const std::vector<crdt::rga_text::operation>& operations) {
    const auto* const restored = std::get_if<crdt::rga_text::restore_op>(&operations.back());
    if (restored == nullptr) {
        const auto& erased = std::get<crdt::rga_text::erase_op>(operations.back());
        return {erased.ranges.front().first, crdt::text_bias::left};
    }
    crdt::text_cursor rightmost;
    for (const crdt::rga_text::erased_part& part : restored->parts) {
        const crdt::text_id last{part.ids.first.lamport + (part.ids.length - 1), part.ids.first.replica};
        const crdt::text_cursor behind{last, crdt::text_bias::left};
        if (text.position_of(behind) >= text.position_of(rightmost)) rightmost = behind;
    }
    return rightmost;
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
        [&](const crdt::object& object, causality::replica_id, operation_list& operations) {
            const std::lock_guard lock(edits_->mutex);
            rest = edits_->undo;
            auto taken = undo ? rest.undo() : rest.redo();
            if (!taken.empty()) place = place_of(*object.as<crdt::rga_text>(), taken);
            for (crdt::rga_text::operation& op : taken)
                operations.add(std::move(op));
        },
        // Only when the first step's operations were not refused.
        [&](const crdt::object& object, causality::replica_id, operation_list&) {
            const crdt::rga_text& text = *object.as<crdt::rga_text>();
            if (place) rest.applied(text.change_since(text.applied()).transaction);
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
