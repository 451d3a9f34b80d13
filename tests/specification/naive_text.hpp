#pragma once

#include <sangam/crdt/rga_text.hpp>
#include <sangam/crdt/utf8.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace sangam::specification {

/// A text as a plain list of all its characters, erased ones included: what rga_text must be the same as.
/// Every insert looks for its place and every question counts from the front, so that it is easy to see that
/// each does what the words say. (rga_text.hpp here says the same as a walk of the tree of parents.)
class naive_text {
public:
    using element = crdt::rga_text::element;

    /// Place after the parent, then skip right while the neighbour's id is greater.
    void apply(const crdt::rga_text::operation& op) {
        if (const auto* const inserted = std::get_if<crdt::rga_text::insert_op>(&op)) {
            std::size_t at = inserted->parent ? index_of(*inserted->parent) + 1 : 0;
            crdt::text_id id = inserted->first;
            for (const char32_t scalar : crdt::utf8::to_scalars(inserted->text)) {
                while (at < elements_.size() && elements_[at].id > id)
                    ++at;
                elements_.insert(elements_.begin() + static_cast<std::ptrdiff_t>(at), {id, scalar, true});
                ++id.lamport;
                ++at;
            }
            return;
        }
        for (const crdt::text_id_range& range : std::get<crdt::rga_text::erase_op>(op).ranges) {
            for (std::uint64_t i = 0; i < range.length; ++i) {
                element& erased = elements_[index_of({range.first.lamport + i, range.first.replica})];
                erased.visible = false;
                erased.scalar = 0; // what was erased is not shown
            }
        }
    }

    [[nodiscard]] const std::vector<element>& elements() const { return elements_; }
    [[nodiscard]] std::size_t index_of(const crdt::text_id& id) const {
        const auto at = std::ranges::find(elements_, id, &element::id);
        return static_cast<std::size_t>(at - elements_.begin());
    }
    [[nodiscard]] std::size_t visible_before(std::size_t index) const {
        const auto to = elements_.begin() + static_cast<std::ptrdiff_t>(index);
        return static_cast<std::size_t>(std::count_if(elements_.begin(), to, std::mem_fn(&element::visible)));
    }
    [[nodiscard]] std::u32string scalars() const {
        std::u32string shown;
        for (const element& e : elements_)
            if (e.visible) shown += e.scalar;
        return shown;
    }

private:
    std::vector<element> elements_;
};

} // namespace sangam::specification
