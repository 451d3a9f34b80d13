#pragma once

#include <sangam/storage/operation_log.hpp>

#include <cstdint>
#include <deque>
#include <map>

namespace sangam::storage {

/// A log that lives as long as its process: for replicas without a directory, and for tests.
/// Cost: append O(log origins); find O(log origins + log records of the origin).
class memory_log final : public operation_log {
public:
    [[nodiscard]] result<void> append(log_record record) override;
    [[nodiscard]] result<const log_record*> find(causality::replica_id origin,
                                                 std::uint64_t sequence) override;
    [[nodiscard]] const causality::vector_clock& clock() const override { return clock_; }
    [[nodiscard]] std::uint64_t size_bytes() const override { return size_bytes_; }

private:
    std::map<causality::replica_id, std::deque<log_record>> records_;
    causality::vector_clock clock_;
    std::uint64_t size_bytes_ = 0;
};

} // namespace sangam::storage
