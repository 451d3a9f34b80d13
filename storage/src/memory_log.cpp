#include <sangam/causality/assert.hpp>
#include <sangam/storage/memory_log.hpp>

#include <algorithm>
#include <utility>

namespace sangam::storage {

result<void> memory_log::append(log_record record) {
    SANGAM_INVARIANT(record.first == clock_[record.origin] + 1 && record.last >= record.first);
    clock_.advance_to(record.origin, record.last);
    size_bytes_ += record.bytes.size();
    records_[record.origin].push_back(std::move(record));
    return {};
}

result<const log_record*> memory_log::find(causality::replica_id origin, std::uint64_t sequence) {
    if (!clock_.contains({origin, sequence})) {
        return nullptr;
    }
    const std::deque<log_record>& of_origin = records_.at(origin);
    return &*std::ranges::lower_bound(of_origin, sequence, {}, &log_record::last);
}

} // namespace sangam::storage
