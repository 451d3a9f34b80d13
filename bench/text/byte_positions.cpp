#include "byte_positions.hpp"

#include <sangam/crdt/utf8.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace bench {
namespace {

/// The characters of a text that take more than one byte.
class wide_characters {
public:
    [[nodiscard]] std::size_t bytes_before(std::size_t position) const noexcept {
        std::size_t bytes = position;
        for (const wide& w : all_) {
            if (w.position >= position) break;
            bytes += w.more_bytes;
        }
        return bytes;
    }

    void erase(std::size_t position, std::size_t count) {
        std::erase_if(all_,
                      [&](const wide& w) { return w.position >= position && w.position - position < count; });
        for (wide& w : all_) {
            if (w.position >= position) w.position -= count;
        }
    }

    void insert(std::size_t position, std::string_view text) {
        const std::u32string scalars = sangam::crdt::utf8::to_scalars(text);
        auto behind = std::ranges::lower_bound(all_, position, {}, &wide::position);
        for (auto w = behind; w != all_.end(); ++w) {
            w->position += scalars.size();
        }
        for (const char32_t scalar : scalars) {
            const std::size_t more_bytes = scalar < 0x80 ? 0 : scalar < 0x800 ? 1 : scalar < 0x10000 ? 2 : 3;
            if (more_bytes > 0) behind = all_.insert(behind, {position, more_bytes}) + 1;
            ++position;
        }
    }

private:
    struct wide {
        std::size_t position = 0;
        std::size_t more_bytes = 0;
    };
    std::vector<wide> all_; ///< by position
};

} // namespace

bool is_ascii(std::string_view text) noexcept {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

edit_list with_byte_positions(const edit_list& edits) {
    edit_list in_bytes;
    wide_characters wide;
    for (const edit& e : edits.edits()) {
        const std::size_t begin = wide.bytes_before(e.position);
        const std::size_t end = wide.bytes_before(std::size_t{e.position} + e.erased);
        in_bytes.add(begin, end - begin, edits.inserted_by(e));
        wide.erase(e.position, e.erased);
        wide.insert(e.position, edits.inserted_by(e));
    }
    return in_bytes;
}

} // namespace bench
