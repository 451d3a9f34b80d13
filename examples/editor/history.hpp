#pragma once

#include <sangam/causality/error.hpp>
#include <sangam/crdt/text_types.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace editor {

/// What one person did at one moment.
struct recorded_transaction {
    std::vector<std::size_t> parents; ///< indexes of earlier transactions
    std::size_t agent = 0;
    /// Positions refer to the text as it is when all parents, and what they follow, are merged; patches apply
    /// one after another.
    std::vector<sangam::crdt::text_patch> patches;

    /// Some patch erases or inserts.
    [[nodiscard]] bool changes_text() const noexcept;
    friend bool operator==(const recorded_transaction&, const recorded_transaction&) = default;
};

/// How a text came to be, keystroke by keystroke, in one of two JSON formats (each also as gzip).
///
/// Sequential: `{startContent, endContent, txns: [{patches: [[position, erased, inserted], ...]}]}`. One
/// after another. Concurrent: `{kind: "concurrent", endContent, numAgents, txns: [{parents: [index, ...],
/// agent, patches}]}`. Positions and counts are Unicode scalar values. startContent and endContent may be
/// absent; other fields are ignored. Whether a position exists is known only when the history is played.
struct history {
    enum class format { sequential, concurrent };

    format kind = format::sequential;
    std::string start_content;
    std::optional<std::string> end_content;
    std::size_t agents = 1;
    std::vector<recorded_transaction>
        transactions; ///< parents come earlier; of a sequential history: the one before

    friend bool operator==(const history&, const history&) = default;
};

/// Errors: cannot_read, too_large, bad_gzip, bad_json (with the byte), bad_history (with transaction and
/// patch, counted from 0).
[[nodiscard]] sangam::result<history> load_history(const std::string& path);

/// The JSON of `load_history`, one transaction a line. Errors: cannot_write.
[[nodiscard]] sangam::result<void> save_history(const std::string& path, const history& recorded);

} // namespace editor
