#pragma once

#include <sangam/causality/error.hpp>
#include <sangam/transport/address.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace sangam::transport {

/// Stands between whoever connects and a ROUTER: it listens, and passes on what zmtp_filter lets through,
/// over a connection of its own to an abstract address at which the ROUTER listens.
///
/// So no stranger speaks with libzmq itself, which ends the process at some of what it hears, and when there
/// is no descriptor left for a connection over ipc. A connection that is reset looks to libzmq like one that
/// ended.
///
/// Invariants: (G1) at most `passages_max` connections; more are closed at once; (G2) a connection is
/// taken in only while `spare_descriptors_min` descriptors are left; otherwise it waits; (G3) of each
/// connection and direction at most one piece of piece_bytes_max is kept: whoever sends faster than the other
/// side reads has to wait. Errors: socket_failed with the address and the system's reason. Threads: `listen`
/// before `start`; then a thread of its own does the work, and one other may call `start` and `refusals`. The
/// destructor gives what is still on its way outwards `linger`.
class zmtp_gate {
public:
    struct options {
        std::string inside; ///< the name of the abstract address, without its first, zero byte
        std::size_t passages_max = 0;
        std::chrono::milliseconds linger{0};
    };

    explicit zmtp_gate(options wanted);
    zmtp_gate(const zmtp_gate&) = delete;
    zmtp_gate& operator=(const zmtp_gate&) = delete;
    ~zmtp_gate();

    /// Returns the address with the port that the system chose.
    [[nodiscard]] result<std::string> listen(const address& at);
    [[nodiscard]] result<void> start();

    /// Why connections were ended since the last call, refusals_kept_max at most.
    [[nodiscard]] std::vector<std::string> refusals();
    /// Called by the gate's thread when there is a refusal. Before `start`.
    void on_refusal(std::function<void()> told) { on_refusal_ = std::move(told); }

private:
    struct end;
    struct passage;

    void run();
    void take_in(int listener);
    void watch_listeners(bool wanted);
    void handle(passage& of, end& at, unsigned events);
    void move_bytes(passage& of, end& from, end& to);
    [[nodiscard]] bool flush(end& to);
    void watch(passage& of);
    [[nodiscard]] bool watch(end& at, unsigned wanted) const;
    void refuse(passage& of);
    void meet(passage& of);
    void sweep();
    [[nodiscard]] int connect_inside() const;

    options options_;
    std::function<void()> on_refusal_;
    std::vector<int> listeners_;
    int epoll_ = -1;
    int stop_event_ = -1;
    bool listening_ = true;
    std::size_t unmet_ = 0;
    std::chrono::steady_clock::time_point listen_again_at_{};
    std::list<std::unique_ptr<passage>> passages_;
    std::vector<char> piece_;
    std::mutex mutex_; ///< guards refusals_
    std::vector<std::string> refusals_;
    std::thread thread_;
};

} // namespace sangam::transport
