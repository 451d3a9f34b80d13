#include <sangam/causality/error.hpp>
#include <sangam/engine/replica_state.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

using sangam::causality::dot;
using sangam::causality::replica_id;
using sangam::crdt::object_kind;
using sangam::delivery::offer_outcome;
using sangam::engine::executor;
using sangam::engine::object_address;
using sangam::engine::operation_list;
using sangam::engine::replica_options;
using sangam::engine::replica_state;
using sangam::transport::message;

namespace {

const object_address tags{{"tags", object_kind::or_set}, {}};
const object_address notes{{"notes", object_kind::rga_text}, {}};
const object_address visits{{"visits", object_kind::pn_counter}, {}};

void write(replica_state& state, const object_address& address, const executor::preparer& prepare) {
    state.write(address, std::span(&prepare, 1), 1000);
}

void add(replica_state& state, const sangam::crdt::value& element) {
    write(state, tags, [&](const auto& object, replica_id, operation_list& operations) {
        operations.add(
            sangam::crdt::or_set::operation(object.template as<sangam::crdt::or_set>()->add(element)));
    });
}

void insert(replica_state& state, std::size_t position, const std::string& text) {
    write(state, notes, [&](const auto& object, replica_id self, operation_list& operations) {
        operations.add(sangam::crdt::rga_text::operation(
            object.template as<sangam::crdt::rga_text>()->insert(position, text, self)));
    });
}

/// The one message that a replica has made since it was last asked.
message made_by(replica_state& state) {
    std::vector<message> batch = state.take_batch();
    REQUIRE(batch.size() == 1);
    return std::move(batch.front());
}

std::string text_of(replica_state& state) {
    return state.view(notes).as<sangam::crdt::rga_text>()->str();
}

} // namespace

TEST_CASE("replica_state: a message names what its author had seen, and waits for it") {
    replica_state asks(replica_id{1}, {});
    replica_state answers(replica_id{2}, {});
    replica_state reads(replica_id{3}, {});
    insert(asks, 0, "why?");
    const message question = made_by(asks);
    CHECK(answers.offer(question, 1000) == offer_outcome::delivered);
    (void)answers.take_batch();
    insert(answers, 4, " because");
    const message answer = made_by(answers);
    CHECK(answer.dependencies == std::vector{question.id});
    CHECK(answer.time > question.time);

    CHECK(reads.offer(answer, 1000) == offer_outcome::held_back);
    CHECK(text_of(reads).empty());
    CHECK(reads.offer(question, 1000) == offer_outcome::delivered);
    CHECK(text_of(reads) == "why? because");
    CHECK(reads.offer(question, 1000) == offer_outcome::duplicate);
}

TEST_CASE("replica_state: the outbox holds own and remote messages in the order of delivery") {
    replica_state a(replica_id{1}, {});
    replica_state b(replica_id{2}, {});
    add(a, 1);
    const message first = made_by(a);
    add(b, 2);
    b.offer(first, 1000);
    add(b, 3);
    CHECK(b.take_batch().front().id == dot{replica_id{2}, 1});
    CHECK(b.take_batch().front().id == dot{replica_id{1}, 1});
    CHECK(b.take_batch().front().id == dot{replica_id{2}, 2});
    CHECK(b.take_batch().empty());
}

TEST_CASE("replica_state: a message that refers to what does not exist has no effect, not even in part") {
    replica_state state(replica_id{1}, {});
    message bad;
    bad.id = {replica_id{2}, 1};
    const sangam::crdt::text_id nowhere{9, replica_id{2}};
    bad.operations.push_back({visits.object, {}, sangam::crdt::pn_counter::operation{1}});
    bad.operations.push_back({notes.object,
                              {},
                              sangam::crdt::rga_text::operation(
                                  sangam::crdt::rga_text::insert_op{{10, replica_id{2}}, nowhere, "x"})});
    CHECK(state.offer(bad, 1000) == offer_outcome::delivered);
    CHECK(state.messages_invalid() == 1);
    CHECK(state.view(visits).as<sangam::crdt::pn_counter>()->value() == 0);
    CHECK(text_of(state).empty());
    CHECK(state.delivered().contains(bad.id));
    CHECK(state.take_batch().size() == 1);
}

