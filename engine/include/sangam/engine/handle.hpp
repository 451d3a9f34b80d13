#pragma once

#include <sangam/engine/executor.hpp>

#include <memory>
#include <utility>

namespace sangam::engine {

/// What all handles share. A handle names an object of a replica or of an open transaction. It is cheap to
/// copy, holds no state of the object, and may be used from any thread (one of a transaction: only inside
/// it). An object exists as soon as something was written to it.
///
/// Errors of every call of every handle: `exception` with engine::errc::wrong_type (the key holds another
/// kind), closed (the replica or transaction is over), and those that the call names. Nothing has changed
/// then.
class handle {
public:
    /// For the engine; applications get handles from a replica, a transaction or a map.
    handle(std::shared_ptr<executor> target, object_address address)
        : target_(std::move(target)), address_(std::move(address)) {}

    /// A handle that is moved is copied: the one that was moved from still names the same object.
    handle(const handle&) = default;
    handle& operator=(const handle&) = default;

    [[nodiscard]] const object_address& address() const noexcept { return address_; }

protected:
    std::shared_ptr<executor> target_;
    object_address address_;
};

} // namespace sangam::engine
