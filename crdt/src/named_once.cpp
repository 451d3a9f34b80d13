#include <sangam/crdt/named_once.hpp>

#include "text_id_set.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

namespace sangam::crdt {
namespace {

/// True if each of several ranges lies behind the one before it, in the order of replicas and numbers,
/// or each in front of the one before it.
bool go_in_one_direction(std::span<const text_id_range> ranges) noexcept {
    const auto is_behind = [](const text_id_range& a, const text_id_range& b) {
        return a.first.replica < b.first.replica ||
               (a.first.replica == b.first.replica && a.first.lamport + a.length <= b.first.lamport);
    };
    bool forward = true;
    bool backward = true;
    for (std::size_t n = 1; n < ranges.size(); ++n) {
        forward = forward && is_behind(ranges[n - 1], ranges[n]);
        backward = backward && is_behind(ranges[n], ranges[n - 1]);
        if (!forward && !backward) return false;
    }
    return true;
}

bool overlap(std::span<const text_id_range> ranges) {
    if (go_in_one_direction(ranges)) return false;
    std::vector<text_id_range> sorted(ranges.begin(), ranges.end());
    std::ranges::sort(sorted, {}, [](const text_id_range& range) {
        return std::pair(range.first.replica, range.first.lamport);
    });
    return !go_in_one_direction(sorted);
}

bool fits(const text_id_range& range) noexcept {
    return range.length > 0 &&
           range.length - 1 < std::numeric_limits<std::uint64_t>::max() - range.first.lamport;
}

/// The ranges of an erase; null: another operation.
const std::vector<text_id_range>* erased_by(const leaf_operation& leaf) noexcept {
    if (const auto* const text = std::get_if<rga_text::operation>(&leaf)) {
        const auto* const erase = std::get_if<rga_text::erase_op>(text);
        return erase != nullptr ? &erase->ranges : nullptr;
    }
    if (const auto* const list = std::get_if<rga_list::operation>(&leaf)) {
        const auto* const erase = std::get_if<rga_list::erase_op>(list);
        return erase != nullptr ? &erase->ranges : nullptr;
    }
    return nullptr;
}

const rga_text::restore_op* restore_in(const leaf_operation& leaf) noexcept {
    const auto* const text = std::get_if<rga_text::operation>(&leaf);
    return text != nullptr ? std::get_if<rga_text::restore_op>(text) : nullptr;
}

/// Where an operation is made, and of which type it is.
struct by_place {
    bool operator()(const keyed_operation* a, const keyed_operation* b) const { return key(*a) < key(*b); }
    static std::tuple<std::size_t, const object_key&, const std::vector<map_key>&>
    key(const keyed_operation& op) {
        return {op.leaf.index(), op.object, op.path};
    }
};

/// What the operations of one sequence name.
struct naming {
    std::size_t erases = 0;
    std::size_t restores = 0;
    text_id_set erased;
    std::size_t joined = 0; ///< restores that are in `all`
    rga_text::restore_op all;
};
using namings = std::map<const keyed_operation*, naming, by_place>;

/// What of an erase no earlier one has named. What nobody accepts stays as it is.
std::vector<text_id_range> take_new(text_id_set& erased, const std::vector<text_id_range>& ranges) {
    std::vector<text_id_range> fresh;
    for (const text_id_range& range : ranges) {
        if (!fits(range)) {
            fresh.push_back(range);
        } else {
            erased.add(range, [&](const text_id_range& part) { fresh.push_back(part); });
        }
    }
    return fresh;
}

leaf_operation erase_again(const leaf_operation& erase, std::vector<text_id_range> ranges) {
    if (std::holds_alternative<rga_list::operation>(erase))
        return rga_list::operation(rga_list::erase_op{std::move(ranges)});
    return rga_text::operation(rga_text::erase_op{std::move(ranges)});
}

} // namespace

std::optional<std::vector<text_id_range>> each_once(std::span<const text_id_range> ranges) {
    if (!overlap(ranges)) return std::nullopt;
    std::vector<text_id_range> once;
    text_id_set named;
    for (const text_id_range& range : ranges)
        named.add(range, [&](const text_id_range& part) { once.push_back(part); });
    return once;
}

std::optional<std::vector<keyed_operation>> named_once(std::span<const keyed_operation> operations) {
    if (operations.size() < 2) return std::nullopt;
    namings places;
    bool several = false;
    for (const keyed_operation& op : operations) {
        const bool erases = erased_by(op.leaf) != nullptr;
        if (!erases && restore_in(op.leaf) == nullptr) continue;
        naming& n = places[&op];
        several = ++(erases ? n.erases : n.restores) > 1 || several;
    }
    if (!several) return std::nullopt;

    std::optional<std::vector<keyed_operation>> once; // from the first operation on that is another one
    const auto begin = [&](std::size_t n) {
        if (!once) once.emplace(operations.begin(), operations.begin() + static_cast<std::ptrdiff_t>(n));
    };
    for (std::size_t n = 0; n < operations.size(); ++n) {
        const keyed_operation& op = operations[n];
        const auto* const ranges = erased_by(op.leaf);
        const auto* const restore = restore_in(op.leaf);
        const auto found = ranges != nullptr || restore != nullptr ? places.find(&op) : places.end();
        if (ranges != nullptr && found->second.erases > 1) {
            std::vector<text_id_range> fresh = take_new(found->second.erased, *ranges);
            if (fresh != *ranges) {
                begin(n);
                if (!fresh.empty())
                    once->push_back({op.object, op.path, erase_again(op.leaf, std::move(fresh))});
                continue;
            }
        } else if (restore != nullptr && found->second.restores > 1) {
            naming& of = found->second;
            begin(n);
            of.all.parts.insert(of.all.parts.end(), restore->parts.begin(), restore->parts.end());
            if (++of.joined == of.restores)
                once->push_back({op.object, op.path, rga_text::operation(std::move(of.all))});
            continue;
        }
        if (once) once->push_back(op);
    }
    return once;
}

} // namespace sangam::crdt
