#include "packed.hpp"

#include <sangam/transport/limits.hpp>

#include <capnp/serialize-packed.h>
#include <kj/io.h>

namespace sangam::transport::packed {

namespace {

error over_limit(std::string_view part, std::size_t bytes, const char* state) {
    return {errc::too_large, std::string(part) + " has " + std::to_string(bytes) + " bytes " + state +
                                 ", the limit is " + std::to_string(limits::part_bytes_max)};
}

} // namespace

std::string pack(capnp::MessageBuilder& message) {
    kj::VectorOutputStream output(message.sizeInWords() * sizeof(capnp::word) + 16);
    capnp::writePackedMessage(output, message);
    const auto bytes = output.getArray().asChars();
    return {bytes.begin(), bytes.size()};
}

result<kj::Array<capnp::word>> unpack(std::string_view bytes, std::string_view part) {
    using words = kj::Array<capnp::word>;
    if (bytes.size() > limits::part_bytes_max) {
        return over_limit(part, bytes.size(), "packed");
    }
    if (bytes.empty()) {
        return error{errc::truncated, std::string(part) + " is empty"};
    }
    const kj::ArrayPtr<const kj::byte> input(reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size());
    try {
        const std::size_t count = capnp::computeUnpackedSizeInWords(input);
        if (count * sizeof(capnp::word) > limits::part_bytes_max) {
            return over_limit(part, count * sizeof(capnp::word), "unpacked");
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
