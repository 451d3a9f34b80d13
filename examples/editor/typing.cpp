#include <editor/typing.hpp>

namespace editor {

bool typing::goes_on(kind what, std::string_view inserted, time_point now) {
    const bool same = last_ == what && now - last_time_ < pause_min_;
    last_ = what;
    last_time_ = now;
    if (inserted.ends_with('\n')) last_.reset();
    return same;
}

} // namespace editor