TEST_CASE("replica_state: an insert may refer to what its own transaction inserts, in any depth") {
    replica_state a(replica_id{1}, {});
    std::vector<executor::preparer> steps;
    for (int i = 0; i < 20; ++i) {
        steps.emplace_back([i](const auto& object, replica_id self, operation_list& operations) {
            operations.add(
                sangam::crdt::rga_text::operation(object.template as<sangam::crdt::rga_text>()->insert(
                    static_cast<std::size_t>(i / 2), std::string(1, static_cast<char>('a' + i)), self)));
        });
    }
    a.write(notes, steps, 1000);
    const message m = made_by(a);
    CHECK(m.operations.size() == 11); // every other one goes on where the one before ended
    replica_state b(replica_id{2}, {});
    CHECK(b.offer(m, 1000) == offer_outcome::delivered);
    CHECK(b.messages_invalid() == 0);
    CHECK(text_of(b) == text_of(a));
}

TEST_CASE("replica_state: a forged character id makes its message invalid everywhere") {
    replica_state state(replica_id{1}, {});
    insert(state, 0, "ab");
    message forged;
    forged.id = {replica_id{2}, 1};
    forged.operations.push_back({notes.object,
                                 {},
                                 sangam::crdt::rga_text::operation(sangam::crdt::rga_text::insert_op{
                                     {3, replica_id{1}}, std::nullopt, "x"})});
    state.offer(forged, 1000);
    CHECK(state.messages_invalid() == 1);
    CHECK(text_of(state) == "ab");
}

TEST_CASE("replica_state: a dot that the author cannot have seen makes its message invalid") {
    using namespace sangam::crdt;
    replica_state state(replica_id{1}, {});
    add(state, "kept");
    const dot added{replica_id{1}, 1};
    const object_key key{"m", object_kind::or_map};
    const auto of_tags = [](observed_dots seen) {
        return keyed_operation{
            tags.object, {}, or_set::operation(or_set::remove_op{"kept", std::move(seen)})};
    };
    const auto nested = [&](observed_dots seen) {
        return keyed_operation{
            key, {{"on", object_kind::ew_flag}}, ew_flag::operation(ew_flag::disable_op{std::move(seen)})};
    };
    std::uint64_t invalid = 0;
    message m;
    m.dependencies = {added};
    const auto offer = [&](std::vector<keyed_operation> operations) {
        m.id = {replica_id{2}, m.id.sequence + 1};
        m.operations = std::move(operations);
        CHECK(state.offer(m, 1000) == offer_outcome::delivered);
        return std::exchange(invalid, state.messages_invalid()) == state.messages_invalid();
    };
    const auto elements = [&] { return state.view(tags).as<or_set>()->elements(); };

    CHECK_FALSE(offer({of_tags({added, {replica_id{1}, 2}})}));  // one of somebody else to come
    CHECK_FALSE(offer({of_tags({added, {replica_id{2}, 99}})})); // one of its own to come
    CHECK_FALSE(
        offer({of_tags({added}), nested({{replica_id{3}, 1}})})); // beside a valid operation, in a map
    CHECK(elements() == std::vector<value>{"kept"});
    CHECK(state.objects() == 1);
    CHECK(offer({of_tags({{replica_id{2}, m.id.sequence + 1}})})); // its own
    CHECK(elements() == std::vector<value>{"kept"});
    CHECK(offer({of_tags({added})}));
    CHECK(elements().empty());
}

