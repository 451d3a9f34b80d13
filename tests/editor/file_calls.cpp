#include "file_calls.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace editor::test {
namespace {

file_calls* listening = nullptr;

std::string path_of(int descriptor) {
    std::array<char, PATH_MAX> path{};
    const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
    const ssize_t length = ::readlink(link.c_str(), path.data(), path.size());
    return {path.data(), length < 0 ? 0 : static_cast<std::size_t>(length)};
}

int answer(int error) {
    errno = error;
    return -1;
}

} // namespace

file_calls::file_calls(std::string folder) : folder_(std::filesystem::canonical(folder)) {
    listening = this;
}

file_calls::~file_calls() {
    listening = nullptr;
}

int file_calls::hear_sync(int descriptor) {
    if (listening == nullptr) return 0;
    const std::string path = path_of(descriptor);
    std::string call = "sync " + listening->short_name(path);
    if (!std::filesystem::is_directory(path)) {
        std::ifstream in(path, std::ios::binary);
        call += " (\"" + std::string(std::istreambuf_iterator<char>(in), {}) + "\")";
    }
    return listening->tell(std::move(call));
}

int file_calls::hear_rename(const char* from, const char* to) {
    if (listening == nullptr) return 0;
    return listening->tell("rename " + listening->short_name(from) + " to " + listening->short_name(to));
}

int file_calls::hear_remove(const char* path) {
    if (listening == nullptr) return 0;
    return listening->tell("remove " + listening->short_name(path));
}

int file_calls::tell(std::string call) {
    told_.push_back(std::move(call));
    return told_.size() - 1 == failing_.first ? failing_.second : 0;
}

std::string file_calls::short_name(const std::string& path) const {
    const std::filesystem::path whole = std::filesystem::weakly_canonical(path);
    if (whole == folder_) return "folder";
    return std::regex_replace(whole.filename().string(), std::regex("-[0-9a-f]{12}$"), "-*");
}

} // namespace editor::test

// A symbol of the program goes before that of a library. The system is asked directly, because the library's
// own functions have these names.

int fsync(int descriptor) {
    if (const int error = editor::test::file_calls::hear_sync(descriptor)) return editor::test::answer(error);
    return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned int flags) noexcept {
    if (const int error = editor::test::file_calls::hear_rename(from, to)) return editor::test::answer(error);
    return static_cast<int>(::syscall(SYS_renameat2, from_folder, from, to_folder, to, flags));
}

int rename(const char* from, const char* to) noexcept {
    return ::renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlink(const char* path) noexcept {
    if (const int error = editor::test::file_calls::hear_remove(path)) return editor::test::answer(error);
    return static_cast<int>(::syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}
