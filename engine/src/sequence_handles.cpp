#include <sangam/engine/sequence_handles.hpp>

#include "handle_access.hpp"
#include "range_bytes.hpp"
#include "recorded_edits.hpp"

#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/utf8.hpp>
#include <sangam/engine/limits.hpp>
#include <sangam/transport/limits.hpp>
#include <sangam/transport/message.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

namespace sangam::engine {

void text_handle::insert(std::size_t position, std::string_view text) const {
    const crdt::text_patch patch{position, 0, std::string(text)};
    edit(std::span(&patch, 1));
}

void text_handle::erase(std::size_t position, std::size_t count) const {
    const crdt::text_patch patch{position, count, {}};
    edit(std::span(&patch, 1));
}

namespace {

/// What the operations of the patches take: they are made on a copy of the text.
std::size_t memory_of_made(std::span<const crdt::text_patch> patches, std::size_t one_operation,
                           crdt::rga_text copy, causality::replica_id self) {
    const crdt::operation_context context{{self, transport::limits::sequence_max}, {}};
    std::size_t memory = one_operation;
    for (const crdt::text_patch& patch : patches) {
        if (patch.erased > 0) {
            crdt::rga_text::erase_op erase = copy.erase(patch.position, patch.erased);
            memory += one_operation + erase.ranges.size() * range_bytes;
            copy.apply(crdt::rga_text::operation(std::move(erase)), context);
        }
        if (!patch.inserted.empty()) {
            memory += one_operation + patch.inserted.size();
            copy.apply(crdt::rga_text::operation(copy.insert(patch.position, patch.inserted, self)), context);
        }
    }
    return memory;
}

/// Throws if the operations of the patches take more memory than a message may, or the text has no ids left
/// for what they insert. Only when they would take too much if all that they erase were scattered are they
/// made to be counted.
void check_room(std::span<const crdt::text_patch> patches, const object_address& address,
                const crdt::rga_text& text, causality::replica_id self) {
    transport::message one;
    one.operations.push_back({address.object, address.path, crdt::rga_text::operation()});
    const std::size_t one_operation = transport::memory_of(one);
    std::size_t memory = one_operation;
    std::size_t scalars = 0;
    for (const crdt::text_patch& patch : patches) {
        const std::size_t operations = (patch.erased > 0 ? 1U : 0U) + (patch.inserted.empty() ? 0U : 1U);
        memory += operations * one_operation + patch.inserted.size() + patch.erased * range_bytes;
        scalars += crdt::utf8::count_scalars(patch.inserted);
    }
    if (scalars > 0) {
        static_cast<void>(text.insert(0, std::string(scalars, ' '), self));
    }
    if (memory > limits::message_bytes_max) {
        memory = memory_of_made(patches, one_operation, text, self);
    }
    if (memory > limits::message_bytes_max) {
        throw exception({crdt::errc::too_large, "an edit that takes " + std::to_string(memory) + " bytes; " +
                                                    std::to_string(limits::message_bytes_max) +
                                                    " are the most"});
    }
}

/// Throws what is wrong with the first patch that is wrong.
void check_patches(std::span<const crdt::text_patch> patches, std::size_t size) {
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < patches.size(); ++i) {
        const crdt::text_patch& patch = patches[i];
        const auto where = [&] { return "patch " + std::to_string(i) + ": "; };
        if (patch.position > size || patch.erased > size - patch.position) {
            throw exception(
                {crdt::errc::position_past_end, where() + "position " + std::to_string(patch.position) +
                                                    " and " + std::to_string(patch.erased) +
                                                    " to erase, in a text of " + std::to_string(size)});
        }
        if (const auto offset = crdt::utf8::find_invalid(patch.inserted)) {
            throw exception({crdt::errc::invalid_utf8, where() + "byte " + std::to_string(*offset)});
        }
        bytes += patch.inserted.size();
        size = size - patch.erased + crdt::utf8::count_scalars(patch.inserted);
    }
    if (bytes > crdt::limits::text_insert_bytes_max ||
        patches.size() > transport::limits::message_operations_max / 2) {
        throw exception({crdt::errc::too_large,
                         "an edit of " + std::to_string(patches.size()) + " patches and " +
                             std::to_string(bytes) + " bytes; " +
                             std::to_string(transport::limits::message_operations_max / 2) + " and " +
                             std::to_string(crdt::limits::text_insert_bytes_max) + " are the most"});
    }
}

/// For an undo stack, if there is one: what the steps between these two do.
class edit_recorder {
public:
    edit_recorder(executor& target, const std::shared_ptr<recorded_edits>& recorder)
        : target_(target), recorder_(recorder) {}

