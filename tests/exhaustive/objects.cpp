#include "exhaustive/objects.hpp"

#include "specification/observed.hpp"
#include "specification/or_map.hpp"
#include "specification/text_gap.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace sangam::exhaustive {
namespace {

/// True iff every operation of the transaction is accepted where those before it are not applied yet.
[[nodiscard]] bool accepts(const crdt::object& to, const object_choice& done, causality::replica_id origin) {
    if (done.operations.size() == 1) {
        return to.accepts(done.operations[0].path, done.operations[0].leaf, origin);
    }
    std::map<std::vector<crdt::map_key>, std::vector<crdt::text_id_range>> pending;
    return std::ranges::all_of(done.operations, [&](const crdt::keyed_operation& op) {
        std::vector<crdt::text_id_range>& inserted = pending[op.path];
        const bool accepted = to.accepts(op.path, op.leaf, origin, inserted);
        if (const auto range = specification::inserted_range(op.leaf)) {
            inserted.push_back(*range);
        }
        return accepted;
    });
}

[[nodiscard]] object_choice both(object_choice first, const object_choice& second) {
    std::ranges::copy(second.steps, std::back_inserter(first.steps));
    std::ranges::copy(second.operations, std::back_inserter(first.operations));
    first.after = second.after;
    return first;
}

/// Empty, or where a text that has marks and erased characters inserts elsewhere than the rule says.
[[nodiscard]] std::string check_gaps(const crdt::object& shown, const specification::history& all) {
    const crdt::rga_text* const text = shown.as<crdt::rga_text>();
    const auto has = [&](auto is) { return std::ranges::any_of(all, is); };
    if (text == nullptr ||
        !has([](const auto& u) { return u.template as<specification::mark>() != nullptr; }) ||
        !has([](const auto& u) { return u.template as<specification::erase>() != nullptr; }))
        return {};
    for (std::size_t position = 0; position <= text->size(); ++position) {
        if (text->insert(position, "x", {1}).parent != specification::inserted_behind(all, position))
            return "an insert at " + std::to_string(position) + " goes behind another character";
    }
    return {};
}

} // namespace

std::vector<object_choice> objects::menu(const state& seen, const crdt::operation_context& next) const {
    std::vector<object_choice> all = menu_(seen, next);
    if (steps_ == 2) {
        const std::vector<object_choice> first_steps = all;
        for (const object_choice& first : first_steps) {
            const crdt::operation_context context{next.id, {next.time.bits + first.delay}};
            state between = seen;
            (void)apply(between, first, context);
            for (const object_choice& second : menu_(between, next)) {
                if (second.delay == first.delay) {
                    all.push_back(both(first, second));
                }
            }
        }
    }
    return all;
}

std::string objects::apply(state& to, const object_choice& done,
                           const crdt::operation_context& context) const {
    if (!accepts(to, done, context.id.replica)) {
        return "an operation that a correct replica made is not accepted";
    }
    for (const crdt::keyed_operation& op : done.operations) {
        if (std::holds_alternative<crdt::rga_text::operation>(op.leaf)) {
            const std::u32string before = specification::shown_text(to, op.path);
            std::vector<crdt::text_patch> patches;
            to.apply(op.path, op.leaf, context, &patches);
            if (specification::shown_text(to, op.path) != specification::patched(before, patches)) {
                return "the patches do not turn the text before into the text after";
            }
        } else {
            to.apply(op.path, op.leaf, context);
        }
    }
    return {};
}

std::string objects::misplaced(const state& after, const object_choice& done) const {
    if (done.after && specification::shown(after, done.steps.back().path) != *done.after) {
        return "a local change landed elsewhere: " + show(after);
    }
    return {};
}

std::string objects::wrong(const state& shown, const specification::history& all) const {
    const specification::meaning expected = specification::specified(kind_, all);
    if (specification::observed(shown) != expected) {
        return "it is " + show(shown) + " and should be " + specification::to_string(expected);
    }
    return specification::check_sequence(shown, expected) + specification::check_ranks(shown, expected) +
           check_gaps(shown, all);
}

std::string objects::show(const state& shown) const {
    return specification::to_string(specification::observed(shown));
}

} // namespace sangam::exhaustive
