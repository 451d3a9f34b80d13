#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace sangam::transport {

/// The bytes of one frame on their way out, built once and shared by all the links that it is sent over.
///
/// Cost: a copy is a count; the bytes are freed when the last link has sent or dropped them.
/// Threads: copies may be used and destroyed by several threads at once.
class outgoing_frame {
public:
    explicit outgoing_frame(std::string bytes)
        : bytes_(std::make_shared<const std::string>(std::move(bytes))) {}

    [[nodiscard]] std::string_view bytes() const noexcept { return *bytes_; }
    [[nodiscard]] std::size_t size() const noexcept { return bytes_->size(); }

private:
    std::shared_ptr<const std::string> bytes_;
};

} // namespace sangam::transport
