#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace editor::test {

/// The calls to the file system that decide what outlasts a loss of power, as long as it lives. The test
/// program has its own fsync, rename, renameat2 and unlink, which tell it and then do what they are asked.
///
/// Meaning: each call is a line, names are without their folder, and what is drawn for a name is "*":
///     sync notes.sangam-* ("new")     the content in brackets is what the file has at that moment
///     sync folder
///     rename notes.sangam-* to notes
///     remove notes.sangam-backup-*
/// Threads: one; one at a time.
class file_calls {
public:
    explicit file_calls(std::string folder);
    ~file_calls();
    file_calls(const file_calls&) = delete;
    file_calls& operator=(const file_calls&) = delete;

    /// The call of this number, from 0 on, does nothing and fails with this error.
    void fail(std::size_t number, int error) { failing_ = {number, error}; }
    [[nodiscard]] const std::vector<std::string>& told() const noexcept { return told_; }

    /// For the replaced functions. The error to fail with, or 0.
    [[nodiscard]] static int hear_sync(int descriptor);
    [[nodiscard]] static int hear_rename(const char* from, const char* to);
    [[nodiscard]] static int hear_remove(const char* path);

private:
    [[nodiscard]] int tell(std::string call);
    [[nodiscard]] std::string short_name(const std::string& path) const;

    std::string folder_;
    std::vector<std::string> told_;
    std::pair<std::size_t, int> failing_{static_cast<std::size_t>(-1), 0};
};

} // namespace editor::test
