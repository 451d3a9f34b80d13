#pragma once

#include <sangam/causality/error.hpp>

#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

#include <cstdint>
#include <string>
#include <string_view>

/// Reading JSON files with errors that say where.
namespace editor::json_file {

/// Errors: those of read_unpacked, bad_json with the byte.
[[nodiscard]] sangam::result<boost::json::value> load(const std::string& path);

/// Picks fields of one kind of file; every error carries `code`, the file and the place.
class reader {
public:
    reader(boost::system::error_code code, std::string path) : code_(code), path_(std::move(path)) {}

    [[nodiscard]] sangam::error failure(std::string_view place, std::string_view what) const;

    /// An object, an array, a string. `place` names the value in errors.
    [[nodiscard]] sangam::result<const boost::json::object*> object(const boost::json::value* value,
                                                                    std::string_view place) const;
    [[nodiscard]] sangam::result<const boost::json::array*> array(const boost::json::value* value,
                                                                  std::string_view place) const;
    [[nodiscard]] sangam::result<std::string> string(const boost::json::value* value,
                                                     std::string_view place) const;
    /// A whole number from 0 to limits::number_max.
    [[nodiscard]] sangam::result<std::uint64_t> number(const boost::json::value* value,
                                                       std::string_view place) const;

private:
    boost::system::error_code code_;
    std::string path_;
};

} // namespace editor::json_file
