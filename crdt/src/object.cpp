#include <sangam/causality/assert.hpp>
#include <sangam/crdt/object.hpp>

#include <array>
#include <cstddef>
#include <type_traits>

namespace sangam::crdt {

namespace {

template <class T>
inline constexpr bool holds_others = std::is_same_v<T, or_map>;

template <class T>
inline constexpr bool takes_patches = std::is_same_v<T, rga_text>;

[[nodiscard]] object::state new_state(object_kind kind) {
    switch (kind) {
    case object_kind::g_counter:
        return g_counter();
    case object_kind::pn_counter:
        return pn_counter();
    case object_kind::resettable_counter:
        return resettable_counter();
    case object_kind::or_set:
        return or_set();
    case object_kind::or_map:
        return or_map();
    case object_kind::lww_register:
        return lww_register();
    case object_kind::rga_text:
        return rga_text();
    }
    causality::invariant_failed("the kind of a new object is known", __FILE__, __LINE__);
}

/// What takes back all that is seen of a state, in one operation.
[[nodiscard]] leaf_operation reset_of(const or_set& set) {
    return set.clear();
}

template <class T>
[[nodiscard]] leaf_operation reset_of(const T& state) {
    return typename T::operation(state.reset());
}

} // namespace

const char* to_string(object_kind kind) noexcept {
    switch (kind) {
    case object_kind::g_counter:
        return "g_counter";
    case object_kind::pn_counter:
        return "pn_counter";
    case object_kind::resettable_counter:
        return "resettable_counter";
    case object_kind::or_set:
        return "or_set";
    case object_kind::or_map:
        return "or_map";
    case object_kind::lww_register:
        return "lww_register";
    case object_kind::rga_text:
        return "rga_text";
    }
    return "unknown";
}

object_kind kind_of(const leaf_operation& op) noexcept {
    constexpr std::array kinds{object_kind::g_counter,          object_kind::pn_counter,
                               object_kind::resettable_counter, object_kind::or_set,
                               object_kind::lww_register,       object_kind::rga_text};
    static_assert(kinds.size() == std::variant_size_v<leaf_operation>);
    return kinds[op.index()];
}

object::object(object_kind kind) : state_(new_state(kind)) {}

object_kind object::kind() const noexcept {
    constexpr std::array kinds{
        object_kind::g_counter, object_kind::pn_counter, object_kind::resettable_counter,
        object_kind::or_set,    object_kind::or_map,     object_kind::lww_register,
        object_kind::rga_text};
    static_assert(kinds.size() == std::variant_size_v<state>);
    return kinds[state_.index()];
}

bool object::empty() const noexcept {
    return std::visit([](const auto& inner) { return inner.empty(); }, state_);
}

bool object::is_new() const noexcept {
    return std::visit(
        []<class T>(const T& inner) {
            if constexpr (takes_patches<T>) {
                return inner.size_with_tombstones() == 0;
            } else {
                return inner == T();
            }
        },
        state_);
}

bool object::accepts(std::span<const map_key> path, const leaf_operation& leaf, causality::replica_id origin,
                     std::span<const text_id_range> pending) const {
    if (const or_map* const map = as<or_map>()) {
        return map->accepts(path, leaf, origin, pending);
    }
    if (!path.empty() || kind_of(leaf) != kind()) {
        return false;
    }
    const rga_text* const text = as<rga_text>();
    return text == nullptr || text->accepts(std::get<rga_text::operation>(leaf), origin, pending);
}

void object::apply(std::span<const map_key> path, const leaf_operation& leaf,
                   const operation_context& context, std::vector<text_patch>* patches) {
    if (or_map* const map = std::get_if<or_map>(&state_)) {
        map->apply(path, leaf, context, patches);
        return;
    }
    SANGAM_INVARIANT(path.empty() && kind_of(leaf) == kind());
    std::visit(
        [&]<class T>(T& inner) {
            if constexpr (takes_patches<T>) {
                inner.apply(std::get<typename T::operation>(leaf), context, patches);
            } else if constexpr (!holds_others<T>) {
                inner.apply(std::get<typename T::operation>(leaf), context);
            }
        },
        state_);
}

void object::append_reset(const std::vector<map_key>& prefix, std::vector<map_operation>& operations) const {
    SANGAM_INVARIANT(may_be_nested(kind()));
    std::visit(
        [&]<class T>(const T& inner) {
            if constexpr (holds_others<T>) {
                inner.append_reset(prefix, operations);
            } else if constexpr (!std::is_same_v<T, g_counter> && !std::is_same_v<T, pn_counter>) {
                if (!inner.empty()) {
                    operations.push_back({prefix, reset_of(inner)});
                }
            }
        },
        state_);
}

} // namespace sangam::crdt
