#pragma once

#include <cstddef>
#include <cstdint>

namespace editor::limits {

inline constexpr std::size_t file_bytes_max =
    std::size_t{1} << 30; ///< of a file that is read, and of what a gzip file unpacks to
inline constexpr std::uint64_t number_max = 0xFFFF'FFFF;   ///< positions, counts and indexes in files
inline constexpr std::size_t agents_as_writers_max = 8;    ///< with more agents, writers are chains
inline constexpr std::size_t writers_max = 64;             ///< each is a process
inline constexpr std::size_t insert_bytes_max = 256 << 10; ///< a longer text is inserted in pieces

} // namespace editor::limits
