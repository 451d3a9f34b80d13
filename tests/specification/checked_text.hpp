#pragma once

#include "specification/naive_text.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace sangam::specification {

/// A replica's text beside the naive list and beside an editor that knows only patches and positions. What
/// differs is thrown as std::logic_error.
class checked_text {
public:
    using operation = crdt::rga_text::operation;

    explicit checked_text(causality::replica_id self) : self_(self) {}

    [[nodiscard]] const crdt::rga_text& text() const { return text_; }
    [[nodiscard]] std::size_t size() const { return editor_.size(); }
    /// How many characters, erased ones included.
    [[nodiscard]] std::size_t length() const { return naive_.elements().size(); }
    [[nodiscard]] const std::vector<naive_text::element>& elements() const { return naive_.elements(); }

    /// The transactions that follow are those of this dot's replica, after it: as after a copy of another's.
    void belong_to(const causality::dot& last) {
        self_ = last.replica;
        sequence_ = last.sequence;
    }
    [[nodiscard]] crdt::operation_context next_transaction(bool same_as_last = false) {
        if (!same_as_last || sequence_ == 0) ++sequence_;
        return {{self_, sequence_}, {}};
    }

    /// In one step. Returns the operation for others.
    operation local_insert(std::size_t position, const std::u32string& added,
                           const crdt::operation_context& context) {
        const std::string text = encoded(added);
        const operation prepared = text_.insert(position, text, self_);
        const auto before = text_.applied();
        text_.local_insert(position, text, context);
        editor_.insert(position, added);
        const auto operations = text_.operations_since(before);
        require(operations.size() == 1 && operations[0] == prepared, "another insert than the prepared one");
        naive_.apply(prepared, context.id);
        return prepared;
    }
    operation local_erase(std::size_t position, std::size_t count, const crdt::operation_context& context) {
        const operation prepared = text_.erase(position, count);
        const auto before = text_.applied();
        text_.local_erase(position, count, context);
        editor_.erase(position, count);
        const auto operations = text_.operations_since(before);
        require(operations.size() == 1 && ids_of(operations[0]) == ids_of(prepared),
                "another erase than the prepared one");
        naive_.apply(prepared, context.id);
        return prepared;
    }

    /// Prepared, then applied.
    operation prepared_insert(std::size_t position, const std::u32string& added,
                              const crdt::operation_context& context) {
        std::u32string expected = editor_;
        expected.insert(position, added);
        operation op = text_.insert(position, encoded(added), self_);
        apply(op, context);
        require(editor_ == expected, "an insert stands elsewhere than it was put");
        return op;
    }
    operation prepared_erase(std::size_t position, std::size_t count,
                             const crdt::operation_context& context) {
        std::u32string expected = editor_;
        expected.erase(position, count);
        operation op = text_.erase(position, count);
        const auto patches = apply(op, context);
        require(editor_ == expected, "an erase took something else");
        require(patches.size() == 1, "what was erased together is more than one patch");
        return op;
    }

    std::vector<crdt::text_patch> apply(const operation& op, const crdt::operation_context& context) {
        require(text_.accepts(op, context.id.replica), "an operation is not accepted");
        naive_.apply(op, context.id);
        std::vector<crdt::text_patch> patches;
        text_.apply(op, context, &patches);
        const auto* const inserted = std::get_if<crdt::rga_text::insert_op>(&op);
        const bool erases = std::holds_alternative<crdt::rga_text::erase_op>(op);
        require(inserted == nullptr || patches.size() == 1, "an insert is not one patch");
        for (const crdt::text_patch& p : patches) {
            require(inserted == nullptr || p.inserted == inserted->text, "a patch has another text");
            require((p.erased > 0) == erases, "a patch erases nothing, or should not");
            require(p.inserted.empty() == erases, "a patch inserts nothing, or should not");
            require(p.position + p.erased <= editor_.size(), "a patch is past the end");
            editor_.replace(p.position, p.erased, crdt::utf8::to_scalars(p.inserted));
        }
        return patches;
    }

    /// Everything that can be asked; `sample(n)` draws a number below n, for what is asked of some characters
    /// only when there are more than a few.
    template <class Sample>
    void check(Sample&& sample) const {
        require(text_.check_invariants());
        require(text_.elements() == naive_.elements(), "other elements");
        require(naive_.scalars() == editor_, "the patches do not lead to the text");
        require(text_.str() == encoded(editor_), "another text");
        require(text_.size() == editor_.size() && text_.size_with_tombstones() == length(), "another size");
        check_utf16();
        constexpr std::size_t few = 24;
        for (std::size_t n = 0; n < std::min(few, size() + 1); ++n)
            check_position(size() < few ? n : sample(size() + 1));
        for (std::size_t n = 0; n < std::min(few, length()); ++n)
            check_anchor(length() <= few ? n : sample(length()));
    }

