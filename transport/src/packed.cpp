#include "packed.hpp"

#include <sangam/transport/limits.hpp>

#include <capnp/serialize-packed.h>
#include <kj/io.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace sangam::transport::packed {

namespace {

error over_limit(std::string_view part, std::size_t bytes, const char* state, std::size_t limit) {
    return {errc::too_large, std::string(part) + " has " + std::to_string(bytes) + " bytes " + state +
                                 ", the limit is " + std::to_string(limit)};
}

std::uint64_t word_at(const kj::byte* at) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    return word;
}

/// Whether at most one byte of the word is 0.
bool is_full(std::uint64_t word) noexcept {
    constexpr std::uint64_t low = 0x7f7f'7f7f'7f7f'7f7f;
    const std::uint64_t zeros = ~(((word & low) + low) | word | low); // the high bit of each byte that is 0
    return (zeros & (zeros - 1)) == 0;
}

} // namespace

std::string pack(capnp::MessageBuilder& message) {
    static_assert(zero_run_words_max * sizeof(capnp::word) == 2 * limits::unpacked_ratio_max);
    const kj::Array<capnp::word> words = capnp::messageToFlatArray(message.getSegmentsForOutput());
    const auto all = words.asBytes();
    std::string packed(all.size() + all.size() / 16 + 16, '\0');
    char* to = packed.data();
    for (const kj::byte *at = all.begin(), *const end = all.end(); at != end;) {
        char* const tag = to++;
        unsigned bits = 0;
        for (unsigned i = 0; i < 8; ++i) {
            const unsigned bit = at[i] != 0 ? 1 : 0;
            *to = static_cast<char>(at[i]);
            to += bit;
            bits |= bit << i;
        }
        *tag = static_cast<char>(bits);
        at += 8;
        if (bits == 0) {
            const std::size_t left = static_cast<std::size_t>(end - at) / 8;
            const kj::byte* const first = at;
            const kj::byte* const last = at + 8 * std::min(left, zero_run_words_max - 1);
            while (at != last && word_at(at) == 0)
                at += 8;
            *to++ = static_cast<char>((at - first) / 8);
        } else if (bits == 0xff) {
            const std::size_t left = static_cast<std::size_t>(end - at) / 8;
            const kj::byte* const first = at;
            const kj::byte* const last = at + 8 * std::min<std::size_t>(left, 255);
            while (at != last && is_full(word_at(at)))
                at += 8;
            *to++ = static_cast<char>((at - first) / 8);
            to = std::copy(first, at, to);
        }
    }
    packed.resize(static_cast<std::size_t>(to - packed.data()));
    return packed;
}

result<kj::Array<capnp::word>> unpack(std::string_view bytes, std::string_view part) {
    using words = kj::Array<capnp::word>;
    if (bytes.size() > limits::frame_bytes_max) {
        return over_limit(part, bytes.size(), "packed", limits::frame_bytes_max);
    }
    if (bytes.empty()) {
        return error{errc::truncated, std::string(part) + " is empty"};
    }
    const kj::ArrayPtr<const kj::byte> input(reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size());
    try {
        const std::size_t count = capnp::computeUnpackedSizeInWords(input);
        const std::size_t most = std::min(limits::frame_bytes_max, bytes.size() * limits::unpacked_ratio_max);
        if (count * sizeof(capnp::word) > most) {
            return over_limit(part, count * sizeof(capnp::word), "unpacked", most);
        }
        words unpacked = kj::heapArray<capnp::word>(count);
        kj::ArrayInputStream source(input);
        capnp::_::PackedInputStream(source).InputStream::read(unpacked.begin(), unpacked.asBytes().size());
        return result<words>(std::move(unpacked));
    } catch (const kj::Exception& reason) {
        return error{errc::truncated, std::string(part) + ": " + reason.getDescription().cStr()};
    }
}

} // namespace sangam::transport::packed
