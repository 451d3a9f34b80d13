#pragma once

#include "figure.hpp"

#include <cstddef>
#include <ostream>

namespace bench {

/// Prints figures as they come: a table for people, or one JSON object a line.
class report {
public:
    report(std::ostream& out, bool json) : out_(out), json_(json) {}

    void add(const figure& measured);
    /// Something that people should know and programs need not.
    void say(std::string_view what);
    [[nodiscard]] std::size_t wrong_texts() const noexcept { return wrong_texts_; }

private:
    void print_row(const figure& measured);
    void print_json(const figure& measured);

    std::ostream& out_;
    bool json_;
    bool headed_ = false;
    std::size_t wrong_texts_ = 0;
};

} // namespace bench
