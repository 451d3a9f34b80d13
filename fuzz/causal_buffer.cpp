// Question: does the causal buffer do what its description says, whatever comes in whatever order?
//
// The bytes: three for the limits (messages of an origin in the lower half and in all in the upper, bytes of
// an origin, bytes in all), then steps. A step is one byte (its value modulo 7) and its arguments, one byte
// each; times are anywhere from 1970 to the year 9999, and must make no difference:
//   0 author, time, size    the author makes its next message with its frontier as dependencies
//   1 author, message       the author sees a message and all of its past
//   2 author, time, size,   the author makes its next message and names the dependencies itself, each by
//     count, number...      the number of a message made before
//   3 message               a message made before arrives, for the first time or again
//   4 kind                  odd: the local replica makes its next message; even: all messages arrive again
//   5 origin, length,       the delivery limit becomes these two entries; none if the first length is 15
//     origin, length
//   6 origin, sequence,     any message at all arrives, also one that cannot be: its dependencies may be in
//     time, count,          its own future, number 0, or (if count is 128 or more) in any order
//     (origin, sequence)...
// Messages arrive at one buffer; authors are four replicas, and the last of them is also the local one, so
// that a dot can be in use twice.
//
// The oracle: a model that keeps all messages in one list and scans all of it after each step, compared in
// outcome, delivered clock, frontier (the maximal dots by brute force), held-back messages, counters, gaps
// and awaited dots; besides, each message is delivered once, after all that it depends on, and the buffer's
// invariants hold.

#include <sangam/delivery/causal_buffer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace {

using sangam::causality::dot;
using sangam::causality::hybrid_time;
using sangam::causality::replica_id;
using sangam::causality::vector_clock;
using sangam::delivery::buffer_limits;
using sangam::delivery::causal_buffer;
using sangam::delivery::dot_range;
using sangam::delivery::offer_outcome;

constexpr std::uint64_t authors = 4;
constexpr std::size_t steps_max = 400;

struct message : sangam::delivery::envelope {};

void require(bool condition, const char* what) {
    if (!condition) {
        std::fprintf(stderr, "causal_buffer: %s\n", what);
        std::abort();
    }
}

class script {
public:
    script(const std::uint8_t* data, std::size_t size) : bytes_(data, size) {}
    [[nodiscard]] bool empty() const { return bytes_.empty(); }
    std::uint64_t next() {
        if (bytes_.empty()) {
            return 0;
        }
        const std::uint64_t byte = bytes_.front();
        bytes_ = bytes_.subspan(1);
        return byte;
    }
    replica_id replica() { return {1 + next() % authors}; }

private:
    std::span<const std::uint8_t> bytes_;
};

/// The description of causal_buffer, written down without any index.
class model {
public:
    explicit model(const buffer_limits& limits) : limits_(limits) {}

    offer_outcome offer(const message& m) {
        release();
        const std::set<dot> increasing(m.dependencies.begin(), m.dependencies.end());
        if (m.id.sequence == 0 || !std::ranges::equal(increasing, m.dependencies) ||
            std::ranges::any_of(m.dependencies, [&](const dot& d) {
                return d.sequence == 0 || (d.replica == m.id.replica && d.sequence >= m.id.sequence);
            })) {
            ++refused;
            return offer_outcome::refused;
        }
        if (past.contains(m.id) || is_held(m.id)) {
            ++duplicates;
            return offer_outcome::duplicate;
        }
        if (ready(m)) {
            deliver(m);
            release();
            return offer_outcome::delivered;
        }
        if (m.size_bytes > limits_.bytes_per_origin_max || m.size_bytes > limits_.bytes_max) {
            ++refused;
            return offer_outcome::refused;
        }
        held.push_back(m);
        while (count(m.id.replica) > limits_.messages_per_origin_max ||
               bytes(m.id.replica) > limits_.bytes_per_origin_max) {
            drop_newest(m.id.replica);
        }
        while (held.size() > limits_.messages_max || bytes() > limits_.bytes_max) {
            drop_newest(worst());
        }
        return is_held(m.id) ? offer_outcome::held_back : offer_outcome::refused;
    }

    void release() {
        for (auto at = held.begin(); at != held.end();) {
            if (ready(*at)) {
                const message m = *at;
                held.erase(at);
                deliver(m);
                at = held.begin();
            } else {
                ++at;
            }
        }
    }

    void deliver_local(const message& m) {
        duplicates += std::erase_if(held, [&](const message& other) { return other.id == m.id; });
        add(m);
    }

