#include <sangam/causality/assert.hpp>
#include <sangam/crdt/object.hpp>

#include <cstddef>
#include <iterator>
#include <type_traits>
#include <utility>

namespace sangam::crdt {

namespace {

template <class T>
inline constexpr bool holds_others = std::is_same_v<T, or_map>;

template <class T>
inline constexpr bool takes_patches = std::is_same_v<T, rga_text>;

/// Sequences keep the places of what was erased.
template <class T>
concept has_tombstones = requires(const T& state) { state.size_with_tombstones(); };

/// Types whose operations name more of their causal past than dots.
template <class T>
concept judges_operations =
    requires(const T& state, const typename T::operation& op) { state.accepts(op, causality::replica_id()); };

template <class T>
concept may_be_reset =
    requires(const T& state) { state.reset(); } || requires(const T& state) { state.clear(); };

constexpr std::size_t kinds = std::variant_size_v<object::state>;
static_assert(std::size(all_kinds) == kinds && std::variant_size_v<leaf_operation> == kinds - 1);

/// The kind is one more than the place in the variant.
[[nodiscard]] constexpr object_kind kind_at(std::size_t index) noexcept {
    return static_cast<object_kind>(index + 1);
}

template <std::size_t... Index>
[[nodiscard]] consteval bool lists_agree(std::index_sequence<Index...>) {
    return ((all_kinds[Index] == kind_at(Index)) && ...) &&
           ((may_be_nested(kind_at(Index)) ==
             may_be_reset<std::variant_alternative_t<Index, object::state>>) &&
            ...);
}
static_assert(lists_agree(std::make_index_sequence<kinds>()));

template <std::size_t... Index>
[[nodiscard]] object::state new_state(std::size_t index, std::index_sequence<Index...>) {
    using maker = object::state (*)();
    static constexpr maker makers[] = {[] { return object::state(std::in_place_index<Index>); }...};
    return makers[index]();
}

[[nodiscard]] object::state new_state(object_kind kind) {
    const std::size_t index = static_cast<std::size_t>(kind) - 1;
    SANGAM_INVARIANT(index < kinds);
    return new_state(index, std::make_index_sequence<kinds>());
}

/// What shows nothing may still hold something that a reset takes away.
template <class T>
[[nodiscard]] bool nothing_to_reset(const T& state) {
    if constexpr (requires { state.nothing_to_reset(); }) {
        return state.nothing_to_reset();
    } else {
        return state.empty();
    }
}

/// What takes back all that is seen of a state, in one operation.
template <class T>
[[nodiscard]] leaf_operation reset_of(const T& state) {
    if constexpr (requires { state.clear(); }) {
        return typename T::operation(state.clear());
    } else {
        return typename T::operation(state.reset());
    }
}

} // namespace

const char* to_string(object_kind kind) noexcept {
    static constexpr const char* names[] = {"g_counter",       "pn_counter", "resettable_counter",
                                            "or_set",          "or_map",     "lww_register",
                                            "rga_text",        "g_set",      "rw_set",
                                            "mv_register",     "ew_flag",    "dw_flag",
                                            "bounded_counter", "rga_list",   "sorted_set",
                                            "stream",          "expiry"};
    static_assert(std::size(names) == kinds);
    const std::size_t index = static_cast<std::size_t>(kind) - 1;
    return index < kinds ? names[index] : "unknown";
}

object_kind kind_of(const leaf_operation& op) noexcept {
    constexpr std::size_t map_index = static_cast<std::size_t>(object_kind::or_map) - 1;
    return kind_at(op.index() < map_index ? op.index() : op.index() + 1);
}

object::object(object_kind kind) : state_(new_state(kind)) {}

object_kind object::kind() const noexcept {
    return kind_at(state_.index());
}

bool object::empty() const noexcept {
    return std::visit([](const auto& inner) { return inner.empty(); }, state_);
}

bool object::is_new() const noexcept {
    return std::visit(
        []<class T>(const T& inner) {
            if constexpr (requires { inner.is_new(); }) {
                return inner.is_new();
            } else if constexpr (has_tombstones<T>) {
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
    return std::visit(
        [&]<class T>(const T& inner) {
            if constexpr (has_tombstones<T>) {
                return inner.accepts(std::get<typename T::operation>(leaf), origin, pending);
            } else if constexpr (judges_operations<T>) {
                return inner.accepts(std::get<typename T::operation>(leaf), origin);
            } else {
                return true;
            }
        },
        state_);
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
            } else if constexpr (may_be_reset<T>) {
                if (!nothing_to_reset(inner)) {
                    operations.push_back({prefix, reset_of(inner)});
                }
            }
        },
        state_);
}

} // namespace sangam::crdt
