#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// At `position`, `erased` characters go and a piece of the list's text comes. 16 bytes, so that reading the
/// edits costs next to nothing beside doing them.
struct edit {
    std::uint32_t position = 0;
    std::uint32_t erased = 0;
    std::uint32_t first = 0; ///< byte in the text of all edits
    std::uint32_t length = 0;
};

/// Edits to be made one after another.
class edit_list {
public:
    void add(std::size_t position, std::size_t erased, std::string_view inserted) {
        edits_.push_back({static_cast<std::uint32_t>(position), static_cast<std::uint32_t>(erased),
                          static_cast<std::uint32_t>(text_.size()),
                          static_cast<std::uint32_t>(inserted.size())});
        text_ += inserted;
    }

    [[nodiscard]] const std::vector<edit>& edits() const noexcept { return edits_; }
    [[nodiscard]] std::size_t size() const noexcept { return edits_.size(); }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    [[nodiscard]] std::string_view inserted_by(const edit& e) const noexcept {
        return {text_.data() + e.first, e.length};
    }

private:
    std::vector<edit> edits_;
    std::string text_;
};

} // namespace bench
