#pragma once

#include "specification/history.hpp"
#include "specification/text_checks.hpp"

#include <sangam/crdt/object.hpp>
#include <sangam/crdt/text_history.hpp>
#include <sangam/crdt/utf8.hpp>

#include <algorithm>
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
    /// What the sequence at `path` shows right after the operations, when they are of one.
    std::optional<shown_sequence> after;
    /// Where text was inserted.
    std::optional<std::size_t> position = std::nullopt;
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

[[nodiscard]] inline intent mark_text(const crdt::rga_text& text, std::size_t position, std::size_t count,
                                      const std::string& name, const crdt::value& content,
                                      crdt::mark_growth growth) {
    std::vector<crdt::text_id> ids;
    for (const crdt::rga_text::element& e : text.elements()) {
        if (e.visible) ids.push_back(e.id);
    }
    const std::size_t end = position + count;
    mark what{name, content, ids[position], ids[end - 1], false, false, {}, {}};
    what.grows_before = growth == crdt::mark_growth::before || growth == crdt::mark_growth::both;
    what.grows_after = growth == crdt::mark_growth::after || growth == crdt::mark_growth::both;
    if (position > 0) what.left = ids[position - 1];
    if (end < ids.size()) what.right = ids[end];
    const crdt::rga_text::mark_op op = content.is_null() ? text.unmark(position, count, name, growth)
                                                         : text.mark(position, count, name, content, growth);
    return {{},
            std::move(what),
            {{{}, {}, crdt::rga_text::operation(op)}},
            shown_sequence{crdt::utf8::to_scalars(text.str()), {}}};
}

/// What takes back what some transactions erased of some characters. The dots are those of a text's history.
[[nodiscard]] inline intent restore_text(std::vector<crdt::text_id> elements,
                                         std::vector<causality::dot> erases) {
    crdt::rga_text::restore_op op;
    for (const causality::dot& d : erases) {
        for (const crdt::text_id& id : elements) {
            op.parts.push_back({{id, 1}, {d, 1}});
        }
    }
    return {{},
            restore{std::move(elements), std::move(erases)},
            {{{}, {}, crdt::rga_text::operation(std::move(op))}},
            {}};
}

/// The transactions that erased something, resets too.
[[nodiscard]] inline std::vector<causality::dot> erases_of(const crdt::rga_text& text) {
    std::vector<causality::dot> erases;
    for (const crdt::text_history::transaction& t : text.history().transactions()) {
        if (t.erased > 0) erases.push_back(t.id);
    }
    return erases;
}

[[nodiscard]] inline intent use_text(const crdt::rga_text& text, causality::replica_id self,
                                     const draw& choose) {
    const std::u32string shown = crdt::utf8::to_scalars(text.str());
    const std::size_t kind = choose(26);
    const std::size_t position = choose(shown.size() + 1);
    if (const std::vector<causality::dot> erases =
            kind > 21 ? erases_of(text) : std::vector<causality::dot>();
        !erases.empty()) {
        // Some of the latest erases, of characters that stand together, whether or not these erased them.
        std::vector<causality::dot> named;
        for (std::size_t n = 0; n < erases.size() && n < 3; ++n) {
            if (named.empty() || choose(2) == 0) named.push_back(erases[erases.size() - 1 - n]);
        }
        const std::vector<crdt::rga_text::element> all = text.elements();
        const std::size_t first = choose(all.size());
        const std::size_t count = 1 + choose(all.size() - first);
        std::vector<crdt::text_id> elements;
        for (std::size_t n = first; n < first + count; ++n) {
            elements.push_back(all[n].id);
        }
        return restore_text(std::move(elements), std::move(named));
    }
    if (kind == 0) {
        return {{}, reset{}, {{{}, {}, crdt::rga_text::operation(text.reset())}}, shown_sequence()};
    }
    if (kind > 15 && kind < 22 && position < shown.size()) {
        const std::size_t count = 1 + choose(std::min<std::size_t>(shown.size() - position, 6));
        const auto growth = static_cast<crdt::mark_growth>(choose(4));
        return mark_text(text, position, count, choose(4) == 0 ? "link" : "bold", some_value(choose), growth);
    }
    if (kind > 10 && kind < 22 && position < shown.size()) {
        const std::size_t count = 1 + choose(std::min<std::size_t>(shown.size() - position, 4));
        erase what;
        for (std::size_t skipped = 0; const crdt::rga_text::element& e : text.elements()) {
            if (e.visible && skipped++ >= position && what.elements.size() < count) {
                what.elements.push_back(e.id);
            }
        }
        return {{},
                std::move(what),
                {{{}, {}, crdt::rga_text::operation(text.erase(position, count))}},
                shown_sequence{shown.substr(0, position) + shown.substr(position + count), {}}};
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
            shown_sequence{shown.substr(0, position) + added + shown.substr(position), {}},
            position};
}

