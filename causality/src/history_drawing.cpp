#include <sangam/causality/history.hpp>

#include <algorithm>
#include <utility>

namespace sangam::causality {

namespace {

/// In pixels of the SVG.
constexpr std::size_t character_width = 8;
constexpr std::size_t margin = 24;
constexpr std::size_t column_gap = 40;
constexpr std::size_t row_height = 96;
constexpr std::size_t text_offset = 16; ///< from an event's centre to the nearest edge of its texts
constexpr std::size_t radius = 5;

std::size_t width_of(std::string_view text) {
    // Scalar values: all bytes but those that continue one.
    const auto scalars = std::ranges::count_if(
        text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U; });
    return static_cast<std::size_t>(scalars) * character_width;
}

std::string escaped_xml(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        switch (c) {
        case '&':
            escaped += "&amp;";
            break;
        case '<':
            escaped += "&lt;";
            break;
        case '>':
            escaped += "&gt;";
            break;
        default:
            escaped += c;
        }
    }
    return escaped;
}

std::string escaped_dot(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            escaped += '\\';
        }
        escaped += c;
    }
    return escaped;
}

/// What stands above an event: its label, or the message that it is about.
std::string caption(const history& run, const history::event& e) {
    if (!e.label.empty()) return e.label;
    return (e.what == history::kind::send ? "send " : "receive ") + run.messages()[e.message].name;
}

std::vector<std::size_t> columns_of(const history& run) {
    std::vector<std::size_t> column(run.events().size(), 0);
    std::vector<std::size_t> next_free(run.replicas().size(), 0);
    for (std::size_t i = 0; i < column.size(); ++i) {
        const history::event& e = run.events()[i];
        column[i] = next_free[e.replica];
        if (e.what == history::kind::receive) {
            column[i] = std::max(column[i], column[run.messages()[e.message].sent] + 1);
        }
        next_free[e.replica] = column[i] + 1;
    }
    return column;
}

/// Where things stand in the SVG.
class layout {
public:
    explicit layout(const history& run) : run_(run), column_(columns_of(run)) {
        for (const std::string& name : run.replicas()) {
            left_ = std::max(left_, margin + width_of(name) + margin);
        }
        std::vector<std::size_t> widths;
        for (std::size_t i = 0; i < column_.size(); ++i) {
            widths.resize(std::max(widths.size(), column_[i] + 1), 0);
            const history::event& e = run.events()[i];
            widths[column_[i]] = std::max({widths[column_[i]], width_of(caption(run, e)), width_of(e.state)});
        }
        width_ = left_;
        for (const std::size_t width : widths) {
            centre_.push_back(width_ + width / 2);
            width_ += width + column_gap;
        }
    }

    [[nodiscard]] std::size_t x(std::size_t event) const { return centre_[column_[event]]; }
    [[nodiscard]] std::size_t y(std::size_t event) const { return row(run_.events()[event].replica); }
    [[nodiscard]] static std::size_t row(std::size_t replica) {
        return row_height / 2 + replica * row_height;
    }
    [[nodiscard]] std::size_t left() const noexcept { return left_; }
    [[nodiscard]] std::size_t width() const noexcept { return width_; }
    [[nodiscard]] std::size_t height() const noexcept { return run_.replicas().size() * row_height; }

private:
    const history& run_;
    std::vector<std::size_t> column_;
    std::vector<std::size_t> centre_; ///< of each column
    std::size_t left_ = margin;       ///< where the first column begins
    std::size_t width_ = 0;
};

std::string attribute(std::string_view name, std::size_t value) {
    return ' ' + std::string(name) + "=\"" + std::to_string(value) + '"';
}

std::string line(std::string_view style, std::pair<std::size_t, std::size_t> from,
                 std::pair<std::size_t, std::size_t> to) {
    return "  <line class=\"" + std::string(style) + '"' + attribute("x1", from.first) +
           attribute("y1", from.second) + attribute("x2", to.first) + attribute("y2", to.second) + "/>\n";
}

std::string words(std::string_view style, std::size_t x, std::size_t y, std::string_view text) {
    return "  <text class=\"" + std::string(style) + '"' + attribute("x", x) + attribute("y", y) + '>' +
           escaped_xml(text) + "</text>\n";
}

constexpr std::string_view svg_style = R"(  <style>
    .paper { fill: white }
    .replica { stroke: #888 }
    .message { stroke: #06c; marker-end: url(#head) }
    circle { fill: black }
    text { font: 12px monospace; paint-order: stroke; stroke: white; stroke-width: 4px }
    .name { font-weight: bold; dominant-baseline: middle }
    .label, .state { text-anchor: middle }
    .state { fill: #060; dominant-baseline: hanging }
  </style>
  <defs><marker id="head" viewBox="0 0 10 10" refX="16" refY="5" markerWidth="7" markerHeight="7" orient="auto">
    <path d="M 0 0 L 10 5 L 0 10 z" fill="#06c"/></marker></defs>
)";

} // namespace

std::string to_graphviz(const history& run) {
    std::string graph = "digraph history {\n  rankdir=LR;\n  node [shape=box, fontname=monospace];\n";
    std::vector<std::string> last;
    for (std::size_t r = 0; r < run.replicas().size(); ++r) {
        last.push_back("replica" + std::to_string(r));
        graph += "  " + last.back() + " [shape=plaintext, group=" + last.back() + ", label=\"" +
                 escaped_dot(run.replicas()[r]) + "\"];\n";
    }
    for (std::size_t i = 0; i < run.events().size(); ++i) {
        const history::event& e = run.events()[i];
        const std::string name = "event" + std::to_string(i);
        graph += "  " + name + " [group=replica" + std::to_string(e.replica) + ", label=\"" +
                 escaped_dot(caption(run, e)) + (e.state.empty() ? "" : "\\n" + escaped_dot(e.state)) +
                 "\"];\n  " + last[e.replica] + " -> " + name + ";\n";
        if (e.what == history::kind::receive) {
            const history::message& m = run.messages()[e.message];
            graph += "  event" + std::to_string(m.sent) + " -> " + name + " [style=dashed, label=\"" +
                     escaped_dot(m.name) + "\"];\n";
        }
        last[e.replica] = name;
    }
    return graph + "}\n";
}

std::string to_svg(const history& run) {
    const layout place(run);
    std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"" + attribute("width", place.width()) +
                      attribute("height", place.height()) + ">\n" + std::string(svg_style) +
                      "  <rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n";
    for (std::size_t r = 0; r < run.replicas().size(); ++r) {
        svg += line("replica", {place.left() - margin / 2, layout::row(r)},
                    {place.width() - margin / 2, layout::row(r)});
        svg += words("name", margin, layout::row(r), run.replicas()[r]);
    }
    for (std::size_t i = 0; i < run.events().size(); ++i) {
        const history::event& e = run.events()[i];
        if (e.what == history::kind::receive) {
            const std::size_t sent = run.messages()[e.message].sent;
            svg += line("message", {place.x(sent), place.y(sent)}, {place.x(i), place.y(i)});
        }
    }
    // Words come last, above the arrows that cross them.
    for (std::size_t i = 0; i < run.events().size(); ++i) {
        const history::event& e = run.events()[i];
        svg += "  <circle" + attribute("cx", place.x(i)) + attribute("cy", place.y(i)) +
               attribute("r", radius) + "/>\n";
        svg += words("label", place.x(i), place.y(i) - text_offset, caption(run, e));
        if (!e.state.empty()) {
            svg += words("state", place.x(i), place.y(i) + text_offset, e.state);
        }
    }
    return svg + "</svg>\n";
}

} // namespace sangam::causality
