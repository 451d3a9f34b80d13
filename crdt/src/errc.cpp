#include <sangam/crdt/errc.hpp>

#include <utility>

namespace sangam::crdt {

namespace {

struct category_traits {
    static constexpr const char* name = "crdt";

    static std::string text(int code) {
        switch (static_cast<errc>(code)) {
        case errc::not_a_number:
            return "not a number";
        case errc::invalid_utf8:
            return "invalid UTF-8";
        case errc::position_past_end:
            return "position past the end";
        case errc::inside_surrogates:
            return "position inside a surrogate pair";
        case errc::counter_overflow:
            return "counter overflow";
        case errc::too_large:
            return "too large";
        case errc::nested_too_deeply:
            return "nested too deeply";
        case errc::insufficient_rights:
            return "insufficient rights";
        case errc::unknown_entry:
            return "unknown entry";
        case errc::unknown_version:
            return "unknown version";
        case errc::invalid_columns:
            return "invalid columns";
        }
        return "unknown error " + std::to_string(code);
    }
};

} // namespace

boost::system::error_code make_error_code(errc code) noexcept {
    return {static_cast<int>(code), causality::enum_category<category_traits>::instance()};
}

void throw_misuse(errc code, std::string where) {
    throw exception({code, std::move(where)});
}

} // namespace sangam::crdt
