#include "replica_implementation.hpp"

#include "call_scope.hpp"
#include "moment_now.hpp"
#include "process_id.hpp"

#include <sangam/transport/memory_links.hpp>

#include <algorithm>
#include <random>
#include <utility>

namespace sangam::engine {

namespace {

constexpr std::chrono::milliseconds report_patience{100};
constexpr std::chrono::milliseconds last_patience{1000};
constexpr std::chrono::hours timeout_max{24 * 365}; // longer ones would overflow the clock
constexpr std::size_t failure_bytes = 256;

std::uint64_t random_bits() {
    std::random_device device;
    return (std::uint64_t{device()} << 32) | device();
}

std::uint64_t ms_of(auto time) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
}

/// An open transaction as handles see it.
class draft_executor final : public executor {
public:
    draft_executor(replica_state& state, std::uint64_t wall_ms)
        : state_(state), draft_(state.begin(wall_ms)) {}

    void read(const object_address& address, const reader& read) const override {
        check_open();
        read(state_.view(draft_, address));
    }
    void write(const object_address& address, std::span<const preparer> steps) override {
        check_open();
        state_.write(draft_, address, steps);
    }
    void when_committed(std::function<void()> then) override { committed_.push_back(std::move(then)); }
    [[nodiscard]] replica_state::draft take() { return std::move(draft_); }
    void end() noexcept { open_ = false; }
    void committed() const {
        for (const std::function<void()>& then : committed_)
            then();
    }

private:
    void check_open() const {
        if (!open_) {
            throw exception({errc::closed, "the transaction of this handle is over"});
        }
    }

    replica_state& state_;
    replica_state::draft draft_;
    std::vector<std::function<void()>> committed_;
    bool open_ = true;
};

} // namespace

moment now() {
    return {ms_of(std::chrono::system_clock::now()), ms_of(std::chrono::steady_clock::now())};
}

replica::implementation::implementation(replica_options options, transport::link_options link_options)
    : options_(std::move(options)), link_options_(std::move(link_options)), process_(current_process()),
      shared_(causality::replica_id{random_bits()}, options_), events_(options_.log),
      close_later_(std::make_shared<put_off>([this] { close_for_good(); })) {
    failure_.reserve(failure_bytes);
    shared_.state.changes().on_waiting([this] { changes_ready_.notify_one(); });
}

result<void> replica::implementation::start() {
    const synchronizer::identity who{options_.name, options_.group, random_bits()};
    synchronizer_ = std::make_unique<synchronizer>(who, options_.timing, shared_, log_, events_);
    if (result<void> switched = switch_network(true); !switched) {
        return switched;
    }
    make_report();
    thread_ = std::thread([self = shared_from_this()] { self->run(); });
    return {};
}

std::optional<error> replica::implementation::misuse() const {
    if (current_process() != process_) {
        return error{errc::forked, "replica \"" + options_.name + "\" was opened by process " +
                                       std::to_string(process_) + "; open a new one in this process"};
    }
    if (event_log::in_callback()) {
        return error{errc::would_deadlock, "replica \"" + options_.name + "\" is used inside a log callback"};
    }
    const call_scope* const open = call_scope::open();
    if (open == nullptr) {
        return std::nullopt;
    }
    if (open->owner() == this) {
        return error{errc::would_deadlock, "replica \"" + options_.name +
                                               "\" is used inside a transaction of its own; use the "
                                               "transaction's handles"};
    }
    return error{errc::would_deadlock, "replica \"" + options_.name +
                                           "\" is used inside a transaction of replica \"" + open->name() +
                                           "\"; use it before or after"};
}

/// A callback, of whichever replica, or a log callback may be what the callback that runs waits for.
bool replica::implementation::may_wait_for_callbacks() const noexcept {
    return callback_scope::owner() == nullptr && !event_log::in_callback();
}

void replica::implementation::check_use() const {
    if (std::optional<error> wrong = misuse()) {
        throw exception(std::move(*wrong));
    }
}

/// Callbacks may use the replica until the last of them has returned or the time to close is over.
bool replica::implementation::over_for_this_thread() const noexcept {
    return closed_ || (closing_ && callback_scope::owner() != this);
}

error replica::implementation::closed_error() const {
    return {errc::closed, "replica \"" + options_.name + "\"" + (failure_.empty() ? "" : ": " + failure_)};
}

std::unique_lock<std::mutex> replica::implementation::lock_open() const {
    std::unique_lock lock(shared_.mutex);
    if (over_for_this_thread()) {
        throw exception(closed_error());
    }
    return lock;
}

