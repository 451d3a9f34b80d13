// sangam-type-histories DIRECTORY: for each type a history of two replicas, made by the type itself, which
// docs/types.md shows as a picture.

#include <sangam/causality/history.hpp>
#include <sangam/crdt/object.hpp>

#include <array>
#include <concepts>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace sangam::pictures {
namespace {

using crdt::object;
using crdt::object_kind;

enum : std::size_t { alice = 0, bob = 1 };

causality::replica_id id_of(std::size_t replica) {
    return causality::replica_id{replica + 1};
}

std::string joined(char open, const std::vector<std::string>& parts, char close) {
    std::string all(1, open);
    for (const std::string& part : parts) {
        all += (all.size() > 1 ? ", " : "") + part;
    }
    return all + close;
}

std::string shown(const std::vector<crdt::value>& values, char open, char close) {
    std::vector<std::string> parts;
    for (const crdt::value& v : values) {
        parts.push_back(crdt::to_string(v));
    }
    return joined(open, parts, close);
}

std::string shown(const object& o);

std::string shown(const crdt::bounded_counter& counter) {
    return std::to_string(counter.value()) + " (alice " + std::to_string(counter.rights(id_of(alice))) +
           ", bob " + std::to_string(counter.rights(id_of(bob))) + ')';
}

std::string shown(const crdt::sorted_set& set) {
    std::vector<std::string> parts;
    for (const auto& [member, score] : set.entries(0, set.size())) {
        parts.push_back(crdt::to_string(member) + ' ' + crdt::to_string(crdt::value(score)));
    }
    return joined('{', parts, '}');
}

std::string shown(const crdt::stream& entries) {
    std::vector<std::string> parts;
    for (const auto& entry : entries.read_after({}, entries.size()).entries) {
        parts.push_back(crdt::to_string(entry.fields.front().content));
    }
    for (const auto& pending : entries.pending("workers")) {
        parts.push_back(pending.consumer + " works on " +
                        crdt::to_string(entries.find(pending.name)->fields.front().content));
    }
    return joined('[', parts, ']');
}

std::string shown(const crdt::expiry& end) {
    if (!end.deadline()) return "no end";
    return *end.deadline() == crdt::expiry::never ? "never" : "at " + std::to_string(*end.deadline()) + " ms";
}

std::string shown(const crdt::or_map& map) {
    std::vector<std::string> parts;
    for (const crdt::map_key& key : map.keys()) {
        parts.push_back(key.name + ": " + shown(*map.find(key)));
    }
    return joined('{', parts, '}');
}

template <class T>
std::string shown(const T& o) {
    if constexpr (requires { o.elements().front().id; }) {
        if constexpr (requires { o.str(); })
            return '"' + o.str() + '"';
        else
            return shown(o.values(), '[', ']');
    } else if constexpr (requires {
                             { o.elements() } -> std::same_as<std::vector<crdt::value>>;
                         }) {
        return shown(o.elements(), '{', '}');
    } else if constexpr (requires { o.enabled(); }) {
        return o.enabled() ? "on" : "off";
    } else if constexpr (requires { o.values(); }) {
        return shown(o.values(), '{', '}');
    } else if constexpr (std::same_as<decltype(o.value()), crdt::value>) {
        return crdt::to_string(o.value());
    } else {
        return std::to_string(o.value());
    }
}

template <class... T>
std::string shown_as(const object& o, std::variant<T...>*) {
    std::string text;
    ((o.as<T>() != nullptr ? void(text = shown(*o.as<T>())) : void()), ...);
    return text;
}

std::string shown(const object& o) {
    return shown_as(o, static_cast<object::state*>(nullptr));
}

/// Alice's and Bob's replica of one object, which record what they do.
class two_replicas {
public:
    explicit two_replicas(object_kind kind) : objects_{object(kind), object(kind)} {
        run_.add_replica("alice").value();
        run_.add_replica("bob").value();
    }

