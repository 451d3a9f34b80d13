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

/// The routing id that the gate gave a connection that said zmtp_greeting; empty when something else came.
inline std::string receive_greeting(raw_stranger& inside) {
    constexpr std::size_t length_at = 65;
    constexpr std::size_t before_id = 12; // "Identity" and the length of what follows
    std::string came = inside.receive(length_at + 1);
    if (came.size() <= length_at) return {};
    came += inside.receive(static_cast<unsigned char>(came[length_at]));
    const std::size_t name_at = came.rfind("Identity");
    if (name_at == std::string::npos || came.size() < name_at + before_id) return {};
    std::string id = came.substr(name_at + before_id);
    return came == zmtp_greeting(id) ? id : std::string();
}

/// A gate, and what stands in for libzmq behind it.
struct gate_and_inside {
    explicit gate_and_inside(std::size_t passages_max = 8)
        : gate_and_inside(passages_max, std::chrono::milliseconds(60'000), std::chrono::milliseconds(60'000),
                          std::chrono::milliseconds(60'000)) {}
    gate_and_inside(std::size_t passages_max, std::chrono::milliseconds first_frame_max,
                    std::chrono::milliseconds unheard_min, std::chrono::milliseconds silent_min,
                    std::chrono::milliseconds linger = std::chrono::milliseconds(5'000),
                    std::size_t strangers_bytes_max = transport::limits::strangers_bytes_max)
        : gate({name, passages_max, linger, std::chrono::milliseconds(10), std::chrono::milliseconds(200),
                first_frame_max, unheard_min, silent_min, strangers_bytes_max}) {}

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