[[nodiscard]] inline intent use_list(const crdt::rga_list& list, causality::replica_id self,
                                     const draw& choose) {
    std::vector<crdt::value> shown = list.values();
    const std::size_t kind = choose(16);
    const std::size_t position = choose(shown.size() + 1);
    const auto at = shown.begin() + static_cast<std::ptrdiff_t>(position);
    if (kind == 0) {
        return {{}, reset{}, {{{}, {}, crdt::rga_list::operation(list.reset())}}, shown_sequence()};
    }
    if (kind > 10 && position < shown.size()) {
        const std::size_t count = 1 + choose(std::min<std::size_t>(shown.size() - position, 4));
        erase what;
        for (std::size_t skipped = 0; const crdt::rga_list::element& e : list.elements()) {
            if (e.visible && skipped++ >= position && what.elements.size() < count) {
                what.elements.push_back(e.id);
            }
        }
        shown.erase(at, at + static_cast<std::ptrdiff_t>(count));
        return {{},
                std::move(what),
                {{{}, {}, crdt::rga_list::operation(list.erase(position, count))}},
                shown_sequence{{}, std::move(shown)}};
    }
    std::vector<crdt::value> added;
    for (std::size_t length = 1 + choose(3); length > 0; --length) {
        added.push_back(some_value(choose));
    }
    const crdt::rga_list::insert_op op = list.insert(position, added, self);
    shown.insert(at, added.begin(), added.end());
    return {{},
            insert_values{op.parent, std::move(added)},
            {{{}, {}, crdt::rga_list::operation(op)}},
            shown_sequence{{}, std::move(shown)}};
}

/// One operation of a type that holds no others.
template <class Type, class Operation>
[[nodiscard]] intent leaf_intent(action what, Operation op) {
    return {{}, std::move(what), {{{}, {}, typename Type::operation(std::move(op))}}, {}};
}

template <class Set>
[[nodiscard]] intent use_set(const Set& set, const draw& choose) {
    const std::size_t kind = choose(8);
    crdt::value element = some_value(choose);
    if (kind == 0) {
        if constexpr (requires { set.clear(); }) {
            return leaf_intent<Set>(reset{}, set.clear());
        } else {
            return leaf_intent<Set>(reset{}, set.reset());
        }
    }
    return kind < 4 ? leaf_intent<Set>(remove{element}, set.remove(element))
                    : leaf_intent<Set>(add{element}, set.add(element));
}

template <class Register>
[[nodiscard]] intent use_register(const Register& reg, const draw& choose) {
    if (choose(4) == 0) {
        return leaf_intent<Register>(reset{}, reg.reset());
    }
    const crdt::value content = some_value(choose);
    return leaf_intent<Register>(assign{content}, reg.assign(content));
}

template <class Flag>
[[nodiscard]] intent use_flag(const Flag& flag, const draw& choose) {
    const std::size_t kind = choose(5);
    if (kind == 0) {
        return leaf_intent<Flag>(reset{}, flag.reset());
    }
    return kind < 3 ? leaf_intent<Flag>(disable{}, flag.disable())
                    : leaf_intent<Flag>(enable{}, flag.enable());
}

[[nodiscard]] inline intent use_bounded(const crdt::bounded_counter& counter, causality::replica_id self,
                                        const draw& choose) {
    const std::uint64_t rights = counter.rights(self);
    const std::size_t kind = choose(4);
    if (kind < 2 || rights == 0) {
        const std::uint64_t amount = 1 + choose(8);
        return leaf_intent<crdt::bounded_counter>(give{amount}, counter.increment(amount, self));
    }
    const std::uint64_t amount = 1 + choose(static_cast<std::size_t>(std::min<std::uint64_t>(rights, 8)));
    if (kind == 2) {
        return leaf_intent<crdt::bounded_counter>(take{amount}, counter.decrement(amount, self));
    }
    const auto holders = counter.all_rights();
    const causality::replica_id to =
        choose(2) == 0 ? causality::replica_id{self.bits ^ 1} : holders[choose(holders.size())].first;
    return leaf_intent<crdt::bounded_counter>(transfer{amount, to}, counter.transfer(amount, to, self));
}

