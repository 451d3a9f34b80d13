#pragma once

#include <sangam/transport/memory_links.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sangam::test {

struct received {
    transport::link_id link = 0;
    std::string bytes;
};

/// Keeps what arrives.
class inbox final : public transport::frame_receiver {
public:
    void on_frame(transport::link_id link, std::string_view frame) override {
        frames.push_back({link, std::string(frame)});
    }
    void on_refused_connection(std::string_view why) override { refused.emplace_back(why); }
    void on_unreached(transport::link_id link, std::string_view why) override {
        unreached.emplace_back(link, why);
    }
    std::vector<received> frames;
    std::vector<std::string> refused;                                  ///< why
    std::vector<std::pair<transport::link_id, std::string>> unreached; ///< and why
};

inline constexpr std::chrono::milliseconds patience{10'000};

inline transport::address parsed(std::string_view text) {
    return transport::parse_address(text).value();
}

inline std::unique_ptr<transport::links> opened(const transport::link_options& options) {
    auto made = transport::open_links(options);
    REQUIRE_MESSAGE(made.has_value(), made.error().message());
    return *std::move(made);
}

inline transport::outgoing_frame frame_of(std::string bytes) {
    return transport::outgoing_frame(std::move(bytes));
}

inline std::unique_ptr<transport::links> listener_at(std::string_view text) {
    return opened({.listen = {parsed(text)}});
}
inline std::unique_ptr<transport::links> dialer_to(std::string_view text) {
    return opened({.connect = {parsed(text)}, .reconnect_first = std::chrono::milliseconds(10)});
}

/// Repeats `step` until it returns true; false when that takes too long.
inline bool eventually(const std::function<bool()>& step) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < end) {
        if (step()) return true;
    }
    return false;
}

/// Polls until `count` frames have come in all.
inline bool receive(transport::links& by, inbox& in, std::size_t count) {
    return eventually([&] {
        if (in.frames.size() < count) by.poll(std::chrono::milliseconds(20), in);
        return in.frames.size() >= count;
    });
}

/// Sends when the link is ready; false when it never is.
inline bool send(transport::links& by, transport::link_id link, std::string bytes) {
    const transport::outgoing_frame frame(std::move(bytes));
    return eventually([&] {
        if (by.send(link, frame) == transport::send_outcome::sent) return true;
        inbox none;
        by.poll(std::chrono::milliseconds(5), none);
        return false;
    });
}

/// Sends one frame from `dialer` to `listener` and returns the link that it came by.
inline transport::link_id greet(transport::links& dialer, transport::links& listener) {
    REQUIRE(send(dialer, dialer.outgoing().at(0), "hello"));
    inbox in;
    REQUIRE(receive(listener, in, 1));
    return in.frames[0].link;
}

} // namespace sangam::test
