#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace sangam::transport {

/// What a DEALER of this library says to a ROUTER, and nothing else of ZMTP 3: a greeting without security,
/// READY without a routing id, then frames of one part each.
///
/// libzmq 4.3.4 takes more than that from anybody, and some of it ends the process: PING when the connection
/// is reset while its queue is full, and a routing id that is equal to one that libzmq makes later. A message
/// of many parts is kept in memory until its last part is there. docs/adr/0015 has the list. The routing id
/// that the ROUTER is to know a connection by is put into READY here.
///
/// Invariant: what `take` has let through is a beginning of what may be said. Cost: O(1) a frame, and no copy
/// of its bytes but of those that come together with READY. Threads: one.
class zmtp_filter {
public:
    /// What `take` is for: to pass bytes on, or only to count frames; then `passed` is always empty.
    enum class use : std::uint8_t { passes, counts };

    /// `frame_bytes_max` as in limits.hpp.
    explicit zmtp_filter(std::uint64_t frame_bytes_max, use wanted = use::passes)
        : frame_bytes_max_(frame_bytes_max), use_(wanted) {}

    /// The routing id that READY gets, one that nobody else has. Before the first `take`; empty: READY passes
    /// as it is.
    void name(std::string routing_id) noexcept { routing_id_ = std::move(routing_id); }

    /// The next bytes of the stream. False when the peer said what it must not: nothing of them may pass and
    /// nothing later, and `reason` says why.
    [[nodiscard]] bool take(std::string_view bytes);

    /// True when the last bytes may pass as they are. Otherwise what `passed` hands over may, which keeps
    /// back a READY that is not whole.
    [[nodiscard]] bool whole() const noexcept { return whole_; }
    /// Once for each `take`: the filter keeps no memory of it, which each connection would pay for.
    [[nodiscard]] std::string passed() noexcept { return std::exchange(passed_, std::string()); }
    [[nodiscard]] bool greeted() const noexcept { return state_ > state::ready; }
    /// How many whole frames have come.
    [[nodiscard]] std::uint64_t frames() const noexcept { return frames_; }
    /// How many bytes have come of a frame that is not whole.
    [[nodiscard]] std::uint64_t unfinished() const noexcept {
        return state_ == state::content ? length_ - left_ : 0;
    }
    [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

private:
    enum class state : std::uint8_t { greeting, ready, flags, length, content };

    bool refuse(std::string why);
    bool take_greeting(char byte);
    /// Takes a byte of READY; looks at it when it is whole.
    bool take_ready(char byte);
    [[nodiscard]] bool check_ready();
    [[nodiscard]] bool name_ready(std::string properties);
    bool take_flags(std::uint8_t flags);

    std::uint64_t frame_bytes_max_;
    use use_;
    state state_ = state::greeting;
    std::size_t greeting_bytes_ = 0;
    std::string routing_id_;
    std::string ready_; ///< with flags and length
    std::string passed_;
    std::string reason_;
    std::uint64_t left_ = 0; ///< of the content, or the length as far as it is known
    std::uint64_t length_ = 0;
    std::size_t length_bytes_left_ = 0;
    std::uint64_t frames_ = 0;
    bool whole_ = true;
};

} // namespace sangam::transport
