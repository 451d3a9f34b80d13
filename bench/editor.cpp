// What a person waits for in the editor, with a text of so many bytes: sangam-bench-editor EDITOR [BYTES
// [KEYS]]. The editor runs in a terminal of its own, as at a desk: a key goes in, and its time is over when
// the screen changes. Then nobody types, and what its threads work meanwhile is counted.

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
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

/// A program in a terminal of 80 x 24.
class terminal {
public:
    terminal(const std::string& program, const std::string& file) {
        winsize size{24, 80, 0, 0};
        child_ = ::forkpty(&descriptor_, nullptr, nullptr, &size);
        if (child_ < 0) fail("forkpty");
        if (child_ == 0) {
            ::setenv("TERM", "xterm", 1);
            ::execl(program.c_str(), program.c_str(), "--load", file.c_str(), static_cast<char*>(nullptr));
            ::_exit(127);
        }
    }
    ~terminal() {
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
        ::close(descriptor_);
    }
    terminal(const terminal&) = delete;
    terminal& operator=(const terminal&) = delete;

    void type(std::string_view keys) const {
        if (::write(descriptor_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size()))
            fail("write");
    }

    /// Whether the screen changes within a time; what changed is not looked at.
    [[nodiscard]] bool changes(milliseconds within) const {
        pollfd source{descriptor_, POLLIN, 0};
        if (::poll(&source, 1, static_cast<int>(within.count())) == 0) return false;
        std::array<char, 65536> bytes{};
        if (::read(descriptor_, bytes.data(), bytes.size()) <= 0) {
            throw std::runtime_error("the editor has ended");
        }
        return true;
    }

    void settle() const {
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

    int descriptor_ = -1;
    pid_t child_ = -1;
};

double ms_since(clock_type::time_point start) {
    return std::chrono::duration<double, std::milli>(clock_type::now() - start).count();
}

void print_times(const char* what, std::vector<double> ms) {
    std::ranges::sort(ms);
    std::printf("%-20s median %7.3f ms   95 %% %7.3f ms   most %7.3f ms\n", what, ms[ms.size() / 2],
                ms[ms.size() * 95 / 100], ms.back());
}

std::vector<double> time_keys(const terminal& at, int keys) {
    std::vector<double> ms;
    for (int i = 0; i < keys; ++i) {
        at.settle();
        const auto start = clock_type::now();
        at.type("x");
        if (!at.changes(key_max)) throw std::runtime_error("a key changed nothing on the screen");
        ms.push_back(ms_since(start));
    }
    return ms;
}

std::uint64_t number(const char* text, const char* what) {
    char* end = nullptr;
    const std::uint64_t value = std::strtoull(text, &end, 10);
    if (end == text || *end != '\0' || value == 0) {
        throw std::runtime_error(std::string(what) + " is not a number above 0: " + text);
    }
    return value;
}

void measure(const std::string& editor, std::uint64_t bytes, int keys) {
    const text_file file(bytes);
    const auto start = clock_type::now();
    const terminal at(editor, file.path());
    if (!at.changes(first_screen_max)) throw std::runtime_error("the editor shows nothing");
    std::printf("%-20s %.0f ms for %llu bytes\n", "first screen", ms_since(start),
                static_cast<unsigned long long>(bytes));
    print_times("a key at the start", time_keys(at, keys));
    at.type(to_the_end);
    print_times("a key at the end", time_keys(at, keys));
    at.settle();
    const double before = at.busy_ms();
    std::this_thread::sleep_for(idle_time);
    std::printf("%-20s %.2f ms of processor time a second\n", "nobody types",
                (at.busy_ms() - before) / static_cast<double>(idle_time.count()));
    std::printf("%-20s %.0f MiB\n", "most memory", at.most_memory_mib());
}

} // namespace

int main(int argc, char** argv) {
    try {
        if (argc < 2 || argc > 4)
            throw std::runtime_error("usage: sangam-bench-editor EDITOR [BYTES [KEYS]]");
        measure(argv[1], argc > 2 ? number(argv[2], "BYTES") : 200'000'000,
                argc > 3 ? static_cast<int>(std::min<std::uint64_t>(number(argv[3], "KEYS"), 100'000)) : 200);
        return 0;
    } catch (const std::exception& e) {
        std::cerr << "sangam-bench-editor: " << e.what() << '\n';
        return 1;
    }
}
