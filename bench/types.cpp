/// What one change costs: of each type, at the origin (prepare and apply) and at another replica (apply),
/// with 1, 1,000 and 1,000,000 elements in it; in a whole replica, beside replicas that never touched the
/// object; and what a batch of keystrokes costs to encode and to decode.

#include <sangam/crdt/object.hpp>
#include <sangam/engine/replica_state.hpp>
#include <sangam/transport/codec.hpp>

#include <benchmark/benchmark.h>

#include <time.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <random>
#include <set>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace sangam;
using causality::replica_id;
using crdt::object_kind;
using crdt::operation_context;

constexpr replica_id here{1};
constexpr replica_id there{2};

/// The contexts of the transactions of one replica, one after another.
class origin {
public:
    explicit origin(replica_id id) : id_(id) {}
    operation_context next() {
        ++sequence_;
        return {{id_, sequence_}, causality::hybrid_time::at_ms(sequence_)};
    }

private:
    replica_id id_;
    std::uint64_t sequence_ = 0;
};

/// What this thread has computed: what else the machine does while it waits does not count.
double cpu_seconds() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::int64_t some_element(std::size_t elements, std::mt19937_64& rng) {
    return static_cast<std::int64_t>(rng() % std::max<std::size_t>(elements, 1));
}

template <class Set>
struct filled_set {
    using type = Set;
    static void fill(type& set, std::size_t elements, origin& by) {
        for (std::size_t i = 0; i < elements; ++i) {
            set.apply(set.add(static_cast<std::int64_t>(i)), by.next());
        }
    }
};

/// Adds an element that is there: the size stays, the element gets a new dot.
template <class Set>
struct set_add : filled_set<Set> {
    static typename Set::operation prepare(const Set& set, replica_id, std::mt19937_64& rng) {
        return set.add(some_element(set.size(), rng));
    }
};

/// Removes an element, and adds it again the next time.
template <class Set>
struct set_remove_and_add : filled_set<Set> {
    static typename Set::operation prepare(const Set& set, replica_id, std::mt19937_64& rng) {
        static thread_local std::int64_t gone = -1;
        if (gone >= 0 && !set.contains(gone)) {
            return set.add(std::exchange(gone, -1));
        }
        gone = some_element(set.size(), rng);
        return set.remove(gone);
    }
};

struct grow_set_add {
    using type = crdt::g_set;
    static void fill(type& set, std::size_t elements, origin& by) {
        for (std::size_t i = 0; i < elements; ++i) {
            set.apply(set.add(static_cast<std::int64_t>(i)), by.next());
        }
    }
    static type::operation prepare(const type& set, replica_id, std::mt19937_64& rng) {
        return set.add(some_element(set.size(), rng));
    }
};

struct score_increment {
    using type = crdt::sorted_set;
    static void fill(type& set, std::size_t elements, origin& by) {
        for (std::size_t i = 0; i < elements; ++i) {
            set.apply(set.assign(static_cast<std::int64_t>(i), static_cast<double>(i)), by.next());
        }
    }
    static type::operation prepare(const type& set, replica_id self, std::mt19937_64& rng) {
        return set.increment(some_element(set.size(), rng), 1, self);
    }
};

struct stream_append {
    using type = crdt::stream;
    static void fill(type& log, std::size_t elements, origin& by) {
        for (std::size_t i = 0; i < elements; ++i) {
            log.apply(log.append({{"value", static_cast<std::int64_t>(i)}}), by.next());
        }
    }
    static type::operation prepare(const type& log, replica_id, std::mt19937_64& rng) {
        return log.append({{"value", some_element(log.size(), rng)}});
    }
};

/// One value somewhere.
struct list_anywhere {
    using type = crdt::rga_list;
    static void fill(type& list, std::size_t elements, origin& by) {
        for (std::size_t left = elements; left > 0;) {
            const std::size_t count = std::min<std::size_t>(left, 1000);
            list.apply(list.insert(list.size() / 2, std::vector<crdt::value>(count, 1), here), by.next());
            left -= count;
        }
    }
    static type::operation prepare(const type& list, replica_id self, std::mt19937_64& rng) {
        return list.insert(rng() % (list.size() + 1), {1}, self);
    }
};

