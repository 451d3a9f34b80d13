#include <sangam/transport/memory_links.hpp>

#include <sangam/transport/errc.hpp>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>

namespace sangam::transport {

namespace {

class memory_links;

/// Keeps the sum of now and a time-out within the clock's range.
constexpr std::chrono::hours longest_wait{1};

/// One connection. An end that is gone is nullptr.
struct pipe {
    memory_links* dialer = nullptr;
    memory_links* listener = nullptr;
    link_id dialer_link = 0;
    link_id listener_link = 0; ///< 0: not known to the listener, yet or any more
    std::deque<outgoing_frame> to_dialer;
    std::deque<outgoing_frame> to_listener;
};

/// Guards every pipe and queue of the process.
struct hub {
    std::mutex mutex;
    std::map<std::string, memory_links*, std::less<>> listeners;

    static hub& instance() {
        static hub h;
        return h;
    }
};

class memory_links final : public links {
public:
    explicit memory_links(const link_options& options) : options_(options) {}

    memory_links(const memory_links&) = delete;
    memory_links& operator=(const memory_links&) = delete;

    ~memory_links() override {
        hub& h = hub::instance();
        const std::lock_guard lock(h.mutex);
        std::erase_if(h.listeners, [&](const auto& entry) { return entry.second == this; });
        for (auto& [id, p] : pipes_) {
            if (p->dialer == this) {
                hang_up(*p);
            } else {
                p->listener = nullptr;
            }
        }
    }

    result<void> listen() {
        hub& h = hub::instance();
        const std::lock_guard lock(h.mutex);
        for (const address& a : options_.listen) {
            if (!h.listeners.try_emplace(a.text, this).second) {
                return error{errc::socket_failed, a.text + " is already listened on"};
            }
        }
        return {};
    }

    [[nodiscard]] std::vector<link_id> outgoing() const override {
        std::vector<link_id> ids;
        for (std::size_t i = 0; i < options_.connect.size(); ++i) {
            ids.push_back(i + 1);
        }
        return ids;
    }

    [[nodiscard]] std::string address_of(link_id link) const override {
        return is_outgoing(link) ? options_.connect[link - 1].text : std::string();
    }

    [[nodiscard]] std::vector<std::string> listening() const override {
        std::vector<std::string> texts;
        for (const address& a : options_.listen) {
            texts.push_back(a.text);
        }
        return texts;
    }

    send_outcome send(link_id link, const outgoing_frame& frame) override {
        const std::lock_guard lock(hub::instance().mutex);
        return is_outgoing(link) ? send_as_dialer(link, frame) : send_as_listener(link, frame);
    }

    void poll(std::chrono::milliseconds timeout, frame_receiver& receiver) override {
        std::vector<std::pair<link_id, outgoing_frame>> frames;
        {
            std::unique_lock lock(hub::instance().mutex);
            arrived_.wait_for(lock, std::min<std::chrono::milliseconds>(timeout, longest_wait),
                              [&] { return woken_ || waiting_ != 0; });
            woken_ = false;
            take_frames(frames);
        }
        for (const auto& [link, f] : frames) {
            receiver.on_frame(link, f.bytes());
        }
    }

    void wake() noexcept override {
        const std::lock_guard lock(hub::instance().mutex);
        woken_ = true;
        arrived_.notify_one();
    }

    void reconnect(link_id link) override {
        const std::lock_guard lock(hub::instance().mutex);
        const auto at = pipes_.find(link);
        if (!is_outgoing(link) || at == pipes_.end()) {
            return;
        }
        waiting_ -= at->second->to_dialer.size();
        hang_up(*at->second);
        pipes_.erase(at); // the next send connects
    }

    void forget(link_id link) override {
        const std::lock_guard lock(hub::instance().mutex);
        const auto at = pipes_.find(link);
        if (is_outgoing(link) || at == pipes_.end()) {
            return;
        }
        pipe& p = *at->second;
        waiting_ -= p.to_listener.size();
        p.to_listener.clear();
        p.listener_link = 0;
        pipes_.erase(at);
    }

private:
    // The lock of the hub is held in all of these.

