#include <sangam/crdt/rga_text.hpp>

#include "copy_short.hpp"
#include "rga_text_state.hpp"

#include <sangam/causality/assert.hpp>
#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/utf8.hpp>

#include <algorithm>
#include <utility>

namespace sangam::crdt {
namespace {

/// Appends a patch, or widens the last one of the same operation where the two touch.
void append_erased(std::vector<text_patch>& patches, std::size_t first_of_operation, std::size_t position,
                   std::size_t erased) {
    if (patches.size() > first_of_operation) {
        text_patch& last = patches.back();
        if (position <= last.position && last.position <= position + erased) {
            last.position = position;
            last.erased += erased;
            return;
        }
    }
    patches.push_back({position, erased, {}});
}

/// Appends a patch of characters that came back, or puts them to the last one of the same operation where the
/// two touch. `length`: of the last one, in characters.
void append_restored(std::vector<text_patch>& patches, std::size_t first_of_operation, std::size_t position,
                     std::string_view text, std::size_t characters, std::size_t& length) {
    if (patches.size() > first_of_operation) {
        text_patch& last = patches.back();
        if (position == last.position || position == last.position + length) {
            last.inserted.insert(position == last.position ? 0 : last.inserted.size(), text);
            length += characters;
            return;
        }
    }
    patches.push_back({position, 0, std::string(text)});
    length = characters;
}

/// How many characters a well-formed text has, and which of them take two UTF-16 units.
struct measured {
    std::uint32_t characters = 0;
    std::vector<std::uint32_t> wide;
};

measured measure(std::string_view text) {
    measured m{static_cast<std::uint32_t>(utf8::count_ascii(text)), {}};
    for (std::size_t offset = m.characters; offset < text.size(); ++offset) {
        const auto byte = static_cast<unsigned char>(text[offset]);
        if ((byte & 0xC0U) == 0x80U) continue;
        if (byte >= 0xF0) m.wide.push_back(m.characters);
        ++m.characters;
    }
    return m;
}

/// The same for a text of which nothing is known yet.
measured check_insert(std::size_t position, std::string_view text) {
    SANGAM_ASSERT(!text.empty());
    if (text.size() > limits::text_insert_bytes_max) {
        throw_misuse(errc::too_large, "rga_text::insert: " + std::to_string(text.size()) +
                                          " bytes at position " + std::to_string(position) + ", limit " +
                                          std::to_string(limits::text_insert_bytes_max));
    }
    if (utf8::count_ascii(text) == text.size()) return {static_cast<std::uint32_t>(text.size()), {}};
    if (const auto invalid = utf8::find_invalid(text)) {
        throw_misuse(errc::invalid_utf8, "rga_text::insert: byte " + std::to_string(*invalid) + " of " +
                                             std::to_string(text.size()) + " at position " +
                                             std::to_string(position));
    }
    return measure(text);
}

bool is_one_ascii(std::string_view text) noexcept {
    return text.size() == 1 && static_cast<unsigned char>(text[0]) < 0x80;
}

void check_name(std::string_view name) {
    if (name.size() > limits::name_bytes_max) {
        throw_misuse(errc::too_large, "rga_text::mark: a name of " + std::to_string(name.size()) +
                                          " bytes, limit " + std::to_string(limits::name_bytes_max));
    }
    if (const auto invalid = utf8::find_invalid(name)) {
        throw_misuse(errc::invalid_utf8, "rga_text::mark: byte " + std::to_string(*invalid) + " of the name");
    }
}

} // namespace

span_tree::place rga_text::state::add(const insert_op& op, const operation_context& context) {
    if (op.text.size() == utf8::count_ascii(op.text)) {
        const auto length = static_cast<std::uint32_t>(op.text.size());
        return add(op.text, length, [&] { return sequence.insert(op.first, op.parent, length, context); });
    }
    const measured m = measure(op.text);
    return add(op.text, m.characters,
               [&] { return sequence.insert(op.first, op.parent, m.characters, context, m.wide); });
}

/// Does what only goes on with the operation before; false, and nothing has changed, if it is something else.
bool rga_text::state::apply_keystroke(const operation& op, const operation_context& context,
                                      std::vector<text_patch>* patches) {
    if (!sequence.expects(context)) return false;
    const auto* const inserted = std::get_if<insert_op>(&op);
    const auto* const erased = std::get_if<erase_op>(&op);
    if (inserted != nullptr) {
        if (!is_one_ascii(inserted->text) ||
            !sequence.continues_typing(inserted->first, inserted->parent, context))
            return false;
    } else if (erased == nullptr || erased->ranges.size() != 1 || erased->ranges.front().length != 1 ||
               !sequence.continues_erasing(erased->ranges.front().first, context)) {
        return false;
    }
    if (patches != nullptr) {
        const auto position = sequence.next_position();
        if (!position) return false;
        patches->push_back(
            {*position, erased != nullptr ? 1U : 0U, inserted != nullptr ? inserted->text : ""});
    }
    if (inserted != nullptr) {
        type(inserted->text[0]);
    } else {
        sequence.erase_one();
    }
    return true;
}

rga_text::rga_text() noexcept = default;
rga_text::rga_text(const rga_text& other)
    : state_(other.state_ ? std::make_unique<state>(*other.state_) : nullptr) {}
rga_text::rga_text(rga_text&&) noexcept = default;
rga_text& rga_text::operator=(const rga_text& other) {
    return *this = rga_text(other);
}
rga_text& rga_text::operator=(rga_text&&) noexcept = default;
rga_text::~rga_text() = default;

const rga_text::state& rga_text::get() const noexcept {
    static const state none;
    return state_ ? *state_ : none;
}

rga_text::state& rga_text::touch() {
    if (!state_) state_ = std::make_unique<state>();
    return *state_;
}

rga_text::insert_op rga_text::insert(std::size_t position, std::string_view text,
                                     causality::replica_id self) const {
    const rga_sequence& sequence = get().sequence;
    sequence.check_position(position, "rga_text::insert");
    const text_id first = sequence.next_id(check_insert(position, text).characters, self, "rga_text::insert");
    return {first, get().parent_at(position), std::string(text)};
}

rga_text::erase_op rga_text::erase(std::size_t position, std::size_t count) const {
    SANGAM_ASSERT(count > 0);
    get().sequence.check_range(position, count, "rga_text::erase");
    return {get().sequence.ids_at(position, count)};
}

rga_text::erase_op rga_text::reset() const {
    return {get().sequence.ids_at(0, size())};
}

rga_text::mark_op rga_text::mark(std::size_t position, std::size_t count, std::string name, value content,
                                 mark_growth growth) const {
    SANGAM_ASSERT(count > 0);
    const rga_sequence& sequence = get().sequence;
    sequence.check_range(position, count, "rga_text::mark");
    check_name(name);
    const bool grows_before = growth == mark_growth::before || growth == mark_growth::both;
    const bool grows_after = growth == mark_growth::after || growth == mark_growth::both;
    const auto at = [&](std::size_t place, bool right) {
        return sequence.cursor_at(place, right ? text_bias::right : text_bias::left, "rga_text::mark");
    };
    return {at(position, !grows_before), at(position + count, grows_after), std::move(name),
            std::move(content)};
}

rga_text::mark_op rga_text::unmark(std::size_t position, std::size_t count, std::string name,
                                   mark_growth growth) const {
    return mark(position, count, std::move(name), {}, growth);
}

bool rga_text::accepts(const operation& op, causality::replica_id origin,
                       std::span<const text_id_range> pending) const {
    if (const auto* erased = std::get_if<erase_op>(&op)) {
        return get().sequence.accepts_erase(erased->ranges, pending);
    }
    if (const auto* restored = std::get_if<restore_op>(&op)) {
        return get().sequence.accepts_restore(restored->parts, pending);
    }
    if (const auto* marked = std::get_if<mark_op>(&op)) {
        const auto knows = [&](const text_cursor& place) {
            if (!place.anchor) return true;
            const text_id_range one{*place.anchor, 1};
            return get().sequence.accepts_erase({&one, 1}, pending);
        };
        return marked->name.size() <= limits::name_bytes_max && !utf8::find_invalid(marked->name) &&
               knows(marked->begin) && knows(marked->end);
    }
    const auto& inserted = std::get<insert_op>(op);
    return inserted.text.size() <= limits::text_insert_bytes_max && !utf8::find_invalid(inserted.text) &&
           get().sequence.accepts_insert(inserted.first, utf8::count_scalars(inserted.text), inserted.parent,
                                         origin, pending);
}

void rga_text::apply(const operation& op, const operation_context& context,
                     std::vector<text_patch>* patches) {
    SANGAM_ASSERT(accepts(op, context.id.replica));
    state& s = touch();
    if (s.apply_keystroke(op, context, patches)) return;
    if (const auto* inserted = std::get_if<insert_op>(&op)) {
        if (patches != nullptr) patches->push_back({0, 0, inserted->text});
        try {
            const span_tree::place at = s.add(*inserted, context);
            s.sequence.limit_typing(s.bytes.room_for_ascii());
            if (patches == nullptr) return;
            patches->back().position = s.sequence.tree().before(at).visible;
            s.sequence.found_at(patches->back().position);
        } catch (...) {
            if (patches != nullptr) patches->pop_back();
            throw;
        }
        return;
    }
    if (const auto* marked = std::get_if<mark_op>(&op)) {
        s.sequence.forget_here();
        s.marks.apply(s.sequence, marked->begin, marked->end, marked->name, marked->content, context);
        return;
    }
    const std::size_t first_patch = patches != nullptr ? patches->size() : 0;
    if (const auto* restored = std::get_if<restore_op>(&op)) {
        std::size_t length = 0;
        s.sequence.restore(restored->parts, context, [&](span_tree::place at, std::uint32_t part) {
            if (patches == nullptr) return;
            const serial_t first = s.sequence.tree().span_at(at).first + at.offset;
            append_restored(*patches, first_patch, s.sequence.tree().before(at).visible,
                            s.bytes.view(first, part), part, length);
        });
        return;
    }
    s.sequence.erase(std::get<erase_op>(op).ranges, context, [&](span_tree::place at, std::uint32_t length) {
        if (patches != nullptr)
            append_erased(*patches, first_patch, s.sequence.tree().before(at).visible, length);
    });
    if (patches != nullptr && patches->size() > first_patch) s.sequence.found_at(patches->back().position);
}

void rga_text::local_insert(std::size_t position, std::string_view text, const operation_context& context) {
    if (is_one_ascii(text) && state_ && state_->sequence.continues_typing(position, context)) {
        state_->type(text[0]);
        return;
    }
    insert_here(position, text, context);
}

void rga_text::insert_here(std::size_t position, std::string_view text, const operation_context& context) {
    get().sequence.check_position(position, "rga_text::insert");
    const measured m = check_insert(position, text);
    state& s = touch();
    if (!s.marks.empty()) {
        const auto left = s.sequence.go_to_place_before(position);
        const serial_t behind = s.marks.place_in_gap(s.sequence, left);
        if (behind != (left ? s.sequence.serial_at(*left) : no_serial)) {
            apply(insert(position, text, context.id.replica), context);
            return;
        }
    }
    s.add(text, m.characters,
          [&] { s.sequence.insert_here(position, m.characters, context, "rga_text::insert", m.wide); });
    s.sequence.limit_typing(s.bytes.room_for_ascii());
}

void rga_text::local_erase(std::size_t position, std::size_t count, const operation_context& context) {
    SANGAM_ASSERT(count > 0);
    if (count == 1 && state_ && state_->sequence.continues_erasing(position, context)) {
        state_->sequence.erase_one();
        return;
    }
    get().sequence.check_range(position, count, "rga_text::erase");
    state_->sequence.erase_here(position, count, context);
}

rga_text::log_position rga_text::applied() const noexcept {
    return {get().sequence.serials(), get().sequence.log().named()};
}

namespace {

/// Makes the operation of a step again, or the inserts.
void append_operations(std::vector<rga_text::operation>& operations, rga_sequence::edit_step&& step,
                       const text_bytes& bytes) {
    if (!step.restored.empty()) {
        operations.emplace_back(rga_text::restore_op{std::move(step.restored)});
        return;
    }
    if (!step.inserted) {
        operations.emplace_back(rga_text::erase_op{std::move(step.erased)});
        return;
    }
    // What does not fit into one insert goes on behind its last character.
    rga_text::insert_op op{step.inserted->id, step.inserted->parent, {}};
    serial_t serial = step.inserted->first;
    for (std::uint32_t left = step.inserted->length; left > 0;) {
        const auto part = std::min<std::uint32_t>(left, limits::text_insert_bytes_max / 4);
        op.text = bytes.view(serial, part);
        operations.emplace_back(op);
        op.first.lamport += part;
        op.parent = text_id{op.first.lamport - 1, op.first.replica};
        serial += part;
        left -= part;
    }
}

} // namespace

std::vector<rga_text::operation> rga_text::operations_since(const log_position& since) const {
    const state& s = get();
    std::vector<operation> operations;
    for (auto& step : s.sequence.steps_since(static_cast<serial_t>(since.inserted), since.named,
                                             rga_sequence::joined::over_transactions))
        append_operations(operations, std::move(step), s.bytes);
    return operations;
}

std::vector<rga_text::logged_transaction> rga_text::transactions_since(const log_position& since) const {
    const state& s = get();
    std::vector<logged_transaction> all;
    for (auto& step : s.sequence.steps_since(static_cast<serial_t>(since.inserted), since.named,
                                             rga_sequence::joined::in_transactions)) {
        if (all.empty() || all.back().id != step.transaction) all.push_back({step.transaction, {}});
        append_operations(all.back().operations, std::move(step), s.bytes);
    }
    return all;
}

std::size_t rga_text::size() const noexcept {
    return get().sequence.size();
}

std::size_t rga_text::size_with_tombstones() const noexcept {
    return get().sequence.serials();
}

std::string rga_text::str() const {
    return str(0, size());
}

std::string rga_text::str(std::size_t position, std::size_t count) const {
    const state& s = get();
    s.sequence.check_range(position, count, "rga_text::str");
    std::string text;
    if (count == 0) return text;
    const span_tree& tree = s.sequence.tree();
    span_tree::place p = tree.find_visible(static_cast<std::uint32_t>(position)).at;
    auto for_each_part = [&tree, &p, left = count](auto&& function) mutable {
        do {
            const span_tree::span span = tree.span_at(p);
            if (!span.visible()) continue;
            const auto part =
                static_cast<std::uint32_t>(std::min<std::size_t>(span.length() - p.offset, left));
            function(span.first + p.offset, part);
            left -= part;
        } while (left > 0 && tree.advance(p));
    };
    if (!s.bytes.ascii()) {
        text.reserve(count);
        for_each_part([&](serial_t first, std::uint32_t part) { text.append(s.bytes.view(first, part)); });
        return text;
    }
    text.resize(count + copy_short_slack);
    char* to = text.data();
    for_each_part([&](serial_t first, std::uint32_t part) {
        to = copy_short(to, s.bytes.all(), s.bytes.ascii_offset_of(first), part);
    });
    text.resize(count);
    return text;
}

std::vector<formatted_run> rga_text::formatted() const {
    return formatted(0, size());
}

std::vector<formatted_run> rga_text::formatted(std::size_t position, std::size_t count) const {
    get().sequence.check_range(position, count, "rga_text::formatted");
    if (count == 0) return {};
    return get().marks.runs(get().sequence, position, count);
}

std::vector<text_mark> rga_text::marks_at(std::size_t position) const {
    get().sequence.check_range(position, 1, "rga_text::marks_at");
    return std::move(get().marks.runs(get().sequence, position, 1).front().marks);
}

text_range rga_text::covered(const mark_op& op) const {
    const std::size_t from = position_of(op.begin).value_or(0);
    const std::size_t to = position_of(op.end).value_or(0);
    return {from, to > from ? to - from : 0};
}

bool rga_text::is_new() const noexcept {
    return !state_ || (state_->sequence.serials() == 0 && state_->marks.empty());
}

bool rga_text::has_marks_of(const rga_text& other) const {
    return get().marks.equals(get().sequence.ids(), other.get().marks, other.get().sequence.ids());
}

std::size_t rga_text::utf16_size() const noexcept {
    const span_tree::counts& totals = get().sequence.tree().totals();
    return std::size_t{totals.visible} + totals.wide;
}

std::size_t rga_text::to_utf16(std::size_t position) const {
    get().sequence.check_position(position, "rga_text::to_utf16");
    if (position == size()) return utf16_size();
    const span_tree& tree = get().sequence.tree();
    if (tree.totals().wide == 0) return position;
    return position + tree.before(tree.find_visible(static_cast<std::uint32_t>(position)).at).wide;
}

std::size_t rga_text::from_utf16(std::size_t units) const {
    if (units > utf16_size()) {
        throw_misuse(errc::position_past_end, "rga_text::from_utf16: position " + std::to_string(units) +
                                                  ", size " + std::to_string(utf16_size()));
    }
    const span_tree& tree = get().sequence.tree();
    if (units == utf16_size()) return size();
    if (tree.totals().wide == 0) return units;
    const span_tree::counts before = tree.before_unit(units);
    if (std::size_t{before.visible} + before.wide != units) {
        throw_misuse(errc::inside_surrogates, "rga_text::from_utf16: position " + std::to_string(units) +
                                                  ", size " + std::to_string(utf16_size()));
    }
    return before.visible;
}

text_cursor rga_text::cursor_at(std::size_t position, text_bias bias) const {
    return get().sequence.cursor_at(position, bias, "rga_text::cursor_at");
}

std::optional<std::size_t> rga_text::position_of(const text_cursor& cursor) const {
    return get().sequence.position_of(cursor);
}

std::optional<text_cursor> rga_text::cursor_behind(std::span<const text_id_range> ids) const {
    return get().sequence.cursor_behind(ids);
}

text_cursor rga_text::cursor_at_first(std::span<const text_id_range> ids) const {
    return get().sequence.cursor_at_first(ids);
}

std::vector<rga_text::element> rga_text::elements() const {
    const state& s = get();
    std::vector<element> all;
    all.reserve(s.sequence.serials());
    s.sequence.for_each_run([&](serial_t first, text_id id, std::uint32_t length, bool visible) {
        for (; !visible && length > 0; --length, ++id.lamport)
            all.push_back({id, 0, false});
        if (!visible) return;
        for (const char32_t scalar : utf8::to_scalars(s.bytes.view(first, length))) {
            all.push_back({id, scalar, visible});
            ++id.lamport;
        }
    });
    return all;
}

std::string rga_text::check_invariants() const {
    const state& s = get();
    std::vector<bool> gone;
    s.bytes.for_each_gap([&](serial_t first, std::uint32_t length) {
        gone.resize(first, false);
        gone.resize(first + length, true);
    });
    if (std::string broken = s.sequence.check_invariants(gone); !broken.empty()) return broken;
    if (std::string broken = s.marks.check_invariants(s.sequence); !broken.empty()) return broken;
    if (s.bytes.size() != s.sequence.serials()) return "T2: other characters than places";
    if (utf8::find_invalid(s.bytes.all())) return "T2: not UTF-8";
    const std::vector<std::uint32_t> wide = measure(s.bytes.all()).wide;
    std::uint32_t slot = 0;
    std::size_t seen = 0;
    bool known = true;
    s.bytes.for_each_known([&](serial_t first, std::uint32_t length) {
        for (; seen < wide.size() && wide[seen] < slot + length; ++seen)
            known = known && s.sequence.tree().wide_in(first + wide[seen] - slot, 1) == 1;
        slot += length;
    });
    if (utf8::count_scalars(s.bytes.all()) != slot) return "T2: the number of characters is wrong";
    if (!known) return "T2: a wide character is not known to be one";
    if (s.sequence.tree().wide_in(0, s.bytes.size()) != wide.size()) return "T2: too many wide characters";
    return {};
}

} // namespace sangam::crdt
