#pragma once

#include "specification/rga_text.hpp"

#include <tuple>

/// Where text belongs that is put between two visible characters when erased ones stand there, too: the rule
/// of docs/types.md, word for word. Places are those of `covers`.
namespace sangam::specification {

/// What one name says from `first` to `last`, the places of the two visible characters, or 0 and that of the
/// end where there is none.
class gap_of_name {
public:
    gap_of_name(const history& marks, const std::string& name, const text_places& places, std::size_t first,
                std::size_t last, bool has_left, bool has_right)
        : first_(first), last_(last), has_left_(has_left), has_right_(has_right) {
        for (std::size_t place = first; place <= last; ++place) {
            const update* greatest = nullptr;
            for (const update& u : marks) {
                if (u.as<mark>()->name == name && covers(*u.as<mark>(), places, place)) greatest = &u;
            }
            last_mark_.push_back(greatest);
        }
    }
    /// A mark there that neither reaches past the end of the left one's that grows, nor past the beginning
    /// of the right one's that grows, nor holds both.
    [[nodiscard]] bool is_wrong(std::size_t place) const {
        const auto [begin, end] = stretch(place);
        const bool is_left = has_left_ && begin == first_;
        const bool is_right = has_right_ && end == last_;
        const bool grows_right = is_left && (end == last_ || (is_character(end + 1) && !is_marked(end + 1)));
        const bool grows_left =
            is_right && (begin == first_ || (!is_character(begin) && !is_marked(begin - 1)));
        const bool is_of_both =
            has_left_ && has_right_ && same(at(place), at(first_)) && same(at(place), at(last_));
        return is_marked(place) && !grows_right && !grows_left && !is_of_both;
    }
    /// Nothing there, and the mark of the right one begins further on and grows.
    [[nodiscard]] bool is_missing(std::size_t place) const {
        const std::size_t begin = stretch(last_).first;
        return has_right_ && !is_marked(place) && is_marked(last_) && begin > first_ &&
               !is_character(begin) && !is_marked(begin - 1);
    }

private:
    [[nodiscard]] static bool is_character(std::size_t place) { return place % 2 == 1; }
    [[nodiscard]] static bool same(const update* a, const update* b) {
        return a == b || (a != nullptr && b != nullptr && a->in == b->in &&
                          a->as<mark>()->content == b->as<mark>()->content);
    }
    [[nodiscard]] const update* at(std::size_t place) const { return last_mark_[place - first_]; }
    [[nodiscard]] bool is_marked(std::size_t place) const {
        return at(place) != nullptr && !at(place)->as<mark>()->content.is_null();
    }
    [[nodiscard]] std::pair<std::size_t, std::size_t> stretch(std::size_t place) const {
        std::size_t begin = place;
        std::size_t end = place;
        while (begin > first_ && same(at(begin - 1), at(place)))
            --begin;
        while (end < last_ && same(at(end + 1), at(place)))
            ++end;
        return {begin, end};
    }

    std::size_t first_;
    std::size_t last_;
    bool has_left_;
    bool has_right_;
    std::vector<const update*> last_mark_;
};

/// What an insert in front of the visible character at `position` is put behind; none: the start.
[[nodiscard]] inline std::optional<crdt::text_id> inserted_behind(const history& all, std::size_t position) {
    const text_elements elements = rga_text(all);
    text_places places;
    std::vector<std::size_t> visible;
    for (const marked_element& e : elements) {
        const std::size_t place = 2 * places.size() + 1;
        places.emplace(e.id, place);
        if (e.visible) visible.push_back(place);
    }
    const bool has_left = position > 0;
    const bool has_right = position < visible.size();
    const std::size_t first = has_left ? visible[position - 1] : 0;
    const std::size_t last = has_right ? visible[position] : 2 * elements.size();
    const history marks = marks_of(all);
    std::map<std::string, gap_of_name> names;
    for (const update& u : marks) {
        const std::string& name = u.as<mark>()->name;
        if (!names.contains(name))
            names.emplace(name, gap_of_name(marks, name, places, first, last, has_left, has_right));
    }
    std::tuple<std::size_t, std::size_t, std::size_t> best{elements.size() + marks.size() + 1, 0, 0};
    for (std::size_t place = first + first % 2; place <= last; place += 2) {
        std::tuple<std::size_t, std::size_t, std::size_t> here{0, 0, place};
        for (const auto& [name, gap] : names) {
            std::get<0>(here) += gap.is_wrong(place) ? 1 : 0;
            std::get<1>(here) += gap.is_missing(place) ? 1 : 0;
        }
        best = std::min(best, here);
    }
    const std::size_t place = std::get<2>(best);
    if (place == 0) return std::nullopt;
    return elements[place / 2 - 1].id;
}

} // namespace sangam::specification
