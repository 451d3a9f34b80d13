#pragma once

#include "edit_log.hpp"
#include "text_bytes.hpp"
#include "text_ids.hpp"

#include <sangam/causality/error.hpp>
#include <sangam/crdt/text_columns.hpp>

#include <cstdint>
#include <vector>

namespace sangam::crdt {

/// Consecutive numbers.
using number_run = text_bytes::gap;

/// Judges the columns of a text, one after another, and finds out on the way what is needed to make the text of
/// them.
///
/// Cost: O(columns) time and memory.
class text_columns_judge {
public:
    explicit text_columns_judge(const text_columns& columns) noexcept : columns_(columns) {}

    /// Every column but the text.
    [[nodiscard]] causality::result<void> judge();

    // --- when judge() finds nothing

    [[nodiscard]] text_ids take_ids() noexcept { return std::move(ids_); }
    [[nodiscard]] edit_log take_log();
    /// Places in `order` by number.
    [[nodiscard]] const std::vector<std::uint32_t>& by_number() const noexcept { return by_number_; }
    /// What was erased before the log begins, and has no text.
    [[nodiscard]] const std::vector<number_run>& gone() const noexcept { return gone_; }
    /// What is erased and has text.
    [[nodiscard]] const std::vector<number_run>& erased() const noexcept { return erased_; }
    [[nodiscard]] std::uint32_t visible_count() const noexcept { return visible_; }
    [[nodiscard]] std::uint32_t erased_count() const noexcept { return erased_count_; }

private:
    causality::result<void> judge_replicas();
    causality::result<void> judge_ids();
    causality::result<void> judge_order();
    causality::result<void> judge_state();
    causality::result<void> judge_gone();
    causality::result<void> judge_erased();
    causality::result<void> judge_hidden(std::vector<number_run> erased);
    causality::result<void> judge_transactions();
    causality::result<void> judge_inserters();
    [[nodiscard]] std::uint32_t base() const noexcept;
    [[nodiscard]] std::vector<number_run> hidden() const;

    const text_columns& columns_;
    text_ids ids_;
    std::vector<std::uint32_t> by_number_;
    std::vector<number_run> gone_;
    std::vector<number_run> erased_;
    std::uint32_t visible_ = 0;
    std::uint32_t erased_count_ = 0;
    std::uint64_t erased_steps_ = 0;
};

} // namespace sangam::crdt
