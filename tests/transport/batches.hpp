#pragma once

#include <sangam/transport/codec.hpp>
#include <sangam/transport/frame.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

/// Batches and heads that several tests speak of. Nothing in here is random, so that golden frames can be
/// made of it.
namespace sangam::test {

inline constexpr causality::replica_id alice{0x1111222233334444};
inline constexpr causality::replica_id bob{0xaaaabbbbccccdddd};
inline constexpr causality::replica_id carol{0x0123456789abcdef};

/// Puts the messages' ids and sizes in, which `decode_batch` derives from the batch.
inline transport::batch number(transport::batch b) {
    for (std::size_t i = 0; i < b.messages.size(); ++i) {
        b.messages[i].id = {b.origin, b.first + i};
        b.messages[i].size_bytes = transport::memory_of(b.messages[i]);
    }
    return b;
}

inline transport::message message_of(std::uint64_t ms, std::vector<crdt::keyed_operation> operations,
                                     std::vector<causality::dot> dependencies = {}) {
    transport::message m;
    m.time = causality::hybrid_time::at_ms(ms);
    m.dependencies = std::move(dependencies);
    m.operations = std::move(operations);
    return m;
}

inline transport::batch batch_of(std::vector<crdt::keyed_operation> operations) {
    return number({alice, 7, {message_of(1'700'000'000'000, std::move(operations))}});
}

inline crdt::keyed_operation operation_on(std::string name, crdt::leaf_operation leaf) {
    const crdt::object_kind kind = crdt::kind_of(leaf);
    return {{std::move(name), kind}, {}, std::move(leaf)};
}

/// The operation at the end of a path of maps: `path` names the maps and, last, the value.
inline crdt::keyed_operation operation_at(std::string map, const std::vector<std::string>& path,
                                          crdt::leaf_operation leaf) {
    crdt::keyed_operation operation{{std::move(map), crdt::object_kind::or_map}, {}, std::move(leaf)};
    for (const std::string& name : path) {
        operation.path.push_back({name, crdt::object_kind::or_map});
    }
    operation.path.back().kind = crdt::kind_of(operation.leaf);
    return operation;
}

inline crdt::leaf_operation insert(std::uint64_t lamport, std::string text) {
    crdt::rga_text::insert_op op{{lamport, alice}, {}, std::move(text)};
    if (lamport > 1) {
        op.parent = crdt::text_id{lamport - 1, alice};
    }
    return crdt::rga_text::operation(std::move(op));
}

inline crdt::leaf_operation insert(std::uint64_t lamport, crdt::text_id parent, std::string text) {
    return crdt::rga_text::operation(crdt::rga_text::insert_op{{lamport, alice}, parent, std::move(text)});
}

/// `count` messages of one keystroke each, `interval_ms` apart, as somebody types.
inline transport::batch keystrokes(std::size_t count, std::uint64_t interval_ms) {
    transport::batch b{alice, 1'000, {}};
    for (std::size_t i = 0; i < count; ++i) {
        const std::string key(1, static_cast<char>('a' + i % 26));
        b.messages.push_back(
            message_of(1'700'000'000'000 + i * interval_ms, {operation_on("notes", insert(500 + i, key))}));
    }
    return number(std::move(b));
}

/// Every operation of every type, and every kind of value.
inline std::vector<crdt::keyed_operation> one_of_each() {
    using namespace crdt;
    const or_set::dots two{{alice, 3}, {bob, 9}};
    std::vector<keyed_operation> all;
    all.push_back(operation_on("visits", g_counter::operation{12}));
    all.push_back(operation_on("balance", pn_counter::operation{-5}));
    all.push_back(
        operation_on("count", resettable_counter::operation(resettable_counter::increment_op{-300})));
    all.push_back(operation_on("count", resettable_counter::operation(resettable_counter::reset_op{
                                            {{carol, 4, -17}, {alice, 2, 90}}})));
    all.push_back(operation_on("tags", or_set::operation(or_set::add_op{"c++", two})));
    all.push_back(operation_on("tags", or_set::operation(or_set::remove_op{value(0.25), {{bob, 10}}})));
    all.push_back(operation_on("tags", or_set::operation(or_set::clear_op{
                                           {{value(), {}}, {value(true), two}, {value(-9), {{carol, 1}}}}})));
    all.push_back(operation_on("title", lww_register::operation(lww_register::assign_op{"\xc3\xbc", two})));
    all.push_back(operation_on("title", lww_register::operation(lww_register::assign_op{
                                            value(bytes{std::byte{0}, std::byte{255}}), {}})));
    all.push_back(operation_on("title", lww_register::operation(lww_register::assign_op{value(false), {}})));
    all.push_back(operation_on("title", lww_register::operation(lww_register::reset_op{two})));
    all.push_back(operation_on("notes", insert(1, "hello")));
    all.push_back(operation_on("notes", insert(6, "\xf0\x9f\x8c\x8a!")));
    all.push_back(operation_on("notes", insert(20, {15, bob}, "?")));
    all.push_back(
        operation_on("notes", rga_text::operation(rga_text::erase_op{{{{2, alice}, 3}, {{15, bob}, 1}}})));
    all.push_back(operation_at("user:1", {"address", "city"},
                               lww_register::operation(lww_register::assign_op{"Pune", {}})));
    all.push_back(operation_at("user:1", {"clicks"},
                               resettable_counter::operation(resettable_counter::increment_op{1})));
    all.push_back(operation_on("visits", g_counter::operation{0}));
    return all;
}

inline transport::batch everything() {
    transport::batch b{alice, 41, {}};
    b.messages.push_back(message_of(1'700'000'000'123, one_of_each(), {{carol, 8}, {bob, 15}}));
    b.messages.back().time.bits |= 3;
    b.messages.push_back(message_of(1'700'000'000'100, {}));
    b.messages.push_back(
        message_of(1'700'000'002'000, {operation_on("visits", crdt::g_counter::operation{1})}, {{bob, 16}}));
    return number(std::move(b));
}

/// One of each operation of the kinds that came after the first seven.
inline std::vector<crdt::leaf_operation> one_of_each_later() {
    using namespace crdt;
    const observed_dots seen{{carol, 7}, {bob, 14}};
    const std::vector<sorted_set::prefix> scores{{bob, 2, {1.5, 0.0}}};
    using names = std::vector<crdt::stream::entry_name>;
    return {g_set::operation{"e"},
            rw_set::operation(rw_set::add_op{"e", seen}),
            rw_set::operation(rw_set::remove_op{1, {}}),
            rw_set::operation(rw_set::reset_op{{{1, seen}, {"e", {}}}}),
            mv_register::operation(mv_register::assign_op{"v", seen}),
            mv_register::operation(mv_register::reset_op{seen}),
            ew_flag::operation(ew_flag::enable_op{seen}),
            ew_flag::operation(ew_flag::disable_op{seen}),
            dw_flag::operation(dw_flag::enable_op{seen}),
            dw_flag::operation(dw_flag::disable_op{}),
            dw_flag::operation(dw_flag::reset_op{seen}),
            bounded_counter::operation(bounded_counter::increment_op{300}),
            bounded_counter::operation(bounded_counter::decrement_op{1}),
            bounded_counter::operation(bounded_counter::transfer_op{bob, 20}),
            rga_list::operation(rga_list::insert_op{{5, alice}, text_id{4, bob}, {1, "two"}}),
            rga_list::operation(rga_list::insert_op{{7, alice}, text_id{6, alice}, {0.5}}),
            rga_list::operation(rga_list::erase_op{{{{5, alice}, 2}}}),
            sorted_set::operation(sorted_set::assign_op{"m", 2.5, seen, scores}),
            sorted_set::operation(sorted_set::increment_op{"m", -1.0}),
            sorted_set::operation(sorted_set::remove_op{"m", seen, scores}),
            sorted_set::operation(sorted_set::clear_op{{{"m", seen, {}}, {"n", {}, scores}}}),
            crdt::stream::operation(crdt::stream::append_op{{{"temperature", 21.5}, {"at", "roof"}}}),
            crdt::stream::operation(crdt::stream::trim_op{names{{alice, 3}, {bob, 9}}}),
            crdt::stream::operation(crdt::stream::claim_op{"g", "ann", {{{bob, 2}, seen}, {{alice, 1}, {}}}}),
            crdt::stream::operation(crdt::stream::acknowledge_op{"g", names{{bob, 2}, {alice, 1}}}),
            expiry::operation(expiry::set_op{1'700'000'000'000, seen}),
            expiry::operation(expiry::reset_op{seen})};
}

/// The type family in one transaction, each kind under its name.
inline transport::batch type_family() {
    std::vector<crdt::keyed_operation> operations;
    for (crdt::leaf_operation& leaf : one_of_each_later()) {
        const std::string name = crdt::to_string(crdt::kind_of(leaf));
        operations.push_back(operation_on(name, std::move(leaf)));
    }
    return number({alice, 41, {message_of(1'700'000'000'123, std::move(operations))}});
}

/// Marks on a text of two replicas, with every sort of place, after an insert of the same batch and without.
inline transport::batch marks() {
    using namespace crdt;
    using enum text_bias;
    const auto mark = [](text_cursor begin, text_cursor end, std::string name, crdt::value content) {
        return rga_text::operation(rga_text::mark_op{begin, end, std::move(name), std::move(content)});
    };
    const text_id own{500, alice};
    const text_id other{499, bob};
    return number(
        {alice,
         90,
         {message_of(1'700'000'000'000,
                     {operation_on("notes", insert(500, {499, bob}, "hi")),
                      operation_on("notes", mark({own, right}, {{}, right}, "bold", true))}),
          message_of(1'700'000'000'040,
                     {operation_on("notes", mark({other, right}, {other, left}, "link", "https://x.org")),
                      operation_on("title", mark({{}, left}, {other, right}, "bold", {}))}),
          message_of(1'700'000'000'080, {operation_at("user:1", {"about"},
                                                      mark({other, left}, {own, left}, "comment:7", 1))})}});
}

/// Erases that are taken back: of one transaction, of a key that was held down, of somebody else.
inline transport::batch restores() {
    using namespace crdt;
    const auto restore = [](std::vector<rga_text::erased_part> parts) {
        return rga_text::operation(rga_text::restore_op{std::move(parts)});
    };
    return number({alice,
                   90,
                   {message_of(1'700'000'000'000,
                               {operation_on("notes", restore({{{{500, alice}, 12}, {{alice, 88}, 1}}})),
                                operation_on("title", restore({{{{7, bob}, 100}, {{alice, 3}, 80}},
                                                               {{{200, bob}, 1}, {{bob, 14}, 1}}}))})}});
}

/// One head of each kind.
inline std::vector<transport::head> heads() {
    using namespace transport;
    const causality::vector_clock clock{{alice, 7}, {bob, 1'000'000}};
    const std::string group = "default";
    const std::uint64_t session = 0xfedcba9876543210;
    return {{group, session, hello{alice, "alice", clock, true}},
            {group, session, heartbeat{{9, 8, 3, clock}}},
            {group, session, stream{}},
            {group, session, range_request{{bob, 5, 4'000}}},
            {group, session, range_answer{{bob, 5, 4'000}, true}},
            {group, session, refusal{"another version"}}};
}

} // namespace sangam::test
