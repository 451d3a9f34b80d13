#include "formatted_ranges.hpp"
#include "operation_references.hpp"

#include <sangam/crdt/coalesce.hpp>
#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/named_once.hpp>
#include <sangam/crdt/utf8.hpp>
#include <sangam/engine/errc.hpp>
#include <sangam/engine/limits.hpp>
#include <sangam/engine/replica_state.hpp>
#include <sangam/transport/limits.hpp>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace sangam::engine {

namespace {

/// What an application sees where nothing was written yet.
const crdt::object& empty_object(crdt::object_kind kind) {
    static const std::vector<crdt::object> empty = [] {
        std::vector<crdt::object> objects(std::size(crdt::all_kinds) + 1);
        for (const crdt::object_kind k : crdt::all_kinds) {
            objects[static_cast<std::size_t>(k)] = crdt::object(k);
        }
        return objects;
    }();
    return empty[static_cast<std::size_t>(kind)];
}

const crdt::object& inside(const crdt::object& object, const object_address& address) {
    if (address.path.empty()) {
        return object;
    }
    const crdt::object* found = object.as<crdt::or_map>()->find(address.path);
    return found ? *found : empty_object(address.kind());
}

void check_name(const std::string& name, const char* what) {
    if (name.size() > crdt::limits::name_bytes_max) {
        throw exception(
            {crdt::errc::too_large, std::string(what) + " of " + std::to_string(name.size()) + " bytes; " +
                                        std::to_string(crdt::limits::name_bytes_max) + " is the most"});
    }
    if (const auto offset = crdt::utf8::find_invalid(name)) {
        throw exception({crdt::errc::invalid_utf8, std::string(what) + ", byte " + std::to_string(*offset)});
    }
}

void check_address(const object_address& address) {
    check_name(address.object.name, "key");
    if (address.path.size() > crdt::limits::map_depth_max) {
        throw exception({crdt::errc::nested_too_deeply,
                         "\"" + address.object.name + "\": " + std::to_string(address.path.size()) +
                             " maps deep; " + std::to_string(crdt::limits::map_depth_max) + " is the most"});
    }
    for (const crdt::map_key& key : address.path) {
        check_name(key.name, "name in a map");
    }
}

/// Adds ids to those that a transaction has inserted so far; runs that continue one another become one.
void append_ids(std::vector<crdt::text_id_range>& pending, const crdt::text_id_range& ids) {
    if (!pending.empty()) {
        crdt::text_id_range& last = pending.back();
        if (last.first.replica == ids.first.replica &&
            last.first.lamport + last.length == ids.first.lamport) {
            last.length += ids.length;
            return;
        }
    }
    pending.push_back(ids);
}

/// The ids that an operation inserts into a sequence, if it does.
std::optional<crdt::text_id_range> inserted_ids(const crdt::leaf_operation& leaf) {
    if (const auto* text = std::get_if<crdt::rga_text::operation>(&leaf)) {
        if (const auto* insert = std::get_if<crdt::rga_text::insert_op>(text)) {
            return crdt::text_id_range{insert->first, crdt::utf8::count_scalars(insert->text)};
        }
    } else if (const auto* list = std::get_if<crdt::rga_list::operation>(&leaf)) {
        if (const auto* insert = std::get_if<crdt::rga_list::insert_op>(list)) {
            return crdt::text_id_range{insert->first, insert->values.size()};
        }
    }
    return std::nullopt;
}

bool is_of_sequence(const crdt::leaf_operation& leaf) noexcept {
    return std::holds_alternative<crdt::rga_text::operation>(leaf) ||
           std::holds_alternative<crdt::rga_list::operation>(leaf);
}

/// Of a message whose dependencies are not known yet.
void check_size(const transport::message& message) {
    const std::size_t operations = message.operations.size();
    const std::size_t cost = transport::memory_of(message);
    if (operations > transport::limits::message_operations_max || cost > limits::message_bytes_max) {
        throw exception(
            {crdt::errc::too_large, "a transaction of " + std::to_string(operations) +
                                        " operations that cost " + std::to_string(cost) + " bytes; " +
                                        std::to_string(transport::limits::message_operations_max) + " and " +
                                        std::to_string(limits::message_bytes_max) +
                                        " are the most: do it in several transactions"});
    }
}

} // namespace

