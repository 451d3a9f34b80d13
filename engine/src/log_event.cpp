#include <sangam/engine/log_event.hpp>

namespace sangam::engine {

const char* to_string(log_level level) noexcept {
    switch (level) {
    case log_level::debug:
        return "debug";
    case log_level::info:
        return "info";
    case log_level::warning:
        return "warning";
    case log_level::error:
        return "error";
    }
    return "unknown";
}

std::string log_event::message() const {
    std::string message = std::string(to_string(level)) + ": " + text;
    const char* before = " (";
    for (const field& f : fields) {
        message += before + f.name + ": \"" + f.value + '"';
        before = ", ";
    }
    return fields.empty() ? message : message + ')';
}

} // namespace sangam::engine
