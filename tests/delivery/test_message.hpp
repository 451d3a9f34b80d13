#pragma once

#include <sangam/delivery/envelope.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace sangam::test {

/// A message without content.
struct test_message : delivery::envelope {};

inline constexpr causality::replica_id alice{1};
inline constexpr causality::replica_id bob{2};
inline constexpr causality::replica_id carol{3};

inline test_message message(causality::dot id, std::vector<causality::dot> dependencies = {},
                            std::uint64_t time_ms = 0, std::size_t size_bytes = 100) {
    test_message m;
    m.id = id;
    m.dependencies = std::move(dependencies);
    m.time = causality::hybrid_time::at_ms(time_ms);
    m.size_bytes = size_bytes;
    return m;
}

} // namespace sangam::test
