// sangam-history: shows a recorded history and answers questions about it. docs/history.md.

#include <sangam/causality/history.hpp>

#include <boost/program_options.hpp>

#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

namespace {

namespace po = boost::program_options;
using sangam::causality::history;

constexpr int exit_failed = 1;
constexpr int exit_wrong_usage = 2;
constexpr std::size_t file_bytes_max = 16 << 20;

struct wish {
    std::string file;
    std::vector<std::string> ask;
    bool graphviz = false;
    bool svg = false;
};

/// Every event with its clock, and what was concurrent.
void print(const history& run) {
    for (std::size_t i = 0; i < run.events().size(); ++i) {
        const history::event& e = run.events()[i];
        std::cout << run.name_of(i);
        if (e.what == history::kind::receive) std::cout << "  <- " << run.messages()[e.message].name;
        if (!e.label.empty()) std::cout << "  " << e.label;
        if (e.what == history::kind::send) std::cout << "  -> " << run.messages()[e.message].name;
        if (!e.state.empty()) std::cout << "  = " << e.state;
        std::cout << "  [";
        const char* between = "";
        for (const auto& entry : e.clock.entries()) {
            std::cout << between << run.replicas()[entry.replica.bits - 1] << ':' << entry.length;
            between = " ";
        }
        std::cout << "]\n";
    }
    for (const auto& group : run.concurrent_groups()) {
        if (group.size() == 1) continue;
        std::cout << "concurrent group:";
        for (const std::size_t event : group) {
            std::cout << ' ' << run.name_of(event);
        }
        std::cout << '\n';
    }
}

sangam::result<void> answer(const history& run, const std::string& a, const std::string& b) {
    const auto first = run.find(a);
    if (!first) return first.error();
    const auto second = run.find(b);
    if (!second) return second.error();
    std::cout << to_string(run.order(*first, *second)) << '\n';
    return {};
}

int show(const wish& w) {
    std::ifstream file(w.file, std::ios::binary);
    std::string text(file_bytes_max + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (!file.eof() || text.size() > file_bytes_max) {
        std::cerr << "sangam-history: " << w.file << ": cannot be read, or is no file of at most "
                  << file_bytes_max << " bytes\n";
        return exit_failed;
    }
    const auto run = sangam::causality::parse_history(text);
    if (!run) {
        std::cerr << "sangam-history: " << w.file << ": " << run.error().message() << '\n';
        return exit_failed;
    }
    if (!w.ask.empty()) {
        if (const auto answered = answer(*run, w.ask[0], w.ask[1]); !answered) {
            std::cerr << "sangam-history: --ask: " << answered.error().message() << '\n';
            return exit_failed;
        }
    } else if (w.svg) {
        std::cout << to_svg(*run);
    } else if (w.graphviz) {
        std::cout << to_graphviz(*run);
    } else {
        print(*run);
    }
    std::cout.flush();
    if (!std::cout) {
        std::cerr << "sangam-history: standard output cannot be written\n";
        return exit_failed;
    }
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    try {
        wish w;
        po::options_description known("sangam-history FILE [--svg | --graphviz | --ask A B]");
        auto add = known.add_options();
        add("help", "print this");
        add("svg", po::bool_switch(&w.svg), "draw a space-time diagram");
        add("graphviz", po::bool_switch(&w.graphviz), "draw a graph for Graphviz");
        add("ask", po::value(&w.ask)->multitoken()->value_name("A B"),
            "is event A before, after, equal or concurrent to B? An event is REPLICA:NUMBER");
        add("file", po::value(&w.file), "the history, as docs/history.md describes it");
        po::positional_options_description places;
        places.add("file", 1);
        po::variables_map given;
        po::store(po::command_line_parser(argc, argv).options(known).positional(places).run(), given);
        if (given.contains("help")) {
            std::cout << known;
            return 0;
        }
        po::notify(given);
        const int wishes = (w.svg ? 1 : 0) + (w.graphviz ? 1 : 0) + (w.ask.empty() ? 0 : 1);
        if (w.file.empty() || wishes > 1 || (!w.ask.empty() && w.ask.size() != 2)) {
            std::cerr << known;
            return exit_wrong_usage;
        }
        return show(w);
    } catch (const po::error& problem) {
        std::cerr << "sangam-history: " << problem.what() << '\n';
        return exit_wrong_usage;
    } catch (const std::exception& problem) {
        std::cerr << "sangam-history: " << problem.what() << '\n';
        return exit_failed;
    }
}
