#pragma once

#include <sangam/causality/error.hpp>
#include <sangam/causality/replica_id.hpp>
#include <sangam/causality/vector_clock.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace sangam::storage {

/// Consecutive messages of one origin, encoded. The log does not look into `bytes`.
struct log_record {
    causality::replica_id origin;
    std::uint64_t first = 1; ///< sequence of the first message
    std::uint64_t last = 1;  ///< sequence of the last message
    std::string bytes;
};

/// Every message that a replica has delivered, own ones included, by origin and sequence.
///
/// Meaning: of each origin a gapless prefix of its messages; `clock` says how long each is.
/// Invariants: (L1) the records of an origin follow one another without gap or overlap; (L2) a record that
///   was appended is never changed; (L3) once `append` has returned, the record survives whatever the
///   implementation promises to survive.
/// Errors: a record that does not follow its origin's last one is a bug of the caller and refused by
///   SANGAM_INVARIANT. Implementations report I/O errors as results.
/// Threads: none; the caller's lock.
class operation_log {
public:
    virtual ~operation_log() = default;

    /// Appends; durable when it returns. Precondition: record.first == clock()[origin] + 1 and record.last >=
    /// record.first.
    [[nodiscard]] virtual result<void> append(log_record record) = 0;

    /// The record that contains (origin, sequence), or nullptr when the log does not have it. Valid until the
    /// next call.
    [[nodiscard]] virtual result<const log_record*> find(causality::replica_id origin,
                                                         std::uint64_t sequence) = 0;

    [[nodiscard]] virtual const causality::vector_clock& clock() const = 0;

    /// The bytes of all records.
    [[nodiscard]] virtual std::uint64_t size_bytes() const = 0;

protected:
    operation_log() = default;
    operation_log(const operation_log&) = default;
    operation_log& operator=(const operation_log&) = default;
};

} // namespace sangam::storage
