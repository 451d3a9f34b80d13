#include "touched_memory.hpp"

#include <fstream>
#include <stdexcept>
#include <string>

namespace editor::test {
namespace {

void forget() {
    if (!(std::ofstream("/proc/self/clear_refs") << "1" << std::flush))
        throw std::runtime_error("/proc/self/clear_refs cannot be written to");
}

std::size_t touched_kib() {
    std::ifstream in("/proc/self/smaps_rollup");
    for (std::string word; in >> word;) {
        std::size_t kib = 0;
        if (word == "Referenced:" && in >> kib) return kib;
    }
    throw std::runtime_error("/proc/self/smaps_rollup does not say what is referenced");
}

} // namespace

std::size_t kib_touched_by(const std::function<void()>& body) {
    forget();
    body();
    return touched_kib();
}

} // namespace editor::test
