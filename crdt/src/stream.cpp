#include "stream_state.hpp"

#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/utf8.hpp>

#include <algorithm>
#include <functional>
#include <queue>
#include <utility>

namespace sangam::crdt {

namespace {

void check_name(const char* what, const std::string& name) {
    if (name.size() > limits::name_bytes_max) {
        throw_misuse(errc::too_large, std::string("stream: ") + what + " of " + std::to_string(name.size()) +
                                          " bytes, limit " + std::to_string(limits::name_bytes_max));
    }
    if (const auto offset = utf8::find_invalid(name)) {
        throw_misuse(errc::invalid_utf8,
                     std::string("stream: ") + what + ", byte " + std::to_string(*offset));
    }
}

/// Walks over the entries by increasing id, from a number of each origin on: a merge of the origins.
class merge {
public:
    template <class From>
    merge(const stream_entries& entries, From from) : entries_(entries) {
        for (const auto& [origin, log] : entries.origins()) {
            push({origin, std::max<std::uint64_t>(from(origin, log.trimmed), log.trimmed) + 1});
        }
    }
    [[nodiscard]] bool done() const noexcept { return heads_.empty(); }
    /// Precondition: !done().
    stream_id next() {
        const stream_id id = heads_.top();
        heads_.pop();
        push({id.origin, id.number + 1});
        return id;
    }

private:
    void push(const stream::entry_name& name) {
        if (entries_.contains(name)) {
            heads_.push(entries_.id_of(name));
        }
    }

