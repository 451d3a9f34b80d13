#include "zstd_frame.hpp"

#include <sangam/transport/errc.hpp>

#include <zstd.h>

#include <cstdint>
#include <new>

namespace sangam::transport {
namespace {

constexpr std::size_t own_block_bytes_min = 512; ///< less is not worth a code table of its own
constexpr std::uint64_t block_bytes_max = std::uint64_t{1} << 17;
constexpr std::uint64_t packed_block_bytes_min = 4; ///< a header and one byte, many times over

struct free_context {
    void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
    void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

/// Our parameters and buffers are right, so only memory can be short.
std::size_t must(std::size_t outcome) {
    if (ZSTD_isError(outcome) != 0) throw std::bad_alloc();
    return outcome;
}

} // namespace

int storing_level() noexcept {
    return ZSTD_minCLevel();
}

void append_frame(std::string& bytes, std::span<const std::string_view> parts, int level) {
    std::size_t size = 0;
    for (const std::string_view part : parts)
        size += part.size();
    const std::unique_ptr<ZSTD_CCtx, free_context> context(ZSTD_createCCtx());
    if (!context) throw std::bad_alloc();
    must(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level));
    must(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1));
    must(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, 0)); // ours is in front
    must(ZSTD_CCtx_setPledgedSrcSize(context.get(), size));

    const std::size_t before = bytes.size();
    bytes.resize(before + ZSTD_compressBound(size) + parts.size() * packed_block_bytes_min);
    ZSTD_outBuffer out{bytes.data() + before, bytes.size() - before, 0};
    std::size_t pending = 0;
    for (std::size_t n = 0; n < parts.size(); ++n) {
        pending += parts[n].size();
        const bool last = n + 1 == parts.size();
        const bool flush =
            pending >= own_block_bytes_min && parts[n + (last ? 0 : 1)].size() >= own_block_bytes_min;
        if (flush) pending = 0;
        const ZSTD_EndDirective what = last ? ZSTD_e_end : flush ? ZSTD_e_flush : ZSTD_e_continue;
        ZSTD_inBuffer in{parts[n].data(), parts[n].size(), 0};
        while (must(ZSTD_compressStream2(context.get(), &out, &in, what)) != 0 || in.pos < in.size) {
            if (what == ZSTD_e_continue && in.pos == in.size) break;
        }
    }
    bytes.resize(before + out.pos);
}

result<unpacked> unpack_frame(std::string_view frame, std::uint64_t size) {
    if (size / block_bytes_max > frame.size() / packed_block_bytes_min)
        return error{errc::too_large,
                     "size: " + std::to_string(size) + " bytes out of " + std::to_string(frame.size())};
    const std::size_t length = ZSTD_findFrameCompressedSize(frame.data(), frame.size());
    if (ZSTD_isError(length) != 0) return error{errc::malformed, ZSTD_getErrorName(length)};
    if (length != frame.size())
        return error{errc::trailing_bytes, std::to_string(frame.size() - length) + " bytes behind the frame"};
    // Kept: to make one and to touch its memory takes longer than to unpack a small text.
    thread_local std::unique_ptr<ZSTD_DCtx, free_context> context;
    if (!context) context.reset(ZSTD_createDCtx());
    if (!context) throw std::bad_alloc();
    unpacked made{std::unique_ptr<char[]>(new char[size]), size};
    const std::size_t done =
        ZSTD_decompressDCtx(context.get(), made.memory.get(), size, frame.data(), frame.size());
    if (ZSTD_isError(done) != 0) return error{errc::malformed, ZSTD_getErrorName(done)};
    if (done != size)
        return error{errc::malformed,
                     "size: " + std::to_string(size) + ", and " + std::to_string(done) + " bytes"};
    return made;
}

} // namespace sangam::transport
