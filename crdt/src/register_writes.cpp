#include <sangam/crdt/register_writes.hpp>

#include <algorithm>
#include <utility>

namespace sangam::crdt {

observed_dots register_writes::observed() const {
    observed_dots dots;
    dots.reserve(writes_.size());
    for (const register_write& write : writes_) {
        dots.push_back(write.id);
    }
    return dots;
}

/// Built aside: an allocation that fails leaves *this as it was. The usual write keeps, so copies, none.
template <class Goes>
auto register_writes::without(Goes goes) const -> writes {
    writes kept;
    for (const register_write& write : writes_) {
        if (!goes(write)) {
            kept.push_back(write);
        }
    }
    return kept;
}

void register_writes::assign(const value& content, const observed_dots& seen,
                             const operation_context& context) {
    writes kept = without([&](const register_write& write) {
        return write.id == context.id || std::ranges::find(seen, write.id) != seen.end();
    });
    const auto at = std::ranges::lower_bound(kept, context.id, {}, &register_write::id);
    kept.insert(at, register_write{context.time, context.id, content});
    writes_ = std::move(kept);
}

void register_writes::reset(const observed_dots& seen) {
    writes_ =
        without([&](const register_write& write) { return std::ranges::find(seen, write.id) != seen.end(); });
}

} // namespace sangam::crdt
