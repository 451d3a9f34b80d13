#include <editor/file_state.hpp>

#include <sodium.h>

#include <algorithm>

#include <time.h>

namespace editor {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
/// File systems with times of two seconds are the coarsest.
constexpr std::int64_t coarsest_ns = 2 * second_ns;

std::int64_t to_ns(const timespec& when) {
    return static_cast<std::int64_t>(when.tv_sec) * second_ns + when.tv_nsec;
}

std::int64_t now_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return to_ns(now);
}

} // namespace

fingerprint fingerprint_of(std::string_view bytes) {
    fingerprint made{};
    crypto_generichash(made.data(), made.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                       bytes.size(), nullptr, 0);
    return made;
}

file_state::file_state(const struct stat& found, const fingerprint& content)
    : stamp_(stamp_of(found)), looked_ns_(now_ns()), content_(content) {}

file_state::stamp file_state::stamp_of(const struct stat& found) {
    return {found.st_dev, found.st_ino, found.st_size, to_ns(found.st_mtim), to_ns(found.st_ctim)};
}

bool file_state::surely_is(const struct stat& found) const {
    if (!stamp_ || *stamp_ != stamp_of(found)) return false;
    return looked_ns_ - std::max(stamp_->modified_ns, stamp_->changed_ns) > coarsest_ns;
}

} // namespace editor
