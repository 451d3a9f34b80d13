#include <sangam/transport/errc.hpp>

namespace sangam::transport {

namespace {

struct category_traits {
    static constexpr const char* name = "transport";
    static std::string text(int code) {
        switch (static_cast<errc>(code)) {
        case errc::truncated:
            return "the bytes end too early";
        case errc::too_large:
            return "over a limit";
        case errc::malformed:
            return "malformed";
        case errc::trailing_bytes:
            return "bytes follow the end";
        case errc::unknown_version:
            return "unknown version";
        case errc::unknown_kind:
            return "unknown kind";
        case errc::wrong_group:
            return "another group";
        case errc::foreign_dot:
            return "a dot of another replica";
        case errc::invalid_text:
            return "not UTF-8";
        case errc::invalid_value:
            return "invalid value";
        case errc::bad_address:
            return "bad address";
        case errc::socket_failed:
            return "socket failed";
        }
        return "unknown error " + std::to_string(code);
    }
};

} // namespace

boost::system::error_code make_error_code(errc code) noexcept {
    return {static_cast<int>(code), causality::enum_category<category_traits>::instance()};
}

} // namespace sangam::transport
