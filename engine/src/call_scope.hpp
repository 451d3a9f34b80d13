#pragma once

#include <functional>
#include <string>
#include <vector>

namespace sangam::engine {

/// This thread holds the lock of a replica, or is about to, while it runs code that may be the application's:
/// the body of a transaction, a merge function.
///
/// Why: whoever takes a second replica's lock meanwhile can meet a thread that does the same in the opposite
/// order, and whoever takes the same lock again waits for itself. So nothing else is allowed in between, and
/// what a destructor has to do with a lock is put off until the scope ends. The scope must therefore outlive
/// the lock. Threads: its own.
class call_scope {
public:
    /// `owner` names the replica. Precondition: no scope is open on this thread.
    call_scope(const void* owner, const std::string& name) noexcept;
    ~call_scope();
    call_scope(const call_scope&) = delete;
    call_scope& operator=(const call_scope&) = delete;

    /// The one that is open on this thread; nullptr if there is none.
    [[nodiscard]] static call_scope* open() noexcept;

    [[nodiscard]] const void* owner() const noexcept { return owner_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    void when_over(std::function<void()> act) { put_off_.push_back(std::move(act)); }

private:
    const void* owner_;
    const std::string& name_;
    std::vector<std::function<void()>> put_off_;
};

/// This thread runs a callback of a replica.
class callback_scope {
public:
    explicit callback_scope(const void* owner) noexcept;
    ~callback_scope();
    callback_scope(const callback_scope&) = delete;
    callback_scope& operator=(const callback_scope&) = delete;

    /// Of which replica; nullptr outside of callbacks.
    [[nodiscard]] static const void* owner() noexcept;
};

} // namespace sangam::engine
