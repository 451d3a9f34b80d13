#include <editor/options.hpp>

#include <editor/errc.hpp>

#include <sangam/crdt/utf8.hpp>

#include <boost/program_options.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace editor {
namespace {

namespace po = boost::program_options;

constexpr double seconds_max = 1e6;

sangam::error wrong(std::string what) {
    return {errc::bad_usage, std::move(what)};
}

po::options_description network_options() {
    po::options_description all("Sharing");
    auto add = all.add_options();
    add("name", po::value<std::string>(), "who you are, for the others to see");
    add("listen", po::value<std::vector<std::string>>()->composing(),
        "address to listen at, for example tcp://127.0.0.1:7001 (port * takes a free one); may be repeated");
    add("connect", po::value<std::vector<std::string>>()->composing(),
        "address of another editor; may be repeated");
    add("group", po::value<std::string>(), "only editors of one group meet (default: editor)");
    return all;
}

po::options_description file_options() {
    po::options_description all("Files");
    auto add = all.add_options();
    add("load", po::value<std::string>(), "start with the text of this file");
    add("save", po::value<std::string>(), "write the text here: on Ctrl-S, and at the end with --headless");
    add("record", po::value<std::string>(), "write down every own edit, for --merge-records");
    add("log", po::value<std::string>(),
        "append what the network and the others do to this file, a line an event");
    add("merge-records", po::value<std::vector<std::string>>()->multitoken(),
        "make a history of the records of all editors that took part");
    add("output,o", po::value<std::string>(), "where --merge-records writes the history");
    return all;
}

po::options_description headless_options() {
    po::options_description all("Without a screen");
    auto add = all.add_options();
    add("headless", "take part without a screen: with --replay as a writer, else as a watcher");
    add("replay", po::value<std::string>(), "a recorded history, JSON or gzip");
    add("writers", "print how many writers the history of --replay has");
    add("author", po::value<std::size_t>(), "which writer to play, counted from 1");
    add("pace", po::value<double>(), "milliseconds to wait after each transaction");
    add("watch", "write nothing and print progress; --replay FILE tells how much is to come");
    add("until-quiet", po::value<double>()->implicit_value(1.0),
        "end when everything is everywhere and has been for so many seconds (default: 1)");
    add("timeout", po::value<double>(),
        "give up when nothing has happened for so many seconds (default: 300)");
    add("expect-exact", "fail unless the text at the end is the history's endContent");
    return all;
}

po::options_description all_options() {
    po::options_description all("Options");
    all.add(network_options()).add(file_options()).add(headless_options());
    all.add_options()("help,h", "print this");
    return all;
}

/// Boost takes an optional value only as "--until-quiet=2".
std::vector<std::string> with_joined_values(const std::vector<std::string>& arguments) {
    std::vector<std::string> joined;
    for (const std::string& argument : arguments) {
        const bool is_value = !argument.empty() && argument.front() != '-';
        if (is_value && !joined.empty() && joined.back() == "--until-quiet") {
            joined.back() += '=' + argument;
        } else {
            joined.push_back(argument);
        }
    }
    return joined;
}

template <class T>
void take(const po::variables_map& given, const char* name, T& into) {
    if (given.count(name) > 0) into = given[name].as<T>();
}

sangam::result<std::chrono::milliseconds> duration(const po::variables_map& given, const char* name,
                                                   double unit_ms) {
    const double number = given[name].as<double>();
    if (!std::isfinite(number) || number < 0 || number > seconds_max) {
        return wrong("--" + std::string(name) + " must be from 0 to 1000000");
    }
    return std::chrono::milliseconds(static_cast<std::int64_t>(number * unit_ms));
}

sangam::result<void> read_durations(const po::variables_map& given, options& into) {
    if (given.count("until-quiet") > 0) {
        const auto quiet = duration(given, "until-quiet", 1000);
        if (!quiet) return quiet.error();
        into.until_quiet = *quiet;
    }
    if (given.count("timeout") > 0) {
        const auto timeout = duration(given, "timeout", 1000);
        if (!timeout) return timeout.error();
        into.timeout = *timeout;
    }
    if (given.count("pace") > 0) {
        const auto pace = duration(given, "pace", 1);
        if (!pace) return pace.error();
        into.pace = *pace;
    }
    return {};
}

options::mode mode_of(const po::variables_map& given) {
    if (given.count("help") > 0) return options::mode::help;
    if (given.count("merge-records") > 0) return options::mode::merge_records;
    if (given.count("writers") > 0) return options::mode::count_writers;
    if (given.count("headless") == 0) return options::mode::interactive;
    if (given.count("replay") > 0 && given.count("watch") == 0) return options::mode::replay;
    return options::mode::watch;
}

bool good_name(const std::string& name) {
    return !name.empty() && !sangam::crdt::utf8::find_invalid(name) && std::ranges::none_of(name, [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    });
}

sangam::result<void> check_interactive(const po::variables_map& given, const options& chosen) {
    for (const char* name : {"replay", "author", "pace", "watch", "until-quiet", "expect-exact", "timeout"}) {
        if (given.count(name) > 0) return wrong("--" + std::string(name) + " needs --headless");
    }
    if (chosen.name.empty()) return wrong("--name is missing");
    return {};
}

sangam::result<void> check_headless(const po::variables_map& given, const options& chosen) {
    if (!chosen.record.empty()) return wrong("--record does not go with --headless");
    if (chosen.what == options::mode::replay) {
        if (!chosen.load.empty()) return wrong("--load does not go with --replay");
        if (!chosen.name.empty())
            return wrong("--name does not go with --replay: writers are called writer-1 and so on");
        if (chosen.author == std::size_t{0}) return wrong("--author counts from 1");
    } else {
        if (chosen.author) return wrong("--author does not go with watching");
        if (given.count("pace") > 0) return wrong("--pace does not go with watching");
    }
    if (chosen.expect_exact && chosen.history.empty()) return wrong("--expect-exact needs --replay");
    return {};
}

sangam::result<void> check(const po::variables_map& given, const options& chosen) {
    if (!chosen.name.empty() && !good_name(chosen.name))
        return wrong("--name must be UTF-8 without control characters");
    switch (chosen.what) {
    case options::mode::help:
        return {};
    case options::mode::interactive:
        return check_interactive(given, chosen);
    case options::mode::replay:
    case options::mode::watch:
        return check_headless(given, chosen);
    case options::mode::count_writers:
        if (chosen.history.empty()) return wrong("--writers needs --replay FILE");
        return {};
    case options::mode::merge_records:
        if (chosen.output.empty()) return wrong("--merge-records needs -o FILE");
        return {};
    }
    return {};
}

} // namespace