    [[nodiscard]] std::uint64_t length(replica_id r) const {
        return static_cast<std::uint64_t>(
            std::ranges::count_if(past, [&](const auto& entry) { return entry.first.replica == r; }));
    }
    [[nodiscard]] bool is_held(const dot& id) const {
        return std::ranges::any_of(held, [&](const message& m) { return m.id == id; });
    }
    [[nodiscard]] std::size_t count(replica_id r) const {
        return static_cast<std::size_t>(
            std::ranges::count_if(held, [&](const message& m) { return m.id.replica == r; }));
    }
    [[nodiscard]] std::size_t bytes(std::optional<replica_id> r = std::nullopt) const {
        std::size_t sum = 0;
        for (const message& m : held) {
            sum += !r || m.id.replica == *r ? m.size_bytes : 0;
        }
        return sum;
    }
    [[nodiscard]] std::vector<dot> maximal() const {
        std::set<dot> dots;
        for (const auto& [id, before] : past) {
            dots.insert(id);
        }
        for (const auto& [id, before] : past) {
            for (const dot& d : before) {
                dots.erase(d);
            }
        }
        return {dots.begin(), dots.end()};
    }
    [[nodiscard]] std::optional<dot> missing(const message& m) const {
        if (m.id.sequence > 1 && !past.contains({m.id.replica, m.id.sequence - 1})) {
            return dot{m.id.replica, m.id.sequence - 1};
        }
        const auto at = std::ranges::find_if(m.dependencies, [&](const dot& d) { return !past.contains(d); });
        return at == m.dependencies.end() ? std::nullopt : std::optional(*at);
    }
    [[nodiscard]] vector_clock awaited() const {
        vector_clock clock;
        for (const message& m : held) {
            if (const auto d = missing(m); d && !is_held(*d)) {
                clock.advance_to(d->replica, d->sequence);
            }
        }
        return clock;
    }
    [[nodiscard]] std::optional<dot_range> first_gap(replica_id r, std::uint64_t known) const {
        std::optional<dot_range> gap;
        for (std::uint64_t n = 1; n <= known; ++n) {
            const bool here = past.contains({r, n}) || is_held({r, n});
            if (here && gap) {
                break;
            }
            if (!here) {
                gap = dot_range{r, gap ? gap->first : n, n};
            }
        }
        return gap;
    }

    std::vector<message> held;
    std::map<dot, std::set<dot>> past; ///< of each delivered dot
    std::optional<vector_clock> limit;
    std::uint64_t delivered = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t refused = 0;

private:
    [[nodiscard]] bool ready(const message& m) const {
        return !missing(m) && (!limit || limit->contains(m.id));
    }
    void deliver(const message& m) {
        ++delivered;
        add(m);
    }
    void add(const message& m) {
        std::set<dot> before(m.dependencies.begin(), m.dependencies.end());
        if (m.id.sequence > 1) {
            before.insert({m.id.replica, m.id.sequence - 1});
        }
        for (const dot& d : std::set<dot>(before)) {
            before.insert(past.at(d).begin(), past.at(d).end());
        }
        past[m.id] = before;
    }
    void drop_newest(replica_id r) {
        const auto newest = std::ranges::max_element(
            held, {}, [&](const message& m) { return std::pair(m.id.replica == r, m.id.sequence); });
        held.erase(newest);
        ++refused;
    }
    [[nodiscard]] replica_id worst() const {
        return std::ranges::max_element(
                   held, {}, [&](const message& m) { return std::pair(bytes(m.id.replica), m.id.replica); })
            ->id.replica;
    }

    buffer_limits limits_;
};

class comparison {
public:
    explicit comparison(const buffer_limits& limits) : buffer_(limits), model_(limits) {}

    void step(script& s) {
        switch (s.next() % 7) {
        case 0:
            make_with_frontier(s);
            break;
        case 1:
            see(s);
            break;
        case 2:
            make_with_dependencies(s);
            break;
        case 3:
            if (!made_.empty()) arrive(made_[s.next() % made_.size()]);
            break;
        case 4:
            if (s.next() % 2 == 1) {
                make_locally();
            } else {
                for (const message& m : std::vector<message>(made_))
                    arrive(m);
            }
            break;
        case 5:
            limit(s);
            break;
        case 6:
            arrive(any_message(s));
            break;
        }
        compare();
    }

private:
    auto check_delivery() {
        return [this](message&& m) {
            require(!delivered_.contains(m.id), "delivered twice");
            require(m.id.sequence == 1 || delivered_.contains({m.id.replica, m.id.sequence - 1}),
                    "out of sequence");
            for (const dot& d : m.dependencies) {
                require(delivered_.contains(d), "delivered before a dependency");
            }
            require(!model_.limit || model_.limit->contains(m.id), "beyond the limit");
            delivered_.insert(m.id);
        };
    }

    void arrive(const message& m) {
        const offer_outcome expected = model_.offer(m);
        require(buffer_.offer(m, check_delivery()) == expected, "another outcome");
    }

    message make(script& s, replica_id author) {
        message m;
        m.id = {author, ++lengths_[author]};
        m.time = time(s.next());
        m.size_bytes = s.next();
        return m;
    }

    void make_with_frontier(script& s) {
        const replica_id author = s.replica();
        message m = make(s, author);
        std::set<dot> maximal = seen_[author];
        for (const dot& d : seen_[author]) {
            for (const dot& before : past_[d]) {
                maximal.erase(before);
            }
        }
        std::ranges::copy_if(maximal, std::back_inserter(m.dependencies),
                             [&](const dot& d) { return d.replica != author; });
        add(std::move(m));
    }