replica_state::replica_state(causality::replica_id self, const replica_options& options)
    : self_(self), limits_(options.buffer), outbox_messages_max_(options.outbox_messages_max),
      outbox_bytes_max_(options.outbox_bytes_max), buffer_(options.buffer), outbox_(options.batch) {
    if (options.deliver_up_to) {
        buffer_.limit_delivery(options.deliver_up_to, [](transport::message&&) {});
    }
}

/// One key holds one kind; beside it there may be its expiry, if it can be taken back.
void replica_state::refuse_other_kinds(const crdt::object_key& key) const {
    const bool of_expiry = key.kind == crdt::object_kind::expiry;
    for (const crdt::object_kind kind : crdt::all_kinds) {
        const bool goes_together = of_expiry ? may_be_nested(kind) : kind == crdt::object_kind::expiry;
        if (kind == key.kind || goes_together) {
            continue;
        }
        const crdt::object* const other = objects_.find({key.name, kind});
        if (other != nullptr && !other->empty()) {
            throw exception(
                {errc::wrong_type, "\"" + key.name + "\" holds " + to_string(kind) +
                                       (of_expiry ? ", which cannot be taken back"
                                                  : std::string(", not ") + to_string(key.kind))});
        }
    }
}

const crdt::object& replica_state::view(const object_address& address) const {
    const crdt::object* const found = objects_.find(address.object);
    if (found == nullptr || address.object.kind == crdt::object_kind::expiry) {
        refuse_other_kinds(address.object);
    }
    return found == nullptr ? empty_object(address.kind()) : inside(*found, address);
}

crdt::operation_context replica_state::mint(std::uint64_t wall_ms) {
    return {{self_, delivered()[self_] + 1}, clock_.tick(wall_ms)};
}

void replica_state::apply(crdt::object& object, const crdt::keyed_operation& op,
                          const crdt::operation_context& context, std::vector<change>& changes) {
    if (!changes_.anybody_listens_to(op.object.name)) {
        object.apply(op.path, op.leaf, context);
        return;
    }
    // Changes of one transaction stand together at the end.
    auto entry = changes.rbegin();
    while (entry != changes.rend() && entry->transaction == context.id && entry->object != op.object) {
        ++entry;
    }
    if (entry == changes.rend() || entry->transaction != context.id) {
        changes.emplace_back();
        changes.back().object = op.object;
        changes.back().transaction = context.id;
        changes.back().local = context.id.replica == self_;
        entry = changes.rbegin();
    }
    const std::size_t patched = entry->patches.size();
    object.apply(op.path, op.leaf, context, op.path.empty() ? &entry->patches : nullptr);
    if (!op.path.empty()) {
        entry->paths.push_back(op.path);
        return;
    }
    note_formatted(*entry, patched, object, op.leaf);
}

void replica_state::finish(const crdt::operation_context& context, std::vector<causality::dot> dependencies,
                           std::vector<crdt::keyed_operation> operations) {
    transport::message message;
    message.id = context.id;
    message.time = context.time;
    message.dependencies = std::move(dependencies);
    message.operations = std::move(operations);
    message.size_bytes = transport::memory_of(message);
    // What no other replica takes must not be made; whoever lists operations has checked what they cost.
    SANGAM_INVARIANT(message.size_bytes <= transport::limits::message_cost_max &&
                     message.operations.size() <= transport::limits::message_operations_max);
    half_done_ = true;
    watch_expiries(message.operations);
    buffer_.deliver_local(message.id, message.dependencies);
    outbox_.push(std::move(message));
    half_done_ = false;
}

