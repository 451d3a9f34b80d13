#pragma once

#include <editor/errc.hpp>

#include <sangam/causality/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <sys/stat.h>

namespace editor {

/// An open file, closed at the end. Not copied.
class file_descriptor {
public:
    explicit file_descriptor(int number) noexcept : number_(number) {}
    file_descriptor(file_descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    file_descriptor& operator=(file_descriptor&&) = delete;
    ~file_descriptor();

    [[nodiscard]] bool is_open() const noexcept { return number_ >= 0; }
    [[nodiscard]] int number() const noexcept { return number_; }
    [[nodiscard]] struct stat look() const;
    /// Closes it now. False: the system had an error left to tell (errno).
    [[nodiscard]] bool close();

private:
    int number_;
};

/// `code` about a path: what the system says, or what is the matter.
[[nodiscard]] sangam::error file_error(errc code, const std::string& path, std::string_view what);
[[nodiscard]] std::string last_system_error();

/// Opens a file that must be a regular one, without ever waiting. Errors: not_a_file, `otherwise`.
[[nodiscard]] sangam::result<file_descriptor> open_regular(const std::string& path, int flags,
                                                           errc otherwise);

/// All of it from where it stands. Errors: cannot_read, too_large.
[[nodiscard]] sangam::result<std::string> read_all(const file_descriptor& in, const std::string& path,
                                                   std::size_t bytes_max);

/// Writes all of it where the file stands. False: errno says why.
[[nodiscard]] bool write_all(const file_descriptor& out, std::string_view bytes);

} // namespace editor