    [[nodiscard]] bool is_outgoing(link_id link) const noexcept {
        return link != 0 && link <= options_.connect.size();
    }

    /// As the dialer. The listener still reads what was sent, and then finds the link gone.
    static void hang_up(pipe& p) {
        memory_links* const self = std::exchange(p.dialer, nullptr);
        if (p.listener != nullptr && p.listener != self && p.to_listener.empty()) {
            p.listener->pipes_.erase(p.listener_link);
        }
    }

    void arrive() {
        ++waiting_;
        arrived_.notify_one();
    }

    send_outcome send_as_dialer(link_id link, const outgoing_frame& frame) {
        std::shared_ptr<pipe>& p = pipes_[link];
        if (p == nullptr || p->listener == nullptr) {
            if (p != nullptr) {
                waiting_ -= p->to_dialer.size();
            }
            p = connect(link);
        }
        if (p == nullptr) {
            pipes_.erase(link);
            return send_outcome::would_block;
        }
        if (p->to_listener.size() >= options_.queue_frames_max) {
            return send_outcome::would_block;
        }
        if (p->listener_link == 0) {
            p->listener_link = p->listener->next_incoming_++;
            p->listener->pipes_.emplace(p->listener_link, p);
        }
        p->to_listener.push_back(frame);
        p->listener->arrive();
        return send_outcome::sent;
    }

    std::shared_ptr<pipe> connect(link_id link) {
        const hub& h = hub::instance();
        const auto at = h.listeners.find(options_.connect[link - 1].text);
        if (at == h.listeners.end()) {
            return nullptr;
        }
        auto p = std::make_shared<pipe>();
        p->dialer = this;
        p->dialer_link = link;
        p->listener = at->second;
        return p;
    }

    send_outcome send_as_listener(link_id link, const outgoing_frame& frame) {
        const auto at = pipes_.find(link);
        if (at == pipes_.end()) {
            return send_outcome::gone;
        }
        pipe& p = *at->second;
        if (p.dialer == nullptr) {
            waiting_ -= p.to_listener.size();
            pipes_.erase(at);
            return send_outcome::gone;
        }
        if (p.to_dialer.size() >= options_.queue_frames_max) {
            return send_outcome::would_block;
        }
        p.to_dialer.push_back(frame);
        p.dialer->arrive();
        return send_outcome::sent;
    }

    /// One frame of each link in turn, starting behind the link that was served last.
    void take_frames(std::vector<std::pair<link_id, outgoing_frame>>& frames) {
        auto at = pipes_.upper_bound(last_served_);
        while (waiting_ != 0 && frames.size() < options_.frames_per_poll_max) {
            if (at == pipes_.end()) {
                at = pipes_.begin();
            }
            pipe& p = *at->second;
            auto& queue = p.dialer == this && is_outgoing(at->first) ? p.to_dialer : p.to_listener;
            if (!queue.empty()) {
                frames.emplace_back(at->first, std::move(queue.front()));
                queue.pop_front();
                --waiting_;
                last_served_ = at->first;
            }
            ++at;
        }
    }

    const link_options options_;
    std::condition_variable arrived_;
    std::map<link_id, std::shared_ptr<pipe>> pipes_;
    link_id next_incoming_ = options_.connect.size() + 1;
    link_id last_served_ = 0;
    std::size_t waiting_ = 0; ///< frames in all queues towards this object
    bool woken_ = false;
};

} // namespace

result<std::unique_ptr<links>> open_memory_links(const link_options& options) {
    for (const auto* addresses : {&options.listen, &options.connect}) {
        for (const address& a : *addresses) {
            if (a.kind != address::scheme::memory) {
                return error{errc::bad_address, a.text + " is not a memory:// address"};
            }
        }
    }
    auto opened = std::make_unique<memory_links>(options);
    if (auto listening = opened->listen(); !listening) {
        return listening.error();
    }
    return result<std::unique_ptr<links>>(std::move(opened));
}

} // namespace sangam::transport
