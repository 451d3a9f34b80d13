#include <sangam/replica.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <unistd.h>

/// One replica in a process of its own. A command a line on standard input, an answer a line on standard
/// output: "ok ..." or "error ...".
namespace {

using std::chrono::milliseconds;
using steady = std::chrono::steady_clock;

/// An answer is one line, and a tab separates the pairs of `status`.
std::string one_line(std::string text) {
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x20) {
            c = ' ';
        }
    }
    return text;
}

sigset_t only_sigterm() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    return set;
}

class worker {
public:
    worker() {
        on("option", [this](std::istream& in) { return option(in); });
        on("open", [this](std::istream& in) { return open(in); });
        on("increment", [this](std::istream& in) { return increment(in); });
        on("counter", [this](std::istream& in) { return std::to_string(the().counter(word(in)).value()); });
        on("fill", [this](std::istream& in) { return fill(in); });
        on("until_counter", [this](std::istream& in) { return until_counter(in); });
        on("add", [this](std::istream& in) { return add(in); });
        on("remove", [this](std::istream& in) { return remove(in); });
        on("set", [this](std::istream& in) { return set(in); });
        on("insert", [this](std::istream& in) { return insert(in); });
        on("erase", [this](std::istream& in) { return erase(in); });
        on("text", [this](std::istream& in) { return the().text(word(in)).str(); });
        on("token", [this](std::istream&) { return token(); });
        on("wait", [this](std::istream& in) { return wait(in); });
        on("online", [this](std::istream& in) { return online(in); });
        on("hammer", [this](std::istream& in) { return hammer(in); });
        on("hammer_end", [this](std::istream&) { return hammer_end(); });
        on("flap", [this](std::istream& in) { return flap(in); });
        on("close_on_sigterm", [this](std::istream& in) { return close_on_sigterm(in); });
        on("status", [this](std::istream&) { return status(); });
    }

    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;
    ~worker() { hammering_ = false; }

    /// True until the command was `quit`.
    bool carry_out(const std::string& line) {
        std::istringstream in(line);
        std::string name;
        in >> name;
        const bool quit = name == "quit";
        std::string answer;
        try {
            if (quit) {
                hammer_end();
                replica_.reset();
                answer = "ok";
            } else if (const auto found = commands_.find(name); found != commands_.end()) {
                answer = "ok " + found->second(in);
            } else {
                answer = "error unknown command: " + name;
            }
        } catch (const std::exception& reason) {
            answer = one_line(std::string("error ") + reason.what());
        }
        std::cout << answer << std::endl;
        return !quit;
    }

private:
    using command = std::function<std::string(std::istream&)>;

    void on(const std::string& name, command action) { commands_[name] = std::move(action); }

    [[nodiscard]] const sangam::replica& the() const {
        if (!replica_) {
            throw std::logic_error("not open");
        }
        return *replica_;
    }

    static std::string word(std::istream& in) {
        std::string read;
        if (!(in >> read)) {
            throw std::invalid_argument("a word is missing");
        }
        return read;
    }

    template <class Number>
    static Number number(std::istream& in) {
        Number read{};
        if (!(in >> read)) {
            throw std::invalid_argument("a number is missing");
        }
        return read;
    }

    /// The rest of the line after one space.
    static std::string rest(std::istream& in) {
        in.get();
        std::string read;
        std::getline(in, read);
        return read;
    }

    std::string option(std::istream& in) {
        const std::string name = word(in);
        if (name == "group") {
            options_.group = word(in);
        } else if (name == "batch_messages_max") {
            options_.batch.messages_max = number<std::size_t>(in);
        } else if (name == "queue_frames_max") {
            options_.queue_frames_max = number<std::size_t>(in);
        } else if (name == "silence_ms_max") {
            options_.timing.silence_ms_max = number<std::uint64_t>(in);
        } else {
            throw std::invalid_argument("unknown option: " + name);
        }
        return {};
    }

