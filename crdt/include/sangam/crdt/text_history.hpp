#pragma once

#include <sangam/causality/dot.hpp>
#include <sangam/causality/error.hpp>
#include <sangam/causality/vector_clock.hpp>
#include <sangam/crdt/rga_text.hpp>
#include <sangam/crdt/text_types.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sangam::crdt {

/// A text as it was: every earlier version, and the way from one to another.
///
/// Meaning: a version is the set of transactions that a replica had delivered. A character is in it iff the
///   transaction that inserted it is, and none that erased it is but for those whose erase of it a restore of
///   the set takes back; the characters of all versions stand in the same order. So a version is what every
///   replica showed that had delivered just that, in whichever order, and also versions that no replica ever
///   showed (two concurrent ones, what is in both) have a meaning. Transactions that did nothing to this text
///   add nothing; neither do those that are not applied here yet.
/// Cost: r runs of the log and of the text together. `str`, `size`, `patches`: O(r log r), and the characters
///   of the answer. `version_after`, `size_in_transactions`: O(runs of transactions). `transactions`: O(r +
///   transactions). A view holds nothing.
/// Errors: a text that was loaded without its log does not know what was before: `str`, `size` and `patches`
///   give errc::unknown_version for a version that has not all of `base()`.
/// Threads: as const members of the text. A view ends with its text, and what it says is of the text as it is
///   at the call.
class text_history {
public:
    using version = causality::vector_clock;

    /// A transaction that did something to the text here.
    struct transaction {
        causality::dot id;
        std::uint64_t inserted = 0; ///< characters
        std::uint64_t erased = 0;   ///< characters named by its erases, be they visible then or not
        std::uint64_t restored = 0; ///< characters of which its restores name an erase that was here
        friend bool operator==(const transaction&, const transaction&) = default;
    };

    /// For rga_text::history.
    explicit text_history(const rga_text& text) noexcept : text_(&text) {}

    /// The earliest version that is known; empty unless the text was loaded without its log.
    [[nodiscard]] const version& base() const noexcept;

    [[nodiscard]] result<std::string> str(const version& when) const;
    /// In Unicode scalar values.
    [[nodiscard]] result<std::size_t> size(const version& when) const;
    /// What makes `str(to)` of `str(from)`, left to right, the fewest that do: between two patches there is a
    /// character that is in both versions.
    [[nodiscard]] result<std::vector<text_patch>> patches(const version& from, const version& to) const;

    /// In the order of application here, those of the base left out.
    [[nodiscard]] std::vector<transaction> transactions() const;
    /// How many `transactions` gives.
    [[nodiscard]] std::uint64_t size_in_transactions() const noexcept;
    /// The base and the first `count` transactions: for a slider, from 0 to size_in_transactions().
    /// Precondition: count <= size_in_transactions().
    [[nodiscard]] version version_after(std::uint64_t count) const;

private:
    const rga_text* text_;
};

} // namespace sangam::crdt
