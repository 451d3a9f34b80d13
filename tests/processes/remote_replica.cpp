#include "remote_replica.hpp"

#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace sangam::test {

namespace {

std::string worker_program() {
    const char* const given = std::getenv("SANGAM_TEST_WORKER");
    return given != nullptr ? given : SANGAM_TEST_WORKER_PATH;
}

} // namespace

remote_replica::remote_replica() : process_({worker_program()}) {}

void remote_replica::option(std::string_view name, std::string_view value) {
    ask("option " + std::string(name) + " " + std::string(value));
}

void remote_replica::open(std::string_view name, std::string_view listen,
                          const std::vector<std::string>& peers) {
    std::string command = "open " + std::string(name) + " " + std::string(listen);
    for (const std::string& peer : peers) {
        command += " " + peer;
    }
    std::istringstream answer(ask(command));
    answer >> id_ >> address_;
}

std::string remote_replica::ask(std::string_view command) {
    start(command);
    return finish();
}

std::string remote_replica::finish(std::chrono::milliseconds timeout) {
    const std::string answer = process_.receive(timeout);
    if (!answer.starts_with("ok")) {
        throw std::runtime_error(answer);
    }
    return answer.size() > 3 ? answer.substr(3) : std::string();
}

void remote_replica::catch_up_with(remote_replica& other, std::chrono::milliseconds timeout) {
    // A little less than what the answer is waited for, so that the worker says what is missing.
    start("wait " + other.token() + " " + std::to_string((timeout - timeout / 10).count()));
    finish(timeout);
}

std::int64_t remote_replica::counter(std::string_view key) {
    return std::stoll(ask("counter " + std::string(key)));
}

remote_replica::status_fields remote_replica::status() {
    std::istringstream answer(ask("status"));
    status_fields fields;
    for (std::string pair; std::getline(answer, pair, '\t');) {
        if (const auto equals = pair.find('='); equals != std::string::npos) {
            fields[pair.substr(0, equals)] = pair.substr(equals + 1);
        }
    }
    return fields;
}

std::uint64_t remote_replica::number(const std::string& field) {
    return std::stoull(status().at(field));
}

remote_replica::status_fields remote_replica::until(const std::function<bool(status_fields&)>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (;;) {
        status_fields fields = status();
        if (holds(fields)) {
            return fields;
        }
        if (std::chrono::steady_clock::now() > deadline) {
            std::string all = "the status did not become what was expected:";
            for (const auto& [name, content] : fields) {
                all += " " + name + "=" + content;
            }
            throw std::runtime_error(all);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

void remote_replica::until_peer_is(std::string_view state) {
    until([state](status_fields& fields) { return any_peer(fields, "state", state); });
}

bool any_peer(const remote_replica::status_fields& fields, std::string_view name, std::string_view part) {
    const std::string ending = "." + std::string(name);
    for (const auto& [field, content] : fields) {
        if (field.starts_with("peer") && field.ends_with(ending) && content.find(part) != std::string::npos) {
            return true;
        }
    }
    return false;
}

} // namespace sangam::test
