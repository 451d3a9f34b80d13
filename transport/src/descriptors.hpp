#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <poll.h>
#include <sys/resource.h>

namespace sangam::transport {

/// So many descriptors are left before libzmq is made to open some: where it finds none it ends the process.
/// It takes at most nine for a context with its first socket, and one for a connection; the rest is for what
/// the process opens meanwhile.
inline constexpr std::size_t spare_descriptors_min = 16;

/// Finds out whether the process may open spare_descriptors_min more.
///
/// It opens none to find out, because libzmq may want the last one at the same time: it asks for numbers and
/// remembers those that were free. The highest are the last to be given, so it begins there.
///
/// Cost: O(1) while those that it remembers are free; otherwise O(`looked_at_max`). A number takes the system
/// some 100 ns, so that of a limit of a million and a full table all would take a tenth of a second: the next
/// call goes on where the last one stopped. Threads: one.
class descriptor_watch {
public:
    explicit descriptor_watch(std::size_t looked_at_max = 1 << 14) noexcept : looked_at_max_(looked_at_max) {}

    /// False as well when those that are left are among numbers that have not been looked at lately.
    [[nodiscard]] bool are_left() noexcept {
        if (!look_at_limit() || !drop_taken()) {
            return false;
        }
        for (std::size_t looked = 0;
             found_ < spare_descriptors_min && looked < std::min(looked_at_max_, end_);) {
            if (next_ == 0) next_ = end_;
            const std::size_t count = std::min(next_, at_once);
            std::array<pollfd, at_once> asked{};
            for (std::size_t i = 0; i < count; ++i) {
                asked.at(i).fd = static_cast<int>(next_ - 1 - i);
            }
            if (::poll(asked.data(), count, 0) < 0) {
                return false;
            }
            std::for_each(asked.begin(), asked.begin() + static_cast<std::ptrdiff_t>(count),
                          [this](const pollfd& each) { remember(each); });
            next_ -= count;
            looked += count;
        }
        return found_ == spare_descriptors_min;
    }

private:
    static constexpr std::size_t at_once = 32;

    [[nodiscard]] bool look_at_limit() noexcept {
        constexpr rlim_t number_max = rlim_t{1} << 30; // the system gives none above
        rlimit most{};
        if (::getrlimit(RLIMIT_NOFILE, &most) != 0) {
            return false;
        }
        const auto end = static_cast<std::size_t>(std::min(most.rlim_cur, number_max));
        if (end != end_) {
            end_ = end;
            next_ = end;
            found_ = 0;
        }
        return true;
    }

    /// Of those that were free.
    [[nodiscard]] bool drop_taken() noexcept {
        std::array<pollfd, spare_descriptors_min> asked = free_;
        const std::size_t count = found_;
        if (count > 0 && ::poll(asked.data(), count, 0) < 0) {
            return false;
        }
        found_ = 0;
        std::for_each(asked.begin(), asked.begin() + static_cast<std::ptrdiff_t>(count),
                      [this](const pollfd& each) { remember(each); });
        return true;
    }

    void remember(const pollfd& asked) noexcept {
        const auto end = free_.begin() + static_cast<std::ptrdiff_t>(found_);
        const bool is_new =
            std::none_of(free_.begin(), end, [&](const pollfd& each) { return each.fd == asked.fd; });
        if ((asked.revents & POLLNVAL) != 0 && is_new && found_ < spare_descriptors_min) {
            free_.at(found_++) = {asked.fd, 0, 0};
        }
    }

    std::size_t looked_at_max_;
    std::size_t end_ = 0;  ///< the limit
    std::size_t next_ = 0; ///< the numbers below come next
    std::array<pollfd, spare_descriptors_min> free_{};
    std::size_t found_ = 0; ///< of free_
};

/// Looks at all numbers if it must.
[[nodiscard]] inline bool descriptors_are_left() noexcept {
    return descriptor_watch(std::numeric_limits<std::size_t>::max()).are_left();
}

} // namespace sangam::transport
