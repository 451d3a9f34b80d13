#include <editor/signals.hpp>

#include <csignal>

#include <sys/signalfd.h>
#include <unistd.h>

namespace editor {

signals::signals() {
    sigset_t taken;
    sigemptyset(&taken);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGWINCH})
        sigaddset(&taken, number);
    ::pthread_sigmask(SIG_BLOCK, &taken, nullptr);
    descriptor_ = ::signalfd(-1, &taken, SFD_NONBLOCK | SFD_CLOEXEC);
}

signals::~signals() {
    ::close(descriptor_);
}

std::optional<int> signals::take() const {
    signalfd_siginfo info{};
    if (::read(descriptor_, &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return std::nullopt;
    return static_cast<int>(info.ssi_signo);
}

bool signals::stop_requested() {
    while (const auto number = take()) {
        if (*number != SIGWINCH) stopped_ = true;
    }
    return stopped_;
}

} // namespace editor
