#include <editor/files.hpp>

#include <editor/errc.hpp>
#include <editor/limits.hpp>

#include <sangam/crdt/utf8.hpp>

#include <boost/iostreams/device/array.hpp>
#include <boost/iostreams/device/back_inserter.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_stream.hpp>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <unistd.h>

namespace editor {
namespace {

namespace io = boost::iostreams;

bool starts_like_gzip(std::string_view bytes) {
    return bytes.starts_with("\x1f\x8b");
}

sangam::error failure(errc code, const std::string& path, std::string_view what) {
    return {code, path + ": " + std::string(what)};
}

std::string last_error() {
    return std::generic_category().message(errno);
}

sangam::result<std::string> unpack(const std::string& path, const std::string& packed) {
    std::string content;
    try {
        // Explicit pull instead of io::copy: only a read that reaches the end checks the length and the
        // checksum.
        io::filtering_istream in;
        in.push(io::gzip_decompressor());
        in.push(io::array_source(packed.data(), packed.size()));
        in.exceptions(std::ios::badbit);
        std::array<char, 1 << 16> piece{};
        while (in) {
            in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
            content.append(piece.data(), static_cast<std::size_t>(in.gcount()));
            if (content.size() > limits::file_bytes_max) {
                return failure(errc::too_large, path, "unpacks to more than 1 GiB");
            }
        }
    } catch (const std::ios_base::failure&) { // gzip_error is one
        return failure(errc::bad_gzip, path,
                       "cut short or damaged after " + std::to_string(content.size()) + " unpacked bytes");
    }
    return content;
}

std::string pack(std::string_view content) {
    std::string packed;
    io::filtering_ostream out;
    out.push(io::gzip_compressor(io::gzip::best_compression));
    out.push(io::back_inserter(packed));
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
    out.reset();
    return packed;
}

} // namespace

sangam::result<std::string> read_bytes(const std::string& path) {
    std::error_code problem;
    if (std::filesystem::is_directory(path, problem)) {
        return failure(errc::cannot_read, path, "is a directory");
    }
    std::ifstream in(path, std::ios::binary);
    if (!in) return failure(errc::cannot_read, path, last_error());
    std::string content;
    std::array<char, 1 << 16> piece{};
    while (in) {
        in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        content.append(piece.data(), static_cast<std::size_t>(in.gcount()));
        if (content.size() > limits::file_bytes_max)
            return failure(errc::too_large, path, "has more than 1 GiB");
    }
    if (in.bad()) return failure(errc::cannot_read, path, last_error());
    return content;
}

sangam::result<std::string> read_unpacked(const std::string& path) {
    sangam::result<std::string> bytes = read_bytes(path);
    if (!bytes) return bytes;
    if (starts_like_gzip(*bytes)) return unpack(path, *bytes);
    if (path.ends_with(".gz")) return failure(errc::bad_gzip, path, "byte 0: does not start as gzip does");
    return bytes;
}

sangam::result<std::string> read_text(const std::string& path) {
    sangam::result<std::string> text = read_bytes(path);
    if (!text) return text;
    if (const auto offset = sangam::crdt::utf8::find_invalid(*text)) {
        return failure(errc::invalid_utf8, path, "byte " + std::to_string(*offset));
    }
    return text;
}

sangam::result<void> write_file(const std::string& path, std::string_view content) {
    const std::string packed = path.ends_with(".gz") ? pack(content) : std::string();
    const std::string_view bytes = packed.empty() ? content : packed;
    // Beside the file, so that the rename stays within one file system.
    const std::string aside = path + ".part" + std::to_string(::getpid());
    std::ofstream out(aside, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    std::error_code problem;
    if (!out) {
        const std::string reason = last_error();
        std::filesystem::remove(aside, problem);
        return failure(errc::cannot_write, path, reason);
    }
    std::filesystem::rename(aside, path, problem);
    if (!problem) return {};
    const std::string reason = problem.message();
    std::filesystem::remove(aside, problem);
    return failure(errc::cannot_write, path, reason);
}

} // namespace editor
