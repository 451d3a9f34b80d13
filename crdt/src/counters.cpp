#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/g_counter.hpp>
#include <sangam/crdt/pn_counter.hpp>
#include <sangam/crdt/resettable_counter.hpp>

#include <algorithm>
#include <limits>
#include <string>
#include <tuple>

namespace sangam::crdt {

namespace {

[[nodiscard]] std::int64_t clamped(int128 sum) noexcept {
    constexpr int128 least = std::numeric_limits<std::int64_t>::min();
    constexpr int128 greatest = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::clamp(sum, least, greatest));
}

[[nodiscard]] std::int64_t wrapping_sum(std::int64_t a, std::int64_t b) noexcept {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

} // namespace

std::uint64_t g_counter::value() const noexcept {
    constexpr std::uint64_t greatest = std::numeric_limits<std::uint64_t>::max();
    return static_cast<std::uint64_t>(std::min<uint128>(sum_.get(), greatest));
}

std::int64_t pn_counter::value() const noexcept {
    return clamped(sum_.get());
}

resettable_counter::increment_op resettable_counter::increment(std::int64_t amount,
                                                               causality::replica_id self) const {
    const share* const own = shares_.find(self);
    const std::int64_t total = own == nullptr ? 0 : own->total;
    std::int64_t next = 0;
    if (__builtin_add_overflow(total, amount, &next)) {
        throw_misuse(errc::counter_overflow, "increment by " + std::to_string(amount) +
                                                 " where this replica's increments sum to " +
                                                 std::to_string(total));
    }
    return {amount};
}

resettable_counter::reset_op resettable_counter::reset() const {
    reset_op op;
    shares_.for_each([&](causality::replica_id origin, const share& s) {
        if (s.increments > s.reset_increments) {
            op.seen.push_back({origin, s.increments, s.total});
        }
    });
    return op;
}

bool resettable_counter::accepts(const operation& op, causality::replica_id origin) const noexcept {
    const reset_op* const reset = std::get_if<reset_op>(&op);
    return reset == nullptr || std::ranges::all_of(reset->seen, [&](const prefix& seen) {
               const share* const known = shares_.find(seen.origin);
               return seen.origin == origin || (known != nullptr && seen.increments <= known->increments);
           });
}

void resettable_counter::apply(const operation& op, const operation_context& context) {
    if (const auto* const increment = std::get_if<increment_op>(&op)) {
        share& own = shares_.of(context.id.replica);
        ++own.increments;
        own.total = wrapping_sum(own.total, increment->amount);
        return;
    }
    for (const prefix& seen : std::get<reset_op>(op).seen) {
        if (seen.increments == 0) {
            continue; // an entry without content would make equal states unequal
        }
        share& s = shares_.of(seen.origin);
        // The total breaks a tie that only wrong operations can make; without it their order would show.
        std::tie(s.reset_increments, s.reset_total) =
            std::max(std::pair(s.reset_increments, s.reset_total), std::pair(seen.increments, seen.total));
    }
}

std::int64_t resettable_counter::value() const noexcept {
    int128 sum = 0;
    shares_.for_each(
        [&](causality::replica_id, const share& s) { sum += int128{s.total} - int128{s.reset_total}; });
    return clamped(sum);
}

bool resettable_counter::empty() const noexcept {
    bool nothing_left = true;
    shares_.for_each([&](causality::replica_id, const share& s) {
        nothing_left = nothing_left && s.increments <= s.reset_increments;
    });
    return nothing_left;
}

} // namespace sangam::crdt