/// The elements are keys of the map; each is a register.
struct map_put {
    using type = crdt::or_map;
    static crdt::map_key key_of(std::size_t i) {
        return {"key " + std::to_string(i), object_kind::lww_register};
    }
    static type::operation assign(const type& map, const crdt::map_key& key) {
        const crdt::object* const found = map.find(key);
        const crdt::lww_register none;
        const crdt::lww_register& reg = found != nullptr ? *found->as<crdt::lww_register>() : none;
        return {{key}, crdt::lww_register::operation(reg.assign(7))};
    }
    static void fill(type& map, std::size_t elements, origin& by) {
        for (std::size_t i = 0; i < elements; ++i) {
            map.apply(assign(map, key_of(i)), by.next());
        }
        keys = elements;
    }
    static type::operation prepare(const type& map, replica_id, std::mt19937_64& rng) {
        return assign(map, key_of(rng() % std::max<std::size_t>(keys, 1)));
    }
    static inline std::size_t keys = 0;
};

template <class Flag>
struct flag_toggle {
    using type = Flag;
    static void fill(type& flag, std::size_t elements, origin& by) {
        for (std::size_t i = 0; i < elements; ++i) {
            flag.apply(flag.enable(), by.next());
        }
    }
    static typename Flag::operation prepare(const type& flag, replica_id, std::mt19937_64&) {
        return flag.enabled() ? typename Flag::operation(flag.disable())
                              : typename Flag::operation(flag.enable());
    }
};

/// The elements are replicas that have rights.
struct bounded_decrement {
    using type = crdt::bounded_counter;
    static void fill(type& counter, std::size_t elements, origin&) {
        for (std::size_t i = 0; i < elements; ++i) {
            const replica_id one{1000 + i};
            counter.apply(crdt::bounded_counter::increment_op{1}, origin(one).next());
        }
        counter.apply(crdt::bounded_counter::increment_op{std::uint64_t{1} << 60}, origin(here).next());
        counter.apply(crdt::bounded_counter::increment_op{std::uint64_t{1} << 60}, origin(there).next());
    }
    static type::operation prepare(const type& counter, replica_id self, std::mt19937_64&) {
        return counter.decrement(1, self);
    }
};

struct bounded_increment {
    using type = crdt::bounded_counter;
    static type::operation prepare(const type& counter, replica_id self, std::mt19937_64&) {
        return counter.increment(1, self);
    }
};

struct expiry_set {
    using type = crdt::expiry;
    static void fill(type& ends, std::size_t elements, origin& by) {
        for (std::size_t i = 0; i < elements; ++i) {
            ends.apply(ends.set(i), by.next());
        }
    }
    static type::operation prepare(const type& ends, replica_id, std::mt19937_64& rng) {
        return ends.set(rng() >> 1);
    }
};

/// What the sets are measured against: the same on a std::set of the same values.
void std_set_remove_and_add(benchmark::State& state) {
    std::mt19937_64 rng(1);
    std::set<crdt::value> set;
    for (std::int64_t i = 0; i < state.range(0); ++i) {
        set.insert(i);
    }
    const auto elements = static_cast<std::size_t>(state.range(0));
    std::int64_t gone = -1;
    for (auto _ : state) {
        if (gone >= 0) {
            set.insert(std::exchange(gone, -1));
        } else {
            gone = some_element(elements, rng);
            set.erase(gone);
        }
        benchmark::DoNotOptimize(set);
    }
    state.SetItemsProcessed(state.iterations());
}

template <class Counter>
struct plain_increment {
    using type = Counter;
    static void fill(type& counter, std::size_t elements, origin& by) {
        for (std::size_t i = 0; i < elements; ++i) {
            counter.apply(counter.increment(), by.next());
        }
    }
    static typename type::operation prepare(const type& counter, replica_id, std::mt19937_64&) {
        return counter.increment();
    }
};

/// The elements are replicas that incremented.
struct resettable_increment {
    using type = crdt::resettable_counter;
    static void fill(type& counter, std::size_t elements, origin&) {
        for (std::size_t i = 0; i < elements; ++i) {
            const replica_id one{1000 + i};
            counter.apply(counter.increment(1, one), origin(one).next());
        }
    }
    static type::operation prepare(const type& counter, replica_id self, std::mt19937_64&) {
        return counter.increment(1, self);
    }
};

