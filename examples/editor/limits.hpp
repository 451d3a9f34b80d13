#pragma once

#include <cstddef>
#include <cstdint>

namespace editor::limits {

inline constexpr std::size_t file_bytes_max =
    std::size_t{1} << 30; ///< of a file that is read, and of what a gzip file unpacks to
inline constexpr std::uint64_t number_max = 0xFFFF'FFFF; ///< positions, counts and indexes in files
inline constexpr std::size_t agents_as_writers_max = 8;  ///< with more agents, writers are chains
inline constexpr std::size_t writers_max = 64;           ///< each is a process
inline constexpr std::size_t insert_bytes_max = 1 << 20; ///< a longer text is inserted in pieces
inline constexpr std::size_t paste_bytes_max = 16 << 20; ///< a longer paste is taken in pieces
inline constexpr std::size_t row_search_max = 4096; ///< a longer line is cut at multiples of it, see layout
inline constexpr int links_max = 40;                ///< from a path to its file

} // namespace editor::limits
