#include <sangam/crdt/bounded_counter.hpp>
#include <sangam/crdt/errc.hpp>

#include <algorithm>
#include <limits>
#include <string>

namespace sangam::crdt {

namespace {

[[nodiscard]] std::uint64_t clamped(int128 sum) noexcept {
    constexpr int128 greatest = std::numeric_limits<std::uint64_t>::max();
    return static_cast<std::uint64_t>(std::clamp<int128>(sum, 0, greatest));
}

} // namespace

int128 bounded_counter::sum() const noexcept {
    int128 sum = 0;
    rights_.for_each([&](causality::replica_id, const wide_sum<int128>& own) { sum += own.get(); });
    return sum;
}

bounded_counter::increment_op bounded_counter::increment(std::uint64_t amount,
                                                         causality::replica_id /*self*/) const {
    if (sum() + amount > int128{std::numeric_limits<std::uint64_t>::max()}) {
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
        add(origin, -int128{decrement->amount});
    } else if (const transfer_op& transfer = std::get<transfer_op>(op); transfer.to != origin) {
        rights_.of(origin); // so that nothing can fail between the two halves
        add(transfer.to, transfer.amount);
        add(origin, -int128{transfer.amount});
    }
}

void bounded_counter::add(causality::replica_id replica, int128 amount) {
    wide_sum<int128>& own = rights_.of(replica);
    own += amount;
    if (own.get() == 0) {
        rights_.erase(replica);
    }
}

std::uint64_t bounded_counter::value() const noexcept {
    return clamped(sum());
}

std::uint64_t bounded_counter::rights(causality::replica_id replica) const noexcept {
    const wide_sum<int128>* const own = rights_.find(replica);
    return own == nullptr ? 0 : clamped(own->get());
}

std::vector<std::pair<causality::replica_id, std::uint64_t>> bounded_counter::all_rights() const {
    std::vector<std::pair<causality::replica_id, std::uint64_t>> all;
    rights_.for_each([&](causality::replica_id replica, const wide_sum<int128>& own) {
        if (own.get() > 0) {
            all.emplace_back(replica, clamped(own.get()));
        }
    });
    return all;
}

} // namespace sangam::crdt
