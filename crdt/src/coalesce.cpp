#include <sangam/crdt/coalesce.hpp>
#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/utf8.hpp>

#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>

namespace sangam::crdt {
namespace {

/// Every keystroke counts the characters before it again: that must stay little. A paste stays as it is.
constexpr std::size_t coalesced_bytes_max = 4096;

bool goes_on(const text_id& first, std::size_t length, const text_id& next,
             const std::optional<text_id>& parent) noexcept {
    const text_id last{first.lamport + length - 1, first.replica};
    return parent == last && next == text_id{last.lamport + 1, last.replica};
}

bool join(rga_text::insert_op& op, const rga_text::insert_op& next) {
    if (op.text.size() + next.text.size() > coalesced_bytes_max) return false;
    if (!goes_on(op.first, utf8::count_scalars(op.text), next.first, next.parent)) return false;
    op.text += next.text;
    return true;
}

bool join(rga_list::insert_op& op, const rga_list::insert_op& next) {
    if (op.values.size() + next.values.size() > limits::list_insert_values_max) return false;
    if (!goes_on(op.first, op.values.size(), next.first, next.parent)) return false;
    op.values.insert(op.values.end(), next.values.begin(), next.values.end());
    return true;
}

/// Ranges that touch, in the direction of reading or against it, become one.
void append(std::vector<text_id_range>& ranges, const text_id_range& next) {
    if (!ranges.empty() && ranges.back().first.replica == next.first.replica) {
        text_id_range& last = ranges.back();
        const bool behind = last.first.lamport + last.length == next.first.lamport;
        const bool before = next.first.lamport + next.length == last.first.lamport;
        if (behind || before) {
            if (before) last.first = next.first;
            last.length += next.length;
            return;
        }
    }
    ranges.push_back(next);
}

template <class Erase>
    requires std::is_same_v<Erase, rga_text::erase_op> || std::is_same_v<Erase, rga_list::erase_op>
bool join(Erase& op, const Erase& next) {
    const std::size_t most = op.ranges.size() + next.ranges.size();
    if (most > op.ranges.capacity()) op.ranges.reserve(most + most / 2); // first, because it may throw
    for (const text_id_range& range : next.ranges)
        append(op.ranges, range);
    return true;
}

bool join(rga_text::mark_op&, const rga_text::mark_op&) noexcept {
    return false; // each has its range
}

bool join(rga_text::restore_op&, const rga_text::restore_op&) noexcept {
    return false; // each has its erases
}

template <class Sequence>
bool join_in(leaf_operation& op, const leaf_operation& next) {
    auto* const first = std::get_if<typename Sequence::operation>(&op);
    const auto* const second = std::get_if<typename Sequence::operation>(&next);
    if (first == nullptr || second == nullptr) return false;
    return std::visit(
        [](auto& a, const auto& b) {
            if constexpr (std::is_same_v<std::remove_cvref_t<decltype(a)>,
                                         std::remove_cvref_t<decltype(b)>>) {
                return join(a, b);
            } else {
                return false;
            }
        },
        *first, *second);
}

} // namespace

void coalesce(std::vector<keyed_operation>& operations, std::size_t added) {
    std::size_t kept = added;
    for (std::size_t i = added; i < operations.size(); ++i) {
        if (kept > 0) {
            keyed_operation& last = operations[kept - 1];
            const keyed_operation& next = operations[i];
            if (last.object == next.object && last.path == next.path &&
                (join_in<rga_text>(last.leaf, next.leaf) || join_in<rga_list>(last.leaf, next.leaf)))
                continue;
        }
        if (kept != i) operations[kept] = std::move(operations[i]);
        ++kept;
    }
    operations.erase(std::next(operations.begin(), static_cast<std::ptrdiff_t>(kept)), operations.end());
}

} // namespace sangam::crdt
