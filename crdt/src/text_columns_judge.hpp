#pragma once

#include "edit_log.hpp"
#include "span_tree.hpp"
#include "text_bytes.hpp"
#include "text_ids.hpp"
#include "text_marks.hpp"

#include <sangam/causality/error.hpp>
#include <sangam/crdt/text_columns.hpp>
#include <sangam/crdt/text_order.hpp>

#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

namespace sangam::crdt {

/// Consecutive numbers.
using number_run = text_bytes::gap;

/// text_order of columns that are judged.
[[nodiscard]] std::vector<text_piece> walk_text_order(const text_columns& columns);

/// Judges the columns of a text, one after another, and finds out on the way what is needed to make the text
/// of them.
///
/// Cost: O(columns) time and memory; of k segments of marks, O(k log columns) time.
class text_columns_judge {
public:
    explicit text_columns_judge(const text_columns& columns) noexcept : columns_(columns) {}

    /// What tells the order: replicas and ids, and the inserts of a history.
    [[nodiscard]] causality::result<void> judge_order();
    /// Every column but the text.
    [[nodiscard]] causality::result<void> judge();

    // --- when judge() finds nothing

    [[nodiscard]] text_ids take_ids() noexcept { return std::move(ids_); }
    [[nodiscard]] edit_log take_log() noexcept { return std::move(log_); }
    /// By number: how many live erases a character has besides one, those of the base counted.
    [[nodiscard]] interval_counts take_again() noexcept { return std::move(again_); }
    [[nodiscard]] text_marks take_marks() const;
    /// In the order of the text: what is consecutive, of one insert, and all visible or all erased.
    [[nodiscard]] const std::vector<span_tree::span>& spans() const noexcept { return spans_; }
    /// Places in `spans` by number.
    [[nodiscard]] const std::vector<std::uint32_t>& by_number() const noexcept { return by_number_; }
    /// What was erased before the log begins, and has no text.
    [[nodiscard]] const std::vector<number_run>& gone() const noexcept { return gone_; }
    /// What is erased and has text.
    [[nodiscard]] const std::vector<number_run>& erased() const noexcept { return erased_; }
    [[nodiscard]] std::uint32_t visible_count() const noexcept { return visible_; }
    [[nodiscard]] std::uint32_t erased_count() const noexcept { return erased_count_; }

private:
    using step = causality::result<void> (text_columns_judge::*)();

    causality::result<void> all(std::initializer_list<step> steps);
    causality::result<void> judge_replicas();
    causality::result<void> judge_ids();
    std::vector<text_ids::run> read_ids();
    [[nodiscard]] causality::error wrong_run(std::size_t n) const;
    causality::result<void> judge_numbers() const;
    causality::result<void> judge_inserts();
    causality::result<void> judge_state();
    causality::result<void> judge_shown();
    causality::result<void> judge_gone();
    causality::result<void> judge_erased();
    causality::result<void> judge_restores();
    causality::result<void> judge_transactions();
    causality::result<void> judge_steps_of_restores();
    causality::result<void> judge_inserters();
    causality::result<void> judge_named_by_restores();
    causality::result<void> judge_marks() const;
    void make_log();
    void find_erased();
    void take_shown();
    void make_spans(const std::vector<text_piece>& order);
    void add_span(std::uint32_t first, std::uint32_t length, bool visible, std::uint32_t insert);
    void sort_spans();

    const text_columns& columns_;
    text_ids ids_;
    std::vector<span_tree::span> spans_;
    std::vector<std::uint32_t> inserts_; ///< of each span of a history
    std::vector<std::uint32_t> by_number_;
    std::vector<number_run> gone_;
    std::vector<number_run> erased_;
    std::vector<number_run> hidden_; ///< gone or erased
    edit_log log_;
    interval_counts again_;
    std::uint32_t total_ = 0; ///< of characters; the ids may have been taken already
    std::uint32_t seen_ = 0;  ///< replicas
    std::uint32_t visible_ = 0;
    std::uint32_t erased_count_ = 0;
    std::uint64_t erased_steps_ = 0;
    /// Of each restore: its first step, and its transaction.
    std::vector<std::pair<std::uint64_t, causality::dot>> restoring_;
};

} // namespace sangam::crdt