template <class Register>
struct register_assign {
    using type = Register;
    static void fill(type& target, std::size_t elements, origin& by) {
        for (std::size_t i = 0; i < elements; ++i) {
            target.apply(target.assign(static_cast<std::int64_t>(i)), by.next());
        }
    }
    static typename type::operation prepare(const type& target, replica_id, std::mt19937_64& rng) {
        return target.assign(static_cast<std::int64_t>(rng() >> 1));
    }
};

void fill_text(crdt::rga_text& text, std::size_t characters, origin& by) {
    const std::string line = "The quick brown fox jumps over the lazy dog, and again and again\n";
    for (std::size_t left = characters; left > 0;) {
        const std::size_t count = std::min(left, line.size());
        text.apply(text.insert(text.size() / 2, line.substr(0, count), here), by.next());
        left -= count;
    }
}

/// One character somewhere: the worst of editing.
struct text_anywhere {
    using type = crdt::rga_text;
    static void fill(type& text, std::size_t elements, origin& by) { fill_text(text, elements, by); }
    static type::operation prepare(const type& text, replica_id self, std::mt19937_64& rng) {
        return text.insert(rng() % (text.size() + 1), "x", self);
    }
};

/// One character behind the one before: what people do.
struct text_typing {
    using type = crdt::rga_text;
    static void fill(type& text, std::size_t elements, origin& by) { fill_text(text, elements, by); }
    static type::operation prepare(const type& text, replica_id self, std::mt19937_64&) {
        return text.insert(text.size(), "x", self);
    }
};

template <class Subject>
void at_the_origin(benchmark::State& state) {
    std::mt19937_64 rng(1);
    origin by(here);
    typename Subject::type object;
    Subject::fill(object, static_cast<std::size_t>(state.range(0)), by);
    for (auto _ : state) {
        object.apply(Subject::prepare(object, here, rng), by.next());
        benchmark::DoNotOptimize(object);
    }
    state.SetItemsProcessed(state.iterations());
}

/// Only `apply` is timed, a run of operations at once, because reading a clock costs about as much as one
/// operation.
template <class Subject>
void at_another_replica(benchmark::State& state) {
    constexpr std::size_t run = 256;
    std::mt19937_64 rng(1);
    origin filled_by(here);
    origin by(there);
    typename Subject::type author;
    Subject::fill(author, static_cast<std::size_t>(state.range(0)), filled_by);
    typename Subject::type reader = author;
    for (auto _ : state) {
        std::vector<std::pair<typename Subject::type::operation, operation_context>> operations;
        for (std::size_t i = 0; i < run; ++i) {
            operations.emplace_back(Subject::prepare(author, there, rng), by.next());
            author.apply(operations.back().first, operations.back().second);
        }
        const double start = cpu_seconds();
        for (const auto& [operation, context] : operations) {
            reader.apply(operation, context);
            benchmark::DoNotOptimize(reader);
        }
        state.SetIterationTime((cpu_seconds() - start) / run);
    }
    state.SetItemsProcessed(state.iterations());
}

/// A whole replica that has heard of others, each of which wrote once, to another key.
engine::replica_state beside(std::size_t others, replica_id self) {
    engine::replica_state state(self, {});
    const crdt::object_key elsewhere{"elsewhere", object_kind::pn_counter};
    for (std::size_t i = 0; i < others; ++i) {
        transport::message m;
        m.id = {replica_id{1000 + i}, 1};
        m.time = causality::hybrid_time::at_ms(1);
        m.operations.push_back({elsewhere, {}, crdt::pn_counter::operation{1}});
        m.size_bytes = transport::memory_of(m);
        state.offer(std::move(m), 1);
        (void)state.take_batch();
    }
    return state;
}

/// One transaction with one change of the object "here".
template <class Subject, object_kind Kind>
void change(engine::replica_state& state, std::mt19937_64& rng) {
    using type = typename Subject::type;
    static const engine::object_address address{{"here", Kind}, {}};
    const engine::executor::preparer step = [&](const crdt::object& object, replica_id self,
                                                engine::operation_list& operations) {
        if constexpr (std::is_same_v<type, crdt::or_map>) {
            operations.add(Subject::prepare(*object.as<type>(), self, rng));
        } else {
            operations.add(typename type::operation(Subject::prepare(*object.as<type>(), self, rng)));
        }
    };
    state.write(address, std::span(&step, 1), 1);
}

