#pragma once

#include <editor/history.hpp>

#include <sangam/causality/error.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace editor {

/// Messages of each writer, by its number from 0; writers past the end: none.
using writer_clock = std::vector<std::uint64_t>;

/// Who plays which transaction of a history, so that each writer's transactions follow one another.
///
/// Meaning: a transaction that changes text is one message: the n-th of its writer. Others are no message and
/// pass on what their parents
///   saw. startContent is a message of its own, the first of the first transaction's writer, seen by
///   everybody.
/// With at most limits::agents_as_writers_max agents each agent is a writer, unless some agent's transactions
/// branch. Otherwise writers are
///   chains: in file order, a transaction joins the first chain whose last transaction it follows.
/// Cost: n transactions, w writers, p parents: O((n + p) w) time and O(n w) memory.
struct writer_plan {
    struct step {
        std::size_t transaction = 0; ///< index in the history
        writer_clock seen;           ///< exactly what its positions refer to
    };

    std::vector<std::vector<step>> steps; ///< of each writer, in its order
    std::size_t start_writer = 0;         ///< who inserts startContent
    writer_clock messages;                ///< of each writer, at the end

    [[nodiscard]] std::size_t writers() const noexcept { return steps.size(); }
    [[nodiscard]] std::uint64_t messages_total() const noexcept;
};

/// Errors: too_large when more than limits::writers_max chains are needed.
[[nodiscard]] sangam::result<writer_plan> plan_writers(const history& recorded);

} // namespace editor
