#pragma once

/// KJ 0.9.2 leaves comparisons of `const char*` with `StringPtr` to C++20's rewritten operators, which its
/// own templates do not find with newer clang. Included on the command line, before any header of Cap'n
/// Proto.
#if defined(__clang__) && __clang_major__ >= 16
#include <kj/string.h>

namespace kj {
inline bool operator==(const char* a, const StringPtr& b) {
    return b.operator==(StringPtr(a));
}
inline bool operator!=(const char* a, const StringPtr& b) {
    return !b.operator==(StringPtr(a));
}
} // namespace kj
#endif
