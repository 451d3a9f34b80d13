#include <editor/wakeup.hpp>

#include <cstdint>

#include <sys/eventfd.h>
#include <unistd.h>

namespace editor {

wakeup::wakeup() : descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

wakeup::~wakeup() {
    ::close(descriptor_);
}

void wakeup::ring() const {
    const std::uint64_t one = 1;
    // A full counter is readable as well, so a refused write loses nothing.
    [[maybe_unused]] const ssize_t written = ::write(descriptor_, &one, sizeof one);
}

bool wakeup::take() const {
    std::uint64_t rung = 0;
    return ::read(descriptor_, &rung, sizeof rung) == static_cast<ssize_t>(sizeof rung);
}

} // namespace editor
