#include "gap_buffer.hpp"
#include "measure.hpp"
#include "rows.hpp"
#include "workload.hpp"

#include <string>

namespace bench {
namespace {

using sangam::causality::replica_id;
using sangam::crdt::operation_context;
using sangam::crdt::rga_text;

constexpr std::size_t lengths[] = {1 << 10, 10 << 10, 100 << 10, 1 << 20};
constexpr operation_context typed{{replica_id{1}, 1}, {}};
constexpr operation_context pasted{{replica_id{1}, 2}, {}};
constexpr operation_context edited{{replica_id{1}, 3}, {}};

/// A page goes between "<" and ">"; then one character goes into the middle of the page.
struct paste {
    std::string page;

    [[nodiscard]] std::string expected(bool with_edit) const {
        std::string text = "<" + page + ">";
        if (with_edit) text.insert(1 + page.size() / 2, 1, '!');
        return text;
    }

    [[nodiscard]] timed in_gap_buffer() const {
        gap_buffer text;
        text.insert(0, "<>");
        const double ns = time_of([&] { text.insert(1, page); });
        return {ns, text.str() == expected(false)};
    }

    [[nodiscard]] timed in_ours() const {
        rga_text text;
        text.local_insert(0, "<>", typed);
        const double ns = time_of([&] { text.local_insert(1, page, pasted); });
        return {ns, text.str() == expected(false)};
    }

    [[nodiscard]] timed edit_in_gap_buffer() const {
        gap_buffer text;
        text.insert(0, "<>");
        text.insert(1, page);
        const double ns = time_of([&] { text.insert(1 + page.size() / 2, "!"); });
        return {ns, text.str() == expected(true)};
    }

    [[nodiscard]] timed edit_in_ours() const {
        rga_text text;
        text.local_insert(0, "<>", typed);
        text.local_insert(1, page, pasted);
        const double ns = time_of([&] { text.local_insert(1 + page.size() / 2, "!", edited); });
        return {ns, text.str() == expected(true)};
    }
};

std::string page_of(std::size_t length) {
    std::string page;
    while (page.size() < length) {
        page += "It is a truth universally acknowledged, that a text in want of an edit must be short. ";
    }
    page.resize(length);
    return page;
}

figure beside_gap_buffer(const std::string& of, const paste& what, const timed& gap, const timed& ours) {
    return figure{"text_paste", of, {}, gap.right && ours.right, "std::string"}
        .with(size, static_cast<double>(what.page.size()))
        .with(ns_per_edit, ours.ns)
        .with(gap_ns_per_edit, gap.ns)
        .with(ratio_to_gap_buffer, ours.ns / gap.ns);
}

} // namespace

void measure_paste(const settings& how, report& out) {
    for (const std::size_t length : lengths) {
        const paste what{page_of(length)};
        const auto measured = medians(
            how.runs, {[&] { return what.in_gap_buffer(); }, [&] { return what.in_ours(); },
                       [&] { return what.edit_in_gap_buffer(); }, [&] { return what.edit_in_ours(); }});
        out.add(beside_gap_buffer("the paste", what, measured[0], measured[1])
                    .with("ns_per_byte", measured[1].ns / static_cast<double>(length)));
        out.add(beside_gap_buffer("first edit inside", what, measured[2], measured[3]));
    }
}

} // namespace bench
