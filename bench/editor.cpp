// What a person waits for in the editor, with a text of so many bytes. The editor runs in a terminal of its
// own, as at a desk: a key goes in, and its time is over when the screen changes. Then nobody types, and what
// its threads work meanwhile is counted. Limits make it a gate.

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::string_view line =
    "All the world is a stage, and all the men and women merely players: exits.\n";
constexpr std::string_view to_the_end = "\x1b[1;5F"; // Control and End
constexpr milliseconds between_keys{30};
constexpr milliseconds first_screen_max{120'000};
constexpr milliseconds key_max{10'000};
constexpr std::chrono::seconds idle_time{10};
constexpr std::size_t last_words_max = 4000;
constexpr int exit_failed = 1;
constexpr int exit_wrong_usage = 2;
constexpr const char* usage =
    "usage: sangam-bench-editor EDITOR [BYTES [KEYS]] [--key-ms MS] [--idle-ms MS]\n"
    "    EDITOR      the program, sangam-editor\n"
    "    BYTES       of text, 200000000\n"
    "    KEYS        at the start and at the end of the text, 200\n"
    "    --key-ms    fails if the median key takes more milliseconds, or a key more processor time on "
    "average\n"
    "    --idle-ms   fails if it takes more milliseconds of processor time a second while nobody types\n";

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

/// A file that goes away with it.
class text_file {
public:
    explicit text_file(std::uint64_t bytes) {
        std::string name = (std::filesystem::temp_directory_path() / "sangam-bench-XXXXXX").string();
        const int descriptor = ::mkstemp(name.data());
        if (descriptor < 0) fail("mkstemp");
        ::close(descriptor);
        path_ = name;
        std::ofstream out(path_, std::ios::binary);
        for (std::uint64_t written = 0; written < bytes; written += line.size())
            out << line;
        if (!out.flush()) fail("writing the text");
    }
    ~text_file() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
    text_file(const text_file&) = delete;
    text_file& operator=(const text_file&) = delete;
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
};

/// What somebody reads who looks at it: without what moves the cursor and colours the text.
std::string readable(std::string_view output) {
    std::string text;
    for (std::size_t i = 0; i < output.size(); ++i) {
        if (output[i] == '\x1b') {
            // ESC [ parameters letter, or ESC and one or two characters
            if (i + 1 < output.size() && output[i + 1] == '[') {
                i += 2;
                while (i < output.size() && (output[i] < '@' || output[i] > '~'))
                    ++i;
            } else {
                i += i + 1 < output.size() && (output[i + 1] == '(' || output[i + 1] == ')') ? 2 : 1;
            }
        } else if (output[i] >= ' ') {
            text += output[i];
        } else if (output[i] == '\n' && !text.empty() && text.back() != ' ') {
            text += ' ';
        }
    }
    return text;
}

/// A program in a terminal of 80 x 24.
class terminal {
public:
    terminal(const std::string& program, const std::string& file) {
        std::array<int, 2> started{};
        if (::pipe2(started.data(), O_CLOEXEC) != 0) fail("pipe2");
        winsize size{24, 80, 0, 0};
        child_ = ::forkpty(&descriptor_, nullptr, nullptr, &size);
        if (child_ < 0) fail("forkpty");
        if (child_ == 0) {
            ::setenv("TERM", "xterm", 1);
            ::execl(program.c_str(), program.c_str(), "--name", "bench", "--load", file.c_str(),
                    static_cast<char*>(nullptr));
            const int reason = errno;
            [[maybe_unused]] const ssize_t told = ::write(started[1], &reason, sizeof reason);
            ::_exit(127);
        }
        ::close(started[1]);
        int reason = 0;
        const bool failed = ::read(started[0], &reason, sizeof reason) == sizeof reason; // else it was closed
        ::close(started[0]);
        if (failed) {
            end();
            throw std::system_error(reason, std::generic_category(), "cannot start " + program);
        }
    }
    ~terminal() { end(); }
    terminal(const terminal&) = delete;
    terminal& operator=(const terminal&) = delete;

    void type(std::string_view keys) const {
        if (::write(descriptor_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size()))
            fail("write");
    }

    /// Whether the screen changes within a time; what changed is kept for the error if it was the last.
    [[nodiscard]] bool changes(milliseconds within) {
        pollfd source{descriptor_, POLLIN, 0};
        if (::poll(&source, 1, static_cast<int>(within.count())) == 0) return false;
        std::array<char, 65536> bytes{};
        const ssize_t length = ::read(descriptor_, bytes.data(), bytes.size());
        if (length <= 0) throw std::runtime_error(describe_end());
        last_words_.append(bytes.data(), static_cast<std::size_t>(length));
        if (last_words_.size() > last_words_max) last_words_.erase(0, last_words_.size() - last_words_max);
        return true;
    }

    /// Lately.
    [[nodiscard]] bool shows(std::string_view text) const {
        return last_words_.find(text) != std::string::npos;
    }

    void settle() {
        while (changes(between_keys)) {
        }
    }

    /// Processor time of all its threads.
    [[nodiscard]] double busy_ms() const {
        double ns = 0;
        for (const auto& task : std::filesystem::directory_iterator(proc() + "/task")) {
            std::ifstream in(task.path() / "schedstat");
            double of_one = 0;
            in >> of_one;
            ns += of_one;
        }
        return ns / 1e6;
    }

    [[nodiscard]] double most_memory_mib() const {
        std::ifstream in(proc() + "/status");
        for (std::string word; in >> word;) {
            if (word == "VmHWM:") {
                double kib = 0;
                in >> kib;
                return kib / 1024;
            }
        }
        throw std::runtime_error("no VmHWM in " + proc() + "/status");
    }

private:
    [[nodiscard]] std::string proc() const { return "/proc/" + std::to_string(child_); }

    void end() {
        if (child_ > 0) {
            ::kill(child_, SIGKILL);
            ::waitpid(child_, nullptr, 0);
        }
        ::close(descriptor_);
    }

    /// Of an editor that has closed the terminal.
    std::string describe_end() {
        int status = 0;
        if (::waitpid(child_, &status, 0) != child_) return "the editor has ended";
        child_ = -1;
        return "the editor has ended " +
               (WIFSIGNALED(status) ? "by signal " + std::to_string(WTERMSIG(status))
                                    : "with exit code " + std::to_string(WEXITSTATUS(status))) +
               "; the last on its screen: " + readable(last_words_);
    }

    int descriptor_ = -1;
    pid_t child_ = -1;
    std::string last_words_;
};

double ms_since(clock_type::time_point start) {
    return std::chrono::duration<double, std::milli>(clock_type::now() - start).count();
}

struct limits {
    std::optional<double> key_ms;
    std::optional<double> idle_ms;
};

/// True: within the limit, or there is none.
bool is_within(const char* what, double value, const std::optional<double>& limit) {
    if (!limit || value <= *limit) return true;
    std::cerr << "sangam-bench-editor: " << what << ": " << value << " ms is more than " << *limit << " ms\n";
    return false;
}

struct key_times {
    std::vector<double> ms; ///< from the key to the screen
    double busy_ms = 0;     ///< processor time of one, on average
};

/// Prints the times; what a key takes: the time of half of them, or the work of all if that is more. What
/// else the machine does makes single keys late, but no half of them, and nothing to the work.
double print_times(const char* what, key_times times) {
    std::vector<double>& ms = times.ms;
    std::ranges::sort(ms);
    const double half = ms[ms.size() / 2];
    std::printf("%-20s median %7.3f ms   95 %% %7.3f ms   most %7.3f ms   works %7.3f ms\n", what, half,
                ms[ms.size() * 95 / 100], ms.back(), times.busy_ms);
    return std::max(half, times.busy_ms);
}

key_times time_keys(terminal& at, int keys) {
    key_times times;
    at.settle();
    const double before = at.busy_ms();
    for (int i = 0; i < keys; ++i) {
        at.settle();
        const auto start = clock_type::now();
        at.type("x");
        if (!at.changes(key_max)) throw std::runtime_error("a key changed nothing on the screen");
        times.ms.push_back(ms_since(start));
    }
    at.settle();
    times.busy_ms = (at.busy_ms() - before) / keys;
    return times;
}

struct wrong_usage : std::runtime_error {
    using std::runtime_error::runtime_error;
};

template <class Number>
Number number(std::string_view text, const char* what) {
    Number value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size() || !(value > 0)) {
        throw wrong_usage(std::string(what) + " is not a number above 0: " + std::string(text));
    }
    return value;
}

struct options {
    std::string editor;
    std::uint64_t bytes = 200'000'000;
    int keys = 200;
    limits most;
};

options parse(const std::vector<std::string_view>& words) {
    options chosen;
    std::size_t place = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "--key-ms" || words[i] == "--idle-ms") {
            if (i + 1 == words.size()) throw wrong_usage(std::string(words[i]) + " wants milliseconds");
            auto& limit = words[i] == "--key-ms" ? chosen.most.key_ms : chosen.most.idle_ms;
            limit = number<double>(words[i + 1], words[i].data());
            ++i;
            continue;
        }
        switch (place++) {
        case 0:
            chosen.editor = words[i];
            break;
        case 1:
            chosen.bytes = number<std::uint64_t>(words[i], "BYTES");
            break;
        case 2:
            chosen.keys = number<int>(words[i], "KEYS");
            break;
        default:
            throw wrong_usage("too many arguments");
        }
    }
    if (place == 0) throw wrong_usage("no EDITOR");
    return chosen;
}