TEST_CASE("replica_state: a restore of an erase that its author cannot have seen is invalid") {
    using sangam::crdt::rga_text;
    replica_state state(replica_id{1}, {});
    insert(state, 0, "ab");
    write(state, notes, [](const auto& object, replica_id, operation_list& operations) {
        operations.add(rga_text::operation(object.template as<rga_text>()->erase(0, 2)));
    });
    message m;
    m.dependencies = {{replica_id{1}, 2}};
    const auto offer = [&](const dot& first, std::uint64_t count) {
        m.id = {replica_id{2}, m.id.sequence + 1};
        m.operations = {
            {notes.object,
             {},
             rga_text::operation(rga_text::restore_op{{{{{2, replica_id{1}}, 1}, {first, count}}}})}};
        const std::uint64_t before = state.messages_invalid();
        CHECK(state.offer(m, 1000) == offer_outcome::delivered);
        return state.messages_invalid() == before;
    };
    CHECK_FALSE(offer({replica_id{1}, 2}, 2));                 // the last is to come
    CHECK_FALSE(offer({replica_id{2}, m.id.sequence + 1}, 1)); // its own
    CHECK_FALSE(offer({replica_id{3}, 1}, 1));
    CHECK(text_of(state).empty());
    CHECK(offer({replica_id{1}, 1}, 2));
    CHECK(text_of(state) == "b");
}

// Each erase and restore cost an entry of the log for each run of the ids that it named, however often one
// message named them: gigabytes, for ever, from 16 MiB.
TEST_CASE("replica_state: a message that names characters 65,000 times costs what they are, at any place") {
    using sangam::crdt::rga_text;
    using sangam::crdt::text_id_range;
    replica_state state(replica_id{1}, {});
    constexpr std::uint64_t letters = 500;
    message typed;
    for (std::uint64_t n = 1; n <= letters; ++n) { // by turns, so that each id of one is a run
        for (const replica_id who : {replica_id{2}, replica_id{3}}) {
            typed.id = {who, n};
            const auto parent = n > 1 ? std::optional(sangam::crdt::text_id{n - 1, who}) : std::nullopt;
            typed.operations = {
                {notes.object, {}, rga_text::operation(rga_text::insert_op{{n, who}, parent, "x"})}};
            REQUIRE(state.offer(typed, 1000) == offer_outcome::delivered);
        }
    }
    const auto named = [&] { return state.view(notes).as<rga_text>()->applied().named; };
    const text_id_range all{{1, replica_id{2}}, letters};
    message m;
    m.id = {replica_id{3}, letters + 1};
    m.dependencies = {{replica_id{2}, letters}};
    m.operations.assign(65'000, {notes.object, {}, rga_text::operation(rga_text::erase_op{{all}})});
    REQUIRE(state.offer(m, 1000) == offer_outcome::delivered);
    CHECK(text_of(state).size() == letters);
    CHECK(named() == letters);
    m.dependencies = {{replica_id{3}, letters + 1}};
    m.id = {replica_id{2}, letters + 1};
    m.operations.assign(
        65'000, {notes.object,
                 {},
                 rga_text::operation(rga_text::restore_op{{{all, {{replica_id{3}, letters + 1}, 1}}}})});
    REQUIRE(state.offer(m, 1000) == offer_outcome::delivered);
    CHECK(text_of(state).size() == 2 * letters);
    CHECK(named() == 2 * letters);
    CHECK(state.messages_invalid() == 0);
    while (!state.take_batch().empty()) {
    }
}

