#pragma once

#include <sangam/causality/error.hpp>
#include <sangam/transport/address.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace sangam::transport {

/// Stands between libzmq and everybody else: it listens for a ROUTER and connects for DEALERs, and passes on
/// what zmtp_filter lets through, over connections of its own to abstract addresses at which these listen.
///
/// So no stranger speaks with libzmq itself, which ends the process at some of what it hears, at some of what
/// the system says when it connects, and when there is no descriptor left for a connection over ipc. A
/// connection that is reset looks to libzmq like one that ended.
///
/// Invariants: (G1) at most `passages_max` connections come in; more are closed at once; (G2) a connection is
/// taken in or made only while `spare_descriptors_min` descriptors are left; otherwise it waits; (G3) of each
/// connection and direction at most one piece of piece_bytes_max is kept: whoever sends faster than the other
/// side reads has to wait; (G4) a DEALER is connected to only while its connection outside stands.
/// Errors: socket_failed with the address and the system's reason; a connection that cannot be made is tried
/// again. Threads: `listen` before `start`; then a thread of its own does the work, and one other may call
/// `start`, `dial` and `refusals`. The destructor gives what is still on its way outwards `linger`.
class zmtp_gate {
public:
    struct options {
        std::string inside; ///< the name of the ROUTER's abstract address, without its first, zero byte
        std::size_t passages_max = 0;
        std::chrono::milliseconds linger{0};
        std::chrono::milliseconds reconnect_first{50};
        std::chrono::milliseconds reconnect_max{2000};
    };

    explicit zmtp_gate(options wanted);
    zmtp_gate(const zmtp_gate&) = delete;
    zmtp_gate& operator=(const zmtp_gate&) = delete;
    ~zmtp_gate();

    /// Returns the address with the port that the system chose.
    [[nodiscard]] result<std::string> listen(const address& at);
    /// Connects to `to`, again and again, for the DEALER that listens at the abstract address `inside`. What
    /// `link` had before is given up, with what is on its way outwards.
    void dial(std::size_t link, const address& to, std::string inside);
    [[nodiscard]] result<void> start();

    /// Why connections were ended since the last call, refusals_kept_max at most.
    [[nodiscard]] std::vector<std::string> refusals();
    /// Called by the gate's thread when there is a refusal. Before `start`.
    void on_refusal(std::function<void()> told) { on_refusal_ = std::move(told); }

private:
    struct end;
    struct passage;
    struct outgoing;
    struct order {
        std::size_t link = 0;
        address to;
        std::string inside;
    };

    void run();
    void tell() noexcept;
    /// True when the gate is to stop.
    [[nodiscard]] bool take_orders();
    void take_in(int listener);
    void watch_listeners(bool wanted);
    void handle(passage& of, end& at, unsigned events);
    void move_bytes(passage& of, end& from, end& to);
    [[nodiscard]] bool flush(end& to);
    void watch(passage& of);
    [[nodiscard]] bool watch(end& at, unsigned wanted) const;
    void refuse(passage& of);
    void meet(passage& of);
    static void close(passage& of) noexcept;
    void sweep();
    [[nodiscard]] static int connect_inside(const std::string& name);

    void dial_those_due();
    void dial_now(outgoing& what);
    void answered(passage& of);
    void enter_if_room(passage& of);
    void dial_later(outgoing& what);
    void give_up(passage& of);
    void dial_nobody();
    [[nodiscard]] std::chrono::milliseconds pause_first() const;
    [[nodiscard]] int until_dial_ms() const;

    options options_;
    std::function<void()> on_refusal_;
    std::vector<int> listeners_;
    int epoll_ = -1;
    int told_event_ = -1;
    bool listening_ = true;
    std::size_t unmet_ = 0;
    std::chrono::steady_clock::time_point listen_again_at_{};
    std::list<std::unique_ptr<passage>> passages_;
    std::list<outgoing> outgoing_;
    std::chrono::steady_clock::time_point dial_at_ = std::chrono::steady_clock::time_point::max();
    std::minstd_rand random_;
    std::vector<char> piece_;
    std::mutex mutex_; ///< guards stop_, orders_ and refusals_
    bool stop_ = false;
    std::vector<order> orders_;
    std::vector<std::string> refusals_;
    std::thread thread_;
};

} // namespace sangam::transport
