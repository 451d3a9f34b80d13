#include <editor/summary.hpp>

#include <sangam/crdt/utf8.hpp>

#include <sodium.h>

#include <array>

namespace editor {

std::string sha256_hex(std::string_view content) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    std::array<unsigned char, 4096> piece{};
    while (!content.empty()) {
        const std::size_t taken = content.copy(reinterpret_cast<char*>(piece.data()), piece.size());
        crypto_hash_sha256_update(&state, piece.data(), taken);
        content.remove_prefix(taken);
    }
    crypto_hash_sha256_final(&state, digest.data());
    std::array<char, 2 * crypto_hash_sha256_BYTES + 1> hex{};
    sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
    return hex.data();
}

std::string summary_line(const sangam::engine::replica_status& status, std::string_view text) {
    return status.name + ": " + std::to_string(sangam::crdt::utf8::count_scalars(text)) +
           " characters, sha256 " + sha256_hex(text) + ", " + std::to_string(status.delivered.total()) +
           " messages, held back at most " + std::to_string(status.buffer.held_back_most) + ", " +
           std::to_string(status.network.bytes_sent) + " bytes sent";
}

} // namespace editor
