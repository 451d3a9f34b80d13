#pragma once

#include <sangam/engine/synchronizer.hpp>
#include <sangam/storage/memory_log.hpp>
#include <sangam/transport/codec.hpp>
#include <sangam/transport/links.hpp>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sangam_tests {

/// Replicas without threads, sockets or clocks: the shipped state and synchronizer over a network of queues
/// that loses, repeats and reorders frames as a seed says. Time is a number that `run` moves on.
class cluster {
public:
    struct faults {
        unsigned drop_percent = 0;
        unsigned repeat_percent = 0;
        unsigned reorder_percent = 0;
    };

    cluster(std::size_t replicas, std::uint64_t seed, sangam::engine::replica_options options = {})
        : random_(seed), options_(std::move(options)) {
        for (std::size_t i = 0; i < replicas; ++i) {
            add();
        }
    }

    /// One more replica; connect it before it can hear of anything.
    std::size_t add() {
        const std::size_t index = members_.size();
        members_.push_back(std::make_unique<member>(*this, index, options_));
        return index;
    }

    /// An outgoing link of a to b, and the incoming one of b.
    void connect(std::size_t a, std::size_t b) {
        wires_.push_back({a, b, true, {}, {}});
        reattach(a);
        reattach(b);
    }

    void connect_all() {
        for (std::size_t a = 0; a < members_.size(); ++a) {
            for (std::size_t b = 0; b < a; ++b) {
                connect(a, b);
            }
        }
    }

    /// Frames between two replicas vanish from now on, or no longer.
    void cut(std::size_t a, std::size_t b, bool is_cut) {
        for (wire& w : wires_) {
            if ((w.from == a && w.to == b) || (w.from == b && w.to == a)) {
                w.up = !is_cut;
            }
        }
    }

    /// The link from a to b takes everything and delivers nothing, until it is opened again.
    void swallow(std::size_t a, std::size_t b) {
        for (wire& w : wires_) {
            w.swallows = w.swallows || (w.from == a && w.to == b);
        }
    }

    void set_faults(faults f) { faults_ = f; }

    /// The link from a to b breaks and is opened again at once: frames on their way are lost, and b sees a
    /// new incoming link.
    void reconnect(std::size_t a, std::size_t b) {
        for (wire& w : wires_) {
            if (w.from == a && w.to == b) {
                w.forth.clear();
                w.back.clear();
                w.swallows = false;
                ++w.generation;
            }
        }
    }

    /// Loses the next frame with a body from a to b.
    void lose_next_batch(std::size_t a, std::size_t b) {
        for (wire& w : wires_) {
            if (w.from == a && w.to == b) {
                w.lose_batch = true;
            }
        }
    }

    /// The queue of frames to one replica over one link holds so many; more are refused.
    void set_queue(std::size_t frames) { queue_frames_max_ = frames; }

    [[nodiscard]] sangam::engine::replica_state& state(std::size_t i) { return members_[i]->shared.state; }
    [[nodiscard]] sangam::engine::synchronizer& sync(std::size_t i) { return members_[i]->sync; }
    [[nodiscard]] sangam::storage::memory_log& log(std::size_t i) { return members_[i]->log; }
    [[nodiscard]] std::size_t size() const { return members_.size(); }
    [[nodiscard]] std::uint64_t now_ms() const { return now_.steady_ms; }

    /// The wall clock of one replica is so far ahead of the others' from now on, or behind.
    void set_wall_clock(std::size_t i, std::int64_t ahead_ms) { members_[i]->ahead_ms = ahead_ms; }
    [[nodiscard]] std::uint64_t wall_ms_of(std::size_t i) const { return now_of(i).wall_ms; }

    /// Lets `ms` milliseconds pass.
    void run(std::uint64_t ms) {
        for (std::uint64_t i = 0; i < ms; ++i) {
            ++now_.steady_ms;
            ++now_.wall_ms;
            for (std::size_t n = 0; n < members_.size(); ++n) {
                receive(n);
                members_[n]->sync.step(now_of(n));
            }
        }
    }

    /// Runs until all replicas have delivered the same and hold nothing back. False if that takes longer than
    /// `ms_max`.
    bool settle(std::uint64_t ms_max = 60'000) {
        for (std::uint64_t waited = 0; waited < ms_max; waited += 10) {
            run(10);
            const auto& clock = state(0).delivered();
            const bool equal = std::ranges::all_of(members_, [&](const auto& n) {
                return n->shared.state.delivered() == clock &&
                       n->shared.state.buffer().counters().held_back == 0;
            });
            if (equal) {
                return true;
            }
        }
        return false;
    }

    [[nodiscard]] std::uint64_t wall_ms() const { return now_.wall_ms; }

    /// A frame as if link `link` of replica `to` had brought it.
    void inject(std::size_t to, sangam::transport::link_id link, const std::string& head,
                const std::string& body) {
        members_[to]->sync.set_time(now_of(to));
        members_[to]->sync.on_frame(link, sangam::transport::join_frame(head, body));
    }

    /// Links with this number or a greater one lead to strangers, who take whatever they are sent.
    static constexpr sangam::transport::link_id stranger = std::uint64_t{1} << 40;

    /// Shown every frame of replica `from` before the network has it, if set.
    std::function<void(std::size_t from, std::string_view head, std::string_view body)> on_send;

    /// How often a replica gave up a connection of its own and made a new one.
    std::size_t reconnects = 0;

