#pragma once

#include <sangam/transport/errc.hpp>

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include <string>
#include <string_view>

/// Packed Cap'n Proto messages of bounded size.
namespace sangam::transport::packed {

/// Words in one run of zeros: two bytes. A longer run would be shorter and let a reader make a thousand bytes
/// of one, so what anybody writes is packed so, and what is packed tighter is refused.
inline constexpr std::size_t zero_run_words_max = 4;

/// Cap'n Proto's packing with short runs of zeros. Its bytes are at most a sixteenth and 2 more than the
/// words', and at least a sixteenth of them.
[[nodiscard]] std::string pack(capnp::MessageBuilder& message);

/// The words of a packed message, aligned. Checks `limits::frame_bytes_max` and `limits::unpacked_ratio_max`
/// before it allocates.
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
