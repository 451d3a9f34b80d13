#include "relay.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace sangam::test {

namespace {

constexpr std::size_t held_frames_max = 256;
constexpr std::size_t connections_max = 256;
constexpr std::size_t frames_per_step = 256;
constexpr int queue_frames_max = 1000;
constexpr std::size_t overtaken_by_max = 8;
constexpr std::chrono::milliseconds held_time_max{10};

/// Nothing when no frame is there.
std::optional<std::vector<zmq::message_t>> take(zmq::socket_t& socket) {
    std::vector<zmq::message_t> parts;
    for (;;) {
        zmq::message_t part;
        if (!socket.recv(part, zmq::recv_flags::dontwait)) {
            return std::nullopt;
        }
        const bool more = part.more();
        parts.push_back(std::move(part));
        if (!more) {
            return parts;
        }
    }
}

bool give(zmq::socket_t& socket, std::vector<zmq::message_t>& parts) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto more = i + 1 < parts.size() ? zmq::send_flags::sndmore : zmq::send_flags::none;
        if (!socket.send(parts[i], more | zmq::send_flags::dontwait)) {
            return false;
        }
    }
    return true;
}

std::vector<zmq::message_t> copy_of(std::vector<zmq::message_t>& parts) {
    std::vector<zmq::message_t> copies(parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
        copies[i].copy(parts[i]);
    }
    return copies;
}

void set_up(zmq::socket_t& socket) {
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::sndhwm, queue_frames_max);
    socket.set(zmq::sockopt::rcvhwm, queue_frames_max);
}

} // namespace

relay::relay(const relay_options& options)
    : options_(options), random_(options.seed), router_(context_, zmq::socket_type::router) {
    set_up(router_);
    router_.set(zmq::sockopt::router_mandatory, true);
    router_.bind(options_.listen);
}

std::string relay::listening() const {
    return router_.get(zmq::sockopt::last_endpoint);
}

bool relay::step(std::chrono::milliseconds timeout, int descriptor) {
    std::vector<zmq::pollitem_t> items;
    items.push_back({nullptr, descriptor, ZMQ_POLLIN, 0});
    items.push_back({router_.handle(), 0, ZMQ_POLLIN, 0});
    std::vector<std::string> ids;
    for (auto& [id, socket] : connections_) {
        items.push_back({socket.handle(), 0, ZMQ_POLLIN, 0});
        ids.push_back(id);
    }
    if (!held_.empty()) {
        timeout = std::min(timeout, std::chrono::milliseconds(1));
    }
    zmq::poll(items, timeout);
    if ((items[1].revents & ZMQ_POLLIN) != 0) {
        take_from_router();
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto found = connections_.find(ids[i]);
        if ((items[i + 2].revents & ZMQ_POLLIN) != 0 && found != connections_.end()) {
            take_from(ids[i], found->second);
        }
    }
    release_due(false);
    return (items[0].revents & (ZMQ_POLLIN | ZMQ_POLLERR)) != 0;
}

void relay::take_from_router() {
    for (std::size_t i = 0; i < frames_per_step; ++i) {
        auto parts = take(router_);
        if (!parts) {
            return;
        }
        direction way{parts->front().to_string(), true};
        parts->erase(parts->begin());
        pass(std::move(way), std::move(*parts));
    }
}

void relay::take_from(const std::string& routing_id, zmq::socket_t& socket) {
    // Bounded, and by the id: forwarding may end the connection.
    const std::string id = routing_id;
    for (std::size_t i = 0; i < frames_per_step && connections_.contains(id); ++i) {
        auto parts = take(socket);
        if (!parts) {
            return;
        }
        pass({id, false}, std::move(*parts));
    }
}

void relay::pass(direction way, frame content) {
    ++counts_.received;
    if (is_cut_) {
        ++counts_.cut;
        return;
    }
    if (happens(options_.drop_percent)) {
        ++counts_.dropped;
        return;
    }
    if (happens(options_.repeat_percent)) {
        ++counts_.repeated;
        forward(way, copy_of(content));
    }
    if (happens(options_.reorder_percent) && held_.size() < held_frames_max) {
        ++counts_.reordered;
        const auto late =
            std::chrono::milliseconds(1 + random_() % static_cast<std::uint64_t>(held_time_max.count()));
        held_.push_back({std::move(way), std::move(content), 1 + random_() % overtaken_by_max,
                         std::chrono::steady_clock::now() + late});
        return;
    }
    forward(way, std::move(content));
    release_due(true);
}

void relay::release_due(bool one_more_passed) {
    const auto now = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < held_.size();) {
        held_frame& waiting = held_[i];
        waiting.frames_left -= one_more_passed ? 1U : 0U;
        if (waiting.frames_left > 0 && now < waiting.deadline) {
            ++i;
            continue;
        }
        held_frame due = std::move(waiting);
        held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(i));
        if (is_cut_) {
            ++counts_.cut;
        } else {
            forward(due.way, std::move(due.content));
        }
    }
}

void relay::forward(const direction& way, frame content) {
    zmq::socket_t* to = &router_;
    if (way.to_target) {
        to = connection_of(way.routing_id);
    } else {
        content.emplace(content.begin(), way.routing_id);
    }
    bool taken = false;
    try {
        taken = to != nullptr && give(*to, content);
    } catch (const zmq::error_t&) { // EHOSTUNREACH: who connected is gone
        connections_.erase(way.routing_id);
    }
    ++(taken ? counts_.forwarded : counts_.refused);
}

/// Nothing is queued for a target that nobody listens at: a network does not wait for it either.
zmq::socket_t* relay::connection_of(const std::string& routing_id) {
    if (const auto found = connections_.find(routing_id); found != connections_.end()) {
        return &found->second;
    }
    if (connections_.size() >= connections_max) {
        return nullptr;
    }
    zmq::socket_t socket(context_, zmq::socket_type::dealer);
    set_up(socket);
    socket.set(zmq::sockopt::reconnect_ivl, 20);
    socket.set(zmq::sockopt::reconnect_ivl_max, 200);
    socket.connect(options_.to);
    return &connections_.emplace(routing_id, std::move(socket)).first->second;
}

} // namespace sangam::test
