#pragma once

#include <sangam/engine/handles.hpp>

#include <memory>
#include <utility>

namespace sangam::engine {

/// An open transaction: handles from here read what it has written and take effect together, under one dot,
/// when its callback returns; if the callback throws, nothing has happened. Cost: the first write to an
/// object copies it, so that it can be given up; text_handle::edit on the replica does not. Threads: the
/// callback's; it holds the replica's lock: it must not wait for threads that use it, and uses no replica.
class transaction : public handle_source {
public:
    explicit transaction(std::shared_ptr<executor> target) : handle_source(std::move(target)) {}
    transaction(const transaction&) = delete;
    transaction& operator=(const transaction&) = delete;
};

} // namespace sangam::engine
