#include "replica_implementation.hpp"

#include <sangam/causality/assert.hpp>
#include <sangam/engine/limits.hpp>
#include <sangam/transport/memory_links.hpp>

#include <algorithm>
#include <random>
#include <utility>

namespace sangam::engine {

namespace {

constexpr std::chrono::milliseconds report_patience{100};
constexpr std::chrono::milliseconds finish_patience{1000};
constexpr std::chrono::hours timeout_max{24 * 365}; // longer ones would overflow the clock

std::uint64_t random_bits() {
    std::random_device device;
    return (std::uint64_t{device()} << 32) | device();
}

std::uint64_t ms_of(auto time) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
}

moment now() {
    return {ms_of(std::chrono::system_clock::now()), ms_of(std::chrono::steady_clock::now())};
}

/// Gives every frame the time at which it is handled.
struct timed_receiver final : transport::frame_receiver {
    explicit timed_receiver(synchronizer& to) : target(to) {}
    void on_frame(transport::link_id link, std::string_view frame) override {
        target.set_time(now());
        target.on_frame(link, frame);
    }
    void on_bad_frame(transport::link_id link, std::size_t parts) override {
        target.set_time(now());
        target.on_bad_frame(link, parts);
    }
    void on_refused_connection(std::string_view why) override {
        target.set_time(now());
        target.on_refused_connection(why);
    }
    synchronizer& target;
};

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

replica::implementation::implementation(replica_options options, transport::link_options link_options)
    : options_(std::move(options)), link_options_(std::move(link_options)),
      shared_(causality::replica_id{random_bits()}, options_), events_(options_.log) {}

replica::implementation::~implementation() {
    close();
}

result<void> replica::implementation::start() {
    const synchronizer::identity who{options_.name, options_.group, random_bits()};
    synchronizer_ = std::make_unique<synchronizer>(who, options_.timing, shared_, log_, events_);
    if (result<void> switched = switch_network(true); !switched) {
        return switched;
    }
    make_report();
    thread_ = std::thread([this] { run(); });
    return {};
}

void replica::implementation::close() {
    {
        const std::lock_guard lock(shared_.mutex);
        if (closing_ || !thread_.joinable()) {
            closing_ = closed_ = true;
            return;
        }
        closing_ = true;
        wake_locked();
    }
    SANGAM_INVARIANT(!on_background_thread());
    shared_.changed.notify_all();
    thread_.join();
}

bool replica::implementation::on_background_thread() const noexcept {
    return background_id_.load() == std::this_thread::get_id();
}

bool replica::implementation::in_transaction() const noexcept {
    return transaction_id_.load() == std::this_thread::get_id();
}

std::unique_lock<std::mutex> replica::implementation::lock_for_use() const {
    if (in_transaction()) {
        throw exception({errc::would_deadlock,
                         "the replica is used inside a transaction; use the transaction's handles"});
    }
    if (event_log::in_callback()) {
        throw exception({errc::would_deadlock, "the replica is used inside a log callback"});
    }
    std::unique_lock lock(shared_.mutex);
    if (closing_ &&
        !on_background_thread()) { // callbacks may use the replica until the last of them has returned
        throw exception({errc::closed, "replica \"" + options_.name + "\""});
    }
    return lock;
}

void replica::implementation::wait_for_room(std::unique_lock<std::mutex>& lock) {
    if (on_background_thread()) {
        return;
    }
    shared_.changed.wait(lock, [this] {
        return closing_ || (!shared_.state.outbox_full() &&
                            shared_.state.changes_waiting() < limits::changes_waiting_max);
    });
    if (closing_) {
        throw exception({errc::closed, "replica \"" + options_.name + "\""});
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

void replica::implementation::read(const object_address& address, const reader& read) const {
    const auto lock = lock_for_use();
    read(shared_.state.view(address));
}

void replica::implementation::write(const object_address& address, std::span<const preparer> steps) {
    auto lock = lock_for_use();
    wait_for_room(lock);
    if (shared_.state.write(address, steps, now().wall_ms)) {
        wake_locked();
    }
}

void replica::implementation::transact(const transaction_options& options,
                                       const std::function<void(transaction&)>& body) {
    auto lock = lock_for_use();
    wait_for_room(lock);
    transact_locked(options, body);
}

void replica::implementation::transact_locked(const transaction_options& options,
                                              const std::function<void(transaction&)>& body) {
    const auto draft = std::make_shared<draft_executor>(shared_.state, now().wall_ms);
    transaction_id_ = std::this_thread::get_id();
    const auto end = [&](void*) {
        transaction_id_ = std::thread::id();
        draft->end();
    };
    {
        const std::unique_ptr<void, decltype(end)> at_exit(this, end);
        transaction open(draft);
        body(open);
    }
    if (shared_.state.commit(draft->take(), options)) {
        draft->committed();
        wake_locked();
    }
}

causal_token replica::implementation::token() const {
    if (in_transaction()) {
        throw exception({errc::would_deadlock, "token() inside a transaction"});
    }
    const std::lock_guard lock(shared_.mutex);
    return causal_token(shared_.state.delivered());
}

result<void> replica::implementation::wait_for(const causality::vector_clock& clock,
                                               std::chrono::milliseconds timeout) {
    if (on_background_thread() || in_transaction()) {
        return error{errc::would_deadlock, "a wait inside a callback or a transaction"};
    }
    timeout = std::min<std::chrono::milliseconds>(timeout, timeout_max);
    std::unique_lock lock(shared_.mutex);
    const auto here = [&] { return shared_.state.delivered().dominates(clock); };
    if (!shared_.changed.wait_for(lock, timeout, [&] { return closing_ || here(); })) {
        const auto& buffer = shared_.state.buffer();
        std::string where = "after " + std::to_string(timeout.count()) +
                            " ms not delivered: " + to_string(clock.difference(buffer.delivered())) +
                            "; held back: " + std::to_string(buffer.counters().held_back);
        for (const auto& [missing, waiting] : buffer.missing(1)) {
            where += ", " + to_string(waiting) + " of them because " + to_string(missing) + " is not here";
        }
        return error{errc::timed_out, std::move(where)};
    }
    if (!here()) {
        return error{errc::closed, "replica \"" + options_.name + "\""};
    }
    return {};
}

void replica::implementation::limit_delivery(std::optional<causality::vector_clock> limit) {
    {
        const auto lock = lock_for_use();
        shared_.state.limit_delivery(std::move(limit), now().wall_ms);
        wake_locked();
    }
    shared_.changed.notify_all();
}

subscription replica::implementation::on_change(std::string key, change_callback callback,
                                                const std::function<void(transaction&)>& begin) {
    if (in_transaction()) {
        throw exception({errc::would_deadlock, "on_change inside a transaction"});
    }
    if (begin) { // without listeners_mutex_, which the thread that makes room may need first
        auto lock = lock_for_use();
        wait_for_room(lock);
    }
    const std::lock_guard listeners_lock(listeners_mutex_);
    const std::uint64_t registration = ++last_registration_;
    const auto give_up = [weak = weak_from_this(), registration](void*) {
        if (const auto self = weak.lock()) {
            self->unsubscribe(registration);
        }
    };
    subscription registered(std::shared_ptr<void>(this, give_up)); // not any more if something throws
    const auto lock = lock_for_use();
    shared_.state.listen(key);
    listeners_.emplace(registration,
                       listener{std::move(key), std::make_shared<const change_callback>(std::move(callback)),
                                shared_.state.changes_collected()});
    if (begin) {
        transact_locked({}, begin);
    }
    return registered;
}

void replica::implementation::unsubscribe(std::uint64_t registration) {
    SANGAM_INVARIANT(!in_transaction());
    const std::lock_guard listeners_lock(listeners_mutex_);
    const auto found = listeners_.find(registration);
    if (found == listeners_.end()) {
        return;
    }
    const std::lock_guard lock(shared_.mutex);
    shared_.state.unlisten(found->second.key);
    listeners_.erase(found);
}

result<void> replica::implementation::set_online(bool online) {
    if (in_transaction()) {
        return error{errc::would_deadlock, "set_online inside a transaction"};
    }
    if (on_background_thread()) {
        return switch_network(online);
    }
    const std::lock_guard one_at_a_time(online_mutex_);
    std::unique_lock lock(shared_.mutex);
    if (closing_) {
        return error{errc::closed, "replica \"" + options_.name + "\""};
    }
    online_wanted_ = online;
    online_answer_.reset();
    wake_locked();
    shared_.changed.wait(lock, [this] { return closed_ || online_answer_; });
    if (!online_answer_) {
        return error{errc::closed, "replica \"" + options_.name + "\""};
    }
    return *online_answer_;
}

replica_status replica::implementation::status() {
    if (in_transaction()) {
        throw exception({errc::would_deadlock, "status() inside a transaction"});
    }
    if (on_background_thread()) {
        make_report();
    }
    std::unique_lock lock(shared_.mutex);
    if (!closing_ && !on_background_thread()) {
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
    status.expiries_failed = shared_.state.expiries_failed();
    status.buffer = shared_.state.buffer().counters();
    status.missing = report_.missing;
    status.conflict = report_.conflict;
    status.network = report_.network;
    status.network.messages_invalid = shared_.state.messages_invalid();
    status.peers = report_.peers;
    return status;
}

void replica::implementation::run() {
    background_id_ = std::this_thread::get_id();
    for (;;) {
        wait_for_work();
        synchronizer_->step(now());
        carry_out_requests();
        dispatch_changes();
        const std::lock_guard lock(shared_.mutex);
        if (closing_) {
            break;
        }
    }
    finish();
}

void replica::implementation::wait_for_work() {
    const std::uint64_t steady = now().steady_ms;
    const std::uint64_t due = synchronizer_->next_due_ms();
    const std::chrono::milliseconds timeout(due > steady ? due - steady : 0);
    if (links_) {
        timed_receiver receiver(*synchronizer_);
        links_->poll(timeout, receiver);
    } else {
        std::unique_lock lock(shared_.mutex);
        wakeup_.wait_for(lock, timeout, [this] { return wake_pending_.load(); });
    }
    wake_pending_ = false;
}

void replica::implementation::carry_out_requests() {
    std::optional<bool> online;
    bool wanted = false;
    {
        const std::lock_guard lock(shared_.mutex);
        online = online_wanted_;
        wanted = std::exchange(report_wanted_, false);
    }
    if (online) {
        const result<void> answer = switch_network(*online);
        const std::lock_guard lock(shared_.mutex);
        online_answer_ = answer;
        online_wanted_.reset();
    }
    if (online || wanted) {
        make_report();
        shared_.changed.notify_all();
    }
}

result<void> replica::implementation::switch_network(bool online) {
    const bool has_addresses = !link_options_.listen.empty() || !link_options_.connect.empty();
    if (online == (links_ != nullptr) || (online && !has_addresses)) {
        return {};
    }
    std::unique_ptr<transport::links> links;
    if (online) {
        result<std::unique_ptr<transport::links>> opened = transport::open_links(link_options_);
        if (!opened) {
            return opened.error();
        }
        links = std::move(*opened);
        std::size_t i = 0;
        for (const std::string& listening : links->listening()) {
            link_options_.listen[i++].text =
                listening; // a port that the system chose stays the same from now on
        }
    }
    synchronizer_->set_time(now());
    synchronizer_->attach(links.get());
    const std::lock_guard lock(shared_.mutex);
    links_.swap(links);
    return {};
}

void replica::implementation::dispatch_changes() {
    std::vector<change> changes;
    std::uint64_t number = 0; // of the next change
    {
        const std::lock_guard lock(shared_.mutex);
        number = shared_.state.changes_collected() - shared_.state.changes_waiting();
        changes = shared_.state.take_changes();
    }
    if (changes.empty()) {
        return;
    }
    shared_.changed.notify_all();
    for (const change& c : changes) {
        const std::lock_guard listeners_lock(listeners_mutex_);
        std::vector<std::uint64_t> registrations;
        for (const auto& [registration, listener] : listeners_) {
            if (listener.key == c.object.name && listener.first_change <= number) {
                registrations.push_back(registration);
            }
        }
        for (const std::uint64_t registration : registrations) {
            const auto found = listeners_.find(registration);
            if (found != listeners_.end()) {
                const auto callback = found->second.callback;
                (*callback)(c);
            }
        }
        ++number;
    }
}

void replica::implementation::make_report() {
    report made;
    made.online = links_ != nullptr;
    if (links_) {
        made.listening = links_->listening();
    }
    made.log_bytes = synchronizer_->log_bytes();
    made.missing = synchronizer_->missing();
    made.conflict = synchronizer_->conflict();
    made.network = synchronizer_->counters();
    made.peers = synchronizer_->peers();
    const std::lock_guard lock(shared_.mutex);
    made.number = report_.number + 1;
    report_ = std::move(made);
}

void replica::implementation::finish() {
    const auto deadline = std::chrono::steady_clock::now() + finish_patience;
    for (;;) {
        synchronizer_->step(now());
        dispatch_changes();
        const bool empty = [this] {
            const std::lock_guard lock(shared_.mutex);
            return shared_.state.outbox_messages() == 0;
        }();
        if ((empty && (!links_ || synchronizer_->settled())) || std::chrono::steady_clock::now() > deadline) {
            break;
        }
        if (links_) {
            timed_receiver receiver(*synchronizer_);
            links_->poll(std::chrono::milliseconds(5), receiver);
        }
    }
    make_report();
    synchronizer_->attach(nullptr);
    {
        const std::lock_guard lock(shared_.mutex);
        links_.reset();
        closed_ = true;
        background_id_ = std::thread::id(); // the system may give the same id to a later thread
    }
    shared_.changed.notify_all();
}

} // namespace sangam::engine
