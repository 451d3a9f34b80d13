#include <sangam/engine/replica.hpp>

#include "replica_implementation.hpp"

#include <sangam/crdt/utf8.hpp>
#include <sangam/engine/limits.hpp>
#include <sangam/transport/limits.hpp>

#include <algorithm>
#include <utility>

namespace sangam::engine {

namespace {

result<void> check_text_option(const char* option, const std::string& text) {
    if (text.size() > transport::limits::name_bytes_max) {
        return error{errc::bad_option, std::string(option) + " has " + std::to_string(text.size()) +
                                           " bytes; " + std::to_string(transport::limits::name_bytes_max) +
                                           " are the most"};
    }
    if (const auto offset = crdt::utf8::find_invalid(text)) {
        return error{errc::bad_option,
                     std::string(option) + " is not UTF-8 at byte " + std::to_string(*offset)};
    }
    return {};
}

result<void> parse_addresses(const std::vector<std::string>& texts,
                             std::vector<transport::address>& addresses) {
    for (const std::string& text : texts) {
        result<transport::address> address = transport::parse_address(text);
        if (!address) {
            return address.error();
        }
        addresses.push_back(std::move(*address));
    }
    return {};
}

/// Held back must be able to be whatever may be sent: what is not would be fetched again and again, and who
/// answers would be taken for one that does not.
result<void> check_buffer(const delivery::buffer_limits& buffer) {
    if (buffer.messages_per_origin_max == 0 || buffer.messages_max == 0) {
        return error{errc::bad_option,
                     "buffer.messages_per_origin_max and buffer.messages_max must not be 0"};
    }
    if (std::min(buffer.bytes_per_origin_max, buffer.bytes_max) < transport::limits::message_cost_max) {
        return error{errc::bad_option, "buffer.bytes_per_origin_max and buffer.bytes_max must be at least " +
                                           std::to_string(transport::limits::message_cost_max) +
                                           ", what one message may cost"};
    }
    return {};
}

result<transport::link_options> check(const replica_options& options) {
    if (!options.directory.empty()) {
        return error{errc::bad_option, "directory is \"" + options.directory +
                                           "\"; this version keeps its state in memory, so it must be empty"};
    }
    if (options.outbox_messages_max == 0 || options.outbox_bytes_max == 0 || options.queue_frames_max == 0 ||
        options.batch.messages_max == 0) {
        return error{
            errc::bad_option,
            "outbox_messages_max, outbox_bytes_max, queue_frames_max and batch.messages_max must not be 0"};
    }
    if (options.batch.bytes_max > transport::limits::batch_cost_max ||
        options.batch.messages_max > transport::limits::batch_messages_max) {
        return error{errc::bad_option,
                     "batch: " + std::to_string(transport::limits::batch_cost_max) + " bytes and " +
                         std::to_string(transport::limits::batch_messages_max) + " messages are the most"};
    }
    transport::link_options links;
    links.queue_frames_max = options.queue_frames_max;
    for (const result<void>& checked :
         {check_buffer(options.buffer), check_text_option("name", options.name),
          check_text_option("group", options.group), parse_addresses(options.listen, links.listen),
          parse_addresses(options.peers, links.connect)}) {
        if (!checked) {
            return checked.error();
        }
    }
    for (const transport::address& address : links.listen) {
        if (!is_local(address)) {
            return error{errc::bad_option,
                         "listen on " + address.text +
                             ": frames are neither encrypted nor authenticated in this version, so only "
                             "addresses of this machine are listened on"};
        }
    }
    return links;
}

} // namespace

result<replica> replica::open(replica_options options) {
    result<transport::link_options> links = check(options);
    if (!links) {
        return links.error();
    }
    auto state = std::make_shared<implementation>(std::move(options), std::move(*links));
    if (result<void> started = state->start(); !started) {
        return started.error();
    }
    return replica(std::move(state));
}

replica::replica(std::shared_ptr<implementation> state)
    : handle_source(state), implementation_(std::move(state)) {}
replica::replica(replica&&) noexcept = default;

replica& replica::operator=(replica&& other) noexcept {
    if (this != &other) {
        if (implementation_) {
            implementation_->close_for_good();
        }
        handle_source::operator=(std::move(other));
        implementation_ = std::move(other.implementation_);
    }
    return *this;
}

replica::~replica() {
    if (implementation_) {
        implementation_->close_for_good();
    }
}

replica::implementation& replica::the() const {
    if (!implementation_) {
        throw exception({errc::closed, "moved-from replica"});
    }
    return *implementation_;
}

void replica::transact(const transaction_options& options,
                       const std::function<void(transaction&)>& body) const {
    the().transact(options, body);
}

causal_token replica::token() const {
    return the().token();
}

result<void> replica::wait_for(const causal_token& token, std::chrono::milliseconds timeout) const {
    return the().wait_for(token.clock(), timeout);
}

result<void> replica::deliver_up_to(const causality::vector_clock& clock,
                                    std::chrono::milliseconds timeout) const {
    if (result<void> limited = the().limit_delivery(clock); !limited) {
        return limited;
    }
    return the().wait_for(clock, timeout);
}

void replica::deliver_all() const {
    the().limit_delivery(std::nullopt).value();
}

subscription replica::on_change(std::string_view key, change_callback callback) const {
    return the().on_change(std::string(key), std::move(callback), {});
}

subscription replica::on_change(std::string_view key, change_callback callback,
                                const std::function<void(transaction&)>& begin) const {
    return the().on_change(std::string(key), std::move(callback), begin);
}

result<void> replica::set_online(bool online) const {
    return the().set_online(online);
}

result<void> replica::close(std::chrono::milliseconds deadline) const {
    return the().close(deadline);
}

replica_status replica::status() const {
    return the().status();
}

causality::replica_id replica::id() const {
    return the().id();
}

const std::string& replica::name() const {
    return the().name();
}

} // namespace sangam::engine
