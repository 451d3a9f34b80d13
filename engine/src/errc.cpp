#include <sangam/engine/errc.hpp>

namespace sangam::engine {

namespace {

struct errc_traits {
    static constexpr const char* name = "engine";
    static std::string text(int code) {
        switch (static_cast<errc>(code)) {
        case errc::bad_option:
            return "option cannot be served";
        case errc::wrong_type:
            return "the key holds an object of another kind";
        case errc::timed_out:
            return "timed out";
        case errc::closed:
            return "closed";
        case errc::would_deadlock:
            return "the call would wait for itself";
        case errc::forked:
            return "the replica belongs to another process";
        }
        return "unknown error " + std::to_string(code);
    }
};

} // namespace

boost::system::error_code make_error_code(errc code) noexcept {
    return {static_cast<int>(code), causality::enum_category<errc_traits>::instance()};
}

} // namespace sangam::engine
