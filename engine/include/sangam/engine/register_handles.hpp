#pragma once

#include <sangam/crdt/register_writes.hpp>
#include <sangam/crdt/value.hpp>
#include <sangam/engine/handle.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace sangam::engine {

/// One of the values that were assigned concurrently: what, by whom (`id.replica`), and when.
using conflict = crdt::register_write;

/// Makes one value of several. Must depend on nothing but its argument, so that every replica that sees the
/// same conflict makes the same of it; the conflicts come in the order of their dots, which is the same
/// everywhere.
using merge_function = std::function<crdt::value(std::span<const conflict>)>;

/// A register in which the last writer wins: crdt::lww_register. What lost a conflict is kept until the next
/// assign.
class register_handle : public handle {
public:
    using handle::handle;
    void assign(crdt::value content) const;
    /// Null when nothing is assigned.
    [[nodiscard]] crdt::value get() const;
    [[nodiscard]] bool assigned() const;
    /// Forgets what is seen.
    void reset() const;

    /// The values that no later assign saw, in the order of their dots: more than one is a conflict.
    [[nodiscard]] std::vector<conflict> conflicts() const;
    /// What `merge` makes of the conflict; the value itself when there is one, null when there is none.
    [[nodiscard]] crdt::value merged(const merge_function& merge) const;
    /// Puts `content` in the place of all that is seen: an assign, under the name that says why.
    void resolve(crdt::value content) const { assign(std::move(content)); }
    /// As mv_register_handle::resolve.
    void resolve(const merge_function& merge) const;
};

/// A register that keeps all values that were assigned concurrently: crdt::mv_register. The application
/// chooses how it reads a conflict: by the last writer, by a merge function, or by asking its user, who then
/// resolves it.
class mv_register_handle : public handle {
public:
    using handle::handle;
    void assign(crdt::value content) const;
    /// All that no later assign saw, sorted; two replicas may have written the same.
    [[nodiscard]] std::vector<crdt::value> values() const;
    void reset() const;

    /// The values with their dots and times, in the order of the dots.
    [[nodiscard]] std::vector<conflict> conflicts() const;
    /// The value of the greatest (time, replica); null when nothing is assigned.
    [[nodiscard]] crdt::value last() const;
    /// What `merge` makes of the conflict; the value itself when there is one, null when there is none.
    [[nodiscard]] crdt::value merged(const merge_function& merge) const;
    /// Puts `content` in the place of all that is seen.
    void resolve(crdt::value content) const { assign(std::move(content)); }
    /// Puts what `merge` makes in the place of a conflict, if there is one. `merge` runs under the replica's
    /// lock: it must not use the replica. What it throws comes out here, and nothing has changed then.
    void resolve(const merge_function& merge) const;
};

/// A truth: crdt::ew_flag, in which a concurrent enable wins, or crdt::dw_flag, in which the disable wins.
class flag_handle : public handle {
public:
    using handle::handle;
    void enable() const;
    void disable() const;
    [[nodiscard]] bool enabled() const;
    /// Forgets what is seen.
    void reset() const;
};

/// When the object of the same name ends: crdt::expiry. Of concurrent times the latest wins, and `persist`
/// over every time. The replica whose time has won removes what it sees of the object when the time has come
/// (on its own clock), all others wait for that: what is written concurrently survives. An object that was
/// not removed in time is still shown.
class expiry_handle : public handle {
public:
    using time_point = std::chrono::system_clock::time_point;

    using handle::handle;
    /// Errors: errc::wrong_type when the object cannot be taken back (counters and sets that only grow).
    void at(time_point when) const;
    void after(std::chrono::milliseconds duration) const;
    /// For ever, also when others set a time concurrently.
    void persist() const;
    /// Nothing when no time is set, or it is for ever.
    [[nodiscard]] std::optional<time_point> deadline() const;
    [[nodiscard]] bool persistent() const;
};

} // namespace sangam::engine
