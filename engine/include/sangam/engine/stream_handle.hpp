#pragma once

#include <sangam/causality/vector_clock.hpp>
#include <sangam/crdt/stream.hpp>
#include <sangam/engine/handle.hpp>

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sangam::engine {

/// A log that many replicas append to, with readers and groups of consumers: crdt::stream.
/// Errors: crdt::errc::too_large, invalid_utf8 (names and fields), unknown_entry.
class stream_handle : public handle {
public:
    static constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

    using handle::handle;
    void append(std::vector<crdt::stream_field> fields) const;
    /// An entry of one field called "value".
    void append(crdt::value content) const;
    /// Takes away the entries in `position`.
    void trim(const causality::vector_clock& position) const;
    /// Takes away all but the last `keep` entries.
    void trim_to(std::size_t keep) const;
    void clear() const;

    [[nodiscard]] std::size_t size() const;
    /// At most `count` entries that are not in `position`, by increasing id, and the position to read on
    /// with: no entry is skipped, and none is read twice.
    [[nodiscard]] crdt::stream::read_result read_after(const causality::vector_clock& position,
                                                       std::size_t count = all) const;
    /// At most `count` entries with ids from `first` to `last`.
    [[nodiscard]] std::vector<crdt::stream::entry>
    range(const crdt::stream_id& first, const crdt::stream_id& last, std::size_t count = all) const;

    /// Claims the first `count` entries that nobody in the group has claimed, and returns them. Whoever
    /// claims the same entries elsewhere at the same time gets them too: at least once.
    [[nodiscard]] std::vector<crdt::stream::entry>
    read_group(std::string_view group, std::string_view consumer, std::size_t count) const;
    /// Takes over pending entries, of a consumer that is gone.
    void take_over(std::string_view group, std::string_view consumer,
                   std::span<const crdt::stream::entry_name> entries) const;
    /// The entries are done with. What is not there, or done with already, is passed over.
    void acknowledge(std::string_view group, std::span<const crdt::stream::entry_name> entries) const;
    /// What is claimed in the group and not done with.
    [[nodiscard]] std::vector<crdt::stream::pending_entry> pending(std::string_view group) const;
};

} // namespace sangam::engine
