#pragma once

#include "process.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sangam::test {

/// Long enough for anything that happens at all, on a busy machine too; nothing waits so long when all is
/// well.
inline constexpr std::chrono::milliseconds patience{30'000};

/// A replica in a process of its own, driven through `sangam-test-worker`.
///
/// Errors: std::runtime_error with the worker's answer when it is an error.
/// Threads: one.
class remote_replica {
public:
    using status_fields = std::map<std::string, std::string>;

    remote_replica();

    /// Of the replica that will be opened next.
    void option(std::string_view name, std::string_view value);
    /// `listen` "-": no incoming links.
    void open(std::string_view name, std::string_view listen, const std::vector<std::string>& peers = {});

    [[nodiscard]] const std::string& id() const noexcept { return id_; }
    /// Where it listens, with the port that the system chose.
    [[nodiscard]] const std::string& address() const noexcept { return address_; }

    /// A command of the worker; what follows "ok".
    std::string ask(std::string_view command);
    /// The same in two halves, so that several replicas work at once.
    void start(std::string_view command) { process_.send(command); }
    std::string finish(std::chrono::milliseconds timeout = patience);

    [[nodiscard]] std::string token() { return ask("token"); }
    /// Waits until all that `other` has now is here.
    void catch_up_with(remote_replica& other, std::chrono::milliseconds timeout = patience);
    [[nodiscard]] std::int64_t counter(std::string_view key);

    [[nodiscard]] status_fields status();
    /// A number of `status`.
    [[nodiscard]] std::uint64_t number(const std::string& field);
    /// Asks for the status again and again until `holds` says so. Errors: the status that it had at last.
    status_fields until(const std::function<bool(status_fields&)>& holds);
    /// Until a peer, over whichever link, is in the state.
    void until_peer_is(std::string_view state);

    [[nodiscard]] process& in() noexcept { return process_; }

private:
    process process_;
    std::string id_;
    std::string address_ = "-";
};

/// True when a peer of `fields` has `part` in its field `name`.
[[nodiscard]] bool any_peer(const remote_replica::status_fields& fields, std::string_view name,
                            std::string_view part);

} // namespace sangam::test
