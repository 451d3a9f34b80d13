#pragma once

namespace sangam::test {

/// Memory means little under an address sanitizer, which keeps what was freed.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool memory_counts = false;
#elif defined(__has_feature)
inline constexpr bool memory_counts = !__has_feature(address_sanitizer);
#else
inline constexpr bool memory_counts = true;
#endif

} // namespace sangam::test
