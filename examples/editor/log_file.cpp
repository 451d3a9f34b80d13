#include <editor/log_file.hpp>

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <utility>

#include <fcntl.h>
#include <sys/types.h>

namespace editor {
namespace {

constexpr mode_t new_file_mode = 0666; // what the umask leaves of it

std::string time_stamp(std::chrono::system_clock::time_point when) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(when.time_since_epoch()).count();
    const std::time_t seconds = ms / 1000;
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char day[32] = {};
    std::strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &parts);
    char whole[40] = {};
    std::snprintf(whole, sizeof whole, "%s.%03dZ", day, static_cast<int>(ms % 1000));
    return whole;
}

void append_printable(std::string& line, std::string_view text) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7F) {
            line += c;
            continue;
        }
        constexpr const char* digits = "0123456789ABCDEF";
        line += "\\x";
        line += digits[byte >> 4U];
        line += digits[byte & 0xFU];
    }
}

} // namespace

std::string log_line(std::chrono::system_clock::time_point when, const std::string& who,
                     const sangam::engine::log_event& event) {
    std::string line = time_stamp(when) + ' ';
    append_printable(line, who);
    line += ": ";
    append_printable(line, event.message());
    line += '\n';
    return line;
}

sangam::result<log_file> log_file::open(const std::string& path, std::string who) {
    // One that is not there is made; whatever else the path leads to is looked at before it is opened.
    const file_descriptor made(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, new_file_mode));
    if (!made.is_open() && errno != EEXIST) return file_error(errc::cannot_write, path, last_system_error());
    auto opened = open_regular(path, O_WRONLY | O_APPEND, errc::cannot_write);
    if (!opened) return opened.error();
    return log_file(std::move(*opened), std::move(who));
}

void log_file::write(const sangam::engine::log_event& event) const {
    static_cast<void>(write_all(*file_, log_line(std::chrono::system_clock::now(), who_, event)));
}

sangam::engine::log_callback log_file::callback() const {
    return [self = *this](const sangam::engine::log_event& event) { self.write(event); };
}

} // namespace editor
