#include <sangam/causality/assert.hpp>
#include <sangam/causality/error.hpp>

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace sangam::causality {

namespace {

std::atomic<invariant_handler> current_handler{nullptr};

} // namespace

invariant_handler set_invariant_handler(invariant_handler handler) noexcept {
    return current_handler.exchange(handler);
}

void invariant_failed(const char* expression, const char* file, int line) {
    if (const invariant_handler handler = current_handler.load()) {
        handler(expression, file, line);
    }
    std::fprintf(stderr, "sangam: invariant does not hold: %s (%s:%d)\n", expression, file, line);
    std::abort();
}

std::string error::message() const {
    std::string text = std::string(code.category().name()) + ": " + code.message();
    if (!where.empty()) {
        text += ": " + where;
    }
    return text;
}

void throw_exception_from_error(const error& reason, const boost::source_location&) {
    throw exception(reason);
}

} // namespace sangam::causality
