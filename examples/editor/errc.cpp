#include <editor/errc.hpp>

namespace editor {
namespace {

struct traits {
    static constexpr const char* name = "editor";
    static const char* text(int code) {
        switch (static_cast<errc>(code)) {
        case errc::bad_usage:
            return "wrong usage";
        case errc::cannot_read:
            return "cannot read";
        case errc::cannot_write:
            return "cannot write";
        case errc::not_a_file:
            return "not a file";
        case errc::file_changed:
            return "changed by another program";
        case errc::bad_gzip:
            return "damaged gzip file";
        case errc::too_large:
            return "too large";
        case errc::bad_json:
            return "not JSON";
        case errc::bad_history:
            return "not a history";
        case errc::bad_position:
            return "a position that does not exist";
        case errc::bad_record:
            return "not a usable record";
        case errc::invalid_utf8:
            return "not UTF-8";
        case errc::timed_out:
            return "timed out";
        case errc::stopped:
            return "stopped by a signal";
        case errc::not_exact:
            return "not the expected text";
        case errc::not_acknowledged:
            return "not everything has reached the others";
        }
        return "unknown error";
    }
};

} // namespace

boost::system::error_code make_error_code(errc code) noexcept {
    return {static_cast<int>(code), sangam::causality::enum_category<traits>::instance()};
}

std::string explain(const sangam::error& problem) {
    return problem.where.empty() ? problem.code.message() : problem.code.message() + ": " + problem.where;
}

} // namespace editor