/// Prepare, mint, apply, queue. The range is the number of replicas that never touched the object.
template <class Subject, object_kind Kind>
void write_beside(benchmark::State& state) {
    std::mt19937_64 rng(1);
    engine::replica_state replica = beside(static_cast<std::size_t>(state.range(0)), here);
    change<Subject, Kind>(replica, rng); // the first one names the others as seen
    for (auto _ : state) {
        change<Subject, Kind>(replica, rng);
        benchmark::DoNotOptimize(replica.take_batch());
    }
    state.SetItemsProcessed(state.iterations());
}

/// Offer, deliver, apply, queue.
template <class Subject, object_kind Kind>
void deliver_beside(benchmark::State& state) {
    constexpr std::size_t run = 256;
    std::mt19937_64 rng(1);
    engine::replica_state author = beside(static_cast<std::size_t>(state.range(0)), there);
    engine::replica_state reader = beside(static_cast<std::size_t>(state.range(0)), here);
    change<Subject, Kind>(author, rng);
    for (auto batch = author.take_batch(); !batch.empty(); batch = author.take_batch()) {
        for (transport::message& m : batch) {
            reader.offer(std::move(m), 1);
        }
    }
    for (auto _ : state) {
        std::vector<transport::message> messages;
        while (messages.size() < run) {
            change<Subject, Kind>(author, rng);
            std::ranges::move(author.take_batch(), std::back_inserter(messages));
        }
        const double start = cpu_seconds();
        for (transport::message& m : messages) {
            reader.offer(std::move(m), 1);
        }
        const double took = cpu_seconds() - start;
        while (!reader.take_batch().empty()) {
        }
        state.SetIterationTime(took / static_cast<double>(messages.size()));
    }
    if (reader.messages_invalid() != 0 || reader.buffer().counters().held_back != 0) {
        state.SkipWithError("the reader does not have all messages");
    }
    state.SetItemsProcessed(state.iterations());
}

/// Keystrokes of one author, one a transaction.
transport::batch keystrokes(std::size_t count) {
    transport::batch typed{here, 1, {}};
    crdt::rga_text text;
    origin by(here);
    for (std::size_t i = 0; i < count; ++i) {
        const crdt::rga_text::operation op = text.insert(i, "x", here);
        const operation_context context = by.next();
        text.apply(op, context);
        transport::message message;
        message.id = context.id;
        message.time = context.time;
        message.operations.push_back({{"notes", object_kind::rga_text}, {}, op});
        message.size_bytes = transport::memory_of(message);
        typed.messages.push_back(std::move(message));
    }
    return typed;
}

