/// What a key costs in memory: many keys of one type in the keyspace of a replica, counted by a replaced
/// operator new. Prints a table, or with --json one object a line for each figure.

#include <sangam/engine/replica_state.hpp>

#include <malloc.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <functional>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <vector>

namespace {

/// What malloc gives out and has not got back: what it can be used for, not what was asked for. The program
/// has one thread.
std::size_t bytes_live = 0;

} // namespace

/// Not inlined, because g++ would warn of a new and a free that do not match.
[[gnu::noinline]] void* operator new(std::size_t size) {
    if (void* const memory = std::malloc(size == 0 ? 1 : size)) {
        bytes_live += ::malloc_usable_size(memory);
        return memory;
    }
    throw std::bad_alloc();
}

[[gnu::noinline]] void operator delete(void* memory) noexcept {
    bytes_live -= ::malloc_usable_size(memory);
    std::free(memory);
}

[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    operator delete(memory);
}

[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
    const auto unit = static_cast<std::size_t>(alignment);
    if (void* const memory = std::aligned_alloc(unit, (size + unit - 1) / unit * unit)) {
        bytes_live += ::malloc_usable_size(memory);
        return memory;
    }
    throw std::bad_alloc();
}

[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
    operator delete(memory);
}

[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    operator delete(memory);
}

