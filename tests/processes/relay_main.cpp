#include "relay.hpp"

#include <unistd.h>

#include <chrono>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

/// A bad network as a program: prints where it listens, obeys `cut`, `heal` and `quit` on standard input, and
/// prints at the end what it did.
namespace {

using sangam::test::relay;
using sangam::test::relay_options;

constexpr const char* usage = "sangam-test-relay --to ADDRESS [--listen ADDRESS] [--drop PERCENT] [--repeat "
                              "PERCENT] [--reorder PERCENT]"
                              " [--seed NUMBER]";

relay_options parse(int argc, char** argv) {
    relay_options options;
    for (int i = 1; i < argc; i += 2) {
        const std::string name = argv[i];
        if (i + 1 == argc) {
            throw std::invalid_argument(name + " has no value");
        }
        const std::string content = argv[i + 1];
        const auto percent = [&] { return static_cast<unsigned>(std::stoul(content)); };
        if (name == "--listen") {
            options.listen = content;
        } else if (name == "--to") {
            options.to = content;
        } else if (name == "--drop") {
            options.drop_percent = percent();
        } else if (name == "--repeat") {
            options.repeat_percent = percent();
        } else if (name == "--reorder") {
            options.reorder_percent = percent();
        } else if (name == "--seed") {
            options.seed = std::stoull(content);
        } else {
            throw std::invalid_argument("unknown option " + name);
        }
    }
    if (options.to.empty()) {
        throw std::invalid_argument(usage);
    }
    return options;
}

/// What can be read of standard input now, without waiting.
bool read_commands(std::string& unread) {
    char bytes[256];
    const ssize_t n = ::read(STDIN_FILENO, bytes, sizeof bytes);
    if (n <= 0) {
        return false;
    }
    unread.append(bytes, static_cast<std::size_t>(n));
    return true;
}

/// False after `quit`.
bool obey(relay& network, std::string& unread) {
    for (auto end = unread.find('\n'); end != std::string::npos; end = unread.find('\n')) {
        const std::string command = unread.substr(0, end);
        unread.erase(0, end + 1);
        if (command == "quit") {
            return false;
        }
        const bool known = command == "cut" || command == "heal";
        if (known) {
            network.cut(command == "cut");
        }
        std::cout << (known ? "ok" : "error unknown command: " + command) << std::endl;
    }
    return true;
}

} // namespace

int main(int argc, char** argv) {
    try {
        relay network(parse(argc, argv));
        std::cout << network.listening() << std::endl;
        std::string unread;
        while (!network.step(std::chrono::milliseconds(100), STDIN_FILENO) ||
               (read_commands(unread) && obey(network, unread))) {
        }
        const sangam::test::relay_counts& counts = network.counts();
        std::cout << "received=" << counts.received << " forwarded=" << counts.forwarded
                  << " dropped=" << counts.dropped << " repeated=" << counts.repeated
                  << " reordered=" << counts.reordered << " cut=" << counts.cut
                  << " refused=" << counts.refused << std::endl;
        return 0;
    } catch (const std::exception& reason) {
        std::cerr << "sangam-test-relay: " << reason.what() << '\n';
        return 1;
    }
}
