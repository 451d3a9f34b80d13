#pragma once

#include "process.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sangam::test {

/// A `relay` in a process of its own: connect to `address()` instead of the address that it forwards to.
/// Threads: one.
class relay_process {
public:
    /// `faults` as on the command line of `sangam-test-relay`: {"--drop", "5", "--seed", "7"}.
    explicit relay_process(const std::string& to, const std::vector<std::string>& faults = {});

    [[nodiscard]] const std::string& address() const noexcept { return address_; }
    void cut();
    void heal();
    /// Ends it; the fields of relay_counts by their names.
    [[nodiscard]] std::map<std::string, std::uint64_t> end();

private:
    process process_;
    std::string address_;
};

} // namespace sangam::test
