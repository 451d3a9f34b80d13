#include "exhaustive/objects.hpp"

#include <boost/program_options.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <optional>

namespace {

namespace po = boost::program_options;
using namespace sangam::exhaustive;

struct wanted {
    std::vector<std::string> kinds;
    std::optional<std::size_t> transactions;
    std::size_t replicas = 3;
    std::size_t steps = 1;
    bool thorough = false;
};

[[nodiscard]] po::options_description options(wanted& w) {
    po::options_description all("sangam-exhaustive: every history of a few transactions, in every order");
    auto add = all.add_options();
    add("help", "print this");
    add("list", "print the names of the kinds");
    add("kind", po::value(&w.kinds)->composing(), "only this one; may be repeated");
    add("thorough", po::bool_switch(&w.thorough), "as many transactions as in script/prove");
    add("transactions", po::value<std::size_t>(), "at most so many, 1 to 8, whatever the kind");
    add("replicas", po::value(&w.replicas), "so many, 1 to 4 (default: 3)");
    add("steps", po::value(&w.steps), "of a transaction: 1, or 2 for transactions of one and of two");
    return all;
}

[[nodiscard]] bool is_wanted(const wanted& w, const checked_kind& k) {
    return w.kinds.empty() || std::ranges::find(w.kinds, k.name) != w.kinds.end();
}

/// Checks one kind and prints a line.
[[nodiscard]] bool check(const checked_kind& k, const wanted& w) {
    const std::size_t transactions = w.transactions.value_or(w.thorough ? k.thorough : k.quick);
    const auto start = std::chrono::steady_clock::now();
    const findings found = check_all(objects(k.kind, k.menu, w.steps), {transactions, w.replicas});
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    std::printf("%-20s %zu transactions, %zu replicas: %11llu histories, %11llu applies, %7.1f s: %s\n",
                k.name, found.histories.size(), w.replicas,
                static_cast<unsigned long long>(found.histories.back()),
                static_cast<unsigned long long>(found.applies), spent.count(),
                found.problem.empty() ? "agree" : "DISAGREE");
    if (!found.problem.empty()) {
        std::fprintf(stderr, "%s: %s\n", k.name, found.problem.c_str());
    }
    std::fflush(stdout);
    return found.problem.empty();
}

[[nodiscard]] int run(const wanted& w) {
    std::size_t kinds = 0;
    std::size_t agree = 0;
    for (const checked_kind& k : checked_kinds()) {
        if (is_wanted(w, k)) {
            ++kinds;
            agree += check(k, w) ? 1 : 0;
        }
    }
    if (kinds == 0 || kinds < w.kinds.size()) {
        std::fprintf(stderr, "sangam-exhaustive: unknown kind; --list names those that there are\n");
        return EXIT_FAILURE;
    }
    return agree == kinds ? EXIT_SUCCESS : EXIT_FAILURE;
}

} // namespace

int main(int argc, char** argv) {
    wanted w;
    const po::options_description known = options(w);
    try {
        po::variables_map given;
        po::store(po::parse_command_line(argc, argv, known), given);
        po::notify(given);
        if (given.contains("help")) {
            std::cout << known;
            return EXIT_SUCCESS;
        }
        if (given.contains("list")) {
            for (const checked_kind& k : checked_kinds()) {
                std::printf("%s\n", k.name);
            }
            return EXIT_SUCCESS;
        }
        if (given.contains("transactions")) {
            w.transactions = given["transactions"].as<std::size_t>();
        }
        if (w.transactions.value_or(1) < 1 || w.transactions.value_or(1) > 8 || w.replicas < 1 ||
            w.replicas > 4 || w.steps < 1 || w.steps > 2) {
            throw po::error("a number is out of range");
        }
        return run(w);
    } catch (const po::error& e) {
        std::cerr << "sangam-exhaustive: " << e.what() << "\n" << known;
        return EXIT_FAILURE;
    }
}
