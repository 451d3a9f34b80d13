#pragma once

#include "descriptors.hpp"
#include "stream_sockets.hpp"

#include <sangam/causality/error.hpp>
#include <sangam/transport/address.hpp>
#include <sangam/transport/limits.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
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
/// Invariants: (G1) at most `passages_max` connections come in; (G2) a connection is taken in or made only
/// while `spare_descriptors_min` descriptors are left; otherwise it waits; (G3) of each connection and
/// direction at most one piece of piece_bytes_max is kept: whoever sends faster than the other side reads has
/// to wait; (G4) a DEALER is connected to only while its connection outside stands; (G5) a connection that
/// came in and sends neither a whole frame nor pace_bytes_min of one within `first_frame_max` is ended; (G6)
/// where (G1) or (G2) has no place for another connection, the one that came in and was silent longest makes
/// room: first of those that never sent a frame, after `unheard_min`, then of the others, after `silent_min`;
/// a whole frame, or pace_bytes_min of one, ends the silence. Who finds no place is closed at once; (G7) of
/// the frames that are not whole yet, those of connections that came in and were sent at most one frame have
/// at most limits::strangers_bytes_max bytes together: when there are more, the one with the most is ended.
///
/// Errors: socket_failed with the address and the system's reason. A connection that cannot be made is told
/// of and tried again. What a failing allocation hits ends that connection, is told, and the gate goes on.
///
/// Threads: `listen` before `start`; then a thread of its own, named sangam-gate, does the work, and one
/// other may call `start`, `dial`, `end_of`, `refusals` and `unreached`. The destructor gives what is still
/// on its way outwards `linger`.
class zmtp_gate {
public:
    struct options {
        std::string inside; ///< the name of the ROUTER's abstract address, without its first, zero byte
        std::size_t passages_max = 0;
        std::chrono::milliseconds linger{0};
        std::chrono::milliseconds reconnect_first{50};
        std::chrono::milliseconds reconnect_max{2000};
        std::chrono::milliseconds first_frame_max{limits::first_frame_ms_max};
        std::chrono::milliseconds unheard_min{limits::unheard_ms_min};
        std::chrono::milliseconds silent_min{limits::silent_ms_min};
        std::size_t strangers_bytes_max = limits::strangers_bytes_max;
    };
    /// A connection that could not be made, and why.
    struct failure {
        std::size_t link = 0;
        std::string why;
    };

    explicit zmtp_gate(options wanted);
    zmtp_gate(const zmtp_gate&) = delete;
    zmtp_gate& operator=(const zmtp_gate&) = delete;
    ~zmtp_gate();

    /// Returns the address with the port that the system chose.
    [[nodiscard]] result<std::string> listen(const address& at);
    /// Connects to `to`, again and again, for the DEALER that listens at the abstract address `inside`. What
    /// `link` had before is given up, with what is on its way outwards.
    void dial(std::size_t link, const address& to, const std::string& inside);
    [[nodiscard]] result<void> start();
    /// Ends the connection that came in and has this routing id at the ROUTER; what is on its way outwards
    /// still goes, for `linger`. One that is no more is none.
    void end_of(std::string_view routing_id);

    /// Why connections were ended since the last call, each with the address that it came to or was made to:
    /// limits::refusals_kept_max at most, and behind them how many more there were.
    [[nodiscard]] std::vector<std::string> refusals();
    /// Which links found nobody since the last call. Of a link that fails again and again for one reason only
    /// the first time is told, until somebody has greeted it.
    [[nodiscard]] std::vector<failure> unreached();
    /// Called by the gate's thread when there is one of either. Before `start`.
    void on_refusal(std::function<void()> told) { on_refusal_ = std::move(told); }

private:
    using time = std::chrono::steady_clock::time_point;
    struct end;
    struct listener;
    struct passage;
    struct outgoing;

    void run() noexcept;
    void go_round();
    void tell() noexcept;
    void take_orders() noexcept;
    void stop_taking() noexcept;
    void watch_listeners(bool wanted) noexcept;
    void handle(passage& of, end& at, unsigned events) noexcept;
    void move_bytes(passage& of, end& from, end& to);
    [[nodiscard]] static bool flush(end& to);
    void watch(passage& of) noexcept;
    [[nodiscard]] bool watch(end& at, unsigned wanted) const noexcept;
    /// `why` is a function that makes the text: there may be no memory for it.
    template <class Text>
    void put_out(passage& of, const Text& why) noexcept;
    template <class Text>
    void refuse(std::string_view where, const Text& why) noexcept;
    void tell_of(std::string text);
    [[nodiscard]] static std::string_view where_of(const passage& of) noexcept;
    void hear(passage& of, std::uint64_t frames_before, std::size_t bytes) noexcept;
    void listen_to_answer(passage& of, std::string_view bytes);
    void count_of_strangers(passage& of, std::uint64_t bytes) noexcept;
    void end_the_greatest() noexcept;
    void meet(passage& of) noexcept;
    static void close(passage& of) noexcept;
    void sweep();

    void take_in(const listener& at);
    void end_those_ordered() noexcept;
    void end_those_overdue() noexcept;
    void listen_later() noexcept;
    [[nodiscard]] bool make_room() noexcept;
    void end_the_silent() noexcept;
    [[nodiscard]] static int connect_inside(socket_address& at) noexcept;

    void dial_those_due();
    void dial_now(outgoing& what) noexcept;
    void answered(passage& of) noexcept;
    void enter_if_room(passage& of) noexcept;
    void dial_later(outgoing& what) noexcept;
    void not_reached(outgoing& what, int reason) noexcept;
    void give_up(passage& of) noexcept;
    void dial_nobody() noexcept;
    [[nodiscard]] std::chrono::milliseconds pause_first() const;
    [[nodiscard]] int until_due_ms() const;

    const options options_;
    socket_address inside_at_; ///< of the ROUTER
    std::function<void()> on_refusal_;
    std::vector<listener> listeners_;
    descriptor_watch descriptors_;
    int epoll_ = -1;
    int told_event_ = -1;
    bool listening_ = true;
    bool waiting_told_ = false; ///< that newcomers wait for descriptors
    std::size_t came_in_ = 0;   ///< passages that came in and are not closed yet
    std::size_t unmet_ = 0;
    std::uint64_t strangers_bytes_ = 0; ///< of frames that are not whole, of those that are not greeted
    std::size_t yielding_ = 0;          ///< passages that make room for others and are not closed yet
    time listen_again_at_{};
    std::list<passage> passages_;
    std::list<outgoing> outgoing_;
    time dial_at_ = time::max();
    std::uint64_t taken_in_ = 0;    ///< in all: the number of the last
    time overdue_at_ = time::max(); ///< when the first that was told to end has to be closed
    time silent_at_ = time::max();  ///< when the first passage may have been silent for too long
    std::minstd_rand random_;
    std::vector<char> piece_;
    bool stopping_ = false;
    time last_at_{}; ///< when stopping: what is still on its way is given up

    std::mutex mutex_; ///< guards what follows
    bool stop_ = false;
    std::list<outgoing> orders_;
    std::list<std::string> ended_; ///< routing ids
    std::vector<std::string> refusals_;
    std::size_t refusals_left_out_ = 0;
    std::vector<failure> unreached_;
    std::thread thread_;
};

} // namespace sangam::transport