bool replica_state::write(const object_address& address, std::span<const executor::preparer> steps,
                          std::uint64_t wall_ms) {
    crdt::object* found = objects_.find(address.object);
    if (found == nullptr || !address.path.empty()) {
        check_address(address);
    }
    transport::message message; // for its size; its envelope is made by `finish`
    std::vector<crdt::keyed_operation>& operations = message.operations;
    std::vector<change> changes;
    std::optional<crdt::operation_context> context;
    for (const executor::preparer& prepare : steps) {
        const std::size_t done = operations.size();
        operation_list list(address, operations);
        prepare(found == nullptr ? view(address) : inside(*found, address), self_, list);
        if (operations.size() == done) {
            continue;
        }
        if (!context) {
            check_size(message);
            narrow_frontier(wall_ms);
            context = mint(wall_ms);
        }
        if (found == nullptr) {
            found = &objects_.find_or_add(address.object);
        }
        half_done_ = true;
        for (std::size_t i = done; i < operations.size(); ++i) {
            apply(*found, operations[i], *context, changes);
        }
        crdt::coalesce(operations, done);
    }
    if (!context) {
        return false;
    }
    finish(*context, buffer_.frontier().dependencies_for(self_), std::move(operations));
    tell(std::move(changes));
    return true;
}

/// A message may name only so many dependencies; empty messages that name the others first make the frontier
/// narrow.
void replica_state::narrow_frontier(std::uint64_t wall_ms) {
    for (;;) {
        std::vector<causality::dot> dependencies = buffer_.frontier().dependencies_for(self_);
        if (dependencies.size() <= transport::limits::message_dependencies_max) {
            return;
        }
        dependencies.resize(transport::limits::message_dependencies_max);
        finish(mint(wall_ms), std::move(dependencies), {});
    }
}

replica_state::draft replica_state::begin(std::uint64_t wall_ms) {
    narrow_frontier(wall_ms);
    draft d;
    d.context = mint(wall_ms);
    return d;
}

const crdt::object& replica_state::view(const draft& d, const object_address& address) const {
    if (const auto same_name = d.touched.find(address.object.name); same_name != d.touched.end()) {
        for (const auto& [kind, object] : same_name->second) {
            if (kind == address.object.kind) {
                return inside(object, address);
            }
        }
        const auto& [kind, object] = same_name->second.front();
        const bool beside =
            kind == crdt::object_kind::expiry || address.object.kind == crdt::object_kind::expiry;
        if (!beside && objects_.find(address.object) == nullptr && !object.empty()) {
            throw exception({errc::wrong_type, "\"" + address.object.name + "\" holds " + to_string(kind) +
                                                   ", not " + to_string(address.object.kind)});
        }
    }
    return view(address);
}

void replica_state::write(draft& d, const object_address& address,
                          std::span<const executor::preparer> steps) {
    check_address(address);
    for (const executor::preparer& prepare : steps) {
        const std::size_t done = d.operations.size();
        operation_list list(address, d.operations);
        try {
            prepare(view(d, address), self_, list);
        } catch (...) {
            d.operations.resize(done);
            throw;
        }
        if (d.operations.size() == done) {
            continue;
        }
        auto& same_name = d.touched[address.object.name];
        auto copy =
            std::ranges::find(same_name, address.object.kind, [](const auto& entry) { return entry.first; });
        if (copy == same_name.end()) {
            const crdt::object* const original = objects_.find(address.object);
            same_name.emplace_back(address.object.kind,
                                   original == nullptr ? crdt::object(address.object.kind) : *original);
            copy = std::prev(same_name.end());
        }
        for (std::size_t i = done; i < d.operations.size(); ++i) {
            apply(copy->second, d.operations[i], d.context, d.changes);
        }
        crdt::coalesce(d.operations, done);
    }
}

