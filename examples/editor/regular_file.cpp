#include <editor/regular_file.hpp>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace editor {
namespace {

/// What it is, if it is no regular file.
std::optional<std::string_view> other_kind(mode_t mode) {
    if (S_ISREG(mode)) return std::nullopt;
    if (S_ISDIR(mode)) return "is a directory";
    if (S_ISFIFO(mode)) return "is a FIFO";
    if (S_ISSOCK(mode)) return "is a socket";
    return "is a device";
}

constexpr std::size_t piece_bytes = 1 << 20;

} // namespace

file_descriptor::~file_descriptor() {
    if (is_open()) ::close(number_);
}

struct stat file_descriptor::look() const {
    struct stat found{};
    ::fstat(number_, &found);
    return found;
}

bool file_descriptor::close() {
    return ::close(std::exchange(number_, -1)) == 0;
}

sangam::error file_error(errc code, const std::string& path, std::string_view what) {
    return {code, path + ": " + std::string(what)};
}

std::string last_system_error() {
    return std::generic_category().message(errno);
}

sangam::result<file_descriptor> open_regular(const std::string& path, int flags, errc otherwise) {
    // Looked at before, because opening alone does something to some devices, and after, because it may be
    // another one by then.
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0) return file_error(otherwise, path, last_system_error());
    if (const auto kind = other_kind(found.st_mode)) return file_error(errc::not_a_file, path, *kind);
    file_descriptor opened(::open(path.c_str(), flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!opened.is_open()) return file_error(otherwise, path, last_system_error());
    if (const auto kind = other_kind(opened.look().st_mode)) return file_error(errc::not_a_file, path, *kind);
    return opened;
}

sangam::result<std::string> read_all(const file_descriptor& in, const std::string& path,
                                     std::size_t bytes_max) {
    std::string content;
    // One byte more than the file says, so that its end is met without more room. A file of /proc says 0.
    const std::size_t expected = static_cast<std::size_t>(std::max<off_t>(in.look().st_size, 0)) + 1;
    for (;;) {
        const std::size_t held = content.size();
        if (held > bytes_max) {
            return file_error(errc::too_large, path, "has more than " + std::to_string(bytes_max) + " bytes");
        }
        const std::size_t room = held < expected ? expected - held : piece_bytes;
        content.resize(std::min(held + room, bytes_max + 1));
        const ssize_t taken = ::read(in.number(), content.data() + held, content.size() - held);
        content.resize(held + static_cast<std::size_t>(std::max<ssize_t>(taken, 0)));
        if (taken == 0) return content;
        if (taken < 0 && errno != EINTR) return file_error(errc::cannot_read, path, last_system_error());
    }
}

bool write_all(const file_descriptor& out, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::write(out.number(), bytes.data(), std::min(bytes.size(), piece_bytes));
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
}

} // namespace editor
