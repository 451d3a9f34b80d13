#include <sangam/crdt/lww_register.hpp>

namespace sangam::crdt {

template class basic_lww_register<later_then_greater_replica>;

} // namespace sangam::crdt
