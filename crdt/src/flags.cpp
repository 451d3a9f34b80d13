#include <sangam/crdt/dw_flag.hpp>
#include <sangam/crdt/ew_flag.hpp>

#include <utility>

namespace sangam::crdt {

void ew_flag::apply(const operation& op, const operation_context& context) {
    if (const disable_op* const disable = std::get_if<disable_op>(&op)) {
        take_away(live_, disable->observed);
        return;
    }
    dots live = live_; // aside: an allocation that fails leaves *this as it was
    take_away(live, std::get<enable_op>(op).observed);
    put_in(live, context.id);
    live_ = std::move(live);
}

void dw_flag::apply(const operation& op, const operation_context& context) {
    if (const reset_op* const reset = std::get_if<reset_op>(&op)) {
        votes_.take(reset->observed);
        return;
    }
    opposed_dots votes = votes_;
    if (const enable_op* const enable = std::get_if<enable_op>(&op)) {
        votes.take(enable->observed);
        put_in(votes.in_favour, context.id);
    } else {
        votes.take(std::get<disable_op>(op).observed);
        put_in(votes.against, context.id);
    }
    votes_ = std::move(votes);
}

} // namespace sangam::crdt
