#include <sangam/crdt/lww_register.hpp>

namespace sangam::crdt {

bool later_then_greater_replica::wins(const register_write& a, const register_write& b) noexcept {
    return std::pair(a.time, a.id) > std::pair(b.time, b.id);
}

template class basic_lww_register<later_then_greater_replica>;

} // namespace sangam::crdt
