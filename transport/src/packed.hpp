#pragma once

#include <sangam/transport/errc.hpp>

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include <string>
#include <string_view>

/// Packed Cap'n Proto messages of bounded size.
namespace sangam::transport::packed {

[[nodiscard]] std::string pack(capnp::MessageBuilder& message);

/// The words of a packed message, aligned. Checks `limits::part_bytes_max` before it allocates.
[[nodiscard]] result<kj::Array<capnp::word>> unpack(std::string_view bytes, std::string_view part);

/// Without a limit of its own, a message of a few bytes can make a reader walk for millions of steps.
[[nodiscard]] inline capnp::ReaderOptions options_for(std::size_t words, int nesting_max) noexcept {
    return {.traversalLimitInWords = 4 * words + 64, .nestingLimit = nesting_max};
}

/// Runs `read`, which returns a result, and turns what Cap'n Proto throws into an error of `part`.
template <class Read>
[[nodiscard]] auto guarded(std::string_view part, Read&& read) -> decltype(read()) {
    try {
        return read();
    } catch (const kj::Exception& reason) {
        return error{errc::malformed, std::string(part) + ": " + reason.getDescription().cStr()};
    }
}

} // namespace sangam::transport::packed
