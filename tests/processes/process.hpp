#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sangam::test {

/// A child process that is spoken with in lines, over its standard input and output.
///
/// Errors: std::runtime_error, which names the program and the line that stayed without an answer.
/// Threads: one. The destructor kills and reaps this child and no other process.
class process {
public:
    /// `command` is the program's path and its arguments.
    explicit process(std::vector<std::string> command);
    process(process&& other) noexcept;
    process& operator=(process&& other) noexcept;
    ~process();

    void send(std::string_view line);
    /// The next line, without its end.
    [[nodiscard]] std::string receive(std::chrono::milliseconds timeout);

    /// kill -9: no destructor of the child runs.
    void kill();
    /// SIGTERM: the child may still do what it likes.
    void terminate();
    /// SIGSTOP and SIGCONT: the child, with all its threads, stands still in between.
    void stop();
    void resume();
    /// Waits until the child has ended by itself; its exit code, or 128 and the signal that ended it.
    [[nodiscard]] int wait_for_end(std::chrono::milliseconds timeout);

    [[nodiscard]] bool running() const noexcept { return pid_ > 0; }
    /// Memory that the child uses now, and the most that it ever used.
    [[nodiscard]] std::size_t resident_kib() const { return status_kib("VmRSS:"); }
    [[nodiscard]] std::size_t resident_most_kib() const { return status_kib("VmHWM:"); }

private:
    [[nodiscard]] std::size_t status_kib(std::string_view field) const;
    void signal(int number) const;
    [[noreturn]] void fail(const std::string& what) const;
    void close_channel() noexcept;

    std::string program_;
    pid_t pid_ = -1;
    int channel_ = -1; ///< both directions
    std::string received_;
    std::string last_sent_;
};

} // namespace sangam::test
