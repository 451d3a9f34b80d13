/// What links carry: changes that one process makes as fast as it can and another one has delivered, over
/// TCP; how long a newcomer takes to get a log; and what processor time replicas take while nothing happens.

#include <sangam/replica.hpp>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using sangam::replica;
using steady = std::chrono::steady_clock;

constexpr auto patience = 300s;

/// Lines from one process to the other.
class pipe_of_lines {
public:
    pipe_of_lines() {
        if (::pipe(ends_) != 0) throw std::runtime_error("no pipe");
    }
    void put(const std::string& line) const {
        const std::string whole = line + "\n";
        if (::write(ends_[1], whole.data(), whole.size()) != static_cast<ssize_t>(whole.size())) {
            throw std::runtime_error("the other process is gone");
        }
    }
    [[nodiscard]] std::string get() const {
        std::string line;
        for (char c = 0; ::read(ends_[0], &c, 1) == 1;) {
            if (c == '\n') return line;
            line += c;
        }
        throw std::runtime_error("the other process is gone");
    }
    void only_put() const { ::close(ends_[0]); }
    void only_get() const { ::close(ends_[1]); }

private:
    int ends_[2] = {-1, -1};
};

double seconds_since(steady::time_point start) {
    return std::chrono::duration<double>(steady::now() - start).count();
}

double cpu_seconds(int who) {
    rusage used{};
    ::getrusage(who, &used);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void print(const std::string& figure, double number) {
    std::cout << figure << ' ' << number << std::endl;
}

/// Transactions of one change: increments, or assigns of values of so many bytes.
struct work {
    std::uint64_t times = 0;
    std::size_t value_bytes = 0; ///< 0: increments

    void carry_out(const replica& at) const {
        const sangam::counter_handle counter = at.counter("visits");
        const sangam::register_handle page = at.lww_register("page");
        const std::string content(value_bytes, 'x');
        for (std::uint64_t i = 0; i < times; ++i) {
            if (value_bytes == 0) {
                counter.increment(1);
            } else {
                page.assign(content);
            }
        }
    }
};

/// The other process: does `before`, tells its address, and does `after` when it is told.
void write(const pipe_of_lines& in, const pipe_of_lines& out, const work& before, const work& after) {
    const replica writer = replica::open({.name = "writer", .listen = {"tcp://127.0.0.1:*"}}).value();
    before.carry_out(writer);
    out.put(writer.status().listening.at(0));
    out.put(writer.token().str());
    in.get();
    const auto start = steady::now();
    after.carry_out(writer);
    out.put(std::to_string(seconds_since(start)));
    out.put(writer.token().str());
    in.get();
}

void wait_for(const replica& at, const std::string& token) {
    at.wait_for(sangam::causal_token::parse(token).value(), patience).value();
}

/// Of `before` a newcomer is told when it comes, of `after` while it is done.
void measure_two(const work& before, const work& after) {
    const pipe_of_lines to_writer;
    const pipe_of_lines from_writer;
    const pid_t child = ::fork();
    if (child == 0) {
        to_writer.only_get();
        from_writer.only_put();
        int status = 0;
        try {
            write(to_writer, from_writer, before, after);
        } catch (const std::exception& reason) {
            std::cerr << "writer: " << reason.what() << '\n';
            status = 1;
        }
        ::_exit(status);
    }
    to_writer.only_put();
    from_writer.only_get();
    const std::string address = from_writer.get();
    const std::string first = from_writer.get();
    const auto joined = steady::now();
    const replica reader = replica::open({.name = "reader", .peers = {address}}).value();
    wait_for(reader, first);
    const double caught_up = seconds_since(joined);
    const auto start = steady::now();
    to_writer.put("go");
    const double made = std::stod(from_writer.get());
    wait_for(reader, from_writer.get());
    const double delivered = seconds_since(start);
    to_writer.put("done");
    int status = 0;
    ::waitpid(child, &status, 0);
    if (status != 0) throw std::runtime_error("the writer failed");
    if (after.times == 0) {
        print("catch_up_seconds", caught_up);
    } else {
        print("made_per_second", static_cast<double>(after.times) / made);
        print("delivered_per_second", static_cast<double>(after.times) / delivered);
        print("ranges_asked", static_cast<double>(reader.status().network.range_requests_sent));
    }
    print("cpu_seconds_writer", cpu_seconds(RUSAGE_CHILDREN));
    print("cpu_seconds_reader", cpu_seconds(RUSAGE_SELF));
}

/// So many replicas, each linked to all before it; each has written once.
void measure_idle(std::size_t count, std::uint64_t seconds) {
    std::vector<replica> all;
    std::vector<std::string> addresses;
    for (std::size_t i = 0; i < count; ++i) {
        sangam::replica_options options;
        options.name = std::to_string(i);
        options.listen = {"tcp://127.0.0.1:*"};
        options.peers = addresses;
        all.push_back(replica::open(options).value());
        addresses.push_back(all.back().status().listening.at(0));
        work{1}.carry_out(all.back());
    }
    for (const replica& at : all) {
        for (const replica& other : all) {
            at.wait_for(other.token(), patience).value();
        }
    }
    std::this_thread::sleep_for(3s);
    const double before = cpu_seconds(RUSAGE_SELF);
    std::this_thread::sleep_for(std::chrono::seconds(seconds));
    const double used = cpu_seconds(RUSAGE_SELF) - before;
    print("cpu_ms_per_second_and_replica", 1000 * used / static_cast<double>(seconds * count));
}

int usage() {
    std::cerr
        << "usage: sangam-bench-throughput stream [TIMES [BYTES]]     one process writes, one reads\n"
           "       sangam-bench-throughput catch_up [TIMES [BYTES]]   the reader comes when all is written\n"
           "       sangam-bench-throughput idle [REPLICAS [SECONDS]]\n";
    return 2;
}

} // namespace

int main(int count, char** words) {
    const std::vector<std::string> arguments(words + 1, words + count);
    if (arguments.empty()) return usage();
    try {
        const auto number = [&](std::size_t at, std::uint64_t otherwise) {
            return at < arguments.size() ? std::stoull(arguments[at]) : otherwise;
        };
        if (arguments[0] == "stream") {
            measure_two({1}, {number(1, 1'000'000), number(2, 0)});
        } else if (arguments[0] == "catch_up") {
            measure_two({number(1, 1'000'000), number(2, 0)}, {});
        } else if (arguments[0] == "idle") {
            measure_idle(number(1, 2), number(2, 20));
        } else {
            return usage();
        }
    } catch (const std::exception& reason) {
        std::cerr << "sangam-bench-throughput: " << reason.what() << '\n';
        return 1;
    }
    return 0;
}