void batch_encode(benchmark::State& state) {
    const transport::batch typed = keystrokes(static_cast<std::size_t>(state.range(0)));
    std::size_t bytes = 0;
    for (auto _ : state) {
        const std::string encoded = transport::encode_batch(typed);
        bytes = encoded.size();
        benchmark::DoNotOptimize(encoded.data());
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
    state.counters["bytes/message"] = static_cast<double>(bytes) / static_cast<double>(state.range(0));
}

void batch_decode(benchmark::State& state) {
    const std::string encoded = transport::encode_batch(keystrokes(static_cast<std::size_t>(state.range(0))));
    for (auto _ : state) {
        auto decoded = transport::decode_batch(encoded);
        if (decoded.has_error()) {
            state.SkipWithError(decoded.error().message().c_str());
            break;
        }
        benchmark::DoNotOptimize(decoded->messages.data());
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void sizes(benchmark::internal::Benchmark* benchmark) {
    benchmark->Arg(1)->Arg(1'000)->Arg(1'000'000);
}

/// A text grows with every insert: a fixed number of them keeps runs comparable.
void text_origin(benchmark::internal::Benchmark* benchmark) {
    benchmark->Apply(sizes)->Iterations(10'000);
}

void remote(benchmark::internal::Benchmark* benchmark) {
    benchmark->Apply(sizes)->UseManualTime()->Iterations(200);
}

/// How many replicas never touched the object. Sequences grow: a fixed number of changes keeps runs
/// comparable.
void others(benchmark::internal::Benchmark* benchmark) {
    benchmark->Arg(0)->Arg(100)->Arg(10'000)->Iterations(10'000);
}

void others_remote(benchmark::internal::Benchmark* benchmark) {
    benchmark->Arg(0)->Arg(100)->Arg(10'000)->UseManualTime()->Iterations(40);
}

BENCHMARK(std_set_remove_and_add)->Apply(sizes);
BENCHMARK(at_the_origin<set_add<crdt::or_set>>)->Apply(sizes);
BENCHMARK(at_another_replica<set_add<crdt::or_set>>)->Apply(remote);
BENCHMARK(at_the_origin<set_remove_and_add<crdt::or_set>>)->Apply(sizes);
BENCHMARK(at_another_replica<set_remove_and_add<crdt::or_set>>)->Apply(remote);
BENCHMARK(at_the_origin<set_add<crdt::rw_set>>)->Apply(sizes);
BENCHMARK(at_another_replica<set_add<crdt::rw_set>>)->Apply(remote);
BENCHMARK(at_the_origin<set_remove_and_add<crdt::rw_set>>)->Apply(sizes);
BENCHMARK(at_another_replica<set_remove_and_add<crdt::rw_set>>)->Apply(remote);
BENCHMARK(at_the_origin<grow_set_add>)->Apply(sizes);
BENCHMARK(at_another_replica<grow_set_add>)->Apply(remote);
BENCHMARK(at_the_origin<score_increment>)->Apply(sizes);
BENCHMARK(at_another_replica<score_increment>)->Apply(remote);
BENCHMARK(at_the_origin<stream_append>)->Apply(sizes);
BENCHMARK(at_another_replica<stream_append>)->Apply(remote);
BENCHMARK(at_the_origin<map_put>)->Apply(sizes);
BENCHMARK(at_another_replica<map_put>)->Apply(remote);
BENCHMARK(at_the_origin<plain_increment<crdt::g_counter>>)->Apply(sizes);
BENCHMARK(at_another_replica<plain_increment<crdt::g_counter>>)->Apply(remote);
BENCHMARK(at_the_origin<plain_increment<crdt::pn_counter>>)->Apply(sizes);
BENCHMARK(at_another_replica<plain_increment<crdt::pn_counter>>)->Apply(remote);
BENCHMARK(at_the_origin<resettable_increment>)->Apply(sizes);
BENCHMARK(at_another_replica<resettable_increment>)->Apply(remote);
BENCHMARK(at_the_origin<bounded_decrement>)->Apply(sizes);
BENCHMARK(at_another_replica<bounded_decrement>)->Apply(remote);
BENCHMARK(at_the_origin<register_assign<crdt::lww_register>>)->Apply(sizes);
BENCHMARK(at_another_replica<register_assign<crdt::lww_register>>)->Apply(remote);
BENCHMARK(at_the_origin<register_assign<crdt::mv_register>>)->Apply(sizes);
BENCHMARK(at_another_replica<register_assign<crdt::mv_register>>)->Apply(remote);
BENCHMARK(at_the_origin<flag_toggle<crdt::ew_flag>>)->Apply(sizes);
BENCHMARK(at_another_replica<flag_toggle<crdt::ew_flag>>)->Apply(remote);
BENCHMARK(at_the_origin<flag_toggle<crdt::dw_flag>>)->Apply(sizes);
BENCHMARK(at_another_replica<flag_toggle<crdt::dw_flag>>)->Apply(remote);
BENCHMARK(at_the_origin<expiry_set>)->Apply(sizes);
BENCHMARK(at_another_replica<expiry_set>)->Apply(remote);
BENCHMARK(at_the_origin<list_anywhere>)->Apply(text_origin);
BENCHMARK(at_another_replica<list_anywhere>)->Apply(remote);
BENCHMARK(at_the_origin<text_typing>)->Apply(text_origin);
BENCHMARK(at_another_replica<text_typing>)->Apply(remote);
BENCHMARK(at_the_origin<text_anywhere>)->Apply(text_origin);
BENCHMARK(at_another_replica<text_anywhere>)->Apply(remote);
BENCHMARK(write_beside<plain_increment<crdt::g_counter>, object_kind::g_counter>)->Apply(others);
BENCHMARK(deliver_beside<plain_increment<crdt::g_counter>, object_kind::g_counter>)->Apply(others_remote);
BENCHMARK(write_beside<plain_increment<crdt::pn_counter>, object_kind::pn_counter>)->Apply(others);
BENCHMARK(deliver_beside<plain_increment<crdt::pn_counter>, object_kind::pn_counter>)->Apply(others_remote);
BENCHMARK(write_beside<resettable_increment, object_kind::resettable_counter>)->Apply(others);
BENCHMARK(deliver_beside<resettable_increment, object_kind::resettable_counter>)->Apply(others_remote);
BENCHMARK(write_beside<bounded_increment, object_kind::bounded_counter>)->Apply(others);
BENCHMARK(deliver_beside<bounded_increment, object_kind::bounded_counter>)->Apply(others_remote);
BENCHMARK(write_beside<grow_set_add, object_kind::g_set>)->Apply(others);
BENCHMARK(deliver_beside<grow_set_add, object_kind::g_set>)->Apply(others_remote);
BENCHMARK(write_beside<set_add<crdt::or_set>, object_kind::or_set>)->Apply(others);
BENCHMARK(deliver_beside<set_add<crdt::or_set>, object_kind::or_set>)->Apply(others_remote);
BENCHMARK(write_beside<set_add<crdt::rw_set>, object_kind::rw_set>)->Apply(others);
BENCHMARK(deliver_beside<set_add<crdt::rw_set>, object_kind::rw_set>)->Apply(others_remote);
BENCHMARK(write_beside<score_increment, object_kind::sorted_set>)->Apply(others);
BENCHMARK(deliver_beside<score_increment, object_kind::sorted_set>)->Apply(others_remote);
BENCHMARK(write_beside<register_assign<crdt::lww_register>, object_kind::lww_register>)->Apply(others);
BENCHMARK(deliver_beside<register_assign<crdt::lww_register>, object_kind::lww_register>)
    ->Apply(others_remote);
BENCHMARK(write_beside<register_assign<crdt::mv_register>, object_kind::mv_register>)->Apply(others);
BENCHMARK(deliver_beside<register_assign<crdt::mv_register>, object_kind::mv_register>)->Apply(others_remote);
BENCHMARK(write_beside<flag_toggle<crdt::ew_flag>, object_kind::ew_flag>)->Apply(others);
BENCHMARK(deliver_beside<flag_toggle<crdt::ew_flag>, object_kind::ew_flag>)->Apply(others_remote);
BENCHMARK(write_beside<flag_toggle<crdt::dw_flag>, object_kind::dw_flag>)->Apply(others);
BENCHMARK(deliver_beside<flag_toggle<crdt::dw_flag>, object_kind::dw_flag>)->Apply(others_remote);
BENCHMARK(write_beside<map_put, object_kind::or_map>)->Apply(others);
BENCHMARK(deliver_beside<map_put, object_kind::or_map>)->Apply(others_remote);
BENCHMARK(write_beside<text_typing, object_kind::rga_text>)->Apply(others);
BENCHMARK(deliver_beside<text_typing, object_kind::rga_text>)->Apply(others_remote);
BENCHMARK(write_beside<list_anywhere, object_kind::rga_list>)->Apply(others);
BENCHMARK(deliver_beside<list_anywhere, object_kind::rga_list>)->Apply(others_remote);
BENCHMARK(write_beside<stream_append, object_kind::stream>)->Apply(others);
BENCHMARK(deliver_beside<stream_append, object_kind::stream>)->Apply(others_remote);
BENCHMARK(write_beside<expiry_set, object_kind::expiry>)->Apply(others);
BENCHMARK(deliver_beside<expiry_set, object_kind::expiry>)->Apply(others_remote);
BENCHMARK(batch_encode)->Arg(1)->Arg(64)->Arg(4096);
BENCHMARK(batch_decode)->Arg(1)->Arg(64)->Arg(4096);

} // namespace
