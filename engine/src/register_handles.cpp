#include <sangam/engine/register_handles.hpp>

#include "handle_access.hpp"

#include <algorithm>
#include <limits>

namespace sangam::engine {

namespace {

template <class Register>
std::vector<conflict> writes_of(const executor& target, const object_address& address) {
    return read_as<Register>(target, address, [](const Register& reg) {
        return std::vector<conflict>(reg.writes().begin(), reg.writes().end());
    });
}

template <class Register>
void assign_to(executor& target, const object_address& address, crdt::value content) {
    write_as<Register>(target, address, [&](const Register& reg, causality::replica_id) {
        return reg.assign(std::move(content));
    });
}

template <class Register>
void reset_of(executor& target, const object_address& address) {
    write_if<Register>(
        target, address, [](const Register& reg) { return !(reg == Register()); },
        [](const Register& reg, causality::replica_id) { return reg.reset(); });
}

crdt::value merge_of(const std::vector<conflict>& all, const merge_function& merge) {
    if (all.empty()) {
        return {};
    }
    return all.size() == 1 ? all.front().content : merge(all);
}

template <class Register>
void resolve_at(executor& target, const object_address& address, const merge_function& merge) {
    write_if<Register>(
        target, address, [](const Register& reg) { return reg.writes().size() > 1; },
        [&](const Register& reg, causality::replica_id) { return reg.assign(merge(reg.writes())); });
}

template <class Function>
auto with_flag(const object_address& address, Function&& function) {
    return with_type<crdt::ew_flag, crdt::dw_flag>(address, crdt::object_kind::ew_flag,
                                                   std::forward<Function>(function));
}

std::uint64_t to_ms(expiry_handle::time_point when) {
    const auto since_epoch = std::chrono::duration_cast<std::chrono::milliseconds>(when.time_since_epoch());
    return static_cast<std::uint64_t>(std::max<std::int64_t>(since_epoch.count(), 0));
}

} // namespace

void register_handle::assign(crdt::value content) const {
    assign_to<crdt::lww_register>(*target_, address_, std::move(content));
}

crdt::value register_handle::get() const {
    return read_as<crdt::lww_register>(*target_, address_, [](const auto& reg) { return reg.value(); });
}

bool register_handle::assigned() const {
    return read_as<crdt::lww_register>(*target_, address_, [](const auto& reg) { return !reg.empty(); });
}

void register_handle::reset() const {
    reset_of<crdt::lww_register>(*target_, address_);
}

std::vector<conflict> register_handle::conflicts() const {
    return writes_of<crdt::lww_register>(*target_, address_);
}

crdt::value register_handle::merged(const merge_function& merge) const {
    return merge_of(conflicts(), merge);
}

void register_handle::resolve(const merge_function& merge) const {
    resolve_at<crdt::lww_register>(*target_, address_, merge);
}

void mv_register_handle::assign(crdt::value content) const {
    assign_to<crdt::mv_register>(*target_, address_, std::move(content));
}

std::vector<crdt::value> mv_register_handle::values() const {
    return read_as<crdt::mv_register>(*target_, address_, [](const auto& reg) { return reg.values(); });
}

void mv_register_handle::reset() const {
    reset_of<crdt::mv_register>(*target_, address_);
}

std::vector<conflict> mv_register_handle::conflicts() const {
    return writes_of<crdt::mv_register>(*target_, address_);
}

crdt::value mv_register_handle::last() const {
    const std::vector<conflict> all = conflicts();
    const auto last = std::ranges::max_element(all, [](const conflict& a, const conflict& b) {
        return crdt::later_then_greater_replica::wins(b, a);
    });
    return last == all.end() ? crdt::value() : last->content;
}

crdt::value mv_register_handle::merged(const merge_function& merge) const {
    return merge_of(conflicts(), merge);
}

void mv_register_handle::resolve(const merge_function& merge) const {
    resolve_at<crdt::mv_register>(*target_, address_, merge);
}

void flag_handle::enable() const {
    with_flag(address_, [&]<class Flag>(std::type_identity<Flag>) {
        write_as<Flag>(*target_, address_,
                       [](const Flag& flag, causality::replica_id) { return flag.enable(); });
    });
}

void flag_handle::disable() const {
    with_flag(address_, [&]<class Flag>(std::type_identity<Flag>) {
        write_as<Flag>(*target_, address_,
                       [](const Flag& flag, causality::replica_id) { return flag.disable(); });
    });
}

bool flag_handle::enabled() const {
    return with_flag(address_, [&]<class Flag>(std::type_identity<Flag>) {
        return read_as<Flag>(*target_, address_, [](const Flag& flag) { return flag.enabled(); });
    });
}

void flag_handle::reset() const {
    with_flag(address_, [&]<class Flag>(std::type_identity<Flag>) { reset_of<Flag>(*target_, address_); });
}

void expiry_handle::at(time_point when) const {
    write_as<crdt::expiry>(*target_, address_, [&](const auto& expiry, causality::replica_id) {
        return expiry.set(std::min(to_ms(when), crdt::expiry::never - 1));
    });
}

void expiry_handle::after(std::chrono::milliseconds duration) const {
    at(std::chrono::time_point_cast<time_point::duration>(std::chrono::system_clock::now() + duration));
}

void expiry_handle::persist() const {
    write_as<crdt::expiry>(*target_, address_,
                           [](const auto& expiry, causality::replica_id) { return expiry.persist(); });
}

std::optional<expiry_handle::time_point> expiry_handle::deadline() const {
    const auto ms =
        read_as<crdt::expiry>(*target_, address_, [](const auto& expiry) { return expiry.deadline(); });
    if (!ms || *ms == crdt::expiry::never) {
        return std::nullopt;
    }
    return time_point(std::chrono::milliseconds(*ms));
}

bool expiry_handle::persistent() const {
    return read_as<crdt::expiry>(*target_, address_,
                                 [](const auto& expiry) { return expiry.deadline() == crdt::expiry::never; });
}

} // namespace sangam::engine