    std::string open(std::istream& in) {
        sangam::replica_options options = options_;
        options.name = word(in);
        if (const std::string listen = word(in); listen != "-") {
            options.listen = {listen};
        }
        for (std::string peer; in >> peer;) {
            options.peers.push_back(peer);
        }
        replica_.emplace(sangam::replica::open(std::move(options)).value());
        const sangam::replica_status now = replica_->status();
        return to_string(now.id) + " " + (now.listening.empty() ? "-" : now.listening.front());
    }

    /// Each increment is a transaction of its own. Answers how many milliseconds all took.
    std::string increment(std::istream& in) {
        const sangam::counter_handle counter = the().counter(word(in));
        const auto amount = number<std::int64_t>(in);
        const auto times = number<std::uint64_t>(in);
        const auto start = steady::now();
        for (std::uint64_t i = 0; i < times; ++i) {
            counter.increment(amount);
        }
        return std::to_string(std::chrono::duration_cast<milliseconds>(steady::now() - start).count());
    }

    /// Assigns so many bytes to a register so many times.
    std::string fill(std::istream& in) {
        const sangam::register_handle target = the().lww_register(word(in));
        const std::string content(number<std::size_t>(in), 'x');
        const auto times = number<std::uint64_t>(in);
        for (std::uint64_t i = 0; i < times; ++i) {
            target.assign(content);
        }
        return {};
    }

    std::string until_counter(std::istream& in) {
        const std::string key = word(in);
        const auto wanted = number<std::int64_t>(in);
        const milliseconds timeout(number<std::int64_t>(in));
        const sangam::counter_handle counter = the().counter(key);
        std::mutex mutex;
        std::condition_variable changed;
        std::int64_t value = 0;
        const sangam::subscription listening = the().on_change(key, [&](const sangam::change&) {
            const std::int64_t now = counter.value();
            const std::lock_guard lock(mutex);
            value = now;
            changed.notify_one();
        });
        const std::int64_t before = counter.value();
        std::unique_lock lock(mutex);
        value = value == 0 ? before : value;
        if (!changed.wait_for(lock, timeout, [&] { return value == wanted; })) {
            const std::string last = std::to_string(value);
            lock.unlock();
            throw std::runtime_error("counter " + key + " is " + last + ", not " + std::to_string(wanted));
        }
        lock.unlock();
        return std::to_string(wanted);
    }

    std::string add(std::istream& in) {
        const sangam::set_handle set = the().set(word(in));
        set.add(rest(in));
        return {};
    }

    std::string remove(std::istream& in) {
        const sangam::set_handle set = the().set(word(in));
        set.remove(rest(in));
        return {};
    }

    std::string set(std::istream& in) {
        std::string all;
        for (const sangam::value& element : the().set(word(in)).elements()) {
            const auto text = element.as_text();
            all += (all.empty() ? "" : " ") + (text ? std::string(*text) : to_string(element));
        }
        return all;
    }

    std::string insert(std::istream& in) {
        const sangam::text_handle text = the().text(word(in));
        const auto position = number<std::size_t>(in);
        text.insert(position, rest(in));
        return {};
    }

    std::string erase(std::istream& in) {
        const sangam::text_handle text = the().text(word(in));
        const auto position = number<std::size_t>(in);
        text.erase(position, number<std::size_t>(in));
        return {};
    }

    [[nodiscard]] std::string token() const {
        const std::string printed = the().token().str();
        return printed.empty() ? "-" : printed;
    }

    std::string wait(std::istream& in) {
        const std::string printed = word(in);
        const auto token = sangam::causal_token::parse(printed == "-" ? "" : printed).value();
        the().wait_for(token, milliseconds(number<std::int64_t>(in))).value();
        return {};
    }

    std::string online(std::istream& in) {
        the().set_online(number<int>(in) != 0).value();
        return {};
    }

