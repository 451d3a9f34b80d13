#include <sangam/transport/codec.hpp>

#include "packed.hpp"

#include <sangam/transport/limits.hpp>

#include <sangam/causality/assert.hpp>
#include <sangam/crdt/utf8.hpp>

#include <sangam.capnp.h>

namespace sangam::transport {

namespace {

using causality::replica_id;
using causality::to_string;
using causality::vector_clock;

/// FNV-1a, 64 bits: a guard against mixed-up groups, not against anybody who means harm.
std::uint64_t hash_of(std::string_view group) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : group) {
        hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
    }
    return hash;
}

std::string hexadecimal(std::uint64_t number) {
    return to_string(replica_id{number});
}

// --- encode

kj::StringPtr text_of(const std::string& text) {
    return {text.c_str(), text.size()};
}

void put_clock(const vector_clock& clock, schema::Clock::Builder to) {
    const auto entries = clock.entries();
    auto replicas = to.initReplicas(static_cast<unsigned>(entries.size()));
    auto lengths = to.initLengths(static_cast<unsigned>(entries.size()));
    for (unsigned i = 0; i < replicas.size(); ++i) {
        replicas.set(i, entries[i].replica.bits);
        lengths.set(i, entries[i].length);
    }
}

void put_range(const delivery::dot_range& range, schema::Range::Builder to) {
    to.setOrigin(range.origin.bits);
    to.setFirst(range.first);
    to.setLast(range.last);
}

struct put_content {
    const head& from;
    schema::Head::Builder root;

    void operator()(const hello& content) {
        auto to = root.initHello();
        to.setReplica(content.replica.bits);
        to.setAnswerWanted(content.answer_wanted);
        to.setName(text_of(content.name));
        to.setGroup(text_of(from.group));
        put_clock(content.clock, to.initClock());
    }
    void operator()(const heartbeat& content) {
        auto to = root.initHeartbeat();
        to.setNumber(content.announcement.number);
        to.setBase(content.announcement.base);
        to.setAcknowledged(content.announcement.acknowledged);
        put_clock(content.announcement.difference, to.initDifference());
    }
    void operator()(const stream&) { root.setStream(); }
    void operator()(const range_request& content) { put_range(content.range, root.initRangeRequest()); }
    void operator()(const range_answer& content) {
        auto to = root.initRangeAnswer();
        put_range(content.range, to);
        to.setLastPart(content.last_part);
    }
    void operator()(const refusal& content) {
        std::string reason = content.reason.substr(0, limits::reason_bytes_max);
        if (const auto cut = crdt::utf8::find_invalid(reason)) {
            reason.resize(*cut);
        }
        root.setRefusal(text_of(reason));
    }
};

// --- decode

result<void> read_text(capnp::Text::Reader text, std::size_t bytes_max, const char* field,
                       std::string& name) {
    if (text.size() > bytes_max) {
        return error{errc::too_large, std::string(field) + " has " + std::to_string(text.size()) +
                                          " bytes, the limit is " + std::to_string(bytes_max)};
    }
    name.assign(text.begin(), text.size());
    if (const auto offset = crdt::utf8::find_invalid(name)) {
        return error{errc::invalid_text, std::string(field) + " at byte " + std::to_string(*offset)};
    }
    return {};
}

result<void> read_clock(schema::Clock::Reader from, const std::string& field, vector_clock& clock) {
    const auto replicas = from.getReplicas();
    const auto lengths = from.getLengths();
    if (replicas.size() != lengths.size()) {
        return error{errc::malformed, field + " has " + std::to_string(replicas.size()) + " replicas and " +
                                          std::to_string(lengths.size()) + " lengths"};
    }
    if (replicas.size() > limits::clock_entries_max) {
        return error{errc::too_large, field + " has " + std::to_string(replicas.size()) +
                                          " entries, the limit is " +
                                          std::to_string(limits::clock_entries_max)};
    }
    for (unsigned i = 0; i < replicas.size(); ++i) {
        if (i != 0 && replicas[i] <= replicas[i - 1]) {
            return error{errc::malformed, field + "[" + std::to_string(i) + "] is not in increasing order"};
        }
        if (lengths[i] == 0 || lengths[i] > limits::sequence_max) {
            return error{errc::invalid_value,
                         field + "[" + std::to_string(i) + "].length is " + std::to_string(lengths[i])};
        }
        clock.advance_to(replica_id{replicas[i]}, lengths[i]);
    }
    return {};
}

result<head> read_hello(schema::Hello::Reader from, std::string_view group, head h) {
    std::string sent_group;
    if (auto read = read_text(from.getGroup(), limits::name_bytes_max, "head.hello.group", sent_group); !read)
        return read.error();
    if (sent_group != group) {
        return error{errc::wrong_group,
                     "head.hello.group is \"" + sent_group + "\", this is \"" + std::string(group) + "\""};
    }
    hello& content = h.content.emplace<hello>();
    content.replica = replica_id{from.getReplica()};
    content.answer_wanted = from.getAnswerWanted();
    if (auto read = read_text(from.getName(), limits::name_bytes_max, "head.hello.name", content.name); !read)
        return read.error();
    if (!from.hasClock()) return error{errc::malformed, "head.hello.clock is missing"};
    if (auto read = read_clock(from.getClock(), "head.hello.clock", content.clock); !read)
        return read.error();
    return h;
}

