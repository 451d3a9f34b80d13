#include <sangam/crdt/bounded_counter.hpp>
#include <sangam/crdt/errc.hpp>

#include <algorithm>
#include <limits>
#include <string>

namespace sangam::crdt {

namespace {

__extension__ using wide = __int128;

[[nodiscard]] std::uint64_t clamped(wide sum) noexcept {
    constexpr wide greatest = std::numeric_limits<std::uint64_t>::max();
    return static_cast<std::uint64_t>(std::clamp<wide>(sum, 0, greatest));
}

} // namespace

bounded_counter::wide bounded_counter::sum() const noexcept {
    wide sum = 0;
    for (const auto& [replica, rights] : rights_) {
        sum += rights;
    }
    return sum;
}

bounded_counter::increment_op bounded_counter::increment(std::uint64_t amount,
                                                         causality::replica_id /*self*/) const {
    if (sum() + amount > wide{std::numeric_limits<std::uint64_t>::max()}) {
        throw_misuse(errc::counter_overflow, "bounded_counter::increment by " + std::to_string(amount) +
                                                 " where the value is " + std::to_string(value()));
    }
    return {amount};
}

bounded_counter::decrement_op bounded_counter::decrement(std::uint64_t amount,
                                                         causality::replica_id self) const {
    require_rights("decrement", amount, self);
    return {amount};
}

bounded_counter::transfer_op bounded_counter::transfer(std::uint64_t amount, causality::replica_id to,
                                                       causality::replica_id self) const {
    require_rights("transfer", amount, self);
    return {to, amount};
}

void bounded_counter::require_rights(const char* what, std::uint64_t amount,
                                     causality::replica_id self) const {
    if (amount > rights(self)) {
        throw_misuse(errc::insufficient_rights, std::string("bounded_counter::") + what + " of " +
                                                    std::to_string(amount) + " by " + to_string(self) +
                                                    ", which has rights to " + std::to_string(rights(self)) +
                                                    " of " + std::to_string(value()));
    }
}

void bounded_counter::apply(const operation& op, const operation_context& context) {
    const causality::replica_id origin = context.id.replica;
    if (const increment_op* const increment = std::get_if<increment_op>(&op)) {
        add(origin, increment->amount);
    } else if (const decrement_op* const decrement = std::get_if<decrement_op>(&op)) {
        add(origin, -wide{decrement->amount});
    } else if (const transfer_op& transfer = std::get<transfer_op>(op); transfer.to != origin) {
        rights_.try_emplace(origin); // so that nothing can fail between the two halves
        add(transfer.to, transfer.amount);
        add(origin, -wide{transfer.amount});
    }
}

void bounded_counter::add(causality::replica_id replica, wide amount) {
    const auto at = rights_.try_emplace(replica).first;
    at->second += amount;
    if (at->second == 0) {
        rights_.erase(at);
    }
}

std::uint64_t bounded_counter::value() const noexcept {
    return clamped(sum());
}

std::uint64_t bounded_counter::rights(causality::replica_id replica) const noexcept {
    const auto at = rights_.find(replica);
    return at == rights_.end() ? 0 : clamped(at->second);
}

std::vector<std::pair<causality::replica_id, std::uint64_t>> bounded_counter::all_rights() const {
    std::vector<std::pair<causality::replica_id, std::uint64_t>> all;
    for (const auto& [replica, own] : rights_) {
        if (own > 0) {
            all.emplace_back(replica, clamped(own));
        }
    }
    return all;
}

} // namespace sangam::crdt