    const stream_entries& entries_;
    std::priority_queue<stream_id, std::vector<stream_id>, std::greater<>> heads_;
};

[[nodiscard]] stream::entry_name name_of(const stream_id& id) noexcept {
    return {id.origin, id.number};
}

} // namespace

stream::stream() noexcept = default;
stream::stream(const stream& other)
    : state_(other.state_ ? std::make_unique<state>(*other.state_) : nullptr) {}
stream::stream(stream&&) noexcept = default;
stream& stream::operator=(const stream& other) {
    return *this = stream(other);
}
stream& stream::operator=(stream&&) noexcept = default;
stream::~stream() = default;

const stream::state& stream::get() const noexcept {
    static const state none;
    return state_ ? *state_ : none;
}

stream::append_op stream::append(std::vector<stream_field> fields) const {
    if (fields.size() > limits::stream_fields_max) {
        throw_misuse(errc::too_large, "stream: an entry of " + std::to_string(fields.size()) +
                                          " fields, limit " + std::to_string(limits::stream_fields_max));
    }
    for (const stream_field& field : fields) {
        check_name("the name of a field", field.name);
    }
    return {std::move(fields)};
}

stream::trim_op stream::trim(const causality::vector_clock& position) const {
    trim_op op;
    for (const auto& [origin, log] : get().entries.origins()) {
        const std::uint64_t last = std::min(position[origin], log.last());
        if (last > log.trimmed) {
            op.up_to.push_back({origin, last});
        }
    }
    return op;
}

stream::trim_op stream::trim_to(std::size_t keep) const {
    causality::vector_clock position;
    std::size_t left = size();
    for (auto at = get().entries.all().begin(); left > keep; ++at, --left) {
        position.advance_to(at->first.origin, at->first.number);
    }
    return trim(position);
}

stream::trim_op stream::reset() const {
    return trim(position());
}

stream::claim_op stream::claim(std::string group, std::string consumer, std::size_t count) const {
    check_name("the name of a group", group);
    check_name("the name of a consumer", consumer);
    claim_op op{std::move(group), std::move(consumer), {}};
    const stream_group& known = get().group(op.group);
    merge entries(get().entries, [&](causality::replica_id origin, std::uint64_t trimmed) {
        return known.acknowledged_up_to(origin, trimmed);
    });
    while (op.entries.size() < count && !entries.done()) {
        const entry_name name = name_of(entries.next());
        if (!known.is_acknowledged(name) && !known.is_pending(name)) {
            op.entries.push_back({name, {}});
        }
    }
    return op;
}

stream::claim_op stream::claim_again(std::string group, std::string consumer,
                                     std::span<const entry_name> entries) const {
    check_name("the name of a group", group);
    check_name("the name of a consumer", consumer);
    claim_op op{std::move(group), std::move(consumer), {}};
    const stream_group& known = get().group(op.group);
    for (const entry_name& name : entries) {
        if (!known.is_pending(name)) {
            throw_misuse(errc::unknown_entry, "stream: entry " + std::to_string(name.number) + " of " +
                                                  to_string(name.origin) + " is not pending in \"" +
                                                  op.group + "\"");
        }
        op.entries.push_back({name, known.claims_of(name)});
    }
    return op;
}

stream::acknowledge_op stream::acknowledge(std::string group, std::span<const entry_name> entries) const {
    check_name("the name of a group", group);
    acknowledge_op op{std::move(group), {}};
    const stream_group& known = get().group(op.group);
    for (const entry_name& name : entries) {
        if (get().entries.contains(name) && !known.is_acknowledged(name)) {
            op.entries.push_back(name);
        }
    }
    return op;
}

bool stream::accepts(const operation& op, causality::replica_id origin) const noexcept {
    const auto came = [&](const entry_name& name) {
        const auto& origins = get().entries.origins();
        const auto at = origins.find(name.origin);
        return name.origin == origin || (at != origins.end() && name.number <= at->second.last());
    };
    if (const trim_op* const trim = std::get_if<trim_op>(&op)) {
        return std::ranges::all_of(trim->up_to, came);
    }
    if (const claim_op* const claim = std::get_if<claim_op>(&op)) {
        return std::ranges::all_of(claim->entries, came, &claimed_entry::name);
    }
    const acknowledge_op* const acknowledge = std::get_if<acknowledge_op>(&op);
    return acknowledge == nullptr || std::ranges::all_of(acknowledge->entries, came);
}

void stream::apply(const operation& op, const operation_context& context) {
    if (!state_) {
        state_ = std::make_unique<state>();
    }
    if (const append_op* const append = std::get_if<append_op>(&op)) {
        state_->entries.append(append->fields, context);
    } else if (const trim_op* const trim = std::get_if<trim_op>(&op)) {
        state_->apply(*trim);
    } else if (const claim_op* const claim = std::get_if<claim_op>(&op)) {
        state_->apply(*claim, context);
    } else {
        state_->apply(std::get<acknowledge_op>(op));
    }
}

std::size_t stream::size() const noexcept {
    return get().entries.all().size();
}

causality::vector_clock stream::position() const {
    causality::vector_clock behind;
    for (const auto& [origin, log] : get().entries.origins()) {
        behind.advance_to(origin, log.last());
    }
    return behind;
}

std::optional<stream::entry> stream::find(const entry_name& name) const {
    if (!get().entries.contains(name)) {
        return std::nullopt;
    }
    const stream_id id = get().entries.id_of(name);
    return entry{id, get().entries.all().at(id)};
}

stream::read_result stream::read_after(const causality::vector_clock& position, std::size_t count) const {
    read_result result{{}, position};
    merge entries(get().entries,
                  [&](causality::replica_id origin, std::uint64_t) { return position[origin]; });
    while (result.entries.size() < count && !entries.done()) {
        const stream_id id = entries.next();
        result.entries.push_back({id, get().entries.all().at(id)});
        result.position.advance_to(id.origin, id.number);
    }
    return result;
}

std::vector<stream::entry> stream::range(const stream_id& first, const stream_id& last,
                                         std::size_t count) const {
    std::vector<entry> found;
    const auto& all = get().entries.all();
    for (auto at = all.lower_bound(first); at != all.end() && at->first <= last && found.size() < count;
         ++at) {
        found.push_back({at->first, at->second});
    }
    return found;
}

std::vector<stream::pending_entry> stream::pending(const std::string& group) const {
    return get().group(group).pending();
}

bool operator==(const stream& a, const stream& b) {
    return a.get() == b.get();
}

} // namespace sangam::crdt
