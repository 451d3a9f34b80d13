#pragma once

#include <array>
#include <cstddef>
#include <fcntl.h>
#include <unistd.h>

namespace sangam::transport {

/// So many descriptors are left before libzmq is made to open some: where it finds none it ends the process.
/// It takes at most nine for a context with its first socket, and one for a connection; the rest is for what
/// the process opens meanwhile.
inline constexpr std::size_t spare_descriptors_min = 16;

/// True when the process may open spare_descriptors_min more. `any` is a descriptor of it.
inline bool descriptors_are_left(int any) noexcept {
    std::array<int, spare_descriptors_min> taken{};
    std::size_t count = 0;
    while (count < taken.size() && (taken.at(count) = ::fcntl(any, F_DUPFD_CLOEXEC, 0)) >= 0) {
        ++count;
    }
    for (std::size_t i = 0; i < count; ++i) {
        ::close(taken.at(i));
    }
    return count == taken.size();
}

} // namespace sangam::transport
