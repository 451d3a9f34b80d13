#include <editor/files.hpp>

#include <editor/errc.hpp>
#include <editor/limits.hpp>
#include <editor/regular_file.hpp>
#include <editor/save_file.hpp>

#include <sangam/crdt/utf8.hpp>

#include <boost/iostreams/device/array.hpp>
#include <boost/iostreams/device/back_inserter.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_stream.hpp>

#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>

namespace editor {
namespace {

namespace io = boost::iostreams;

bool starts_like_gzip(std::string_view bytes) {
    return bytes.starts_with("\x1f\x8b");
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
                return file_error(errc::too_large, path, "unpacks to more than 1 GiB");
            }
        }
    } catch (const std::ios_base::failure&) { // gzip_error is one
        return file_error(errc::bad_gzip, path,
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

sangam::result<file_content> read_file(const std::string& path) {
    const auto in = open_regular(path, O_RDONLY, errc::cannot_read);
    if (!in) return in.error();
    const struct stat found = in->look();
    sangam::result<std::string> bytes = read_all(*in, path, limits::file_bytes_max);
    if (!bytes) return bytes.error();
    file_content content;
    content.bytes = std::move(*bytes);
    content.state = file_state(found, fingerprint_of(content.bytes));
    return content;
}

sangam::result<file_state> look_at_file(const std::string& path) {
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0 && errno == ENOENT) return file_state();
    sangam::result<file_content> content = read_file(path);
    if (!content) return content.error();
    return content->state;
}

sangam::result<std::string> read_unpacked(const std::string& path) {
    sangam::result<file_content> content = read_file(path);
    if (!content) return content.error();
    if (starts_like_gzip(content->bytes)) return unpack(path, content->bytes);
    if (path.ends_with(".gz")) return file_error(errc::bad_gzip, path, "byte 0: does not start as gzip does");
    return std::move(content->bytes);
}

sangam::result<file_content> read_text(const std::string& path) {
    sangam::result<file_content> content = read_file(path);
    if (!content) return content;
    if (const auto offset = sangam::crdt::utf8::find_invalid(content->bytes)) {
        return file_error(errc::invalid_utf8, path, "byte " + std::to_string(*offset));
    }
    return content;
}

sangam::result<file_state> write_file(const std::string& path, std::string_view content,
                                      const file_state* expected, std::optional<file_state>* replaced) {
    return path.ends_with(".gz") ? save_file(path, pack(content), expected, replaced)
                                 : save_file(path, content, expected, replaced);
}

} // namespace editor