std::vector<causality::dot>
replica_state::dependencies_of(const std::vector<crdt::keyed_operation>& operations,
                               const transaction_options& options) const {
    if (!options.depends_on) {
        return buffer_.frontier().dependencies_for(self_);
    }
    std::vector<causality::dot> named = *options.depends_on;
    for (const causality::dot& d : named) {
        if (!delivered().contains(d)) {
            throw exception(
                {errc::bad_option, "depends_on names " + to_string(d) + ", which is not delivered here"});
        }
    }
    for (const crdt::keyed_operation& op : operations) {
        reference_collector collector(named);
        std::visit([&](const auto& leaf) { fields(collector, leaf); }, op.leaf);
        if (collector.more_than_dots()) {
            return buffer_.frontier().dependencies_for(self_);
        }
    }
    causality::vector_clock greatest;
    for (const causality::dot& d : named) {
        if (d.replica != self_) {
            greatest.advance_to(d.replica, d.sequence);
        }
    }
    std::vector<causality::dot> dependencies;
    for (const causality::clock_entry& entry : greatest.entries()) {
        dependencies.push_back({entry.replica, entry.length});
    }
    if (dependencies.size() > transport::limits::message_dependencies_max) {
        throw exception({crdt::errc::too_large,
                         "depends_on and what was observed name " + std::to_string(dependencies.size()) +
                             " replicas; " + std::to_string(transport::limits::message_dependencies_max) +
                             " are the most"});
    }
    return dependencies;
}

bool replica_state::commit(draft d, const transaction_options& options) {
    if (d.operations.empty()) {
        return false;
    }
    std::vector<causality::dot> dependencies = dependencies_of(d.operations, options);
    transport::message probe;
    probe.operations = std::move(d.operations);
    check_size(probe);
    std::vector<std::pair<crdt::object*, crdt::object*>> moves; // an empty object that stays says nothing
    for (auto& [name, objects] : d.touched) {
        for (auto& [kind, object] : objects) {
            moves.emplace_back(&objects_.find_or_add({name, kind}), &object);
        }
    }
    half_done_ = true;
    for (const auto& [to, from] : moves) {
        *to = std::move(*from);
    }
    finish(d.context, std::move(dependencies), std::move(probe.operations));
    tell(std::move(d.changes));
    return true;
}

delivery::offer_outcome replica_state::offer(transport::message message, std::uint64_t wall_ms) {
    if (broken()) {
        return delivery::offer_outcome::refused;
    }
    const auto ahead_ms = static_cast<std::int64_t>(message.time.ms()) - static_cast<std::int64_t>(wall_ms);
    const delivery::offer_outcome outcome =
        buffer_.offer(std::move(message), [this](transport::message&& m) { deliver(std::move(m)); });
    if (outcome == delivery::offer_outcome::delivered || outcome == delivery::offer_outcome::held_back) {
        skew_ms_ = std::max(skew_ms_.value_or(ahead_ms), ahead_ms);
    }
    return outcome;
}

void replica_state::tick(std::uint64_t wall_ms) {
    buffer_.release([this](transport::message&& m) { deliver(std::move(m)); });
    end_expired(wall_ms);
}

void replica_state::notice(log_level level, std::string text, std::vector<log_event::field> fields) {
    if (notices_.size() < limits::events_per_interval_max) {
        notices_.push_back({level, std::move(text), std::move(fields)});
    }
}

/// Remembers the deadlines that this replica has to see to.
void replica_state::watch_expiries(const std::vector<crdt::keyed_operation>& operations) {
    for (const crdt::keyed_operation& op : operations) {
        if (std::holds_alternative<crdt::expiry::operation>(op.leaf)) {
            object_address address{op.object, op.path};
            if (const auto deadline = own_deadline(address)) {
                deadlines_.emplace(*deadline, std::move(address));
            }
        }
    }
}

/// When this replica has to end the object at the address of an expiry, if it has.
std::optional<std::uint64_t> replica_state::own_deadline(const object_address& address) const {
    const crdt::object* const found = objects_.find(address.object);
    if (found == nullptr) {
        return std::nullopt;
    }
    const crdt::expiry& expiry = *inside(*found, address).as<crdt::expiry>();
    const auto owner = expiry.owner();
    if (!owner || owner->replica != self_ || *expiry.deadline() == crdt::expiry::never) {
        return std::nullopt;
    }
    return expiry.deadline();
}

