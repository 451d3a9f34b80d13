#pragma once

#include "../processes/raw_stranger.hpp"
#include "link_helpers.hpp"
#include "zmtp_gate.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace sangam::test {

inline constexpr int patience_ms = static_cast<int>(patience.count());

inline std::string fresh_name(std::string_view test) {
    static int count = 0;
    return "sangam-gate-test-" + std::to_string(::getpid()) + "-" + std::string(test) +
           std::to_string(++count);
}

/// A gate, and what stands in for libzmq behind it.
struct gate_and_inside {
    explicit gate_and_inside(std::size_t passages_max = 8)
        : gate_and_inside(passages_max, std::chrono::milliseconds(60'000), std::chrono::milliseconds(60'000),
                          std::chrono::milliseconds(60'000)) {}
    gate_and_inside(std::size_t passages_max, std::chrono::milliseconds first_frame_max,
                    std::chrono::milliseconds unheard_min, std::chrono::milliseconds silent_min)
        : gate({name, passages_max, std::chrono::milliseconds(5'000), std::chrono::milliseconds(10),
                std::chrono::milliseconds(200), first_frame_max, unheard_min, silent_min}) {}

    std::vector<std::string> refusals(std::size_t count) {
        std::vector<std::string> all;
        CHECK(eventually([&] {
            for (std::string& each : gate.refusals()) {
                all.push_back(std::move(each));
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
            return all.size() >= count;
        }));
        return all;
    }

    std::string name = fresh_name("inside");
    raw_listener inside{name};
    transport::zmtp_gate gate;
};

} // namespace sangam::test
