#pragma once

#include <editor/regular_file.hpp>

#include <sangam/engine/log_event.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace editor {

/// A file to which what a replica notices is appended, a line an event.
///
/// Several editors may write to one file: a line is one write at its end. What cannot be written is left out:
/// a log that is full must not end the editing. Threads: all members may be called from any thread.
class log_file {
public:
    /// Errors: not_a_file, cannot_write.
    [[nodiscard]] static sangam::result<log_file> open(const std::string& path, std::string who);

    void write(const sangam::engine::log_event& event) const;
    /// It shares the file.
    [[nodiscard]] sangam::engine::log_callback callback() const;

private:
    log_file(file_descriptor file, std::string who)
        : file_(std::make_shared<const file_descriptor>(std::move(file))), who_(std::move(who)) {}

    std::shared_ptr<const file_descriptor> file_;
    std::string who_;
};

/// "2026-11-28T12:52:22.123Z alice: warning: ...", with its newline. Control characters, which names of
/// others may have, are written as \x0A, so that nobody writes a line of his own.
[[nodiscard]] std::string log_line(std::chrono::system_clock::time_point when, const std::string& who,
                                   const sangam::engine::log_event& event);

} // namespace editor
