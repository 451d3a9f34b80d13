#include "path_lock.hpp"

#include <sangam/transport/errc.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <filesystem>
#include <optional>
#include <string_view>

namespace sangam::transport {

namespace {

class descriptor {
public:
    explicit descriptor(int number) noexcept : number_(number) {}
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    [[nodiscard]] int get() const noexcept { return number_; }
    [[nodiscard]] int release() noexcept { return std::exchange(number_, -1); }

private:
    int number_;
};

error system_error_of(const std::string& path) {
    return {errc::socket_failed, path + ": " + std::strerror(errno)};
}

error in_use(const std::string& path, const std::string& by) {
    return {errc::socket_failed, "the path " + path + " is in use" + (by.empty() ? "" : " by process " + by) +
                                     "; close it there, or listen at another path"};
}

/// The number of the process that wrote the file; empty when it has not done so yet.
std::string owner_in(int file) {
    char digits[16];
    const ssize_t n = ::pread(file, digits, sizeof digits, 0);
    const std::string_view text(digits, n > 0 ? static_cast<std::size_t>(n) : 0);
    return std::string(text.substr(0, text.find_first_not_of("0123456789")));
}

/// True if the path still names the file that was opened and locked: who had it before may have removed it.
bool still_at(const std::string& path, int file) {
    struct stat opened{};
    struct stat named{};
    return ::fstat(file, &opened) == 0 && ::lstat(path.c_str(), &named) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

std::string lock_file_of(const std::string& path) {
    return path + ".lock";
}

bool is_socket(const std::string& path) {
    struct stat there{};
    return ::lstat(path.c_str(), &there) == 0 && S_ISSOCK(there.st_mode);
}

/// Who listens at the path without a lock; nothing if nobody does. Errors: it cannot be found out.
result<std::optional<std::string>> listener_at(const std::string& path) {
    const descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (probe.get() < 0) {
        return system_error_of(path);
    }
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    if (path.size() > sizeof at.sun_path) {
        return std::optional<std::string>(std::string()); // it cannot be asked
    }
    const bool abstract = path.starts_with('@');
    std::memcpy(at.sun_path, path.data(), path.size());
    socklen_t size = sizeof at;
    if (abstract) {
        at.sun_path[0] = '\0';
        size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    }
    const auto* const generic = static_cast<const sockaddr*>(static_cast<const void*>(&at));
    if (::connect(probe.get(), generic, size) != 0 && errno != EAGAIN) {
        if (errno == ECONNREFUSED || errno == ENOENT) return std::optional<std::string>();
        return system_error_of(path); // somebody else's, or a socket of another kind
    }
    ucred who{};
    socklen_t who_size = sizeof who;
    const bool known =
        ::getsockopt(probe.get(), SOL_SOCKET, SO_PEERCRED, &who, &who_size) == 0 && who.pid > 0;
    return std::optional<std::string>(known ? std::to_string(who.pid) : std::string());
}

} // namespace

result<path_lock> path_lock::take(const std::string& path) {
    if (path.starts_with('@')) {
        const auto by = listener_at(path);
        if (!by) return by.error();
        if (*by) return in_use(path, **by);
        return path_lock(-1, {});
    }
    std::error_code failed;
    const std::string whole_path = std::filesystem::absolute(path, failed).string();
    const std::string file_path = lock_file_of(whole_path);
    int locked = -1;
    while (locked < 0) {
        descriptor file(::open(file_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (file.get() < 0) {
            return system_error_of(file_path);
        }
        if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
            return errno == EWOULDBLOCK ? in_use(path, owner_in(file.get())) : system_error_of(file_path);
        }
        if (still_at(file_path, file.get())) {
            locked = file.release();
        }
    }
    path_lock lock(locked, whole_path); // lets go in all cases that follow
    if (is_socket(path)) {
        const auto by = listener_at(path);
        if (!by) return by.error();
        if (*by) return in_use(path, **by);
    } else if (struct stat there{}; ::lstat(path.c_str(), &there) == 0) {
        return error{errc::socket_failed,
                     "the path " + path + " is there and is no socket; listen at another path"};
    }
    const std::string owner = std::to_string(::getpid()) + "\n";
    if (::ftruncate(locked, 0) != 0 ||
        ::pwrite(locked, owner.data(), owner.size(), 0) != static_cast<ssize_t>(owner.size())) {
        return system_error_of(file_path);
    }
    return result<path_lock>(std::move(lock));
}

path_lock::~path_lock() {
    if (file_ < 0) {
        return;
    }
    try {
        if (is_socket(path_)) {
            const auto by = listener_at(path_);
            if (by && !*by) ::unlink(path_.c_str());
        }
        ::unlink(lock_file_of(path_).c_str()); // before the lock goes: the next owner's file is another one
    } catch (const std::exception&) { // no memory: in doubt both stay, and the next owner takes them over
    }
    ::close(file_);
}

} // namespace sangam::transport