void replica_state::end_expired(std::uint64_t wall_ms) {
    while (!deadlines_.empty() && deadlines_.begin()->first <= wall_ms) {
        const object_address address = std::move(deadlines_.extract(deadlines_.begin()).value().second);
        if (const auto deadline = own_deadline(address); deadline && *deadline <= wall_ms) {
            end(address, wall_ms);
        }
    }
}

/// Takes back all that is seen under the name of an expiry, itself included, in one transaction.
void replica_state::end(const object_address& expiry, std::uint64_t wall_ms) {
    const executor::preparer reset = [](const crdt::object& object, causality::replica_id,
                                        operation_list& operations) {
        std::vector<crdt::map_operation> resets;
        object.append_reset({}, resets);
        for (crdt::map_operation& op : resets) {
            operations.add(std::move(op));
        }
    };
    try {
        draft d = begin(wall_ms);
        for (const crdt::object_kind kind : crdt::nested_kinds) {
            object_address named = expiry;
            (named.path.empty() ? named.object : named.path.back()).kind = kind;
            if (const crdt::object* const found = objects_.find(named.object);
                found != nullptr && !inside(*found, named).empty()) {
                write(d, named, std::span(&reset, 1));
            }
        }
        commit(std::move(d), {});
    } catch (const exception& reason) {
        notice(log_level::error, "an object whose time had come could not be removed",
               {{"key", expiry.object.name}, {"reason", reason.what()}});
        ++expiries_failed_; // one transaction cannot hold it: the object stays until somebody removes it
    }
}

void replica_state::limit_delivery(std::optional<causality::vector_clock> limit) {
    half_done_ = true;
    buffer_.limit_delivery(std::move(limit), [this](transport::message&& m) { deliver(std::move(m)); });
    half_done_ = false;
}

bool replica_state::accepts(const causality::dot& id,
                            std::span<const crdt::keyed_operation> operations) const {
    using place = std::pair<crdt::object_key, std::vector<crdt::map_key>>;
    std::map<place, std::vector<crdt::text_id_range>> inserted;
    const bool alone = operations.size() == 1;
    past_checker names_its_past(id, delivered());
    for (const crdt::keyed_operation& op : operations) {
        if (!std::visit([&](const auto& leaf) { return fields(names_its_past, leaf); }, op.leaf)) {
            return false;
        }
        const crdt::object* const found = objects_.find(op.object);
        const crdt::object& object = found == nullptr ? empty_object(op.object.kind) : *found;
        if (alone || !is_of_sequence(op.leaf)) {
            if (!object.accepts(op.path, op.leaf, id.replica)) {
                return false;
            }
            continue;
        }
        std::vector<crdt::text_id_range>& pending = inserted[{op.object, op.path}];
        if (!object.accepts(op.path, op.leaf, id.replica, pending)) {
            return false;
        }
        if (const auto ids = inserted_ids(op.leaf)) {
            append_ids(pending, *ids);
        }
    }
    return true;
}

void replica_state::deliver(transport::message message) {
    clock_.observe(message.time);
    const auto once = crdt::named_once(message.operations);
    const std::vector<crdt::keyed_operation>& operations = once ? *once : message.operations;
    if (accepts(message.id, operations)) {
        const crdt::operation_context context{message.id, message.time};
        std::vector<change> changes;
        for (const crdt::keyed_operation& op : operations) {
            apply(objects_.find_or_add(op.object), op, context, changes);
        }
        tell(std::move(changes));
        watch_expiries(message.operations);
    } else {
        ++messages_invalid_;
        notice(log_level::warning, "a message has no effect: it refers to what its author cannot have seen",
               {{"message", to_string(message.id)}});
    }
    outbox_.push(std::move(message));
}

bool replica_state::has_room_for(causality::replica_id origin) const {
    const delivery::buffer_counters& counters = buffer_.counters();
    return counters.held_back <= limits_.messages_max / 2 &&
           counters.held_back_bytes <= limits_.bytes_max / 2 &&
           buffer_.held_back(origin) <= limits_.messages_per_origin_max / 2;
}

void replica_state::tell(std::vector<change>&& changes) noexcept {
    for (change& c : changes)
        changes_.push(std::move(c));
}

} // namespace sangam::engine
