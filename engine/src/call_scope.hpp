#pragma once

#include <functional>
#include <memory>
#include <string>

namespace sangam::engine {

/// What a destructor may have to do later, made beforehand: no destructor waits for memory.
class put_off {
public:
    explicit put_off(std::function<void()> act) : act_(std::move(act)) {}

private:
    friend class call_scope;

    std::function<void()> act_;
    std::shared_ptr<const void> keeps_; ///< while it waits
    std::shared_ptr<put_off> next_;
};

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
    /// Does `what` when the scope ends, and keeps `keeps` until then. Precondition: `what` waits in no scope.
    void when_over(std::shared_ptr<put_off> what, std::shared_ptr<const void> keeps) noexcept;

private:
    const void* owner_;
    const std::string& name_;
    std::shared_ptr<put_off> first_;
    put_off* last_ = nullptr;
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
