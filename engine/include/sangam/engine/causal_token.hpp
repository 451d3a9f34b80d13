#pragma once

#include <sangam/causality/error.hpp>
#include <sangam/causality/vector_clock.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace sangam::engine {

/// All that a replica had seen and done at one moment. Give it to another replica's `wait_for` to read your
/// writes there. Threads: a value.
class causal_token {
public:
    causal_token() = default;
    explicit causal_token(causality::vector_clock clock) : clock_(std::move(clock)) {}

    [[nodiscard]] const causality::vector_clock& clock() const noexcept { return clock_; }
    /// Afterwards this means both.
    void merge(const causal_token& other) { clock_.merge(other.clock_); }

    /// Printable, to travel in a header or a cookie.
    [[nodiscard]] std::string str() const { return to_string(clock_); }
    /// The inverse of `str`. Errors: bad_option.
    [[nodiscard]] static result<causal_token> parse(std::string_view text);

    friend bool operator==(const causal_token&, const causal_token&) = default;

private:
    causality::vector_clock clock_;
};

} // namespace sangam::engine