TEST_CASE("replica_state: increments and entries that nobody made cannot have been seen") {
    using namespace sangam::crdt;
    replica_state state(replica_id{1}, {});
    const object_address hits{{"hits", object_kind::resettable_counter}, {}};
    const object_address scores{{"scores", object_kind::sorted_set}, {}};
    const object_address log{{"log", object_kind::stream}, {}};
    write(state, hits, [](const auto& object, replica_id self, operation_list& operations) {
        operations.add(
            resettable_counter::operation(object.template as<resettable_counter>()->increment(5, self)));
    });
    write(state, scores, [](const auto& object, replica_id self, operation_list& operations) {
        operations.add(sorted_set::operation(object.template as<sorted_set>()->increment("ann", 2, self)));
    });
    write(state, log, [](const auto& object, replica_id, operation_list& operations) {
        operations.add(sangam::crdt::stream::operation(
            object.template as<sangam::crdt::stream>()->append({{"field", 1}})));
    });
    message m;
    m.dependencies = {{replica_id{1}, 3}};
    const auto accepted = [&](const object_address& at, leaf_operation leaf) {
        const std::uint64_t before = state.messages_invalid();
        m.id = {replica_id{2}, m.id.sequence + 1};
        m.operations = {{at.object, {}, std::move(leaf)}};
        CHECK(state.offer(m, 1000) == offer_outcome::delivered);
        return state.messages_invalid() == before;
    };
    using reset_op = resettable_counter::reset_op;
    using stream = sangam::crdt::stream;
    constexpr replica_id author{1};
    CHECK_FALSE(accepted(hits, resettable_counter::operation(reset_op{{{author, 2, 5}}})));
    CHECK_FALSE(accepted(hits, resettable_counter::operation(reset_op{{{{7}, 1, 5}}})));
    CHECK_FALSE(
        accepted(scores, sorted_set::operation(sorted_set::assign_op{"ann", 1, {}, {{author, 2, {2, 0}}}})));
    CHECK_FALSE(
        accepted(scores, sorted_set::operation(sorted_set::remove_op{"ben", {}, {{author, 1, {2, 0}}}})));
    CHECK_FALSE(accepted(scores, sorted_set::operation(sorted_set::clear_op{
                                     {sorted_set::remove_op{"ann", {}, {{{7}, 1, {2, 0}}}}}})));
    CHECK_FALSE(accepted(log, stream::operation(stream::trim_op{{{author, 2}}})));
    CHECK_FALSE(accepted(log, stream::operation(stream::claim_op{"g", "c", {{{author, 2}, {}}}})));
    CHECK_FALSE(accepted(log, stream::operation(stream::acknowledge_op{"g", {{{7}, 1}}})));
    CHECK(state.view(hits).as<resettable_counter>()->value() == 5);
    CHECK(state.view(scores).as<sorted_set>()->score("ann") == 2.0);
    CHECK(state.view(log).as<stream>()->size() == 1);

    CHECK(accepted(hits, resettable_counter::operation(reset_op{{{author, 1, 5}}})));
    CHECK(
        accepted(scores, sorted_set::operation(sorted_set::assign_op{"ann", 1, {}, {{author, 1, {2, 0}}}})));
    CHECK(accepted(log, stream::operation(stream::trim_op{{{author, 1}}})));
    CHECK(accepted(log,
                   stream::operation(stream::acknowledge_op{"g", {{author, 1}}}))); // gone, but it was there
    CHECK(state.view(hits).as<resettable_counter>()->value() == 0);
    CHECK(state.view(scores).as<sorted_set>()->score("ann") == 1.0);
    CHECK(state.view(log).as<stream>()->empty());
}