    /// One transaction: `prepare` reads the state and returns an operation of T (or operations of a map).
    template <class T, class Prepare>
    void act(std::size_t who, std::string_view label, Prepare prepare) {
        using operation = decltype(prepare(*objects_[who].as<T>()));
        if constexpr (std::same_as<operation, std::vector<crdt::map_operation>>) {
            send(who, label, prepare(*objects_[who].as<T>()));
        } else if constexpr (std::same_as<operation, crdt::map_operation>) {
            send(who, label, {prepare(*objects_[who].as<T>())});
        } else {
            send(who, label, {{{}, typename T::operation(prepare(*objects_[who].as<T>()))}});
        }
    }

    /// Something that sends nothing.
    void note(std::size_t who, std::string_view label) { run_.local(who, label).value(); }

    /// Each receives all that the other sent.
    void exchange() {
        const std::array<std::size_t, 2> until{sent_[alice].size(), sent_[bob].size()};
        for (const std::size_t who : {bob, alice}) {
            const std::size_t from = 1 - who;
            for (; received_[who] < until[from]; ++received_[who]) {
                const transaction& t = sent_[from][received_[who]];
                apply(who, t);
                run_.receive(who, t.name, {}, shown(objects_[who])).value();
            }
        }
    }

    /// Precondition: nothing is left to receive. False iff the replicas differ.
    [[nodiscard]] bool agree() const { return objects_[alice] == objects_[bob]; }

    [[nodiscard]] const causality::history& run() const noexcept { return run_; }

private:
    struct transaction {
        std::string name;
        crdt::operation_context context;
        std::vector<crdt::map_operation> operations;
    };

    void send(std::size_t who, std::string_view label, std::vector<crdt::map_operation> operations) {
        const std::uint64_t sequence = sent_[who].size() + 1;
        transaction t{(who == alice ? "a" : "b") + std::to_string(sequence),
                      {{id_of(who), sequence}, causality::hybrid_time::at_ms(++now_ms_)},
                      std::move(operations)};
        apply(who, t);
        run_.send(who, t.name, label, shown(objects_[who])).value();
        sent_[who].push_back(std::move(t));
    }

    void apply(std::size_t who, const transaction& t) {
        for (const crdt::map_operation& op : t.operations) {
            if (!objects_[who].accepts(op.path, op.leaf, t.context.id.replica)) {
                std::fputs("sangam-type-histories: an operation is not accepted\n", stderr);
                std::abort();
            }
            objects_[who].apply(op.path, op.leaf, t.context);
        }
    }