void replica::implementation::wait_for_room(std::unique_lock<std::mutex>& lock) {
    if (!shared_.state.outbox_full()) {
        return;
    }
    ++writers_waiting_;
    shared_.changed.wait(lock, [this] { return over_for_this_thread() || !shared_.state.outbox_full(); });
    --writers_waiting_;
    if (over_for_this_thread()) {
        throw exception(closed_error());
    }
}

void replica::implementation::wake_locked() {
    if (wake_pending_.exchange(true)) {
        return;
    }
    if (links_) {
        links_->wake();
    } else {
        wakeup_.notify_one();
    }
}

template <class Change>
void replica::implementation::change_or_close(Change&& change) {
    const auto close_if_broken = [this](const char* reason) {
        if (shared_.state.broken()) {
            fail_locked("a write", reason);
            throw exception(closed_error());
        }
    };
    try {
        change();
    } catch (const std::exception& reason) {
        close_if_broken(reason.what());
        throw;
    } catch (...) {
        close_if_broken("an exception of unknown type");
        throw;
    }
}

void replica::implementation::read(const object_address& address, const reader& read) const {
    check_use();
    const auto lock = lock_open();
    read(shared_.state.view(address));
}

void replica::implementation::write(const object_address& address, std::span<const preparer> steps) {
    check_use();
    const call_scope scope(this, options_.name); // a step may call a merge function of the application
    auto lock = lock_open();
    wait_for_room(lock);
    change_or_close([&] {
        if (shared_.state.write(address, steps, now().wall_ms)) {
            wake_locked();
        }
    });
}

void replica::implementation::transact(const transaction_options& options,
                                       const std::function<void(transaction&)>& body) {
    check_use();
    const call_scope scope(this, options_.name);
    auto lock = lock_open();
    wait_for_room(lock);
    transact_locked(options, body);
}

void replica::implementation::transact_locked(const transaction_options& options,
                                              const std::function<void(transaction&)>& body) {
    const auto draft = std::make_shared<draft_executor>(shared_.state, now().wall_ms);
    {
        const auto end = [&](void*) { draft->end(); };
        const std::unique_ptr<void, decltype(end)> at_exit(this, end);
        transaction open(draft);
        body(open);
    }
    if (current_process() != process_) { // the body has forked: nobody would bring this anywhere
        throw exception({errc::forked, "the transaction belongs to process " + std::to_string(process_)});
    }
    change_or_close([&] {
        if (shared_.state.commit(draft->take(), options)) {
            wake_locked();
            draft->committed();
        }
    });
}

causal_token replica::implementation::token() const {
    check_use();
    const std::lock_guard lock(shared_.mutex);
    if (!failure_.empty()) {
        throw exception(closed_error());
    }
    return causal_token(shared_.state.delivered());
}

result<void> replica::implementation::wait_for(const causality::vector_clock& clock,
                                               std::chrono::milliseconds timeout) {
    if (std::optional<error> wrong = misuse()) {
        return std::move(*wrong);
    }
    timeout = std::min<std::chrono::milliseconds>(timeout, timeout_max);
    std::unique_lock lock(shared_.mutex);
    const auto here = [&] { return shared_.state.delivered().dominates(clock); };
    if (!shared_.changed.wait_for(lock, timeout, [&] { return over_for_this_thread() || here(); })) {
        const auto& buffer = shared_.state.buffer();
        std::string where = "after " + std::to_string(timeout.count()) +
                            " ms not delivered: " + to_string(clock.difference(buffer.delivered())) +
                            "; held back: " + std::to_string(buffer.counters().held_back);
        for (const auto& [missing, waiting] : buffer.missing(1)) {
            where += ", " + to_string(waiting) + " of them because " + to_string(missing) + " is not here";
        }
        return error{errc::timed_out, std::move(where)};
    }
    if (!failure_.empty() || !here()) {
        return closed_error();
    }
    return {};
}

result<void> replica::implementation::limit_delivery(std::optional<causality::vector_clock> limit) {
    if (std::optional<error> wrong = misuse()) {
        return std::move(*wrong);
    }
    {
        const std::lock_guard lock(shared_.mutex);
        if (over_for_this_thread()) {
            return closed_error();
        }
        change_or_close([&] { shared_.state.limit_delivery(std::move(limit)); });
        wake_locked();
    }
    shared_.changed.notify_all();
    return {};
}

result<void> replica::implementation::set_online(bool online) {
    if (std::optional<error> wrong = misuse()) {
        return std::move(*wrong);
    }
    const std::lock_guard one_at_a_time(online_mutex_);
    std::unique_lock lock(shared_.mutex);
    if (closing_) {
        return closed_error();
    }
    online_wanted_ = online;
    online_answer_.reset();
    wake_locked();
    shared_.changed.wait(lock, [this] { return closed_ || online_answer_; });
    if (!online_answer_) {
        return closed_error();
    }
    return *online_answer_;
}

