#include "report.hpp"

#include "targets.hpp"

#include <editor/history_json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string>

namespace bench {
namespace {

/// As short as people read it and JSON allows.
std::string number(double value) {
    const bool whole = std::abs(value) < 1e15 && value == std::floor(value);
    std::array<char, 32> text{};
    const int length = std::snprintf(text.data(), text.size(), whole ? "%.0f" : "%.4g", value);
    return {text.data(), static_cast<std::size_t>(length)};
}

std::string with_digits(double value, int digits) {
    std::array<char, 64> text{};
    const int length = std::snprintf(text.data(), text.size(), "%.*f", digits, value);
    return {text.data(), static_cast<std::size_t>(length)};
}

std::string padded_left(std::string text, std::size_t width) {
    if (text.size() < width) text.insert(0, width - text.size(), ' ');
    return text;
}

std::string padded_right(std::string text, std::size_t width) {
    if (text.size() < width) text.resize(width, ' ');
    return text;
}

constexpr std::size_t bench_width = 21;
constexpr std::size_t case_width = 18;
constexpr std::size_t number_width = 13;

/// A column of its own, or empty.
std::string cell(const figure& measured, std::string_view name, int digits) {
    const double* found = measured.find(name);
    return padded_left(found != nullptr ? with_digits(*found, digits) : "", number_width);
}

/// The values that have no column.
std::string others(const figure& measured) {
    std::string text;
    for (const auto& [name, value] : measured.values) {
        const std::array columns{edits, size, ns_per_edit, gap_ns_per_edit, ratio_to_gap_buffer};
        if (std::ranges::find(columns, name) != columns.end()) continue;
        text += "  " + std::string(name) + ' ' + number(value);
    }
    return text;
}

} // namespace

const double* figure::find(std::string_view name) const noexcept {
    const auto found = std::ranges::find(values, name, &std::pair<std::string_view, double>::first);
    return found != values.end() ? &found->second : nullptr;
}

void report::add(const figure& measured) {
    if (!measured.right) ++wrong_texts_;
    json_ ? print_json(measured) : print_row(measured);
    out_.flush();
}

void report::say(std::string_view what) {
    if (!json_) out_ << what << std::endl;
}

void report::print_row(const figure& measured) {
    if (!headed_) {
        out_ << padded_right("bench", bench_width) << padded_right("case", case_width);
        for (const char* column : {"edits or n", "ns/edit", "gap ns/edit", "x gap"}) {
            out_ << padded_left(column, number_width);
        }
        out_ << "  targets and more\n";
        headed_ = true;
    }
    out_ << padded_right(measured.bench, bench_width) << padded_right(measured.of, case_width)
         << cell(measured, measured.find(size) != nullptr ? size : edits, 0) << cell(measured, ns_per_edit, 1)
         << cell(measured, gap_ns_per_edit, 1) << cell(measured, ratio_to_gap_buffer, 2);
    for (const target& t : targets_of(measured)) {
        out_ << "  " << (t.met_by(measured) ? "met: " : "MISSED: ") << t.value << " <= " << number(t.limit);
    }
    out_ << others(measured);
    if (!measured.right) out_ << "  WRONG TEXT";
    if (!measured.checked_by.empty()) out_ << "  (" << measured.checked_by << ')';
    out_ << '\n';
}

void report::print_json(const figure& measured) {
    out_ << "{\"bench\":" << editor::json_string(measured.bench)
         << ",\"case\":" << editor::json_string(measured.of);
    for (const auto& [name, value] : measured.values) {
        out_ << ",\"" << name << "\":" << number(value);
    }
    const auto targets = targets_of(measured);
    if (!targets.empty()) {
        out_ << ",\"target\":" << number(targets.front().limit) << ",\"target_of\":\""
             << targets.front().value << "\",\"target_met\":"
             << (std::ranges::all_of(targets, [&](const target& t) { return t.met_by(measured); }) ? "true"
                                                                                                   : "false");
    }
    if (targets.size() > 1) {
        out_ << ",\"targets\":[";
        const char* between = "";
        for (const target& t : targets) {
            out_ << between << "{\"of\":\"" << t.value << "\",\"limit\":" << number(t.limit)
                 << ",\"met\":" << (t.met_by(measured) ? "true" : "false") << '}';
            between = ",";
        }
        out_ << ']';
    }
    if (!measured.checked_by.empty()) {
        out_ << ",\"checked_by\":" << editor::json_string(measured.checked_by);
    }
    out_ << ",\"text_right\":" << (measured.right ? "true" : "false") << "}\n";
}

} // namespace bench
