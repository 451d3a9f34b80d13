#include <sangam/causality/errc.hpp>

#include <string>

namespace sangam::causality {

namespace {

struct category_traits {
    static constexpr const char* name = "causality";

    static std::string text(int code) {
        switch (static_cast<errc>(code)) {
        case errc::not_a_history:
            return "not a history";
        case errc::invalid_name:
            return "invalid name";
        case errc::invalid_text:
            return "invalid text";
        case errc::unknown_replica:
            return "unknown replica";
        case errc::unknown_message:
            return "unknown message";
        case errc::unknown_event:
            return "unknown event";
        case errc::own_message:
            return "received by its own sender";
        case errc::too_large:
            return "too large";
        }
        return "unknown error " + std::to_string(code);
    }
};

} // namespace

boost::system::error_code make_error_code(errc code) noexcept {
    return {static_cast<int>(code), enum_category<category_traits>::instance()};
}

} // namespace sangam::causality
