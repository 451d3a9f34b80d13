#include <sangam/crdt/rga_list.hpp>

#include "rga_sequence.hpp"

#include <sangam/causality/assert.hpp>
#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/limits.hpp>

#include <numeric>
#include <utility>

namespace sangam::crdt {

/// The content of an element is the number of its value, in the order of application.
struct rga_list::state {
    rga_sequence sequence;
    std::vector<value> values;

    [[nodiscard]] const value& value_of(const text_blocks::element& e) const noexcept {
        return values[static_cast<std::size_t>(e.scalar)];
    }
};

rga_list::rga_list() noexcept = default;
rga_list::rga_list(const rga_list& other)
    : state_(other.state_ ? std::make_unique<state>(*other.state_) : nullptr) {}
rga_list::rga_list(rga_list&&) noexcept = default;
rga_list& rga_list::operator=(const rga_list& other) {
    return *this = rga_list(other);
}
rga_list& rga_list::operator=(rga_list&&) noexcept = default;
rga_list::~rga_list() = default;

const rga_list::state& rga_list::get() const noexcept {
    static const state none;
    return state_ ? *state_ : none;
}

rga_list::insert_op rga_list::insert(std::size_t position, std::vector<value> values,
                                     causality::replica_id self) const {
    SANGAM_ASSERT(!values.empty());
    const rga_sequence& sequence = get().sequence;
    sequence.check_position(position, "rga_list::insert");
    if (values.size() > limits::list_insert_values_max) {
        throw_misuse(errc::too_large, "rga_list::insert: " + std::to_string(values.size()) +
                                          " values at position " + std::to_string(position) + ", limit " +
                                          std::to_string(limits::list_insert_values_max));
    }
    const text_id first = sequence.next_id(values.size(), self, "rga_list::insert");
    return {first, sequence.parent_at(position), std::move(values)};
}

rga_list::erase_op rga_list::erase(std::size_t position, std::size_t count) const {
    SANGAM_ASSERT(count > 0);
    get().sequence.check_range(position, count, "rga_list::erase");
    return {get().sequence.ids_at(position, count)};
}

rga_list::erase_op rga_list::reset() const {
    return {get().sequence.ids_at(0, size())};
}

bool rga_list::accepts(const operation& op, causality::replica_id origin,
                       std::span<const text_id_range> pending) const {
    if (const auto* erased = std::get_if<erase_op>(&op)) {
        return get().sequence.accepts_erase(erased->ranges, pending);
    }
    const auto& inserted = std::get<insert_op>(op);
    return inserted.values.size() <= limits::list_insert_values_max &&
           get().sequence.accepts_insert(inserted.first, inserted.values.size(), inserted.parent, origin,
                                         pending);
}

void rga_list::apply(const operation& op, const operation_context& context) {
    SANGAM_ASSERT(accepts(op, context.id.replica));
    if (!state_) state_ = std::make_unique<state>();
    rga_sequence& sequence = state_->sequence;
    if (const auto* inserted = std::get_if<insert_op>(&op)) {
        std::vector<value>& values = state_->values;
        std::u32string numbers(inserted->values.size(), 0);
        std::iota(numbers.begin(), numbers.end(), static_cast<char32_t>(values.size()));
        values.insert(values.end(), inserted->values.begin(), inserted->values.end());
        sequence.insert(inserted->first, inserted->parent, numbers);
        return;
    }
    for (text_id_range range : std::get<erase_op>(op).ranges) {
        while (range.length > 0) {
            const auto run = sequence.erase_some(range);
            auto place = run.first;
            for (std::size_t i = 0; i < run.passed; ++i, place = sequence.blocks().next(place)) {
                state_->values[static_cast<std::size_t>(sequence.blocks().at(place).scalar)] = {};
            }
        }
    }
}

std::size_t rga_list::size() const noexcept {
    return get().sequence.size();
}

std::size_t rga_list::size_with_tombstones() const noexcept {
    return get().sequence.blocks().size();
}

const value& rga_list::at(std::size_t position) const {
    get().sequence.check_range(position, 1, "rga_list::at");
    const text_blocks& blocks = get().sequence.blocks();
    return get().value_of(blocks.at(blocks.find_visible(position)));
}

std::vector<value> rga_list::values() const {
    return values(0, size());
}

std::vector<value> rga_list::values(std::size_t position, std::size_t count) const {
    get().sequence.check_range(position, count, "rga_list::values");
    const text_blocks& blocks = get().sequence.blocks();
    std::vector<value> shown;
    shown.reserve(count);
    for (auto p = blocks.find_visible(position); shown.size() < count; p = blocks.next(p)) {
        if (blocks.at(p).visible) shown.push_back(get().value_of(blocks.at(p)));
    }
    return shown;
}

text_cursor rga_list::cursor_at(std::size_t position, text_bias bias) const {
    return get().sequence.cursor_at(position, bias, "rga_list::cursor_at");
}

std::optional<std::size_t> rga_list::position_of(const text_cursor& cursor) const {
    return get().sequence.position_of(cursor);
}

std::vector<rga_list::element> rga_list::elements() const {
    const text_blocks& blocks = get().sequence.blocks();
    std::vector<element> all;
    all.reserve(blocks.size());
    for (auto p = blocks.begin(); p != blocks.end(); p = blocks.next(p)) {
        all.push_back({blocks.at(p).id, get().value_of(blocks.at(p)), blocks.at(p).visible});
    }
    return all;
}

std::string rga_list::check_invariants() const {
    return get().sequence.blocks().check_invariants();
}

} // namespace sangam::crdt
