#include <sangam/transport/memory_links.hpp>

#include <sangam/transport/errc.hpp>

#include <algorithm>

namespace sangam::transport {

result<std::unique_ptr<links>> open_links(const link_options& options) {
    const auto in_memory = [](const address& a) { return a.kind == address::scheme::memory; };
    const auto count =
        std::ranges::count_if(options.listen, in_memory) + std::ranges::count_if(options.connect, in_memory);
    // Without any address there is nothing that needs a socket.
    if (static_cast<std::size_t>(count) == options.listen.size() + options.connect.size()) {
        return open_memory_links(options);
    }
    if (count != 0) {
        return error{errc::bad_address, "memory:// addresses together with others"};
    }
    return open_zmq_links(options);
}

} // namespace sangam::transport