result<head> read_heartbeat(schema::Heartbeat::Reader from, head h) {
    auto& content = h.content.emplace<heartbeat>().announcement;
    content.number = from.getNumber();
    content.base = from.getBase();
    content.acknowledged = from.getAcknowledged();
    if (content.number <= content.base) {
        return error{errc::invalid_value, "head.heartbeat.number is " + std::to_string(content.number) +
                                              ", its base is " + std::to_string(content.base)};
    }
    if (!from.hasDifference()) return error{errc::malformed, "head.heartbeat.difference is missing"};
    if (auto read = read_clock(from.getDifference(), "head.heartbeat.difference", content.difference);
        !read) {
        return read.error();
    }
    return h;
}

result<void> read_range(schema::Range::Reader from, const char* field, delivery::dot_range& range) {
    range = {replica_id{from.getOrigin()}, from.getFirst(), from.getLast()};
    if (range.first == 0 || range.last < range.first || range.last > limits::sequence_max) {
        return error{errc::invalid_value, std::string(field) + " is " + std::to_string(range.first) + " to " +
                                              std::to_string(range.last)};
    }
    return {};
}

result<head> read_content(schema::Head::Reader root, std::string_view group, head h) {
    switch (root.which()) {
    case schema::Head::HELLO:
        if (!root.hasHello()) break;
        return read_hello(root.getHello(), group, std::move(h));
    case schema::Head::HEARTBEAT:
        if (!root.hasHeartbeat()) break;
        return read_heartbeat(root.getHeartbeat(), std::move(h));
    case schema::Head::STREAM:
        h.content = stream{};
        return h;
    case schema::Head::RANGE_REQUEST: {
        if (!root.hasRangeRequest()) break;
        auto& content = h.content.emplace<range_request>();
        if (auto read = read_range(root.getRangeRequest(), "head.range_request", content.range); !read) {
            return read.error();
        }
        return h;
    }
    case schema::Head::RANGE_ANSWER: {
        if (!root.hasRangeAnswer()) break;
        auto& content = h.content.emplace<range_answer>();
        content.last_part = root.getRangeAnswer().getLastPart();
        if (auto read = read_range(root.getRangeAnswer(), "head.range_answer", content.range); !read) {
            return read.error();
        }
        return h;
    }
    case schema::Head::REFUSAL: {
        auto& content = h.content.emplace<refusal>();
        if (auto read =
                read_text(root.getRefusal(), limits::reason_bytes_max, "head.refusal", content.reason);
            !read)
            return read.error();
        return h;
    }
    default:
        return error{errc::unknown_kind, "head.kind is " +
                                             std::to_string(static_cast<unsigned>(root.which())) +
                                             ", this version knows 0 to " +
                                             std::to_string(static_cast<unsigned>(schema::Head::REFUSAL))};
    }
    return error{errc::malformed, "head.kind is " + std::to_string(static_cast<unsigned>(root.which())) +
                                      ", but what it announces is missing"};
}

result<head> read(const kj::Array<capnp::word>& words, std::string_view group) {
    capnp::FlatArrayMessageReader reader(words, packed::options_for(words.size(), limits::nesting_max));
    if (reader.getEnd() != words.end()) {
        return error{errc::trailing_bytes,
                     "head has " + std::to_string(words.end() - reader.getEnd()) + " words too many"};
    }
    const auto root = reader.getRoot<schema::Head>();
    if (root.getVersion() != protocol_version) {
        return error{errc::unknown_version, "head.version is " + std::to_string(root.getVersion()) +
                                                ", this is " + std::to_string(protocol_version)};
    }
    if (root.getGroup() != hash_of(group)) {
        return error{errc::wrong_group, "head.group is " + hexadecimal(root.getGroup()) + ", this is \"" +
                                            std::string(group) + "\", " + hexadecimal(hash_of(group))};
    }
    head h;
    h.group = group;
    h.session = root.getSession();
    return read_content(root, group, std::move(h));
}

} // namespace

std::string encode_head(const head& h) {
    SANGAM_ASSERT(h.group.size() <= limits::name_bytes_max);
    capnp::MallocMessageBuilder builder;
    auto root = builder.initRoot<schema::Head>();
    root.setVersion(protocol_version);
    root.setSession(h.session);
    root.setGroup(hash_of(h.group));
    std::visit(put_content{h, root}, h.content);
    return packed::pack(builder);
}

result<head> decode_head(std::string_view bytes, std::string_view group) {
    const auto words = packed::unpack(bytes, "head");
    if (!words) {
        return words.error();
    }
    return packed::guarded("head", [&]() -> result<head> { return read(*words, group); });
}

} // namespace sangam::transport
