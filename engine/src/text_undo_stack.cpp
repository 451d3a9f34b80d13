#include <sangam/engine/text_undo_stack.hpp>

#include "range_bytes.hpp"
#include "recorded_edits.hpp"

#include <sangam/engine/errc.hpp>
#include <sangam/engine/limits.hpp>
#include <sangam/transport/message.hpp>

#include <array>
#include <utility>
#include <variant>
#include <vector>

namespace sangam::engine {
namespace {

/// The characters that a transaction brings back, and those that it takes away.
struct moved {
    std::vector<crdt::text_id_range> back;
    std::vector<crdt::text_id_range> away;

    explicit moved(const std::vector<crdt::rga_text::operation>& operations) {
        for (const crdt::rga_text::operation& op : operations) {
            if (const auto* const erased = std::get_if<crdt::rga_text::erase_op>(&op)) away = erased->ranges;
            if (const auto* const restored = std::get_if<crdt::rga_text::restore_op>(&op)) {
                for (const crdt::rga_text::erased_part& part : restored->parts)
                    back.push_back(part.ids);
            }
        }
    }
};

/// How many ranges an erase and a restore in one transaction may have together.
std::size_t ranges_of_a_transaction(const object_address& address) {
    transport::message empty;
    empty.operations.push_back({address.object, address.path, crdt::rga_text::operation()});
    empty.operations.push_back(empty.operations.front());
    const std::size_t without = transport::memory_of(empty);
    return (limits::message_bytes_max - without) / range_bytes;
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

/// Where a step is seen: behind the rightmost character that came back, else where the first one went.
struct text_undo_stack::place {
    std::optional<crdt::text_cursor> behind;
    std::optional<crdt::text_cursor> at;

    /// `text`: as it is when they have moved.
    void add(const crdt::rga_text& text, const moved& more) {
        if (const auto end = text.cursor_behind(more.back);
            end && (!behind || text.position_of(*end) > text.position_of(*behind)))
            behind = end;
        for (const auto* const ids : {&more.back, &more.away}) {
            if (ids->empty()) continue;
            const crdt::text_cursor first = text.cursor_at_first(*ids);
            if (!at || text.position_of(first) < text.position_of(*at)) at = first;
        }
    }
};

std::optional<crdt::text_cursor> text_undo_stack::take_back(bool undo) const {
    place seen;
    while (take_back_piece(undo, seen)) {
    }
    return seen.behind ? seen.behind : seen.at;
}

/// One transaction, unless there is nothing to do: behind the first one, when the step has been taken back
/// whole.
bool text_undo_stack::take_back_piece(bool undo, place& seen) const {
    std::optional<moved> characters;
    crdt::text_undo after;
    const std::array<executor::preparer, 2> steps{
        [&](const crdt::object&, causality::replica_id, operation_list& operations) {
            const std::lock_guard lock(edits_->mutex);
            if (seen.at && !(undo ? edits_->undo.undo_goes_on() : edits_->undo.redo_goes_on())) return;
            after = edits_->undo;
            const std::size_t ranges_max = ranges_of_a_transaction(text_.address_);
            auto taken = undo ? after.undo(ranges_max) : after.redo(ranges_max);
            if (!taken.empty()) characters.emplace(taken);
            for (crdt::rga_text::operation& op : taken)
                operations.add(std::move(op));
        },
        // Only when the first step's operations were not refused.
        [&](const crdt::object& object, causality::replica_id, operation_list&) {
            if (!characters) return;
            const crdt::rga_text& text = *object.as<crdt::rga_text>();
            seen.add(text, *characters);
            after.applied(text.change_since(text.applied()).transaction);
            text_.target_->when_committed([edits = edits_, after = std::move(after)]() mutable {
                const std::lock_guard lock(edits->mutex);
                edits->undo = std::move(after);
            });
        }};
    text_.target_->write(text_.address_, steps);
    return characters.has_value();
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