/// True: all within the limits.
bool measure(const options& chosen) {
    const text_file file(chosen.bytes);
    const auto start = clock_type::now();
    terminal at(chosen.editor, file.path());
    while (!at.shows(line.substr(0, line.size() / 2))) {
        if (!at.changes(first_screen_max)) throw std::runtime_error("the editor does not show the text");
    }
    std::printf("%-20s %.0f ms for %llu bytes\n", "first screen", ms_since(start),
                static_cast<unsigned long long>(chosen.bytes));
    bool within = true;
    const auto check_keys = [&](const char* where) {
        within &= is_within(where, print_times(where, time_keys(at, chosen.keys)), chosen.most.key_ms);
    };
    check_keys("a key at the start");
    at.type(to_the_end);
    check_keys("a key at the end");
    at.settle();
    const double before = at.busy_ms();
    std::this_thread::sleep_for(idle_time);
    const double idle = (at.busy_ms() - before) / static_cast<double>(idle_time.count());
    std::printf("%-20s %.2f ms of processor time a second\n", "nobody types", idle);
    std::printf("%-20s %.0f MiB\n", "most memory", at.most_memory_mib());
    std::fflush(stdout);
    return is_within("nobody types, a second", idle, chosen.most.idle_ms) && within;
}

} // namespace

int main(int argc, char** argv) {
    try {
        return measure(parse({argv + 1, argv + argc})) ? 0 : exit_failed;
    } catch (const wrong_usage& e) {
        std::cerr << "sangam-bench-editor: " << e.what() << '\n' << usage;
        return exit_wrong_usage;
    } catch (const std::exception& e) {
        std::cerr << "sangam-bench-editor: " << e.what() << '\n';
        return exit_failed;
    }
}
