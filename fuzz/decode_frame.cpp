// The first byte chooses the part of a frame: even a head of the group "default", odd a batch. The rest are
// the part's bytes, as they come from the network or the log; and, whatever was chosen, the bytes of a whole
// frame.
//
// Oracle: a frame that can be split is joined to the same bytes again; decoding ends with a value or an error
// that says where, and never anything else; what is accepted is written and read again as itself, and so is
// each of its messages alone, in no more bytes than its cost allows; decoding never holds more memory than
// decoding_may_take of what came.

#include <sangam/transport/codec.hpp>
#include <sangam/transport/limits.hpp>

#include "support/peak_allocation.hpp"
#include "transport/decode_memory.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

using namespace sangam;

void require(bool condition, const char* what, const std::string& where = {}) {
    if (!condition) {
        std::fprintf(stderr, "decode_frame: %s %s\n", what, where.c_str());
        std::abort();
    }
}

void check_split(std::string_view bytes) {
    const auto parts = transport::split_frame(bytes);
    if (!parts) {
        require(parts.error().where.starts_with("frame"),
                "an error without its place:", parts.error().message());
        return;
    }
    require(transport::join_frame(parts->head, parts->body) == bytes, "a frame is joined to other bytes");
}

void check_head(std::string_view bytes) {
    const auto decoded = transport::decode_head(bytes, "default");
    if (!decoded) {
        require(decoded.error().where.starts_with("head"),
                "an error without its place:", decoded.error().message());
        return;
    }
    const auto again = transport::decode_head(transport::encode_head(*decoded), "default");
    require(again.has_value(), "a head that was accepted is refused:", again ? "" : again.error().message());
    require(*again == *decoded, "a head comes back as another");
}

void check_memory(const transport::batch& b) {
    std::size_t cost = 0;
    for (const transport::message& m : b.messages) {
        require(m.size_bytes == transport::memory_of(m), "a message's size is not its cost");
        require(m.size_bytes <= transport::limits::message_cost_max, "a message over the limit of its cost");
        cost += m.size_bytes;
    }
    require(cost <= transport::limits::batch_cost_max, "a batch over the limit of its cost");
}

/// The bytes are bounded by the cost, and come back.
void check_written(const transport::batch& b, std::string_view as) {
    const std::string bytes = transport::encode_batch(b);
    std::size_t cost = 0;
    for (const transport::message& m : b.messages) {
        cost += m.size_bytes;
    }
    require(bytes.size() <= cost + cost / 16 + 2, "more bytes than the cost:", std::string(as));
    const auto again = transport::decode_batch(bytes);
    require(again.has_value(), "a batch that was accepted is refused:", again ? "" : again.error().message());
    require(*again == b, "a batch comes back as another");
}

void check_batch(std::string_view bytes) {
    const auto decoded = transport::decode_batch(bytes);
    if (!decoded) {
        require(decoded.error().where.starts_with("batch"),
                "an error without its place:", decoded.error().message());
        return;
    }
    check_memory(*decoded);
    check_written(*decoded, "whole");
    for (std::size_t i = 0; i < decoded->messages.size(); ++i) {
        check_written({decoded->origin, decoded->first + i, {decoded->messages[i]}}, "alone");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    // Copied to a place of its own, so that a read past the end is seen; unaligned as often as not.
    const std::vector<char> bytes(data + 1, data + size);
    const std::string_view view(bytes.data(), bytes.size());
    check_split(view);
    test::start_peak();
    if (data[0] % 2 == 0) {
        static_cast<void>(transport::decode_head(view, "default"));
    } else {
        static_cast<void>(transport::decode_batch(view));
    }
    require(test::peak() <= test::decoding_may_take(view.size()), "decoding took too much memory");
    if (data[0] % 2 == 0) {
        check_head(view);
    } else {
        check_batch(view);
    }
    return 0;
}