replica_status replica::implementation::status() {
    check_use();
    std::unique_lock lock(shared_.mutex);
    if (!closed_) {
        const std::uint64_t last = report_.number;
        report_wanted_ = true;
        wake_locked();
        shared_.changed.wait_for(lock, report_patience, [&] { return closed_ || report_.number > last; });
    }
    replica_status status;
    status.id = shared_.state.self();
    status.name = options_.name;
    status.online = report_.online;
    status.listening = report_.listening;
    status.delivered = shared_.state.delivered();
    status.own_messages = shared_.state.delivered()[shared_.state.self()];
    status.outbox_messages = shared_.state.outbox_messages();
    status.log_bytes = report_.log_bytes;
    status.objects = shared_.state.objects();
    status.skew_ms = shared_.state.skew_ms();
    status.expiries_failed = shared_.state.expiries_failed();
    status.buffer = shared_.state.buffer().counters();
    status.missing = report_.missing;
    status.conflict = report_.conflict;
    status.writers_waiting = writers_waiting_;
    status.changes_waiting = shared_.state.changes().waiting();
    status.changes_missed = shared_.state.changes().given_up();
    status.callbacks_failed = callbacks_failed_;
    status.last_callback_failure = last_callback_failure_;
    if (closing_) {
        status.closed = failure_.empty() ? "by the application" : failure_;
    }
    status.network = report_.network;
    status.network.messages_invalid = shared_.state.messages_invalid();
    status.peers = report_.peers;
    return status;
}

result<void> replica::implementation::close(std::chrono::milliseconds deadline) {
    if (std::optional<error> wrong = misuse()) {
        return std::move(*wrong);
    }
    if (callback_scope::owner() != nullptr) {
        return error{errc::would_deadlock, "replica \"" + options_.name +
                                               "\" is closed inside a callback, which closing waits for; "
                                               "close it from another thread, or destroy it"};
    }
    begin_closing(deadline);
    join();
    const std::lock_guard lock(shared_.mutex);
    if (!failure_.empty()) {
        return closed_error();
    }
    return close_answer_;
}

void replica::implementation::close_for_good() noexcept {
    if (current_process() != process_) {
        return; // its threads are in another process, and they share the ownership: nothing is destroyed here
    }
    if (call_scope* const open = call_scope::open()) {
        open->when_over(close_later_, shared_from_this());
        return;
    }
    begin_closing(last_patience);
    if (may_wait_for_callbacks()) {
        log_is_gone_ = !join();
    } else {
        detach();
    }
}

void replica::implementation::begin_closing(std::chrono::milliseconds deadline) {
    const auto until =
        std::chrono::steady_clock::now() + std::min<std::chrono::milliseconds>(deadline, timeout_max);
    {
        const std::lock_guard lock(shared_.mutex);
        close_until_ = closing_ && failure_.empty() ? std::min(close_until_, until) : until;
        closing_ = true;
        wake_locked();
    }
    shared_.changed.notify_all();
}

bool replica::implementation::join() {
    const std::lock_guard one_at_a_time(threads_mutex_);
    if (thread_.joinable()) {
        thread_.join();
    }
    if (!change_thread_.joinable()) {
        return !left_running_;
    }
    if (wait_for_last_callback()) {
        change_thread_.join();
        return true;
    }
    left_running_ = true;
    change_thread_.detach(); // it shares the ownership of all that it uses
    std::string text = "a callback still runs";
    {
        const std::lock_guard lock(calling_mutex_);
        if (running_) {
            text = "a callback of \"" + running_->key + "\" still runs";
        }
    }
    const std::lock_guard lock(shared_.mutex);
    if (close_answer_) {
        close_answer_ = error{errc::timed_out, "replica \"" + options_.name + "\" is closed: " + text};
    } else {
        close_answer_.error().where += "; " + text;
    }
    return false;
}

/// Until the time to close is over, which somebody may shorten meanwhile.
bool replica::implementation::wait_for_last_callback() {
    std::unique_lock lock(shared_.mutex);
    while (!change_thread_over_ && std::chrono::steady_clock::now() < close_until_) {
        const auto until = close_until_;
        shared_.changed.wait_until(lock, until);
    }
    return change_thread_over_;
}

/// Inside a callback. Whoever joins already may wait for this very callback.
void replica::implementation::detach() {
    const std::unique_lock only(threads_mutex_, std::try_to_lock);
    if (!only.owns_lock()) {
        return;
    }
    for (std::thread* thread : {&thread_, &change_thread_}) {
        if (thread->joinable()) {
            thread->detach();
        }
    }
}

} // namespace sangam::engine
