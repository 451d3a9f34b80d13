#include <sangam/causality/assert.hpp>
#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/object.hpp>
#include <sangam/crdt/or_map.hpp>

#include <algorithm>
#include <utility>

namespace sangam::crdt {

namespace {

/// Keeps invariant M1 on every way out of an apply, an exception included.
template <class Values>
class dropped_if_new {
public:
    dropped_if_new(Values& values, typename Values::iterator at) : values_(values), at_(at) {}
    dropped_if_new(const dropped_if_new&) = delete;
    dropped_if_new& operator=(const dropped_if_new&) = delete;
    ~dropped_if_new() {
        if (at_->second.is_new()) {
            values_.erase(at_);
        }
    }

private:
    Values& values_;
    typename Values::iterator at_;
};

[[nodiscard]] bool is_well_formed(std::span<const map_key> path, object_kind last) {
    if (path.empty() || path.size() > limits::map_depth_max || path.back().kind != last ||
        !may_be_nested(last)) {
        return false;
    }
    const auto is_map = [](const map_key& key) { return key.kind == object_kind::or_map; };
    const auto fits = [](const map_key& key) { return key.name.size() <= limits::name_bytes_max; };
    return std::ranges::all_of(path.first(path.size() - 1), is_map) && std::ranges::all_of(path, fits);
}

} // namespace

or_map::or_map() = default;
or_map::or_map(const or_map&) = default;
or_map::or_map(or_map&&) noexcept = default;
or_map& or_map::operator=(const or_map&) = default;
or_map& or_map::operator=(or_map&&) noexcept = default;
or_map::~or_map() = default;

const object* or_map::find(const map_key& key) const {
    const auto at = values_.find(key);
    return at == values_.end() ? nullptr : &at->second;
}

const object* or_map::find(std::span<const map_key> path) const {
    const or_map* map = this;
    const object* found = nullptr;
    for (const map_key& key : path) {
        found = map != nullptr ? map->find(key) : nullptr;
        map = found != nullptr ? found->as<or_map>() : nullptr;
    }
    return found;
}

std::vector<map_key> or_map::keys() const {
    std::vector<map_key> members;
    for (const auto& [key, inner] : values_) {
        if (!inner.empty()) {
            members.push_back(key);
        }
    }
    return members;
}

bool or_map::contains(const map_key& key) const {
    const object* const found = find(key);
    return found != nullptr && !found->empty();
}

std::size_t or_map::size() const {
    const auto shows = [](const auto& entry) { return !entry.second.empty(); };
    return static_cast<std::size_t>(std::ranges::count_if(values_, shows));
}

bool or_map::empty() const noexcept {
    return std::ranges::all_of(values_, [](const auto& entry) { return entry.second.empty(); });
}

std::vector<or_map::operation> or_map::remove(const map_key& key) const {
    std::vector<operation> operations;
    if (const object* const found = find(key)) {
        found->append_reset({key}, operations);
    }
    return operations;
}

std::vector<or_map::operation> or_map::reset() const {
    std::vector<operation> operations;
    append_reset({}, operations);
    return operations;
}

void or_map::append_reset(std::vector<map_key> prefix, std::vector<operation>& operations) const {
    prefix.emplace_back();
    for (const auto& [key, inner] : values_) {
        prefix.back() = key;
        inner.append_reset(prefix, operations);
    }
}

bool or_map::accepts(std::span<const map_key> path, const leaf_operation& leaf, causality::replica_id origin,
                     std::span<const text_id_range> pending) const {
    if (!is_well_formed(path, kind_of(leaf))) {
        return false;
    }
    if (const object* const found = find(path)) {
        return found->accepts({}, leaf, origin, pending);
    }
    return object(path.back().kind).accepts({}, leaf, origin, pending);
}

void or_map::apply(std::span<const map_key> path, const leaf_operation& leaf,
                   const operation_context& context, std::vector<text_patch>* patches) {
    SANGAM_INVARIANT(!path.empty() && path.size() <= limits::map_depth_max &&
                     may_be_nested(path.front().kind));
    const auto at = values_.try_emplace(path.front(), path.front().kind).first;
    const dropped_if_new guard(values_, at);
    at->second.apply(path.subspan(1), leaf, context, patches);
}

bool operator==(const or_map& a, const or_map& b) {
    return a.values_ == b.values_;
}

} // namespace sangam::crdt