    /// All that was applied since `from`, applied to `other`, which had it all up to there: as it came, one
    /// transaction after another; and without restores, which name transactions, also joined.
    void check_operations_since(const crdt::rga_text::log_position& from, const crdt::rga_text& other) const {
        const auto apply = [&](crdt::rga_text& to, const operation& op, const causality::dot& id) {
            const auto* const inserted = std::get_if<crdt::rga_text::insert_op>(&op);
            const causality::dot by =
                inserted != nullptr ? causality::dot{inserted->first.replica, id.sequence} : id;
            require(to.accepts(op, by.replica), "an operation of the log is not accepted");
            to.apply(op, {by, {}});
        };
        crdt::rga_text apart = other;
        for (const auto& [id, operations] : text_.transactions_since(from)) {
            for (const operation& op : operations) {
                require(std::get_if<crdt::rga_text::insert_op>(&op) == nullptr ||
                            std::get<crdt::rga_text::insert_op>(op).first.replica == id.replica,
                        "a transaction of the log inserts for somebody else");
                apply(apart, op, id);
            }
        }
        require(apart.check_invariants());
        require(apart.elements() == text_.elements(), "the transactions of the log lead to another text");
        require(apart.applied() == text_.applied(), "the transactions of the log make another log");
        crdt::rga_text together = other;
        std::uint64_t sequence = 0;
        bool restores = false;
        for (const operation& op : text_.operations_since(from)) {
            restores = restores || std::holds_alternative<crdt::rga_text::restore_op>(op);
            apply(together, op, {self_, ++sequence});
        }
        require(together.check_invariants());
        require(std::ranges::equal(together.elements(), text_.elements(), {}, &element_id, &element_id),
                "the operations of the log lead to another order");
        require(restores || together.elements() == text_.elements(),
                "the operations of the log lead to another text");
    }
    static crdt::text_id element_id(const crdt::rga_text::element& e) { return e.id; }

    static std::string encoded(const std::u32string& scalars) {
        std::string text;
        for (const char32_t scalar : scalars)
            crdt::utf8::append(text, scalar);
        return text;
    }
    static void require(bool holds, const char* what) {
        if (!holds) throw std::logic_error(what);
    }
    static void require(const std::string& broken) { require(broken.empty(), broken.c_str()); }

private:
    /// Which characters an erase names, whatever the order.
    static std::vector<crdt::text_id> ids_of(const operation& op) {
        std::vector<crdt::text_id> ids;
        for (const crdt::text_id_range& range : std::get<crdt::rga_text::erase_op>(op).ranges) {
            for (std::uint64_t i = 0; i < range.length; ++i)
                ids.push_back({range.first.lamport + i, range.first.replica});
        }
        std::ranges::sort(ids);
        return ids;
    }

    void check_utf16() const {
        std::size_t units = 0;
        const std::size_t step = editor_.size() / 50 + 1;
        for (std::size_t position = 0; position < editor_.size(); ++position) {
            const std::size_t width = crdt::utf8::utf16_units(editor_[position]);
            if (position % step == 0 || width == 2) {
                require(text_.to_utf16(position) == units, "another UTF-16 position");
                require(text_.from_utf16(units) == position, "another position of a UTF-16 unit");
            }
            units += width;
        }
        require(text_.utf16_size() == units && text_.to_utf16(size()) == units, "another UTF-16 size");
        require(text_.from_utf16(units) == size(), "another position of the UTF-16 end");
    }
    void check_position(std::size_t position) const {
        const std::size_t count = std::min<std::size_t>(size() - position, 1 + position % 70);
        require(text_.str(position, count) == encoded(editor_.substr(position, count)), "another part");
        for (const crdt::text_bias bias : {crdt::text_bias::left, crdt::text_bias::right})
            require(text_.position_of(text_.cursor_at(position, bias)) == position, "another cursor");
    }
    void check_anchor(std::size_t index) const {
        const naive_text::element& e = naive_.elements()[index];
        const std::size_t before = naive_.visible_before(index);
        require(text_.position_of({e.id, crdt::text_bias::right}) == before, "a cursor to the right moved");
        require(text_.position_of({e.id, crdt::text_bias::left}) == before + (e.visible ? 1 : 0),
                "a cursor to the left moved");
    }

    causality::replica_id self_;
    std::uint64_t sequence_ = 0;
    crdt::rga_text text_;
    naive_text naive_;
    std::u32string editor_;
};

} // namespace sangam::specification