[[nodiscard]] inline intent use_scores(const crdt::sorted_set& set, causality::replica_id self,
                                       const draw& choose) {
    const std::size_t kind = choose(10);
    const crdt::value member = some_value(choose);
    const double number = static_cast<double>(choose(9)) - 4; // small integers: sums in any order are exact
    if (kind == 0) {
        return leaf_intent<crdt::sorted_set>(reset{}, set.clear());
    }
    if (kind < 3) {
        return leaf_intent<crdt::sorted_set>(remove{member}, set.remove(member));
    }
    return kind < 6
               ? leaf_intent<crdt::sorted_set>(score{member, number}, set.assign(member, number))
               : leaf_intent<crdt::sorted_set>(raise{member, number}, set.increment(member, number, self));
}

[[nodiscard]] inline intent use_stream(const crdt::stream& log, const draw& choose) {
    const std::size_t kind = choose(12);
    const std::string group = stream_groups[choose(2)];
    const std::string consumer = choose(2) == 0 ? "ann" : "ben";
    std::vector<crdt::stream::entry_name> pending;
    for (const crdt::stream::pending_entry& p : log.pending(group)) {
        if (choose(2) == 0) {
            pending.push_back(p.name);
        }
    }
    if (kind == 0) {
        return leaf_intent<crdt::stream>(reset{}, log.reset());
    }
    if (kind == 1) {
        const causality::vector_clock position = log.position();
        causality::vector_clock up_to;
        for (const causality::clock_entry& e : position.entries()) {
            up_to.advance_to(e.replica, choose(static_cast<std::size_t>(e.length) + 1));
        }
        return leaf_intent<crdt::stream>(trim{up_to}, log.trim(up_to));
    }
    if (kind == 2 || kind == 3) {
        return leaf_intent<crdt::stream>(acknowledge{group, pending}, log.acknowledge(group, pending));
    }
    if (kind == 4) {
        return leaf_intent<crdt::stream>(claim{group, consumer, pending},
                                         log.claim_again(group, consumer, pending));
    }
    if (kind < 8) {
        const crdt::stream::claim_op op = log.claim(group, consumer, 1 + choose(3));
        claim what{group, consumer, {}};
        for (const crdt::stream::claimed_entry& e : op.entries) {
            what.entries.push_back(e.name);
        }
        return leaf_intent<crdt::stream>(std::move(what), op);
    }
    std::vector<crdt::stream_field> fields(choose(3), {"f", some_value(choose)});
    return leaf_intent<crdt::stream>(append{fields}, log.append(fields));
}

[[nodiscard]] inline intent use_expiry(const crdt::expiry& ends, const draw& choose) {
    const std::size_t kind = choose(6);
    if (kind == 0) {
        return leaf_intent<crdt::expiry>(reset{}, ends.reset());
    }
    if (kind == 1) {
        return leaf_intent<crdt::expiry>(expire{crdt::expiry::never}, ends.persist());
    }
    const std::uint64_t deadline = 1000 + choose(4);
    return leaf_intent<crdt::expiry>(expire{deadline}, ends.set(deadline));
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
    if (const auto* const grown_set = object.as<crdt::g_set>()) {
        const crdt::value element = some_value(choose);
        return leaf_intent<crdt::g_set>(add{element}, grown_set->add(element));
    }
    if (const auto* const set = object.as<crdt::or_set>()) return use_set(*set, choose);
    if (const auto* const set = object.as<crdt::rw_set>()) return use_set(*set, choose);
    if (const auto* const reg = object.as<crdt::lww_register>()) return use_register(*reg, choose);
    if (const auto* const reg = object.as<crdt::mv_register>()) return use_register(*reg, choose);
    if (const auto* const flag = object.as<crdt::ew_flag>()) return use_flag(*flag, choose);
    if (const auto* const flag = object.as<crdt::dw_flag>()) return use_flag(*flag, choose);
    if (const auto* const bounded = object.as<crdt::bounded_counter>()) {
        return use_bounded(*bounded, self, choose);
    }
    if (const auto* const scores = object.as<crdt::sorted_set>()) return use_scores(*scores, self, choose);
    if (const auto* const log = object.as<crdt::stream>()) return use_stream(*log, choose);
    if (const auto* const ends = object.as<crdt::expiry>()) return use_expiry(*ends, choose);
    if (const auto* const list = object.as<crdt::rga_list>()) return use_list(*list, self, choose);
    return use_text(*object.as<crdt::rga_text>(), self, choose);
}

[[nodiscard]] inline crdt::map_key some_key(const draw& choose) {
    return {choose(4) == 0 ? "b" : "a", crdt::nested_kinds[choose(std::size(crdt::nested_kinds))]};
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
