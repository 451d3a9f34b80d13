#include <editor/pieces.hpp>

namespace editor {

std::vector<std::string_view> cut_into_pieces(std::string_view text, std::size_t bytes_max) {
    std::vector<std::string_view> pieces;
    while (!text.empty()) {
        std::size_t length = text.size();
        if (length > bytes_max) {
            length = bytes_max;
            while ((static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U)
                --length;
        }
        pieces.push_back(text.substr(0, length));
        text.remove_prefix(length);
    }
    return pieces;
}

} // namespace editor
