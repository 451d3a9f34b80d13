#include "edit_log.hpp"

#include <utility>

namespace sangam::crdt {

edit_log::edit_log(serial_t base, std::vector<erased_run> erased, std::vector<transaction_run> transactions)
    : base_(base), erased_runs_(std::move(erased)), transactions_(std::move(transactions)) {
    for (const erased_run& run : erased_runs_)
        erased_ += run.length();
}

void edit_log::begin_run(const causality::dot& id, std::uint64_t step) {
    if (!transactions_.empty()) {
        transaction_run& last = transactions_.back();
        const std::uint64_t stride = step - last.step;
        if (last.count == 1 && stride == 0) { // a transaction without a step is not worth a run
            last.first = id;
            return;
        }
        const causality::dot next{last.first.replica, last.first.sequence + 1};
        if (last.count == 1 && id == next && stride <= std::numeric_limits<std::uint32_t>::max()) {
            last.stride = static_cast<std::uint32_t>(stride);
            last.count = 2;
            return;
        }
    }
    if (transactions_.size() == transactions_.capacity())
        transactions_.reserve(transactions_.size() + transactions_.size() / 2 + 1);
    transactions_.push_back({id, step});
}

std::vector<edit_log::erased_run> edit_log::erased_since(std::uint64_t since) const {
    std::uint64_t left = erased_ - since;
    std::size_t number = erased_runs_.size();
    while (left > 0 && left >= erased_runs_[number - 1].length())
        left -= erased_runs_[--number].length();
    std::vector<erased_run> runs;
    if (left > 0) {
        erased_run part = erased_runs_[number - 1];
        const auto length = static_cast<std::uint32_t>(left);
        if (!part.backward()) part.first += part.length() - length;
        part.bits = length << 1 | (part.bits & 1);
        runs.push_back(part);
    }
    runs.insert(runs.end(), erased_runs_.begin() + static_cast<std::ptrdiff_t>(number), erased_runs_.end());
    return runs;
}

} // namespace sangam::crdt