    void make_with_dependencies(script& s) {
        const replica_id author = s.replica();
        message m = make(s, author);
        std::set<dot> dependencies;
        for (std::uint64_t count = s.next() % 5; count > 0 && !made_.empty(); --count) {
            dependencies.insert(made_[s.next() % made_.size()].id);
        }
        m.dependencies.assign(dependencies.begin(), dependencies.end());
        add(std::move(m));
    }

    void add(message m) {
        std::set<dot>& past = past_[m.id];
        past.insert(m.dependencies.begin(), m.dependencies.end());
        if (m.id.sequence > 1) {
            past.insert({m.id.replica, m.id.sequence - 1});
        }
        for (const dot& d : std::set<dot>(past)) {
            past.insert(past_[d].begin(), past_[d].end());
        }
        seen_[m.id.replica].insert(past.begin(), past.end());
        seen_[m.id.replica].insert(m.id);
        made_.push_back(std::move(m));
    }

    void see(script& s) {
        const replica_id author = s.replica();
        if (!made_.empty()) {
            const dot& id = made_[s.next() % made_.size()].id;
            seen_[author].insert(past_[id].begin(), past_[id].end());
            seen_[author].insert(id);
        }
    }

    static hybrid_time time(std::uint64_t byte) {
        return hybrid_time::at_ms(sangam::causality::limits::time_ms_max / 255 * byte);
    }

    void limit(script& s) {
        std::optional<vector_clock> clock = vector_clock();
        for (int entry = 0; entry < 2; ++entry) {
            const replica_id origin = s.replica();
            const std::uint64_t length = s.next() % 16;
            if (entry == 0 && length == 15) {
                clock.reset();
                break;
            }
            clock->advance_to(origin, length);
        }
        model_.limit = clock;
        model_.release();
        buffer_.limit_delivery(clock, check_delivery());
    }

    message any_message(script& s) {
        message m;
        m.id.replica = s.replica();
        m.id.sequence = sequence(s.next());
        m.time = time(s.next());
        m.size_bytes = 10;
        const std::uint64_t count = s.next();
        for (std::uint64_t n = 0; n < count % 5; ++n) {
            const replica_id origin = s.replica();
            m.dependencies.push_back({origin, sequence(s.next())});
        }
        if (count < 128) {
            std::ranges::sort(m.dependencies);
            const auto repeated = std::ranges::unique(m.dependencies);
            m.dependencies.erase(repeated.begin(), repeated.end());
        }
        return m;
    }

    static std::uint64_t sequence(std::uint64_t byte) {
        return byte == 255 ? UINT64_MAX : byte == 254 ? std::uint64_t{1} << 63 : byte % 16;
    }

    void make_locally() {
        const replica_id local{authors};
        message m;
        m.id = {local, model_.length(local) + 1};
        m.dependencies = buffer_.frontier().dependencies_for(local);
        model_.deliver_local(m);
        buffer_.deliver_local(m.id, m.dependencies);
        delivered_.insert(m.id);
    }

    void compare() const {
        const std::string broken = buffer_.check_invariants();
        require(broken.empty(), broken.c_str());
        const auto& counters = buffer_.counters();
        require(counters.delivered == model_.delivered, "another number of deliveries");
        require(counters.duplicates == model_.duplicates, "another number of duplicates");
        require(counters.refused == model_.refused, "another number of refusals");
        require(counters.held_back == model_.held.size(), "another number of held-back messages");
        require(counters.held_back_bytes == model_.bytes(), "other bytes held back");
        require(counters.held_back_most >= counters.held_back, "more held back than the most");
        require(std::ranges::equal(buffer_.frontier().dots(), model_.maximal()), "another frontier");
        require(buffer_.awaited() == model_.awaited(), "other awaited dots");
        require(buffer_.delivered().total() == model_.past.size(), "other deliveries");
        for (std::uint64_t r = 1; r <= authors; ++r) {
            require(buffer_.delivered()[{r}] == model_.length({r}), "another delivered length");
            require(buffer_.held_back({r}) == model_.count({r}), "other held-back messages");
            for (const std::uint64_t known : {0U, 3U, 17U}) {
                require(buffer_.first_gap({r}, known) == model_.first_gap({r}, known), "another gap");
            }
        }
    }

    causal_buffer<message> buffer_;
    model model_;
    std::set<dot> delivered_;
    std::vector<message> made_;
    std::map<replica_id, std::uint64_t> lengths_;
    std::map<replica_id, std::set<dot>> seen_;
    std::map<dot, std::set<dot>> past_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    script s(data, size);
    buffer_limits limits;
    const std::uint64_t messages = s.next();
    limits.messages_per_origin_max = messages % 16;
    limits.messages_max = messages / 16 * 2;
    limits.bytes_per_origin_max = s.next() * 4;
    limits.bytes_max = s.next() * 8;
    comparison c(limits);
    for (std::size_t step = 0; step < steps_max && !s.empty(); ++step) {
        c.step(s);
    }
    return 0;
}