    std::array<object, 2> objects_;
    std::array<std::vector<transaction>, 2> sent_;
    std::array<std::size_t, 2> received_{};
    std::uint64_t now_ms_ = 0;
    causality::history run_;
};

two_replicas g_counter() {
    two_replicas r(object_kind::g_counter);
    const auto add = [](std::uint64_t n) { return [n](const crdt::g_counter& c) { return c.increment(n); }; };
    r.act<crdt::g_counter>(alice, "increment 2", add(2));
    r.act<crdt::g_counter>(bob, "increment 3", add(3));
    r.exchange();
    return r;
}

two_replicas pn_counter() {
    two_replicas r(object_kind::pn_counter);
    const auto add = [](std::int64_t n) { return [n](const crdt::pn_counter& c) { return c.increment(n); }; };
    r.act<crdt::pn_counter>(alice, "increment 2", add(2));
    r.act<crdt::pn_counter>(bob, "increment -3", add(-3));
    r.exchange();
    return r;
}

two_replicas resettable_counter() {
    using type = crdt::resettable_counter;
    two_replicas r(object_kind::resettable_counter);
    const auto add = [](std::int64_t n, std::size_t who) {
        return [n, who](const type& c) { return c.increment(n, id_of(who)); };
    };
    r.act<type>(alice, "increment 5", add(5, alice));
    r.exchange();
    r.act<type>(alice, "reset", [](const type& c) { return c.reset(); });
    r.act<type>(bob, "increment 2", add(2, bob));
    r.exchange();
    return r;
}

two_replicas bounded_counter() {
    using type = crdt::bounded_counter;
    two_replicas r(object_kind::bounded_counter);
    r.act<type>(alice, "increment 5", [](const type& c) { return c.increment(5, id_of(alice)); });
    r.act<type>(alice, "transfer 2 to bob",
                [](const type& c) { return c.transfer(2, id_of(bob), id_of(alice)); });
    r.exchange();
    r.act<type>(alice, "decrement 3", [](const type& c) { return c.decrement(3, id_of(alice)); });
    r.act<type>(bob, "decrement 1", [](const type& c) { return c.decrement(1, id_of(bob)); });
    try {
        r.act<type>(bob, "", [](const type& c) { return c.decrement(2, id_of(bob)); });
    } catch (const exception&) {
        r.note(bob, "decrement 2: refused");
    }
    r.exchange();
    return r;
}

template <class Set>
void add(two_replicas& r, std::size_t who, const char* element) {
    r.act<Set>(who, std::string("add ") + element, [&](const Set& s) { return s.add(element); });
}

template <class Set>
void remove(two_replicas& r, std::size_t who, const char* element) {
    r.act<Set>(who, std::string("remove ") + element, [&](const Set& s) { return s.remove(element); });
}

two_replicas g_set() {
    two_replicas r(object_kind::g_set);
    add<crdt::g_set>(r, alice, "x");
    add<crdt::g_set>(r, bob, "y");
    r.exchange();
    return r;
}

template <class Set>
two_replicas add_beside_remove(object_kind kind) {
    two_replicas r(kind);
    add<Set>(r, alice, "x");
    r.exchange();
    remove<Set>(r, alice, "x");
    add<Set>(r, bob, "x");
    r.exchange();
    return r;
}

two_replicas or_set() {
    return add_beside_remove<crdt::or_set>(object_kind::or_set);
}

two_replicas rw_set() {
    return add_beside_remove<crdt::rw_set>(object_kind::rw_set);
}

two_replicas sorted_set() {
    using type = crdt::sorted_set;
    two_replicas r(object_kind::sorted_set);
    r.act<type>(alice, "assign ana the score 10", [](const type& s) { return s.assign("ana", 10); });
    r.exchange();
    r.act<type>(alice, "assign ana the score 20", [](const type& s) { return s.assign("ana", 20); });
    r.act<type>(bob, "raise ana by 5", [](const type& s) { return s.increment("ana", 5, id_of(bob)); });
    r.exchange();
    return r;
}

template <class Register>
two_replicas two_assigns(object_kind kind) {
    two_replicas r(kind);
    const auto assign = [](const char* content) {
        return [content](const Register& reg) { return reg.assign(content); };
    };
    r.act<Register>(alice, "assign red", assign("red"));
    r.act<Register>(bob, "assign blue", assign("blue"));
    r.exchange();
    return r;
}

two_replicas lww_register() {
    return two_assigns<crdt::lww_register>(object_kind::lww_register);
}

two_replicas mv_register() {
    two_replicas r = two_assigns<crdt::mv_register>(object_kind::mv_register);
    r.act<crdt::mv_register>(alice, "assign purple",
                             [](const crdt::mv_register& reg) { return reg.assign("purple"); });
    r.exchange();
    return r;
}

template <class Flag>
two_replicas enable_beside_disable(object_kind kind) {
    two_replicas r(kind);
    const auto enable = [](const Flag& flag) { return flag.enable(); };
    r.act<Flag>(alice, "enable", enable);
    r.exchange();
    r.act<Flag>(alice, "disable", [](const Flag& flag) { return flag.disable(); });
    r.act<Flag>(bob, "enable", enable);
    r.exchange();
    return r;
}

two_replicas ew_flag() {
    return enable_beside_disable<crdt::ew_flag>(object_kind::ew_flag);
}

two_replicas dw_flag() {
    return enable_beside_disable<crdt::dw_flag>(object_kind::dw_flag);
}

two_replicas or_map() {
    using type = crdt::or_map;
    const crdt::map_key milk{"milk", object_kind::resettable_counter};
    two_replicas r(object_kind::or_map);
    const auto buy = [&milk](std::int64_t n, std::size_t who) {
        return [&milk, n, who](const type& map) {
            const object* const found = map.find(milk);
            const object counter = found != nullptr ? *found : object(milk.kind);
            return crdt::map_operation{{milk},
                                       crdt::resettable_counter::operation(
                                           counter.as<crdt::resettable_counter>()->increment(n, id_of(who)))};
        };
    };
    r.act<type>(alice, "milk: increment 2", buy(2, alice));
    r.exchange();
    r.act<type>(alice, "remove milk", [&](const type& map) { return map.remove(milk); });
    r.act<type>(bob, "milk: increment 1", buy(1, bob));
    r.exchange();
    return r;
}

two_replicas rga_text() {
    using type = crdt::rga_text;
    two_replicas r(object_kind::rga_text);
    const auto insert = [](std::size_t position, const char* text, std::size_t who) {
        return [=](const type& t) { return t.insert(position, text, id_of(who)); };
    };
    r.act<type>(alice, "insert \"ac\"", insert(0, "ac", alice));
    r.exchange();
    r.act<type>(alice, "insert \"b\" at 1", insert(1, "b", alice));
    r.act<type>(bob, "insert \"BB\" at 1", insert(1, "BB", bob));
    r.exchange();
    return r;
}

two_replicas rga_list() {
    using type = crdt::rga_list;
    two_replicas r(object_kind::rga_list);
    const auto insert = [](std::size_t position, std::vector<crdt::value> values, std::size_t who) {
        return [=](const type& l) { return l.insert(position, values, id_of(who)); };
    };
    r.act<type>(alice, "insert 1, 4", insert(0, {1, 4}, alice));
    r.exchange();
    r.act<type>(alice, "erase at 0", [](const type& l) { return l.erase(0, 1); });
    r.act<type>(bob, "insert 2, 3 at 1", insert(1, {2, 3}, bob));
    r.exchange();
    return r;
}

two_replicas stream() {
    using type = crdt::stream;
    two_replicas r(object_kind::stream);
    const auto append = [](const char* job) {
        return [job](const type& s) { return s.append({{"job", job}}); };
    };
    r.act<type>(alice, "append wash", append("wash"));
    r.act<type>(bob, "append dry", append("dry"));
    r.exchange();
    r.act<type>(bob, "ben claims 1", [](const type& s) { return s.claim("workers", "ben", 1); });
    r.exchange();
    return r;
}

two_replicas expiry() {
    using type = crdt::expiry;
    two_replicas r(object_kind::expiry);
    r.act<type>(alice, "expire at 1000", [](const type& e) { return e.set(1000); });
    r.exchange();
    r.act<type>(alice, "expire at 500", [](const type& e) { return e.set(500); });
    r.act<type>(bob, "expire at 3000", [](const type& e) { return e.set(3000); });
    r.exchange();
    return r;
}

int write_all(const std::filesystem::path& directory) {
    const std::pair<const char*, two_replicas (*)()> types[] = {
        {"g_counter", g_counter},
        {"pn_counter", pn_counter},
        {"resettable_counter", resettable_counter},
        {"bounded_counter", bounded_counter},
        {"g_set", g_set},
        {"or_set", or_set},
        {"rw_set", rw_set},
        {"sorted_set", sorted_set},
        {"lww_register", lww_register},
        {"mv_register", mv_register},
        {"ew_flag", ew_flag},
        {"dw_flag", dw_flag},
        {"or_map", or_map},
        {"rga_text", rga_text},
        {"rga_list", rga_list},
        {"stream", stream},
        {"expiry", expiry},
    };
    for (const auto& [name, make] : types) {
        const two_replicas made = make();
        if (!made.agree()) {
            std::fprintf(stderr, "sangam-type-histories: %s: the replicas differ\n", name);
            return 1;
        }
        std::ofstream file(directory / (std::string(name) + ".txt"), std::ios::binary);
        file << to_text(made.run()) << std::flush;
        if (!file) {
            std::fprintf(stderr, "sangam-type-histories: %s.txt cannot be written\n", name);
            return 1;
        }
    }
    return 0;
}

} // namespace
} // namespace sangam::pictures

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: sangam-type-histories DIRECTORY\n", stderr);
        return 2;
    }
    return sangam::pictures::write_all(argv[1]);
}
