#pragma once

#include <sangam/causality/error.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <sys/stat.h>

namespace editor {

/// A hash of bytes that nobody makes twice: to tell whether a text or a file is the same without a copy of
/// it.
using fingerprint = std::array<unsigned char, 32>;
[[nodiscard]] fingerprint fingerprint_of(std::string_view bytes);

/// What a file was when it was last read or written here.
///
/// Meaning: two states are of the same file, unchanged, if they name the same inode, times and size and the
///   file was not written at about the time of the first (a file system's clock may be too coarse to tell);
///   else the content decides. A file that does not exist has a state, too.
class file_state {
public:
    /// Of no file.
    file_state() = default;
    /// Of the file that `found` is about, with this content.
    file_state(const struct stat& found, const fingerprint& content);

    [[nodiscard]] bool exists() const noexcept { return stamp_.has_value(); }
    [[nodiscard]] const fingerprint& content() const noexcept { return content_; }

    /// True: `found` shows a file whose content is this one for certain, so that it need not be read.
    [[nodiscard]] bool surely_is(const struct stat& found) const;

private:
    struct stamp {
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        std::int64_t size = 0;
        std::int64_t modified_ns = 0;
        std::int64_t changed_ns = 0; ///< also by a program that sets the other one back
        friend bool operator==(const stamp&, const stamp&) = default;
    };
    [[nodiscard]] static stamp stamp_of(const struct stat& found);

    std::optional<stamp> stamp_;
    std::int64_t looked_ns_ = 0;
    fingerprint content_{};
};

} // namespace editor