    void begin(const crdt::rga_text& text) {
        if (recorder_) since_ = text.applied();
    }
    void end(const crdt::rga_text& text) {
        if (!recorder_ || text.applied() == since_) return; // an empty log has no last transaction
        target_.when_committed([edits = recorder_, change = text.change_since(since_)] {
            const std::lock_guard lock(edits->mutex);
            edits->undo.record(change);
        });
    }

private:
    executor& target_;
    const std::shared_ptr<recorded_edits>& recorder_;
    crdt::rga_text::log_position since_;
};

} // namespace

void text_handle::edit(std::span<const crdt::text_patch> patches) const {
    edit_recorder recorder(*target_, recorder_);
    std::vector<executor::preparer> steps;
    steps.reserve(2 * patches.size() + 2);
    steps.emplace_back([&](const crdt::object& object, causality::replica_id self, operation_list&) {
        const crdt::rga_text& text = *object.as<crdt::rga_text>();
        check_patches(patches, text.size());
        check_room(patches, address_, text, self);
        recorder.begin(text);
    });
    for (const crdt::text_patch& patch : patches) {
        if (patch.erased > 0) {
            steps.emplace_back(
                [&patch](const crdt::object& object, causality::replica_id, operation_list& operations) {
                    operations.add(crdt::rga_text::operation(
                        object.as<crdt::rga_text>()->erase(patch.position, patch.erased)));
                });
        }
        if (!patch.inserted.empty()) {
            steps.emplace_back(
                [&patch](const crdt::object& object, causality::replica_id self, operation_list& operations) {
                    operations.add(crdt::rga_text::operation(
                        object.as<crdt::rga_text>()->insert(patch.position, patch.inserted, self)));
                });
        }
    }
    steps.emplace_back([&](const crdt::object& object, causality::replica_id, operation_list&) {
        recorder.end(*object.as<crdt::rga_text>());
    });
    target_->write(address_, steps);
}

std::optional<crdt::text_cursor> text_handle::edit_at(const crdt::text_cursor& at,
                                                      const patch_finder& find) const {
    std::optional<crdt::text_cursor> moved;
    crdt::text_patch patch;
    edit_recorder recorder(*target_, recorder_);
    const std::array<executor::preparer, 2> steps{
        [&](const crdt::object& object, causality::replica_id self, operation_list& operations) {
            const crdt::rga_text& text = *object.as<crdt::rga_text>();
            const auto position = text.position_of(at);
            if (position) patch = find(text, *position);
            check_patches({&patch, 1}, text.size());
            check_room({&patch, 1}, address_, text, self);
            recorder.begin(text);
            if (patch.erased > 0) {
                operations.add(crdt::rga_text::operation(text.erase(patch.position, patch.erased)));
            } else if (!patch.inserted.empty()) {
                operations.add(crdt::rga_text::operation(text.insert(patch.position, patch.inserted, self)));
            }
        },
        [&](const crdt::object& object, causality::replica_id, operation_list&) {
            const crdt::rga_text& text = *object.as<crdt::rga_text>();
            if (patch.erased == 0 && patch.inserted.empty()) return;
            recorder.end(text);
            moved = text.cursor_at(patch.position + crdt::utf8::count_scalars(patch.inserted), at.bias);
        }};
    target_->write(address_, steps);
    return moved;
}

