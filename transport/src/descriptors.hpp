#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <poll.h>
#include <sys/resource.h>

namespace sangam::transport {

/// So many descriptors are left before libzmq is made to open some: where it finds none it ends the process.
/// It takes at most nine for a context with its first socket, and one for a connection; the rest is for what
/// the process opens meanwhile.
inline constexpr std::size_t spare_descriptors_min = 16;

/// True when the process may open spare_descriptors_min more. It opens none to find out, because libzmq may
/// want the last one at the same time. The highest numbers are the last to be given, so it asks for them
/// first: O(1) unless they are taken.
inline bool descriptors_are_left() noexcept {
    rlimit most{};
    if (::getrlimit(RLIMIT_NOFILE, &most) != 0) {
        return false;
    }
    constexpr std::size_t at_once = 32;
    constexpr rlim_t number_max = rlim_t{1} << 30; // the system gives none above
    std::array<pollfd, at_once> asked{};
    std::size_t left = 0;
    for (rlim_t end = std::min(most.rlim_cur, number_max); end > 0 && left < spare_descriptors_min;) {
        const std::size_t count = static_cast<std::size_t>(std::min<rlim_t>(end, at_once));
        for (std::size_t i = 0; i < count; ++i) {
            asked.at(i) = {static_cast<int>(end - 1 - i), 0, 0};
        }
        if (::poll(asked.data(), static_cast<nfds_t>(count), 0) < 0) {
            return false;
        }
        for (std::size_t i = 0; i < count; ++i) {
            if ((asked.at(i).revents & POLLNVAL) != 0) ++left;
        }
        end -= count;
    }
    return left >= spare_descriptors_min;
}

} // namespace sangam::transport
