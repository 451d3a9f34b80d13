#pragma once

#include "exhaustive/walk.hpp"

#include <sangam/crdt/object.hpp>

#include <span>
#include <string>
#include <vector>

namespace sangam::exhaustive {

using object_choice = choice<crdt::keyed_operation>;

/// What a user may do with an object in that state, as the transaction `next`. It depends on nothing else.
using menu = std::vector<object_choice> (*)(const crdt::object& seen, const crdt::operation_context& next);

/// The product's types: a subject of `walk`, with transactions of one step, or of one and of two.
class objects {
public:
    using state = crdt::object;
    using operation = crdt::keyed_operation;

    objects(crdt::object_kind kind, exhaustive::menu menu, std::size_t steps = 1)
        : kind_(kind), menu_(menu), steps_(steps) {}

    [[nodiscard]] state new_state() const { return state(kind_); }
    [[nodiscard]] std::vector<object_choice> menu(const state& seen,
                                                  const crdt::operation_context& next) const;
    [[nodiscard]] std::string apply(state& to, const object_choice& done,
                                    const crdt::operation_context& context) const;
    [[nodiscard]] std::string misplaced(const state& after, const object_choice& done) const;
    [[nodiscard]] std::string wrong(const state& shown, const specification::history& all) const;
    [[nodiscard]] std::string show(const state& shown) const;

private:
    crdt::object_kind kind_;
    exhaustive::menu menu_;
    std::size_t steps_;
};

static_assert(subject<objects>);

/// What is checked of one kind. A kind may have several menus: one user cannot do everything in few steps.
struct checked_kind {
    const char* name = nullptr;
    crdt::object_kind kind{};
    exhaustive::menu menu = nullptr;
    std::size_t quick = 0;    ///< transactions in every test run
    std::size_t thorough = 0; ///< transactions in script/prove
};

/// Every kind, at least once.
[[nodiscard]] std::span<const checked_kind> checked_kinds();

} // namespace sangam::exhaustive