std::optional<crdt::text_cursor> text_handle::insert(const crdt::text_cursor& at,
                                                     std::string_view text) const {
    return edit_at(at, [&](const crdt::rga_text&, std::size_t position) {
        return crdt::text_patch{position, 0, std::string(text)};
    });
}

std::optional<crdt::text_cursor> text_handle::erase_before(const crdt::text_cursor& at,
                                                           std::size_t count) const {
    return edit_at(at, [&](const crdt::rga_text&, std::size_t position) {
        const std::size_t erased = std::min(count, position);
        return crdt::text_patch{position - erased, erased, {}};
    });
}

std::optional<crdt::text_cursor> text_handle::erase_after(const crdt::text_cursor& at,
                                                          std::size_t count) const {
    return edit_at(at, [&](const crdt::rga_text& text, std::size_t position) {
        return crdt::text_patch{position, std::min(count, text.size() - position), {}};
    });
}

void text_handle::clear() const {
    edit_recorder recorder(*target_, recorder_);
    const std::array<executor::preparer, 2> steps{
        [&](const crdt::object& object, causality::replica_id, operation_list& operations) {
            recorder.begin(*object.as<crdt::rga_text>());
            if (!object.empty()) {
                operations.add(crdt::rga_text::operation(object.as<crdt::rga_text>()->reset()));
            }
        },
        [&](const crdt::object& object, causality::replica_id, operation_list&) {
            recorder.end(*object.as<crdt::rga_text>());
        }};
    target_->write(address_, steps);
}

void text_handle::mark(std::size_t position, std::size_t count, std::string name, crdt::value content,
                       crdt::mark_growth growth) const {
    write_if<crdt::rga_text>(
        *target_, address_, [&](const auto&) { return count > 0; },
        [&](const auto& text, causality::replica_id) {
            return text.mark(position, count, std::move(name), std::move(content), growth);
        });
}

void text_handle::unmark(std::size_t position, std::size_t count, std::string name,
                         crdt::mark_growth growth) const {
    mark(position, count, std::move(name), {}, growth);
}

std::vector<crdt::formatted_run> text_handle::formatted() const {
    return read_as<crdt::rga_text>(*target_, address_, [](const auto& text) { return text.formatted(); });
}

std::vector<crdt::formatted_run> text_handle::formatted(std::size_t position, std::size_t count) const {
    return read_as<crdt::rga_text>(*target_, address_,
                                   [&](const auto& text) { return text.formatted(position, count); });
}

std::vector<crdt::text_mark> text_handle::marks_at(std::size_t position) const {
    return read_as<crdt::rga_text>(*target_, address_,
                                   [&](const auto& text) { return text.marks_at(position); });
}

std::string text_handle::str() const {
    return read_as<crdt::rga_text>(*target_, address_, [](const auto& text) { return text.str(); });
}

std::string text_handle::str(std::size_t position, std::size_t count) const {
    return read_as<crdt::rga_text>(*target_, address_,
                                   [&](const auto& text) { return text.str(position, count); });
}

std::size_t text_handle::size() const {
    return read_as<crdt::rga_text>(*target_, address_, [](const auto& text) { return text.size(); });
}

std::size_t text_handle::utf16_size() const {
    return read_as<crdt::rga_text>(*target_, address_, [](const auto& text) { return text.utf16_size(); });
}

std::size_t text_handle::to_utf16(std::size_t position) const {
    return read_as<crdt::rga_text>(*target_, address_,
                                   [&](const auto& text) { return text.to_utf16(position); });
}

std::size_t text_handle::from_utf16(std::size_t units) const {
    return read_as<crdt::rga_text>(*target_, address_,
                                   [&](const auto& text) { return text.from_utf16(units); });
}

crdt::text_cursor text_handle::cursor_at(std::size_t position, crdt::text_bias bias) const {
    return read_as<crdt::rga_text>(*target_, address_,
                                   [&](const auto& text) { return text.cursor_at(position, bias); });
}