std::string usage() {
    std::ostringstream out;
    out << "Edits one text together with others.\n\n"
           "  sangam-editor --name alice --listen tcp://127.0.0.1:7001\n"
           "  sangam-editor --name bob --connect tcp://127.0.0.1:7001\n\n"
        << all_options();
    return out.str();
}

sangam::result<options> parse_options(const std::vector<std::string>& arguments) {
    po::variables_map given;
    try {
        namespace style = po::command_line_style;
        const po::options_description described = all_options();
        po::store(po::command_line_parser(with_joined_values(arguments))
                      .options(described)
                      .positional(po::positional_options_description())
                      .style(style::unix_style & ~style::allow_guessing)
                      .run(),
                  given);
    } catch (const po::error& e) {
        return wrong(e.what());
    }
    options chosen;
    chosen.what = mode_of(given);
    take(given, "name", chosen.name);
    take(given, "group", chosen.group);
    take(given, "listen", chosen.listen);
    take(given, "connect", chosen.connect);
    take(given, "load", chosen.load);
    take(given, "save", chosen.save);
    take(given, "record", chosen.record);
    take(given, "log", chosen.log);
    take(given, "replay", chosen.history);
    take(given, "merge-records", chosen.records);
    take(given, "output", chosen.output);
    if (given.count("author") > 0) chosen.author = given["author"].as<std::size_t>();
    chosen.progress = given.count("watch") > 0;
    chosen.expect_exact = given.count("expect-exact") > 0;
    if (const auto read = read_durations(given, chosen); !read) return read.error();
    if (const auto fits = check(given, chosen); !fits) return fits.error();
    return chosen;
}

} // namespace editor