namespace {

using namespace sangam;
using crdt::object_kind;

struct options {
    std::size_t keys = 1'000'000;
    std::size_t name_bytes = 12;
    bool json = false;
};

/// One row: what is written under every key.
struct subject {
    const char* name;
    object_kind kind;
    std::size_t value_bytes; ///< of the content alone: 8 for each integer
    std::function<crdt::leaf_operation(const crdt::object&, causality::replica_id, std::int64_t step)>
        prepare;
    std::int64_t steps = 1;
};

crdt::leaf_operation add_to_set(const crdt::object& object, causality::replica_id, std::int64_t step) {
    return crdt::or_set::operation(object.as<crdt::or_set>()->add(step));
}

std::vector<subject> all_subjects() {
    using replica = causality::replica_id;
    std::vector<subject> all;
    all.push_back({"lww_register", object_kind::lww_register, 8,
                   [](const crdt::object& object, replica, std::int64_t step) -> crdt::leaf_operation {
                       return crdt::lww_register::operation(object.as<crdt::lww_register>()->assign(step));
                   }});
    all.push_back({"mv_register", object_kind::mv_register, 8,
                   [](const crdt::object& object, replica, std::int64_t step) -> crdt::leaf_operation {
                       return crdt::mv_register::operation(object.as<crdt::mv_register>()->assign(step));
                   }});
    all.push_back({"pn_counter", object_kind::pn_counter, 8,
                   [](const crdt::object& object, replica, std::int64_t) -> crdt::leaf_operation {
                       return object.as<crdt::pn_counter>()->increment();
                   }});
    all.push_back({"resettable_counter", object_kind::resettable_counter, 8,
                   [](const crdt::object& object, replica self, std::int64_t) -> crdt::leaf_operation {
                       return crdt::resettable_counter::operation(
                           object.as<crdt::resettable_counter>()->increment(1, self));
                   }});
    all.push_back({"bounded_counter", object_kind::bounded_counter, 8,
                   [](const crdt::object& object, replica self, std::int64_t) -> crdt::leaf_operation {
                       return crdt::bounded_counter::operation(
                           object.as<crdt::bounded_counter>()->increment(1, self));
                   }});
    all.push_back({"ew_flag", object_kind::ew_flag, 1,
                   [](const crdt::object& object, replica, std::int64_t) -> crdt::leaf_operation {
                       return crdt::ew_flag::operation(object.as<crdt::ew_flag>()->enable());
                   }});
    all.push_back({"or_set of 1", object_kind::or_set, 8, add_to_set});
    all.push_back({"or_set of 4", object_kind::or_set, 32, add_to_set, 4});
    return all;
}

/// "key 00000042", or longer.
std::string name_of(std::size_t number, std::size_t bytes) {
    std::string digits = std::to_string(number);
    const std::string prefix = "key ";
    if (digits.size() + prefix.size() < bytes) {
        digits.insert(0, bytes - prefix.size() - digits.size(), '0');
    }
    return prefix + digits;
}

std::size_t resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::size_t total = 0;
    std::size_t resident = 0;
    statm >> total >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

struct figures {
    double heap = 0;          ///< bytes a key that malloc has given out
    double resident = 0;      ///< bytes a key that the process has grown by
    double key_and_value = 0; ///< of these, what name and content alone take
};

figures measure(const subject& what, const options& chosen) {
    constexpr causality::replica_id self{1};
    ::malloc_trim(0); // what the row before has freed does not count as resident
    const std::size_t live_before = bytes_live;
    const std::size_t resident_before = resident_bytes();
    auto state = std::make_unique<engine::replica_state>(self, engine::replica_options{});
    std::uint64_t now_ms = 1'700'000'000'000;
    for (std::size_t i = 0; i < chosen.keys; ++i) {
        const engine::object_address address{{name_of(i, chosen.name_bytes), what.kind}, {}};
        for (std::int64_t step = 0; step < what.steps; ++step) {
            const engine::executor::preparer prepare =
                [&](const crdt::object& object, causality::replica_id by,
                    engine::operation_list& operations) { operations.add(what.prepare(object, by, step)); };
            state->write(address, std::span(&prepare, 1), ++now_ms);
            (void)state->take_batch(); // it would go to the log: no key needs it
        }
    }
    ::malloc_trim(0);
    const auto keys = static_cast<double>(chosen.keys);
    figures result;
    result.heap = static_cast<double>(bytes_live - live_before) / keys;
    result.resident = (static_cast<double>(resident_bytes()) - static_cast<double>(resident_before)) / keys;
    result.key_and_value =
        static_cast<double>(name_of(chosen.keys - 1, chosen.name_bytes).size() + what.value_bytes);
    if (state->objects() != chosen.keys) {
        std::fprintf(stderr, "sangam-bench-memory: %zu objects instead of %zu\n", state->objects(),
                     chosen.keys);
        std::exit(1);
    }
    return result;
}

void print(const subject& what, const options& chosen, const figures& row) {
    const double above = row.heap - row.key_and_value;
    if (!chosen.json) {
        std::printf("%-20s %10.1f %14.1f %10.1f %12.1f\n", what.name, row.heap, row.key_and_value, above,
                    row.resident);
        return;
    }
    const auto line = [&](const char* figure, double bytes) {
        std::printf("{\"benchmark\":\"memory\",\"type\":\"%s\",\"keys\":%zu,\"name_bytes\":%zu,"
                    "\"figure\":\"%s\",\"bytes_per_key\":%.1f}\n",
                    what.name, chosen.keys, chosen.name_bytes, figure, bytes);
    };
    line("heap", row.heap);
    line("key_and_value", row.key_and_value);
    line("above_key_and_value", above);
    line("resident", row.resident);
}

[[noreturn]] void usage() {
    std::fputs("usage: sangam-bench-memory [--json] [--keys=N] [--name-bytes=N]\n"
               "Bytes a key of the keyspace takes: N keys (1000000) with names of N bytes (12).\n",
               stderr);
    std::exit(2);
}

options parse(std::span<char*> arguments) {
    options chosen;
    const auto number = [](const char* text) {
        char* end = nullptr;
        const unsigned long long parsed = std::strtoull(text, &end, 10);
        if (end == text || *end != '\0' || parsed == 0) {
            usage();
        }
        return static_cast<std::size_t>(parsed);
    };
    for (const char* const argument : arguments) {
        if (std::strcmp(argument, "--json") == 0) {
            chosen.json = true;
        } else if (std::strncmp(argument, "--keys=", 7) == 0) {
            chosen.keys = number(argument + 7);
        } else if (std::strncmp(argument, "--name-bytes=", 13) == 0) {
            chosen.name_bytes = number(argument + 13);
        } else {
            usage();
        }
    }
    return chosen;
}

} // namespace

int main(int count, char** arguments) {
    const options chosen = parse(std::span(arguments, static_cast<std::size_t>(count)).subspan(1));
    try {
        if (!chosen.json) {
            std::printf("bytes a key, %zu keys with names of %zu bytes\n", chosen.keys, chosen.name_bytes);
            std::printf("%-20s %10s %14s %10s %12s\n", "type", "heap", "key and value", "above", "resident");
        }
        for (const subject& what : all_subjects()) {
            print(what, chosen, measure(what, chosen));
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "sangam-bench-memory: %s\n", error.what());
        return 1;
    }
    return 0;
}