    /// The size of every batch that was handed to the network.
    std::vector<std::size_t> body_sizes_sent;

private:
    struct frame {
        std::string head;
        std::string body;
        std::uint64_t due_ms = 0;
    };
    struct wire {
        std::size_t from = 0;
        std::size_t to = 0;
        bool up = true;
        bool lose_batch = false;
        bool swallows = false;
        std::uint64_t generation = 0; ///< of the incoming side's link
        std::deque<frame> forth;
        std::deque<frame> back;
    };

    class wires_of final : public sangam::transport::links {
    public:
        wires_of(cluster& all, std::size_t self) : all_(all), self_(self) {}
        [[nodiscard]] std::vector<sangam::transport::link_id> outgoing() const override {
            std::vector<sangam::transport::link_id> ids;
            for (std::size_t i = 0; i < all_.wires_.size(); ++i) {
                if (all_.wires_[i].from == self_) {
                    ids.push_back(i);
                }
            }
            return ids;
        }
        [[nodiscard]] std::string address_of(sangam::transport::link_id link) const override {
            return "wire " + std::to_string(link);
        }
        [[nodiscard]] std::vector<std::string> listening() const override { return {}; }
        sangam::transport::send_outcome send(sangam::transport::link_id link,
                                             const sangam::transport::outgoing_frame& frame) override {
            const sangam::transport::frame_parts parts =
                sangam::transport::split_frame(frame.bytes()).value();
            return all_.send(self_, link, parts.head, parts.body);
        }
        void poll(std::chrono::milliseconds, sangam::transport::frame_receiver&) override {}
        void wake() noexcept override {}
        void reconnect(sangam::transport::link_id link) override {
            if (!all_.wires_[link].up) {
                return;
            }
            ++all_.reconnects;
            all_.reconnect(all_.wires_[link].from, all_.wires_[link].to);
        }
        void forget(sangam::transport::link_id) override {}

    private:
        cluster& all_;
        std::size_t self_;
    };

    struct member {
        member(cluster& all, std::size_t index, const sangam::engine::replica_options& options)
            : shared(sangam::causality::replica_id{index + 1}, options), links(all, index),
              events(options.log), sync({"replica " + std::to_string(index), options.group, 1000 + index},
                                        options.timing, shared, log, events) {}
        sangam::engine::guarded_state shared;
        sangam::storage::memory_log log;
        wires_of links;
        sangam::engine::event_log events;
        sangam::engine::synchronizer sync;
        std::int64_t ahead_ms = 0; ///< of its wall clock
    };

    [[nodiscard]] sangam::engine::moment now_of(std::size_t i) const {
        return {now_.wall_ms + static_cast<std::uint64_t>(members_[i]->ahead_ms), now_.steady_ms};
    }

    void reattach(std::size_t i) { members_[i]->sync.attach(&members_[i]->links); }

    /// How the receiving side calls a wire.
    [[nodiscard]] std::uint64_t incoming_link(std::size_t index) const {
        return index + wires_[index].generation * wires_max;
    }

    bool chance(unsigned percent) { return random_() % 100 < percent; }

    sangam::transport::send_outcome send(std::size_t self, std::size_t link, std::string_view head,
                                         std::string_view body) {
        if (link >= stranger) {
            if (on_send) {
                on_send(self, head, body);
            }
            return sangam::transport::send_outcome::sent;
        }
        const std::size_t index = link % wires_max;
        if (index >= wires_.size() || link != (wires_[index].from == self ? index : incoming_link(index))) {
            return sangam::transport::send_outcome::gone;
        }
        if (on_send) {
            on_send(self, head, body);
        }
        wire& w = wires_[index];
        std::deque<frame>& queue = w.from == self ? w.forth : w.back;
        if (queue.size() >= queue_frames_max_) {
            return sangam::transport::send_outcome::would_block;
        }
        if (!body.empty()) {
            body_sizes_sent.push_back(body.size());
        }
        if (!body.empty() && w.from == self && std::exchange(w.lose_batch, false)) {
            return sangam::transport::send_outcome::sent;
        }
        if (!w.up || w.swallows || chance(faults_.drop_percent)) {
            return sangam::transport::send_outcome::sent;
        }
        const unsigned copies = chance(faults_.repeat_percent) ? 2 : 1;
        for (unsigned i = 0; i < copies; ++i) {
            const std::uint64_t delay = chance(faults_.reorder_percent) ? 1 + random_() % 20 : 1;
            queue.push_back({std::string(head), std::string(body), now_.steady_ms + delay});
        }
        return sangam::transport::send_outcome::sent;
    }

    void receive(std::size_t n) {
        for (std::size_t link = 0; link < wires_.size(); ++link) {
            if (wires_[link].from != n && wires_[link].to != n) {
                continue;
            }
            std::deque<frame>& queue = wires_[link].to == n ? wires_[link].forth : wires_[link].back;
            for (std::size_t i = 0; i < queue.size();) {
                if (queue[i].due_ms > now_.steady_ms) {
                    ++i;
                    continue;
                }
                const frame f = std::move(queue[i]);
                queue.erase(queue.begin() + static_cast<std::ptrdiff_t>(i));
                members_[n]->sync.set_time(now_of(n));
                members_[n]->sync.on_frame(wires_[link].to == n ? incoming_link(link) : link,
                                           sangam::transport::join_frame(f.head, f.body));
            }
        }
    }

    static constexpr std::size_t wires_max = 1 << 20;

    std::mt19937_64 random_;
    sangam::engine::replica_options options_;
    faults faults_;
    std::size_t queue_frames_max_ = 1024;
    sangam::engine::moment now_{1'700'000'000'000, 1000};
    std::vector<wire> wires_;
    std::vector<std::unique_ptr<member>> members_;
};

} // namespace sangam_tests