TEST_CASE("replica_state: explicit dependencies are the named ones and what was observed") {
    replica_state a(replica_id{1}, {});
    replica_state b(replica_id{2}, {});
    replica_state c(replica_id{3}, {});
    add(a, "x");
    add(b, "y");
    const message x = made_by(a);
    const message y = made_by(b);
    c.offer(x, 1000);
    c.offer(y, 1000);
    (void)c.take_batch();
    (void)c.take_batch();

    const auto make = [&](const sangam::engine::transaction_options& options, const executor::preparer& step,
                          const object_address& address) {
        auto draft = c.begin(1000);
        c.write(draft, address, std::span(&step, 1));
        c.commit(std::move(draft), options);
        return made_by(c);
    };
    const executor::preparer increment = [](const auto&, replica_id, operation_list& operations) {
        operations.add(sangam::crdt::pn_counter::operation{1});
    };
    const executor::preparer remove_x = [](const auto& object, replica_id, operation_list& operations) {
        operations.add(
            sangam::crdt::or_set::operation(object.template as<sangam::crdt::or_set>()->remove("x")));
    };
    const executor::preparer type = [](const auto& object, replica_id self, operation_list& operations) {
        operations.add(sangam::crdt::rga_text::operation(
            object.template as<sangam::crdt::rga_text>()->insert(0, "t", self)));
    };
    CHECK(make({.depends_on = std::vector<dot>{}}, increment, visits).dependencies.empty());
    const executor::preparer mark = [](const auto& object, replica_id, operation_list& operations) {
        operations.add(sangam::crdt::rga_text::operation(
            object.template as<sangam::crdt::rga_text>()->mark(0, 1, "bold", true)));
    };
    CHECK(make({.depends_on = std::vector<dot>{}}, type, notes).dependencies == std::vector{x.id, y.id});
    CHECK(make({}, increment, visits).dependencies.empty());
    add(a, 3);
    const message z = made_by(a);
    c.offer(z, 1000);
    (void)c.take_batch();
    CHECK(make({.depends_on = std::vector<dot>{}}, mark, notes).dependencies == std::vector{z.id});
    CHECK(make({.depends_on = std::vector{y.id}}, increment, visits).dependencies == std::vector{y.id});
    CHECK(make({.depends_on = std::vector<dot>{}}, remove_x, tags).dependencies == std::vector{x.id});
}

namespace {

std::vector<sangam::engine::change> taken_changes(replica_state& state) {
    std::vector<sangam::engine::change> all;
    for (const sangam::engine::notice& n : state.changes().take(1000, 1 << 20)) {
        all.push_back(*n.what);
    }
    return all;
}

} // namespace

TEST_CASE("replica_state: a change is one entry for each transaction and object that is listened to") {
    replica_state state(replica_id{1}, {});
    const auto listening = state.changes().add("notes", {});
    insert(state, 0, "abc");
    add(state, 1);
    auto draft = state.begin(1000);
    const executor::preparer type = [](const auto& object, replica_id self, operation_list& operations) {
        operations.add(sangam::crdt::rga_text::operation(
            object.template as<sangam::crdt::rga_text>()->insert(0, "x", self)));
    };
    state.write(draft, notes, std::span(&type, 1));
    state.write(draft, notes, std::span(&type, 1));
    state.commit(std::move(draft), {});
    const auto changes = taken_changes(state);
    REQUIRE(changes.size() == 2);
    CHECK(changes[0].patches == std::vector<sangam::crdt::text_patch>{{0, 0, "abc"}});
    CHECK(changes[1].patches.size() == 2);
    CHECK(changes[1].local);
    state.changes().remove(listening->number);
    insert(state, 0, "y");
    CHECK(taken_changes(state).empty());
}

TEST_CASE("replica_state: keystrokes of one transaction travel as one operation") {
    replica_state types(replica_id{1}, {});
    const auto typed = [](std::size_t position, const std::string& text) {
        return [=](const auto& object, replica_id self, operation_list& operations) {
            operations.add(sangam::crdt::rga_text::operation(
                object.template as<sangam::crdt::rga_text>()->insert(position, text, self)));
        };
    };
    const std::vector<executor::preparer> keystrokes{typed(0, "a"), typed(1, "b"), typed(2, "c"),
                                                     typed(0, "-")};
    types.write(notes, keystrokes, 1000);
    const message sent = made_by(types);
    CHECK(sent.operations.size() == 2);
    CHECK(text_of(types) == "-abc");

    auto transaction = types.begin(1000);
    for (const executor::preparer& keystroke : keystrokes)
        types.write(transaction, notes, std::span(&keystroke, 1));
    REQUIRE(types.commit(std::move(transaction), {}));
    CHECK(made_by(types).operations.size() == 2);

    replica_state reads(replica_id{2}, {});
    CHECK(reads.offer(sent, 1000) == offer_outcome::delivered);
    CHECK(text_of(reads) == "-abc");
}

