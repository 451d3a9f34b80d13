#include "conformance/report.hpp"

#include "conformance/execution.hpp"
#include "conformance/text_execution.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <exception>
#include <filesystem>
#include <fstream>

namespace sangam::conformance {

namespace {

[[nodiscard]] checked replay_line(const std::string& line) {
    const boost::json::object execution = boost::json::parse(line).as_object();
    return execution.contains("txns") ? replay_text(execution) : replay_steps(execution);
}

void count(report& r, checked what) {
    ++r.passed;
    ++r.deliveries;
    r.values += what == checked::deliveries_only ? 0U : 1U;
    r.values_in_part += what == checked::values_in_part ? 1U : 0U;
    r.values_left_out += what == checked::deliveries_only ? 1U : 0U;
}

void fail(report& r, const std::string& place, const std::string& what) {
    ++r.failed;
    r.failures.push_back(place + ": " + what);
}

} // namespace

report replay(std::istream& lines, const std::string& file) {
    report r;
    r.file = file;
    std::string line;
    for (std::size_t number = 1; std::getline(lines, line); ++number) {
        try {
            count(r, replay_line(line));
        } catch (const std::exception& wrong) {
            fail(r, file + ":" + std::to_string(number), wrong.what());
        }
    }
    if (r.passed + r.failed == 0) {
        fail(r, file, lines.bad() ? "cannot be read" : "is empty");
    }
    return r;
}

report replay_file(const std::string& path) {
    std::ifstream lines(path);
    const std::string file = std::filesystem::path(path).filename().string();
    if (!lines.is_open() || std::filesystem::is_directory(path)) {
        report r;
        r.file = file;
        fail(r, path, "cannot be opened");
        return r;
    }
    return replay(lines, file);
}

std::string summary(const report& r) {
    return r.file + ": " + std::to_string(r.deliveries) + " deliveries, " + std::to_string(r.values) +
           " values";
}

std::string left_out(const std::vector<report>& reports) {
    std::size_t whole = 0;
    std::size_t in_part = 0;
    std::string files;
    for (const report& r : reports) {
        whole += r.values_left_out;
        in_part += r.values_in_part;
        if (r.values_left_out != 0) {
            files += (files.empty() ? "" : " ") + r.file;
        }
    }
    std::string said;
    if (whole != 0) {
        said = std::to_string(whole) + " values left out, of types that the library does not have (" + files +
               ")";
    }
    if (in_part != 0) {
        said += (said.empty() ? "" : "; ") + std::to_string(in_part) +
                " map values compared without their keys of such types";
    }
    return said;
}

} // namespace sangam::conformance
