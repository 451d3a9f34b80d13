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

void replay_line(const std::string& line) {
    const boost::json::object execution = boost::json::parse(line).as_object();
    execution.contains("txns") ? replay_text(execution) : replay_steps(execution);
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
            replay_line(line);
            ++r.passed;
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
    return r.file + ": " + std::to_string(r.passed) + " passed, " + std::to_string(r.failed) + " failed";
}

} // namespace sangam::conformance
