#include "process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <utility>

extern char** environ; // NOLINT: POSIX wants it declared

namespace sangam::test {

namespace {

using steady = std::chrono::steady_clock;

int remaining_ms(steady::time_point deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady::now());
    return left.count() > 0 ? static_cast<int>(left.count()) : 0;
}

} // namespace

process::process(std::vector<std::string> command) : program_(command.at(0)) {
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        fail(std::string("socketpair: ") + std::strerror(errno));
    }
    channel_ = ends[0];
    std::vector<char*> arguments;
    for (std::string& word : command) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    const int failed = ::posix_spawn(&pid_, program_.c_str(), &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    if (failed != 0) {
        pid_ = -1;
        close_channel();
        fail(std::string("cannot be started: ") + std::strerror(failed));
    }
}

process::process(process&& other) noexcept
    : program_(std::move(other.program_)), pid_(std::exchange(other.pid_, -1)),
      channel_(std::exchange(other.channel_, -1)), received_(std::move(other.received_)),
      last_sent_(std::move(other.last_sent_)) {}

process& process::operator=(process&& other) noexcept {
    if (this != &other) {
        kill();
        program_ = std::move(other.program_);
        pid_ = std::exchange(other.pid_, -1);
        channel_ = std::exchange(other.channel_, -1);
        received_ = std::move(other.received_);
        last_sent_ = std::move(other.last_sent_);
    }
    return *this;
}

process::~process() {
    kill();
}

void process::send(std::string_view line) {
    last_sent_ = line;
    const std::string bytes = last_sent_ + '\n';
    for (std::size_t sent = 0; sent < bytes.size();) {
        const ssize_t n = ::send(channel_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR) {
            fail(std::string("cannot be written to: ") + std::strerror(errno));
        }
        sent += n > 0 ? static_cast<std::size_t>(n) : 0;
    }
}

std::string process::receive(std::chrono::milliseconds timeout) {
    const auto deadline = steady::now() + timeout;
    for (;;) {
        if (const auto end = received_.find('\n'); end != std::string::npos) {
            std::string line = received_.substr(0, end);
            received_.erase(0, end + 1);
            return line;
        }
        pollfd wanted{channel_, POLLIN, 0};
        const int ready = ::poll(&wanted, 1, remaining_ms(deadline));
        if (ready == 0) {
            fail("no answer within " + std::to_string(timeout.count()) + " ms");
        }
        char bytes[4096];
        const ssize_t n = ready > 0 ? ::recv(channel_, bytes, sizeof bytes, 0) : -1;
        if (n > 0) {
            received_.append(bytes, static_cast<std::size_t>(n));
        } else if (n == 0 || errno != EINTR) {
            fail("ended before it answered");
        }
    }
}

void process::kill() {
    if (pid_ > 0) {
        signal(SIGKILL);
        while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
    }
    close_channel();
}

void process::terminate() {
    signal(SIGTERM);
}

void process::stop() {
    signal(SIGSTOP);
    int status = 0;
    while (::waitpid(pid_, &status, WUNTRACED) < 0 && errno == EINTR) {
    }
    if (!WIFSTOPPED(status)) {
        pid_ = -1;
        fail("ended before it could be stopped");
    }
}

void process::resume() {
    signal(SIGCONT);
}

int process::wait_for_end(std::chrono::milliseconds timeout) {
    const auto deadline = steady::now() + timeout;
    int status = 0;
    while (::waitpid(pid_, &status, WNOHANG) == 0) {
        if (steady::now() >= deadline) {
            fail("has not ended within " + std::to_string(timeout.count()) + " ms");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    pid_ = -1;
    close_channel();
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::size_t process::status_kib(std::string_view field) const {
    std::ifstream file("/proc/" + std::to_string(pid_) + "/status");
    for (std::string word; file >> word;) {
        std::size_t kib = 0;
        if (word == field && file >> kib) {
            return kib;
        }
    }
    fail("has no " + std::string(field) + " in /proc");
}

void process::signal(int number) const {
    if (pid_ <= 0 || ::kill(pid_, number) != 0) {
        fail("signal " + std::to_string(number) + " cannot be sent");
    }
}

void process::fail(const std::string& what) const {
    throw std::runtime_error(program_ + " (" + std::to_string(pid_) + "): " + what +
                             (last_sent_.empty() ? std::string() : "; last it was told: " + last_sent_));
}

void process::close_channel() noexcept {
    if (channel_ >= 0) {
        ::close(channel_);
        channel_ = -1;
    }
}

} // namespace sangam::test
