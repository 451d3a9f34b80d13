#include <editor/json_file.hpp>

#include <editor/errc.hpp>
#include <editor/files.hpp>
#include <editor/limits.hpp>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/stream_parser.hpp>

namespace editor::json_file {
namespace {

/// The value as an error shows it: short.
std::string shown(const boost::json::value& value) {
    constexpr std::size_t shown_bytes_max = 40;
    switch (value.kind()) {
    case boost::json::kind::object:
        return "an object";
    case boost::json::kind::array:
        return "an array";
    case boost::json::kind::string:
        if (value.get_string().size() > shown_bytes_max) return "a string";
        break;
    default:
        break;
    }
    return boost::json::serialize(value);
}

} // namespace

sangam::result<boost::json::value> load(const std::string& path) {
    const sangam::result<std::string> content = read_unpacked(path);
    if (!content) return content.error();
    boost::json::stream_parser parser(boost::json::make_shared_resource<boost::json::monotonic_resource>());
    boost::system::error_code problem;
    const std::size_t consumed = parser.write(content->data(), content->size(), problem);
    if (!problem) parser.finish(problem);
    if (problem) {
        return sangam::error{errc::bad_json,
                             path + ": byte " + std::to_string(consumed) + ": " + problem.message()};
    }
    return parser.release();
}

sangam::error reader::failure(std::string_view place, std::string_view what) const {
    return {code_, path_ + ": " + std::string(place) + " " + std::string(what)};
}

sangam::result<const boost::json::object*> reader::object(const boost::json::value* value,
                                                          std::string_view place) const {
    if (value == nullptr) return failure(place, "is missing");
    if (!value->is_object()) return failure(place, "is " + shown(*value) + ", not an object");
    return &value->get_object();
}

sangam::result<const boost::json::array*> reader::array(const boost::json::value* value,
                                                        std::string_view place) const {
    if (value == nullptr) return failure(place, "is missing");
    if (!value->is_array()) return failure(place, "is " + shown(*value) + ", not an array");
    return &value->get_array();
}

sangam::result<std::string> reader::string(const boost::json::value* value, std::string_view place) const {
    if (value == nullptr) return failure(place, "is missing");
    if (!value->is_string()) return failure(place, "is " + shown(*value) + ", not a string");
    return std::string(std::string_view(value->get_string()));
}

sangam::result<std::uint64_t> reader::number(const boost::json::value* value, std::string_view place) const {
    if (value == nullptr) return failure(place, "is missing");
    std::uint64_t found = 0;
    if (const std::int64_t* number = value->if_int64()) {
        if (*number < 0) return failure(place, "is " + shown(*value) + ", which is negative");
        found = static_cast<std::uint64_t>(*number);
    } else if (const std::uint64_t* large = value->if_uint64()) {
        found = *large;
    } else {
        return failure(place, "is " + shown(*value) + ", not a whole number");
    }
    if (found > limits::number_max) {
        return failure(place, "is " + shown(*value) + ", more than " + std::to_string(limits::number_max));
    }
    return found;
}

} // namespace editor::json_file
