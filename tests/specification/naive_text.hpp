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
    void apply(const crdt::rga_text::operation& op, const causality::dot& transaction) {
        if (const auto* const inserted = std::get_if<crdt::rga_text::insert_op>(&op)) {
            std::size_t at = inserted->parent ? index_of(*inserted->parent) + 1 : 0;
            crdt::text_id id = inserted->first;
            for (const char32_t scalar : crdt::utf8::to_scalars(inserted->text)) {
                while (at < elements_.size() && elements_[at].id > id)
                    ++at;
                const auto offset = static_cast<std::ptrdiff_t>(at);
                elements_.insert(elements_.begin() + offset, {id, scalar, true});
                kept_.insert(kept_.begin() + offset, {scalar, {}});
                ++id.lamport;
                ++at;
            }
            return;
        }
        if (const auto* const restored = std::get_if<crdt::rga_text::restore_op>(&op)) {
            for (const crdt::rga_text::erased_part& part : restored->parts) {
                for_each_index({part.ids}, [&](std::size_t index) {
                    std::erase_if(kept_[index].erases, [&](const causality::dot& erase) {
                        return erase.replica == part.erases.first.replica &&
                               erase.sequence - part.erases.first.sequence < part.erases.count;
                    });
                });
            }
            return;
        }
        for_each_index(std::get<crdt::rga_text::erase_op>(op).ranges,
                       [&](std::size_t index) { kept_[index].erases.push_back(transaction); });
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
    /// What is not shown: the content, and the transactions whose erases are live.
    struct kept {
        char32_t scalar = 0;
        std::vector<causality::dot> erases;
    };

    /// Then shows what has no erase. What was erased is not shown.
    template <class Change>
    void for_each_index(const std::vector<crdt::text_id_range>& ranges, Change change) {
        for (const crdt::text_id_range& range : ranges) {
            for (std::uint64_t i = 0; i < range.length; ++i) {
                const std::size_t index = index_of({range.first.lamport + i, range.first.replica});
                change(index);
                elements_[index].visible = kept_[index].erases.empty();
                elements_[index].scalar = elements_[index].visible ? kept_[index].scalar : 0;
            }
        }
    }

    std::vector<element> elements_;
    std::vector<kept> kept_; ///< of each element
};

} // namespace sangam::specification