TEST_CASE("replica_state: a change tells where marks may have changed, after all its patches") {
    replica_state state(replica_id{1}, {});
    insert(state, 0, "The fox jumped.");
    const auto listening = state.changes().add("notes", {});
    using sangam::crdt::rga_text;
    using sangam::crdt::text_range;
    const auto change = [&](std::initializer_list<executor::preparer> steps) {
        auto draft = state.begin(1000);
        for (const executor::preparer& step : steps) {
            state.write(draft, notes, std::span(&step, 1));
        }
        state.commit(std::move(draft), {});
        const auto changes = taken_changes(state);
        REQUIRE(changes.size() == 1);
        return changes[0];
    };
    const auto mark = [](std::size_t position, std::size_t count) -> executor::preparer {
        return [=](const auto& object, replica_id, operation_list& operations) {
            operations.add(
                rga_text::operation(object.template as<rga_text>()->mark(position, count, "bold", true)));
        };
    };
    const auto type = [](std::size_t position, std::string text) -> executor::preparer {
        return [=](const auto& object, replica_id self, operation_list& operations) {
            operations.add(rga_text::operation(object.template as<rga_text>()->insert(position, text, self)));
        };
    };
    const auto erase = [](std::size_t position, std::size_t count) -> executor::preparer {
        return [=](const auto& object, replica_id, operation_list& operations) {
            operations.add(rga_text::operation(object.template as<rga_text>()->erase(position, count)));
        };
    };
    const auto alone = change({mark(4, 3)});
    CHECK(alone.patches.empty());
    CHECK(alone.formatted == std::vector{text_range{4, 3}});
    // "The fox jumped." becomes "a quick fox!y jumped."
    const auto mixed = change({mark(4, 3), erase(0, 3), type(0, "a quick"), mark(0, 1), type(11, "!y")});
    CHECK(mixed.patches.size() == 3);
    CHECK(mixed.formatted == std::vector{text_range{8, 5}, text_range{0, 1}});
    // What is erased takes its range along.
    CHECK(change({mark(0, 1), mark(2, 5), erase(0, 4)}).formatted == std::vector{text_range{0, 3}});
    CHECK(change({mark(2, 4), erase(3, 2)}).formatted == std::vector{text_range{2, 2}});
    CHECK(change({mark(2, 4), erase(4, 6)}).formatted == std::vector{text_range{2, 2}});
    CHECK(change({type(0, "x")}).formatted.empty());
}

TEST_CASE("replica_state: a write that no frame can hold is refused before anything has changed") {
    replica_state state(replica_id{1}, {});
    for (int i = 0; i < 9000; ++i) {
        add(state, std::string(2000, 'x') + std::to_string(i));
    }
    const auto clear = [&] {
        write(state, tags, [](const auto& object, replica_id, operation_list& operations) {
            operations.add(
                sangam::crdt::or_set::operation(object.template as<sangam::crdt::or_set>()->clear()));
        });
    };
    CHECK_THROWS_WITH_AS(clear(), doctest::Contains("are the most"), sangam::exception);
    CHECK(state.view(tags).as<sangam::crdt::or_set>()->size() == 9000);
    CHECK(state.delivered()[replica_id{1}] == 9000);
}

TEST_CASE(
    "replica_state: however many replicas wrote at once, a message names no more than a frame may hold") {
    replica_state state(replica_id{1}, {});
    for (std::uint64_t i = 0; i < 5000; ++i) {
        message m;
        m.id = {replica_id{100 + i}, 1};
        m.operations.push_back({visits.object, {}, sangam::crdt::pn_counter::operation{1}});
        state.offer(m, 1000);
        (void)state.take_batch();
    }
    add(state, 1);
    const std::vector<message> made = state.take_batch();
    REQUIRE(made.size() == 2);
    CHECK(made[0].dependencies.size() == 4096);
    CHECK(made[0].operations.empty());
    CHECK(made[1].dependencies.size() == 5000 - 4096);
    CHECK(made[1].operations.size() == 1);
}
