#pragma once

#include <sangam/causality/dot.hpp>
#include <sangam/causality/vector_clock.hpp>
#include <sangam/crdt/operation_fields.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// What an operation refers to: visitors of its fields.
namespace sangam::engine {

/// Passes over everything.
class field_visitor {
public:
    bool number(std::uint64_t, const char*) noexcept { return true; }
    bool positive(std::uint64_t, const char*) noexcept { return true; }
    bool signed_number(std::int64_t, const char*) noexcept { return true; }
    bool real(double, const char*) noexcept { return true; }
    bool content(const crdt::value&, const char*) noexcept { return true; }
    bool text(const std::string&, std::size_t, const char*) noexcept { return true; }
    bool replica(causality::replica_id, const char*) noexcept { return true; }
    bool ranges(const std::vector<crdt::text_id_range>&, const char*) noexcept { return true; }
    bool erased(const std::vector<crdt::rga_text::erased_part>&, const char*) noexcept { return true; }
    bool places(const crdt::text_cursor&, const crdt::text_cursor&, const char*) noexcept { return true; }
    template <class Insert>
    bool inserted(const Insert&) noexcept {
        return true;
    }
    template <class Items, class Each>
    bool list(const Items& items, const crdt::list_traits&, Each each) {
        return std::ranges::all_of(items, each);
    }
};

/// Collects the dots that an operation names.
class reference_collector : public field_visitor {
public:
    explicit reference_collector(std::vector<causality::dot>& dots) : dots_(dots) {}

    /// True when dots cannot name all of it: elements of a sequence, increments of a counter, entries of a
    /// stream.
    [[nodiscard]] bool more_than_dots() const noexcept { return more_than_dots_; }

    template <class Dots>
    bool dots(const Dots& observed, const char*) {
        dots_.insert(dots_.end(), observed.begin(), observed.end());
        return true;
    }
    bool positive(std::uint64_t, const char*) noexcept { return name_more(); }
    bool ranges(const std::vector<crdt::text_id_range>&, const char*) noexcept { return name_more(); }
    bool erased(const std::vector<crdt::rga_text::erased_part>&, const char*) noexcept { return name_more(); }
    bool places(const crdt::text_cursor&, const crdt::text_cursor&, const char*) noexcept {
        return name_more();
    }
    template <class Insert>
    bool inserted(const Insert&) noexcept {
        return name_more();
    }

private:
    bool name_more() noexcept {
        more_than_dots_ = true;
        return true;
    }

    std::vector<causality::dot>& dots_;
    bool more_than_dots_ = false;
};

/// Says false at a dot that the message `self` cannot have seen, because not even its whole past, which is
/// delivered here, has it.
class past_checker : public field_visitor {
public:
    past_checker(const causality::dot& self, const causality::vector_clock& delivered)
        : self_(self), delivered_(delivered) {}

    template <class Dots>
    bool dots(const Dots& observed, const char*) const noexcept {
        return std::ranges::all_of(
            observed, [this](const causality::dot& d) { return d == self_ || delivered_.contains(d); });
    }
    /// No transaction takes back what it has erased itself.
    bool erased(const std::vector<crdt::rga_text::erased_part>& parts, const char*) const noexcept {
        return std::ranges::all_of(parts, [this](const crdt::rga_text::erased_part& part) {
            const causality::dot& first = part.erases.first;
            const causality::dot last{first.replica, first.sequence + (part.erases.count - 1)};
            return last != self_ && delivered_.contains(last);
        });
    }

private:
    const causality::dot& self_;
    const causality::vector_clock& delivered_;
};

} // namespace sangam::engine
