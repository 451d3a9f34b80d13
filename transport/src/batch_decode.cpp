#include <sangam/transport/codec.hpp>

#include "batch_decoder.hpp"
#include "packed.hpp"

#include <sangam/transport/limits.hpp>

#include <sangam.capnp.h>

namespace sangam::transport {

namespace {

std::string_view view_of(capnp::Data::Reader data) {
    return {reinterpret_cast<const char*>(data.begin()), data.size()};
}

/// What the three lists, the struct and the pointers to them take when nothing overlaps and nothing is hidden
/// between.
std::size_t words_of(const schema::Batch::Reader& root) {
    const auto words = [](std::size_t bytes) { return (bytes + 7) / 8; };
    constexpr std::size_t segment_table = 1, root_pointer = 1, structure = 3 + 3;
    return segment_table + root_pointer + structure + root.getReplicas().size() +
           words(root.getNumbers().size()) + words(root.getContent().size());
}

result<batch> read(const kj::Array<capnp::word>& words) {
    capnp::FlatArrayMessageReader reader(words, packed::options_for(words.size(), limits::nesting_max));
    const auto root = reader.getRoot<schema::Batch>();
    if (root.getVersion() != protocol_version) {
        return error{errc::unknown_version, "batch.version is " + std::to_string(root.getVersion()) +
                                                ", this is " + std::to_string(protocol_version)};
    }
    if (const std::size_t expected = words_of(root); expected != words.size()) {
        const errc code = expected < words.size() ? errc::trailing_bytes : errc::malformed;
        return error{code, "batch has " + std::to_string(words.size()) + " words, its fields take " +
                               std::to_string(expected)};
    }
    batch b;
    b.origin = causality::replica_id{root.getOrigin()};
    b.first = root.getFirst();
    if (b.first == 0 || b.first > limits::sequence_max) {
        return error{errc::invalid_value, "batch.first is " + std::to_string(b.first)};
    }
    std::vector<std::uint64_t> replicas;
    replicas.reserve(root.getReplicas().size() + 1);
    replicas.push_back(b.origin.bits);
    for (const std::uint64_t replica : root.getReplicas()) {
        if (replica == b.origin.bits) {
            return error{errc::malformed, "batch.replicas has the origin " + to_string(b.origin)};
        }
        replicas.push_back(replica);
    }
    batch_decoder decoder(b, std::move(replicas), view_of(root.getNumbers()), view_of(root.getContent()));
    if (!decoder.decode()) {
        return decoder.failure();
    }
    return result<batch>(std::move(b));
}

} // namespace

result<batch> decode_batch(std::string_view bytes) {
    const auto words = packed::unpack(bytes, "batch");
    if (!words) {
        return words.error();
    }
    return packed::guarded("batch", [&]() -> result<batch> { return read(*words); });
}

} // namespace sangam::transport
