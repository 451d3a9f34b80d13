#include "options.hpp"

#include <editor/errc.hpp>

#include <boost/program_options.hpp>

#include <algorithm>
#include <sstream>

namespace bench {
namespace {

namespace po = boost::program_options;

constexpr std::size_t runs_max = 1000;

po::options_description described(options& chosen, std::string& only) {
    po::options_description known(
        "sangam-bench-text [OPTION]... [FILE]...\n"
        "Times the text type beside a plain gap buffer, on recorded histories and on "
        "edits of its own making");
    auto add = known.add_options();
    add("help", po::bool_switch(&chosen.help), "print this");
    add("json", po::bool_switch(&chosen.json), "one JSON object a line instead of a table");
    add("runs", po::value(&chosen.how.runs)->value_name("N")->default_value(chosen.how.runs),
        "take the median of so many runs");
    add("only", po::value(&only)->value_name("NAME,..."), "only these rows");
    add("long", po::bool_switch(&chosen.how.long_run), "also ten million random edits");
    add("file", po::value(&chosen.files), "recorded histories (JSON, also gzip)");
    return known;
}

std::vector<std::string_view> row_names() {
    std::vector<std::string_view> names;
    for (const history_row& row : history_rows()) {
        names.push_back(row.bench);
    }
    for (const synthetic_row& row : synthetic_rows()) {
        names.push_back(row.bench);
    }
    return names;
}

std::string listed(const std::vector<std::string_view>& names) {
    std::string text;
    for (const std::string_view name : names) {
        text += (text.empty() ? "" : ", ") + std::string(name);
    }
    return text;
}

sangam::error wrong(const std::string& what) {
    return {editor::errc::bad_usage, what};
}

sangam::result<void> split_only(options& chosen, const std::string& only) {
    const auto names = row_names();
    std::istringstream parts(only);
    for (std::string name; std::getline(parts, name, ',');) {
        if (std::ranges::find(names, name) == names.end()) {
            return wrong("--only: there is no row \"" + name + "\" but " + listed(names));
        }
        chosen.only.push_back(name);
    }
    return {};
}

} // namespace

bool options::wants(std::string_view bench) const {
    return only.empty() || std::ranges::find(only, bench) != only.end();
}

sangam::result<options> parse_options(int argc, const char* const* argv) {
    options chosen;
    std::string only;
    try {
        const auto known = described(chosen, only);
        po::positional_options_description places;
        places.add("file", -1);
        po::variables_map given;
        po::store(po::command_line_parser(argc, argv).options(known).positional(places).run(), given);
        po::notify(given);
    } catch (const po::error& e) {
        return wrong(e.what());
    }
    if (chosen.how.runs == 0 || chosen.how.runs > runs_max) {
        return wrong("--runs is " + std::to_string(chosen.how.runs) + ", not 1 to " +
                     std::to_string(runs_max));
    }
    if (const auto done = split_only(chosen, only); !done) return done.error();
    return chosen;
}

std::string usage() {
    options none;
    std::string only;
    std::ostringstream text;
    text << described(none, only) << "Rows: " << listed(row_names()) << '\n';
    return text.str();
}

} // namespace bench
