#pragma once

#include <sangam/crdt/stream.hpp>

#include <boost/container/small_vector.hpp>

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace sangam::crdt {

/// The entries of a stream, in the order of their ids.
class stream_entries {
public:
    /// What is known of the entries of one replica.
    struct origin {
        std::uint64_t trimmed = 0;                ///< entries 1 to this are gone
        std::deque<causality::hybrid_time> times; ///< of the entries that are there
        [[nodiscard]] std::uint64_t last() const noexcept { return trimmed + times.size(); }
        friend bool operator==(const origin&, const origin&) = default;
    };
    using origins_type = std::map<causality::replica_id, origin>;
    using entries_type = std::map<stream_id, std::vector<stream_field>>;

    [[nodiscard]] const origins_type& origins() const noexcept { return origins_; }
    [[nodiscard]] const entries_type& all() const noexcept { return entries_; }
    /// Precondition: contains(name).
    [[nodiscard]] stream_id id_of(const stream::entry_name& name) const noexcept;
    [[nodiscard]] bool contains(const stream::entry_name& name) const noexcept;

    void append(const std::vector<stream_field>& fields, const operation_context& context);
    /// Returns how far the origin's entries are gone now.
    std::uint64_t trim(const stream::entry_name& up_to);

    friend bool operator==(const stream_entries&, const stream_entries&) = default;

private:
    origins_type origins_;
    entries_type entries_;
};

/// What consumers of one group have done.
class stream_group {
public:
    [[nodiscard]] bool is_acknowledged(const stream::entry_name& name) const noexcept;
    [[nodiscard]] bool is_pending(const stream::entry_name& name) const noexcept {
        return pending_.contains(name);
    }
    [[nodiscard]] observed_dots claims_of(const stream::entry_name& name) const;
    [[nodiscard]] std::vector<stream::pending_entry> pending() const;
    [[nodiscard]] bool empty() const noexcept { return acknowledged_.empty() && pending_.empty(); }
    /// The last of the entries of an origin that are acknowledged without a gap; `trimmed` if none is.
    [[nodiscard]] std::uint64_t acknowledged_up_to(causality::replica_id origin,
                                                   std::uint64_t trimmed) const noexcept;

    void claim(const stream::claimed_entry& entry, const std::string& consumer,
               const operation_context& context);
    void acknowledge(const stream::entry_name& name, std::uint64_t trimmed);
    void trim(const stream::entry_name& up_to);

    friend bool operator==(const stream_group&, const stream_group&) = default;

private:
    struct claim_record {
        causality::hybrid_time time;
        causality::dot id;
        std::string consumer;
        friend bool operator==(const claim_record&, const claim_record&) = default;
    };
    using claims = boost::container::small_vector<claim_record, 1>; ///< sorted by dot
    /// Acknowledged numbers of one origin: those to `up_to` (if it is not 0) that are there, and `beyond`.
    struct numbers {
        std::uint64_t up_to = 0;
        std::set<std::uint64_t> beyond;
        friend bool operator==(const numbers&, const numbers&) = default;
    };

    void normalize(causality::replica_id origin, std::uint64_t trimmed);

    std::map<causality::replica_id, numbers> acknowledged_;
    std::map<stream::entry_name, claims> pending_;
};

class stream::state {
public:
    stream_entries entries;
    std::map<std::string, stream_group> groups;

    [[nodiscard]] const stream_group& group(const std::string& name) const noexcept;
    void apply(const trim_op& op);
    void apply(const claim_op& op, const operation_context& context);
    void apply(const acknowledge_op& op);

    friend bool operator==(const state&, const state&) = default;
};

} // namespace sangam::crdt
