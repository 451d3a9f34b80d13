#pragma once

#include "specification/history.hpp"

#include <sangam/crdt/object.hpp>
#include <sangam/crdt/utf8.hpp>

#include <array>
#include <functional>

/// A user who does something sensible with any object: what is meant, and what the types prepare for it.
namespace sangam::specification {

/// A number from 0 to `below` - 1, from a random number generator or from the bytes of a fuzzer.
using draw = std::function<std::size_t(std::size_t below)>;

/// What one step of a transaction does.
struct intent {
    std::vector<crdt::map_key> path;
    action what;
    std::vector<crdt::keyed_operation> operations; ///< several, or none, when a map removes
    /// The visible text at `path` right after the operations, when they are of a text.
    std::optional<std::u32string> text_after;
};

[[nodiscard]] inline crdt::value some_value(const draw& choose) {
    switch (choose(5)) {
    case 0:
        return "a";
    case 1:
        return "b";
    case 2:
        return 1;
    case 3:
        return 1.0;
    default:
        return {};
    }
}

[[nodiscard]] inline std::u32string some_text(const draw& choose) {
    static constexpr std::u32string_view alphabet = U"abcdefgh é\u0905\U0001F30A";
    std::u32string text;
    for (std::size_t length = 1 + choose(4); length > 0; --length) {
        text += alphabet[choose(alphabet.size())];
    }
    return text;
}

/// 1 to 8, or once in a while so much that two of them overflow.
template <class Integer>
[[nodiscard]] Integer some_amount(const draw& choose) {
    const std::size_t n = choose(10);
    return n < 8 ? static_cast<Integer>(n + 1)
                 : std::numeric_limits<Integer>::max() - static_cast<Integer>(n);
}

[[nodiscard]] inline intent use_text(const crdt::rga_text& text, causality::replica_id self,
                                     const draw& choose) {
    const std::u32string shown = crdt::utf8::to_scalars(text.str());
    const std::size_t kind = choose(16);
    const std::size_t position = choose(shown.size() + 1);
    if (kind == 0) {
        return {{}, reset{}, {{{}, {}, crdt::rga_text::operation(text.reset())}}, std::u32string()};
    }
    if (kind > 10 && position < shown.size()) {
        const std::size_t count = 1 + choose(std::min<std::size_t>(shown.size() - position, 4));
        erase what;
        for (std::size_t skipped = 0; const crdt::rga_text::element& e : text.elements()) {
            if (e.visible && skipped++ >= position && what.characters.size() < count) {
                what.characters.push_back(e.id);
            }
        }
        return {{},
                std::move(what),
                {{{}, {}, crdt::rga_text::operation(text.erase(position, count))}},
                shown.substr(0, position) + shown.substr(position + count)};
    }
    const std::u32string added = some_text(choose);
    std::string utf8;
    for (const char32_t scalar : added) {
        crdt::utf8::append(utf8, scalar);
    }
    const crdt::rga_text::insert_op op = text.insert(position, utf8, self);
    return {{},
            insert{op.parent, added},
            {{{}, {}, crdt::rga_text::operation(op)}},
            shown.substr(0, position) + added + shown.substr(position)};
}

/// One operation of a type that holds no others.
template <class Type, class Operation>
[[nodiscard]] intent leaf_intent(action what, Operation op) {
    return {{}, std::move(what), {{{}, {}, typename Type::operation(std::move(op))}}, {}};
}

[[nodiscard]] inline intent use_leaf(const crdt::object& object, causality::replica_id self,
                                     const draw& choose) {
    if (const auto* const grown = object.as<crdt::g_counter>()) {
        const auto amount = some_amount<std::uint64_t>(choose);
        return leaf_intent<crdt::g_counter>(grow{amount}, grown->increment(amount));
    }
    if (const auto* const counter = object.as<crdt::pn_counter>()) {
        const std::int64_t size = some_amount<std::int64_t>(choose);
        const std::int64_t amount = choose(2) == 0 ? size : -size;
        return leaf_intent<crdt::pn_counter>(increment{amount}, counter->increment(amount));
    }
    if (const auto* const resettable = object.as<crdt::resettable_counter>()) {
        if (choose(4) == 0) {
            return leaf_intent<crdt::resettable_counter>(reset{}, resettable->reset());
        }
        const std::int64_t amount = static_cast<std::int64_t>(choose(13)) - 6;
        return leaf_intent<crdt::resettable_counter>(increment{amount}, resettable->increment(amount, self));
    }
    if (const auto* const set = object.as<crdt::or_set>()) {
        const std::size_t kind = choose(8);
        crdt::value element = some_value(choose);
        if (kind == 0) {
            return leaf_intent<crdt::or_set>(reset{}, set->clear());
        }
        return kind < 4 ? leaf_intent<crdt::or_set>(remove{element}, set->remove(element))
                        : leaf_intent<crdt::or_set>(add{element}, set->add(element));
    }
    if (const auto* const assigned = object.as<crdt::lww_register>()) {
        if (choose(4) == 0) {
            return leaf_intent<crdt::lww_register>(reset{}, assigned->reset());
        }
        const crdt::value content = some_value(choose);
        return leaf_intent<crdt::lww_register>(assign{content}, assigned->assign(content));
    }
    return use_text(*object.as<crdt::rga_text>(), self, choose);
}

[[nodiscard]] inline crdt::map_key some_key(const draw& choose) {
    using enum crdt::object_kind;
    static constexpr std::array kinds{resettable_counter, or_set, or_map, lww_register, rga_text};
    return {choose(4) == 0 ? "b" : "a", kinds[choose(kinds.size())]};
}

/// Does something with `object`, or with what it holds `depth` maps deep.
[[nodiscard]] inline intent use(const crdt::object& object, causality::replica_id self, const draw& choose,
                                std::size_t depth = 3) {
    const crdt::or_map* const map = object.as<crdt::or_map>();
    if (map == nullptr) {
        return use_leaf(object, self, choose);
    }
    crdt::map_key key = some_key(choose);
    const std::size_t kind = choose(8);
    if (kind < 2 || (depth == 0 && key.kind == crdt::object_kind::or_map)) {
        intent taken{{}, reset{}, {}, {}};
        if (kind != 0) {
            taken.what = remove_key{key};
        }
        for (crdt::map_operation& op : kind != 0 ? map->remove(key) : map->reset()) {
            taken.operations.push_back({{}, std::move(op.path), std::move(op.leaf)});
        }
        return taken;
    }
    const crdt::object* const found = map->find(key);
    intent inner = use(found != nullptr ? *found : crdt::object(key.kind), self, choose, depth - 1);
    inner.path.insert(inner.path.begin(), key);
    for (crdt::keyed_operation& op : inner.operations) {
        op.path.insert(op.path.begin(), key);
    }
    return inner;
}

} // namespace sangam::specification
