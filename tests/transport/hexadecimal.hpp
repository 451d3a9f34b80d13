#pragma once

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <istream>
#include <string>
#include <string_view>

/// Golden bytes: tests/wire holds a part of a frame, or a text, in each file, as hexadecimal bytes. A file is
/// never changed: logs and folders are full of such bytes. What is new gets a new file; a missing one is
/// written when SANGAM_WRITE_GOLDEN is set.
namespace sangam::test {

inline const std::filesystem::path wire_folder = SANGAM_WIRE_FOLDER;

inline std::string hexadecimal(std::string_view bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        text += digits[byte >> 4];
        text += digits[byte & 15];
        text += i % 16 == 15 || i + 1 == bytes.size() ? '\n' : ' ';
    }
    return text;
}

/// The bytes that a text of hexadecimal numbers stands for.
inline std::string bytes_of(std::istream& text) {
    std::string bytes;
    for (std::string item; text >> item;) {
        bytes += static_cast<char>(std::stoi(item, nullptr, 16));
    }
    return bytes;
}

inline std::string read_golden(const std::string& name) {
    std::ifstream in(wire_folder / (name + ".hex"));
    REQUIRE_MESSAGE(in.good(), "tests/wire/" << name << ".hex is missing");
    return bytes_of(in);
}

inline void write_if_wanted(const std::string& name, const std::string& bytes) {
    const std::filesystem::path file = wire_folder / (name + ".hex");
    if (std::getenv("SANGAM_WRITE_GOLDEN") != nullptr && !std::filesystem::exists(file)) {
        std::ofstream(file) << hexadecimal(bytes);
    }
}

} // namespace sangam::test