std::optional<std::size_t> text_handle::position_of(const crdt::text_cursor& cursor) const {
    return read_as<crdt::rga_text>(*target_, address_,
                                   [&](const auto& text) { return text.position_of(cursor); });
}

result<std::string> text_handle::str_at(const causal_token& when) const {
    return read_as<crdt::rga_text>(*target_, address_,
                                   [&](const auto& text) { return text.history().str(when.clock()); });
}

result<std::vector<crdt::text_patch>> text_handle::patches_between(const causal_token& from,
                                                                   const causal_token& to) const {
    return read_as<crdt::rga_text>(*target_, address_, [&](const auto& text) {
        return text.history().patches(from.clock(), to.clock());
    });
}

std::vector<crdt::text_history::transaction> text_handle::transactions() const {
    return read_as<crdt::rga_text>(*target_, address_,
                                   [](const auto& text) { return text.history().transactions(); });
}

std::uint64_t text_handle::transactions_count() const {
    return read_as<crdt::rga_text>(*target_, address_,
                                   [](const auto& text) { return text.history().size_in_transactions(); });
}

causal_token text_handle::token_after(std::uint64_t count) const {
    return read_as<crdt::rga_text>(*target_, address_, [&](const auto& text) {
        const crdt::text_history history = text.history();
        if (const std::uint64_t all = history.size_in_transactions(); count > all) {
            throw exception(
                {crdt::errc::position_past_end, "text_handle::token_after: " + std::to_string(count) +
                                                    " of " + std::to_string(all) + " transactions"});
        }
        return causal_token(history.version_after(count));
    });
}

void list_handle::insert(std::size_t position, crdt::value content) const {
    std::vector<crdt::value> one;
    one.push_back(std::move(content));
    insert(position, std::move(one));
}

void list_handle::insert(std::size_t position, std::vector<crdt::value> values) const {
    write_if<crdt::rga_list>(
        *target_, address_, [&](const auto&) { return !values.empty(); },
        [&](const auto& list, causality::replica_id self) {
            return list.insert(position, std::move(values), self);
        });
}

void list_handle::push_back(crdt::value content) const {
    write_as<crdt::rga_list>(*target_, address_, [&](const auto& list, causality::replica_id self) {
        std::vector<crdt::value> one;
        one.push_back(std::move(content));
        return list.insert(list.size(), std::move(one), self);
    });
}

void list_handle::erase(std::size_t position, std::size_t count) const {
    write_if<crdt::rga_list>(
        *target_, address_, [&](const auto&) { return count > 0; },
        [&](const auto& list, causality::replica_id) { return list.erase(position, count); });
}

void list_handle::clear() const {
    write_if<crdt::rga_list>(
        *target_, address_, [](const auto& list) { return !list.empty(); },
        [](const auto& list, causality::replica_id) { return list.reset(); });
}

crdt::value list_handle::at(std::size_t position) const {
    return read_as<crdt::rga_list>(*target_, address_,
                                   [&](const auto& list) -> crdt::value { return list.at(position); });
}

std::vector<crdt::value> list_handle::values() const {
    return read_as<crdt::rga_list>(*target_, address_, [](const auto& list) { return list.values(); });
}

std::vector<crdt::value> list_handle::values(std::size_t position, std::size_t count) const {
    return read_as<crdt::rga_list>(*target_, address_,
                                   [&](const auto& list) { return list.values(position, count); });
}

std::size_t list_handle::size() const {
    return read_as<crdt::rga_list>(*target_, address_, [](const auto& list) { return list.size(); });
}

crdt::text_cursor list_handle::cursor_at(std::size_t position, crdt::text_bias bias) const {
    return read_as<crdt::rga_list>(*target_, address_,
                                   [&](const auto& list) { return list.cursor_at(position, bias); });
}

std::optional<std::size_t> list_handle::position_of(const crdt::text_cursor& cursor) const {
    return read_as<crdt::rga_list>(*target_, address_,
                                   [&](const auto& list) { return list.position_of(cursor); });
}

} // namespace sangam::engine
