#pragma once

#include <sangam/causality/error.hpp>

#include <string>
#include <utility>

namespace sangam::transport {

/// The right to listen at the path of an ipc address.
///
/// ZeroMQ takes a path away from whoever listens there, and leaves it behind when it closes. So the path
/// belongs to the process that has locked the file beside it, `path`.lock, which says by its number who that
/// is. The system lets go of the lock when the process ends, however it ends: what a dead process left behind
/// is taken over. A probe by connecting alone would let two that start at once both find nobody; it finds
/// those that do not lock.
///
/// Errors: socket_failed when the path is in use, and by whom; when it is something else than a socket; when
/// it cannot be found out whether somebody listens there; when the folder cannot be written to. An abstract
/// address ("@name") needs no lock: the system refuses a second listener, and nothing is left behind.
class path_lock {
public:
    [[nodiscard]] static result<path_lock> take(const std::string& path);

    path_lock(path_lock&& other) noexcept
        : file_(std::exchange(other.file_, -1)), path_(std::move(other.path_)) {}
    path_lock& operator=(path_lock&&) = delete;
    /// Removes what the owner's socket left at the path; it must be closed by then.
    ~path_lock();

private:
    path_lock(int file, std::string path) : file_(file), path_(std::move(path)) {}

    int file_;
    std::string path_; ///< of the socket; absolute: the process may change its folder
};

} // namespace sangam::transport
