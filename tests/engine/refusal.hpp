#pragma once

#include <sangam/causality/error.hpp>

#include <string>
#include <string_view>

namespace sangam::test {

/// The error of the exception with which a call ends; one without a code when it returns.
template <class Function>
error error_of(Function&& function) {
    try {
        function();
    } catch (const exception& e) {
        return e.reason();
    }
    return {};
}

inline bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace sangam::test
