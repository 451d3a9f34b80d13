#include "call_scope.hpp"

#include <sangam/causality/assert.hpp>

#include <utility>

namespace sangam::engine {

namespace {

thread_local call_scope* open_scope = nullptr;
thread_local const void* callback_owner = nullptr;

} // namespace

call_scope::call_scope(const void* owner, const std::string& name) noexcept : owner_(owner), name_(name) {
    SANGAM_INVARIANT(open_scope == nullptr);
    open_scope = this;
}

call_scope::~call_scope() {
    open_scope = nullptr;
    while (first_) {
        const std::shared_ptr<put_off> due = std::move(first_);
        first_ = std::move(due->next_);
        const std::shared_ptr<const void> kept = std::move(due->keeps_);
        due->act_();
    }
}

void call_scope::when_over(std::shared_ptr<put_off> what, std::shared_ptr<const void> keeps) noexcept {
    what->keeps_ = std::move(keeps);
    std::shared_ptr<put_off>& place = last_ ? last_->next_ : first_;
    last_ = what.get();
    place = std::move(what);
}

call_scope* call_scope::open() noexcept {
    return open_scope;
}

callback_scope::callback_scope(const void* owner) noexcept {
    callback_owner = owner;
}

callback_scope::~callback_scope() {
    callback_owner = nullptr;
}

const void* callback_scope::owner() noexcept {
    return callback_owner;
}

} // namespace sangam::engine