    /// Another thread increments a counter from now on, with a pause of so many microseconds after each.
    std::string hammer(std::istream& in) {
        const sangam::counter_handle counter = the().counter(word(in));
        const std::chrono::microseconds pause(number<std::int64_t>(in));
        hammering_ = true;
        hammer_ = std::jthread([this, counter, pause] {
            while (hammering_) {
                counter.increment(1);
                if (pause.count() > 0) {
                    std::this_thread::sleep_for(pause);
                }
            }
        });
        return {};
    }

    std::string hammer_end() {
        hammering_ = false;
        hammer_ = {};
        return {};
    }

    /// The network is cut and restored so many times, after so many milliseconds each, at least and at most.
    std::string flap(std::istream& in) {
        const auto times = number<std::uint64_t>(in);
        std::uniform_int_distribution<int> pause(number<int>(in), number<int>(in));
        std::mt19937_64 random(number<std::uint64_t>(in));
        for (std::uint64_t i = 0; i < times; ++i) {
            for (const bool online : {false, true}) {
                the().set_online(online).value();
                std::this_thread::sleep_for(milliseconds(pause(random)));
            }
        }
        return {};
    }

    /// From now on SIGTERM closes the replica, with so many milliseconds of time, and ends the process with
    /// an answer.
    std::string close_on_sigterm(std::istream& in) {
        const milliseconds deadline(number<std::int64_t>(in));
        std::thread([&closing = the(), deadline] {
            const sigset_t awaited = only_sigterm();
            int arrived = 0;
            ::sigwait(&awaited, &arrived);
            const auto closed = closing.close(deadline);
            std::cout << (closed ? "ok" : one_line("error " + closed.error().message())) << std::endl;
            ::_exit(closed ? 0 : 1);
        }).detach();
        return {};
    }

    [[nodiscard]] std::string status() const {
        const sangam::replica_status now = the().status();
        std::ostringstream out;
        const auto put = [&out](const std::string& name, const auto& content) {
            std::ostringstream printed;
            printed << content;
            out << '\t' << name << '=' << one_line(printed.str());
        };
        put("online", now.online ? 1 : 0);
        put("own", now.own_messages);
        put("total", now.delivered.total());
        put("outbox", now.outbox_messages);
        put("objects", now.objects);
        put("log_bytes", now.log_bytes);
        put("held", now.buffer.held_back);
        put("held_bytes", now.buffer.held_back_bytes);
        put("held_most", now.buffer.held_back_most);
        put("delivered", now.buffer.delivered);
        put("duplicates", now.buffer.duplicates);
        put("refused", now.buffer.refused);
        put("frames_sent", now.network.frames_sent);
        put("frames_received", now.network.frames_received);
        put("bytes_sent", now.network.bytes_sent);
        put("sends_refused", now.network.sends_refused);
        put("frames_rejected", now.network.frames_rejected);
        put("messages_invalid", now.network.messages_invalid);
        put("ranges_asked", now.network.range_requests_sent);
        put("ranges_served", now.network.range_requests_served);
        put("last_rejection", now.network.last_rejection);
        put("peers", now.peers.size());
        for (std::size_t i = 0; i < now.peers.size(); ++i) {
            const sangam::peer_status& peer = now.peers[i];
            const std::string prefix = "peer" + std::to_string(i) + ".";
            put(prefix + "state", to_string(peer.state));
            put(prefix + "address", peer.address);
            put(prefix + "replica", to_string(peer.replica));
            put(prefix + "name", peer.name);
            put(prefix + "lag", peer.lag);
            put(prefix + "refusal", peer.refusal);
        }
        return out.str();
    }

    std::map<std::string, command> commands_;
    sangam::replica_options options_;
    std::optional<sangam::replica> replica_;
    std::atomic<bool> hammering_{false};
    std::jthread hammer_;
};

} // namespace

int main() {
    const sigset_t for_one_thread = only_sigterm(); // close_on_sigterm's
    ::pthread_sigmask(SIG_BLOCK, &for_one_thread, nullptr);
    worker serving;
    for (std::string line; std::getline(std::cin, line);) {
        if (!serving.carry_out(line)) {
            break;
        }
    }
    return 0;
}
