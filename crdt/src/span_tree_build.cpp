#include "span_tree.hpp"

#include <sangam/causality/assert.hpp>

#include <algorithm>
#include <utility>

namespace sangam::crdt {

void span_tree::build(std::span<const span> spans, std::span<const std::uint32_t> by_serial,
                      std::vector<serial_t> wide) {
    constexpr std::size_t filling = leaf_spans_max - 4; // so that edits do not split every leaf at once
    const std::size_t leaf_count = (spans.size() + filling - 1) / filling;
    SANGAM_INVARIANT(empty() && leaf_count < leaf_index::leaves_max);
    wide_ = std::move(wide);
    leaves_.resize(leaf_count);
    std::vector<counts> below;
    below.reserve(leaf_count);
    for (std::size_t number = 0; number < leaf_count; ++number) {
        const auto own = spans.subspan(number * filling, std::min(filling, spans.size() - number * filling));
        leaf& l = leaves_[number];
        std::ranges::copy(own, l.spans.begin());
        l.count = static_cast<std::uint32_t>(own.size());
        if (number + 1 < leaf_count) l.next = static_cast<std::uint32_t>(number + 1);
        counts sum;
        for (const span& s : own)
            sum.visible += s.shown();
        for (std::size_t slot = 0; !wide_.empty() && slot < l.count; ++slot) {
            if (own[slot].visible()) sum.wide += wide_in(own[slot].first, own[slot].length());
        }
        totals_.visible += sum.visible;
        totals_.wide += sum.wide;
        below.push_back(sum);
    }
    index_.build(spans.size(), spans.empty() ? 0 : spans[by_serial.back()].end(), [&](std::size_t n) {
        const std::uint32_t number = by_serial[n];
        return std::pair{spans[number].length(), static_cast<std::uint32_t>(number / filling)};
    });
    build_nodes(std::move(below));
}

void span_tree::build_nodes(std::vector<counts> below) {
    std::size_t first_child = 0; // of the level below
    while (below.size() > 1) {
        ++height_;
        std::vector<counts> level;
        const std::size_t first_node = nodes_.size();
        for (std::size_t done = 0; done < below.size();) {
            const std::size_t children = std::min<std::size_t>(node_children_max - 4, below.size() - done);
            const std::uint32_t number = add_node();
            nodes_[number].count = static_cast<std::uint32_t>(children);
            for (std::uint32_t entry = entry_of(number); entry < entry_of(number) + children;
                 ++entry, ++done) {
                children_[entry] = static_cast<std::uint32_t>(first_child + done);
                visible_[entry] = below[done].visible;
                wide_counts_[entry] = below[done].wide;
            }
            adopt(number, height_, entry_of(number));
            level.push_back(count_of(number));
        }
        first_child = first_node;
        below = std::move(level);
    }
    if (height_ > 0) root_ = static_cast<std::uint32_t>(first_child);
}

} // namespace sangam::crdt
