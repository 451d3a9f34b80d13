#include "span_tree.hpp"

#include <algorithm>

namespace sangam::crdt {

std::string span_tree::check_invariants(const text_ids& ids) const {
    if (empty()) return size() == 0 ? std::string() : "S4: serials without a leaf";
    std::vector<bool> seen(size(), false);
    counts sum;
    std::uint32_t in_order = 0;
    std::uint32_t previous = none;
    std::vector<counts> of_leaf(leaves_.size());
    std::vector<serial_t> least_below(nodes_.size(), none);
    const auto lower = [&ids](serial_t& least, serial_t serial) {
        if (least == none || ids.id_of(serial) < ids.id_of(least)) least = serial;
    };
    for (std::uint32_t number = 0; number != none; number = leaves_[number].next, ++in_order) {
        const leaf& l = leaves_[number];
        const std::string where = "leaf " + std::to_string(number) + ": ";
        if (l.count == 0 || l.count > leaf_spans_max)
            return where + "S1: " + std::to_string(l.count) + " spans";
        for (std::size_t slot = 0; slot < l.count; ++slot) {
            const span& s = l.spans[slot];
            if (s.length() == 0 || s.end() > size()) return where + "S1: a wrong span";
            for (serial_t serial = s.first; serial < s.end(); ++serial) {
                if (seen[serial]) return where + "S4: a serial stands twice";
                seen[serial] = true;
                if (index_.leaf_of(serial) != number) return where + "S4: the index leads elsewhere";
            }
        }
        of_leaf[number] = {};
        for (std::size_t slot = 0; slot < l.count; ++slot) {
            const span& s = l.spans[slot];
            if (!s.visible()) continue;
            of_leaf[number].visible += s.length();
            of_leaf[number].wide += wide_in(s.first, s.length());
        }
        sum.visible += of_leaf[number].visible;
        sum.wide += of_leaf[number].wide;
        serial_t least = none;
        for (std::size_t slot = 0; slot < l.count; ++slot) {
            for (serial_t serial = l.spans[slot].first; serial < l.spans[slot].end();
                 serial = ids.end_of(ids.run_of(serial)))
                lower(least, serial);
        }
        if (l.least != none && l.least != least) return where + "S5: not the least id";
        for (std::uint32_t up = l.up; up != none; up = nodes_[node_of(up)].up)
            lower(least_below[node_of(up)], least);
        place first{number, 0, 0};
        if (retreat(first) ? first.leaf != previous : previous != none)
            return where + "S3: another one before it";
        previous = number;
        if ((l.up == none) != (height_ == 0) || (l.up != none && children_[l.up] != number))
            return where + "S3: not its parent's child";
        if (in_order > leaves_.size()) return "S3: leaves go round";
    }
    if (in_order != leaves_.size()) return "S3: leaves that are not in the order";
    if (std::ranges::count(seen, false) > 0) return "S4: a serial stands nowhere";
    if (sum != totals_) return "S2: the totals differ from the spans";
    for (std::uint32_t number = 0; number < nodes_.size(); ++number) {
        const node& n = nodes_[number];
        const std::string where = "node " + std::to_string(number) + ": ";
        if (n.count == 0 || n.count > node_children_max)
            return where + "S1: " + std::to_string(n.count) + " children";
        if ((n.up == none) != (number == root_)) return where + "S3: not the root and without a parent";
        if (n.up != none && children_[n.up] != number) return where + "S3: not its parent's child";
        if (n.least != none && n.least != least_below[number]) return where + "S5: not the least id";
        unsigned level = 1;
        for (std::uint32_t up = n.up; up != none; up = nodes_[node_of(up)].up)
            ++level;
        for (std::uint32_t entry = entry_of(number); entry < entry_of(number) + n.count; ++entry) {
            counts below;
            if (level == height_) {
                below = of_leaf[children_[entry]];
                if (children_[entry] == unsettled_leaf_) below.visible -= unsettled_;
            } else {
                below = count_of(children_[entry]);
            }
            if (below != counts{visible_[entry], wide_counts_[entry]})
                return where + "S2: counts differ from below";
        }
    }
    return {};
}

} // namespace sangam::crdt
