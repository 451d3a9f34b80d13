#include <sangam/crdt/rga_list.hpp>

#include "rga_sequence.hpp"

#include <sangam/causality/assert.hpp>
#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/limits.hpp>

#include <algorithm>
#include <utility>

namespace sangam::crdt {

struct rga_list::state {
    rga_sequence sequence;
    std::vector<value> values; ///< by serial
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
    std::vector<value>& values = state_->values;
    if (const auto* inserted = std::get_if<insert_op>(&op)) {
        const std::size_t before = values.size();
        const std::size_t after = before + inserted->values.size();
        // Apart from the copies: an insert that grows may have moved the old values away when a copy fails.
        if (after > values.capacity()) values.reserve(std::max(after, 2 * before));
        values.insert(values.end(), inserted->values.begin(), inserted->values.end());
        try {
            state_->sequence.insert(inserted->first, inserted->parent,
                                    static_cast<std::uint32_t>(inserted->values.size()), context);
        } catch (...) {
            values.resize(before);
            throw;
        }
        return;
    }
    const auto forget = [&](span_tree::place at, std::uint32_t length) {
        const serial_t first = state_->sequence.tree().span_at(at).first + at.offset;
        std::fill_n(values.begin() + first, length, value());
    };
    state_->sequence.erase(std::get<erase_op>(op).ranges, context, forget);
}

std::size_t rga_list::size() const noexcept {
    return get().sequence.size();
}

std::size_t rga_list::size_with_tombstones() const noexcept {
    return get().sequence.serials();
}

const value& rga_list::at(std::size_t position) const {
    get().sequence.check_range(position, 1, "rga_list::at");
    const span_tree& tree = get().sequence.tree();
    const span_tree::place p = tree.find_visible(static_cast<std::uint32_t>(position)).at;
    return get().values[tree.span_at(p).first + p.offset];
}

std::vector<value> rga_list::values() const {
    return values(0, size());
}

std::vector<value> rga_list::values(std::size_t position, std::size_t count) const {
    get().sequence.check_range(position, count, "rga_list::values");
    std::vector<value> shown;
    if (count == 0) return shown;
    shown.reserve(count);
    const span_tree& tree = get().sequence.tree();
    span_tree::place p = tree.find_visible(static_cast<std::uint32_t>(position)).at;
    do {
        const span_tree::span s = tree.span_at(p);
        if (!s.visible()) continue;
        const auto from = get().values.begin() + s.first + p.offset;
        shown.insert(shown.end(), from,
                     from + static_cast<std::ptrdiff_t>(
                                std::min<std::size_t>(s.length() - p.offset, count - shown.size())));
    } while (shown.size() < count && tree.advance(p));
    return shown;
}

text_cursor rga_list::cursor_at(std::size_t position, text_bias bias) const {
    return get().sequence.cursor_at(position, bias, "rga_list::cursor_at");
}

std::optional<std::size_t> rga_list::position_of(const text_cursor& cursor) const {
    return get().sequence.position_of(cursor);
}

std::vector<rga_list::element> rga_list::elements() const {
    const state& s = get();
    std::vector<element> all;
    all.reserve(s.sequence.serials());
    s.sequence.for_each_run([&](serial_t first, text_id id, std::uint32_t length, bool visible) {
        for (serial_t serial = first; serial < first + length; ++serial, ++id.lamport)
            all.push_back({id, s.values[serial], visible});
    });
    return all;
}

std::string rga_list::check_invariants() const {
    const std::vector<value>& values = get().values;
    if (values.size() != get().sequence.serials()) return "T2: other values than places";
    bool forgotten = true;
    get().sequence.for_each_run([&](serial_t first, const text_id&, std::uint32_t length, bool visible) {
        const auto held = [](const value& v) { return !v.is_null(); };
        forgotten = forgotten &&
                    (visible || std::none_of(values.begin() + first, values.begin() + first + length, held));
    });
    if (!forgotten) return "T2: an erased value is kept";
    return get().sequence.check_invariants();
}

} // namespace sangam::crdt
