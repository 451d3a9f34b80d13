#pragma once

#include <sangam/causality/replica_id.hpp>
#include <sangam/crdt/operation_context.hpp>
#include <sangam/crdt/text_types.hpp>
#include <sangam/crdt/value.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

namespace sangam::crdt {

/// A list of values that many people edit at once.
///
/// Meaning: as rga_text, with values for characters: an insert puts its values, in order, right of what it
///   was put behind; of what is inserted at the same place, the greater (Lamport number, replica) comes
///   first; what was erased is not shown, and what was inserted after it stays where it was.
/// Invariants: those of rga_text; an erased value is forgotten, its place is not.
/// Cost: that of rga_text, with values for characters.
/// Errors: `insert`, `erase` and `at` throw `exception` with errc::position_past_end, `insert` with
///   errc::too_large (too many values at once, or limits::sequence_elements_max in all). `apply` is total on
///   operations that `accepts`. When memory runs out: as rga_text.
/// Threads: const members may run together; anything else needs the caller's lock.
/// Source: as rga_text.
class rga_list {
public:
    struct insert_op {
        text_id first; ///< of the first value; the others follow with consecutive Lamport numbers
        std::optional<text_id> parent; ///< the value it is put behind; none: the start
        std::vector<value> values;     ///< not empty
        friend bool operator==(const insert_op&, const insert_op&) = default;
    };
    struct erase_op {
        std::vector<text_id_range> ranges; ///< in the order of the list when prepared
        friend bool operator==(const erase_op&, const erase_op&) = default;
    };
    using operation = std::variant<insert_op, erase_op>;

    rga_list() noexcept;
    rga_list(const rga_list&);
    rga_list(rga_list&&) noexcept;
    rga_list& operator=(const rga_list&);
    rga_list& operator=(rga_list&&) noexcept;
    ~rga_list();

    /// Values, not empty, in front of the one at `position` (or at the end), to be issued by `self`.
    [[nodiscard]] insert_op insert(std::size_t position, std::vector<value> values,
                                   causality::replica_id self) const;
    /// `count` (> 0) values from `position` on.
    [[nodiscard]] erase_op erase(std::size_t position, std::size_t count) const;
    /// Erases all that is visible.
    [[nodiscard]] erase_op reset() const;

    /// True iff an operation of `origin` may be applied now; see rga_text::accepts.
    [[nodiscard]] bool accepts(const operation& op, causality::replica_id origin,
                               std::span<const text_id_range> pending = {}) const;
    /// Precondition: accepts(op, context.id.replica).
    void apply(const operation& op, const operation_context& context);

    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    /// All places, those of erased values included.
    [[nodiscard]] std::size_t size_with_tombstones() const noexcept;
    [[nodiscard]] const value& at(std::size_t position) const;
    [[nodiscard]] std::vector<value> values() const;
    /// `count` values from `position` on.
    [[nodiscard]] std::vector<value> values(std::size_t position, std::size_t count) const;

    /// A cursor in front of the value at `position`, or at the end; see rga_text.
    [[nodiscard]] text_cursor cursor_at(std::size_t position, text_bias bias) const;
    [[nodiscard]] std::optional<std::size_t> position_of(const text_cursor& cursor) const;

    /// Every place in order: for specifications and tools, O(n). An erased one shows null.
    struct element {
        text_id id;
        value content;
        bool visible = false;
        friend bool operator==(const element&, const element&) = default;
    };
    [[nodiscard]] std::vector<element> elements() const;

    /// Empty, or what does not hold of the invariants as far as one state shows it. O(n).
    [[nodiscard]] std::string check_invariants() const;

    friend bool operator==(const rga_list& a, const rga_list& b) { return a.elements() == b.elements(); }

private:
    struct state;

    [[nodiscard]] const state& get() const noexcept;

    std::unique_ptr<state> state_; ///< null until something is inserted
};

static_assert(operation_based<rga_list>);

} // namespace sangam::crdt
