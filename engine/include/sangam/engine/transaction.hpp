#pragma once

#include <sangam/engine/handles.hpp>

#include <memory>
#include <string_view>

namespace sangam::engine {

/// An open transaction: handles from here read what it has written and take effect together, under one dot,
/// when its callback returns; if the callback throws, nothing has happened. Cost: the first write to an
/// object copies it, so that it can be given up; text_handle::edit on the replica does not. Threads: the
/// callback's; it holds the replica's lock, so it must not wait for other threads that use the replica.
class transaction {
public:
    explicit transaction(std::shared_ptr<executor> target) : target_(std::move(target)) {}
    transaction(const transaction&) = delete;
    transaction& operator=(const transaction&) = delete;

    [[nodiscard]] counter_handle counter(std::string_view key) const;
    [[nodiscard]] g_counter_handle g_counter(std::string_view key) const;
    [[nodiscard]] set_handle set(std::string_view key) const;
    [[nodiscard]] map_handle map(std::string_view key) const;
    [[nodiscard]] register_handle lww_register(std::string_view key) const;
    [[nodiscard]] text_handle text(std::string_view key) const;
    [[nodiscard]] object_handle object_for_key(std::string_view key) const;

private:
    std::shared_ptr<executor> target_;
};

} // namespace sangam::engine
