// The first byte chooses the part of a frame: even a head of the group "default", odd a batch. The rest are
// the part's bytes, as they come from the network or the log; and, whatever was chosen, the bytes of a whole
// frame.
//
// Oracle: a frame that can be split is joined to the same bytes again; decoding ends with a value or an error
// that says where, and never anything else; what is accepted is written and read again as itself; the memory
// of an accepted batch is at most memory_per_byte for each byte of its unpacked form, which is at most 256 *
// 8 bytes for each two that came.

#include <sangam/transport/codec.hpp>
#include <sangam/transport/limits.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

using namespace sangam;

/// A key of the greatest weight that is listed, and the operation around it, for the two bytes of the
/// shortest operation.
constexpr std::size_t memory_per_byte = 256;

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

void check_memory(const transport::batch& b, std::size_t bytes) {
    std::size_t memory = 0;
    for (const transport::message& m : b.messages) {
        require(m.size_bytes == transport::memory_of(m), "a message's size is not its memory");
        memory += m.size_bytes;
    }
    const std::size_t unpacked = std::min(bytes * 256 * 4, transport::limits::part_bytes_max);
    require(memory <= transport::limits::batch_memory_max, "a batch over the limit of memory");
    require(memory <= unpacked * memory_per_byte, "a batch that is much larger than its bytes");
}

void check_batch(std::string_view bytes) {
    const auto decoded = transport::decode_batch(bytes);
    if (!decoded) {
        require(decoded.error().where.starts_with("batch"),
                "an error without its place:", decoded.error().message());
        return;
    }
    check_memory(*decoded, bytes.size());
    const auto again = transport::decode_batch(transport::encode_batch(*decoded));
    require(again.has_value(), "a batch that was accepted is refused:", again ? "" : again.error().message());
    require(*again == *decoded, "a batch comes back as another");
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
    if (data[0] % 2 == 0) {
        check_head(view);
    } else {
        check_batch(view);
    }
    return 0;
}
