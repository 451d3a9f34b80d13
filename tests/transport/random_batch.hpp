#pragma once

#include "../support/seeds.hpp"
#include "batches.hpp"

#include <sangam/transport/limits.hpp>

#include <sangam/crdt/utf8.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <random>
#include <set>

namespace sangam::test {

/// Draws batches that use everything the format can say. They are valid as bytes, but no replica need accept
/// what they do.
class batch_maker {
public:
    explicit batch_maker(std::mt19937_64& rng) : rng_(rng) {}

    transport::batch batch() {
        transport::batch b{replica(), 1 + number(), {}};
        origin_ = b.origin;
        for (std::uint64_t count = 1 + below(5); count > 0; --count) {
            b.messages.push_back(message());
        }
        return test::number(std::move(b));
    }

    transport::head head() {
        using namespace transport;
        transport::head h{"group" + std::to_string(below(3)), rng_(), {}};
        const delivery::dot_range range{replica(), 1 + number(), transport::limits::sequence_max};
        switch (below(6)) {
        case 0:
            h.content = hello{replica(), text(), clock(), chance()};
            break;
        case 1:
            h.content = heartbeat{{1'000 + number(), below(1'000), number(), clock()}};
            break;
        case 2:
            h.content = stream{};
            break;
        case 3:
            h.content = range_request{range};
            break;
        case 4:
            h.content = range_answer{range, chance()};
            break;
        default:
            h.content = refusal{text()};
            break;
        }
        return h;
    }

private:
    std::uint64_t below(std::uint64_t limit) { return draw(rng_, limit); }
    bool chance() { return below(2) == 0; }
    /// Of every length: small ones are as likely as large ones.
    std::uint64_t number() { return rng_() >> (3 + below(60)); }
    std::int64_t signed_number() {
        const auto magnitude = static_cast<std::int64_t>(rng_() >> (1 + below(62)));
        return chance() ? magnitude : -magnitude - 1;
    }
    causality::replica_id replica() { return {0x0101'0101'0101'0101 * (1 + below(5))}; }

    std::string text() {
        std::string made;
        for (std::uint64_t count = 1 + below(6); count > 0; --count) {
            constexpr char32_t scalars[] = {0, 'a', 'z', 0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x10000, 0x10ffff};
            crdt::utf8::append(made, scalars[below(10)]);
        }
        return made;
    }

    crdt::value value() {
        switch (below(6)) {
        case 0:
            return {};
        case 1:
            return chance();
        case 2:
            return signed_number();
        case 3:
            return real();
        case 4:
            return chance() ? text() : std::string();
        default:
            return crdt::bytes(below(20), static_cast<std::byte>(below(256)));
        }
    }

    template <class Dots>
    Dots dots(bool with_origin = true) {
        std::map<causality::replica_id, std::uint64_t> chosen;
        for (std::uint64_t count = below(4); count > 0; --count) {
            const causality::replica_id id = replica();
            if (with_origin || id != origin_) chosen[id] = 1 + number();
        }
        Dots made;
        for (const auto& [id, sequence] : chosen) {
            made.push_back({id, sequence});
        }
        return made;
    }

    causality::vector_clock clock() {
        causality::vector_clock made;
        for (const causality::dot& d : dots<std::vector<causality::dot>>()) {
            made.advance_to(d.replica, d.sequence);
        }
        return made;
    }

    crdt::or_set::clear_op clear() {
        crdt::or_set::clear_op op;
        std::map<crdt::value, crdt::or_set::dots> elements;
        for (std::uint64_t count = below(4); count > 0; --count) {
            elements[value()] = dots<crdt::or_set::dots>();
        }
        for (const auto& [element, observed] : elements) {
            op.elements.push_back({element, observed});
        }
        return op;
    }

    crdt::resettable_counter::reset_op reset() {
        crdt::resettable_counter::reset_op op;
        for (const auto& [id, sequence] : dots<std::vector<causality::dot>>()) {
            op.seen.push_back({id, sequence, signed_number()});
        }
        return op;
    }

    crdt::rga_text::insert_op insert() {
        if (chance()) {
            // Goes on where the last insert ended, sometimes in another text.
            crdt::rga_text::insert_op op{
                {next_lamport_, origin_}, crdt::text_id{next_lamport_ - 1, origin_}, text()};
            next_lamport_ += crdt::utf8::count_scalars(op.text);
            return op;
        }
        crdt::rga_text::insert_op op{{2 + number() % (std::uint64_t{1} << 60), origin_}, {}, text()};
        if (chance()) op.parent = crdt::text_id{1 + number(), replica()};
        next_lamport_ = op.first.lamport + crdt::utf8::count_scalars(op.text);
        return op;
    }

    crdt::rga_text::erase_op erase() {
        crdt::rga_text::erase_op op;
        for (std::uint64_t count = below(4); count > 0; --count) {
            op.ranges.push_back({{1 + number(), replica()}, 1 + number()});
        }
        return op;
    }

    crdt::rga_text::restore_op restore() {
        crdt::rga_text::restore_op op;
        for (const crdt::text_id_range& range : erase().ranges) {
            op.parts.push_back({range, {{replica(), 1 + number()}, 1 + number()}});
        }
        return op;
    }

    crdt::text_cursor place() {
        crdt::text_cursor made{{}, chance() ? crdt::text_bias::left : crdt::text_bias::right};
        if (below(4) != 0) made.anchor = crdt::text_id{1 + number(), replica()};
        return made;
    }

    double real() {
        const auto x = std::bit_cast<double>(rng_());
        return std::isnan(x) ? 0.5 : x;
    }

    std::vector<crdt::sorted_set::prefix> prefixes() {
        std::vector<crdt::sorted_set::prefix> made;
        for (const auto& [id, sequence] : dots<std::vector<causality::dot>>()) {
            made.push_back({id, sequence, {real(), real()}});
        }
        return made;
    }

    crdt::sorted_set::clear_op clear_scores() {
        crdt::sorted_set::clear_op op;
        std::set<crdt::value> members;
        for (std::uint64_t count = below(4); count > 0; --count) {
            members.insert(value());
        }
        for (const crdt::value& member : members) {
            op.members.push_back({member, dots<crdt::observed_dots>(), prefixes()});
        }
        return op;
    }

    crdt::rw_set::reset_op reset_rw_set() {
        crdt::rw_set::reset_op op;
        for (crdt::or_set::remove_op& element : clear().elements) {
            op.elements.push_back({std::move(element.element), std::move(element.observed)});
        }
        return op;
    }

    crdt::rga_list::insert_op insert_values() {
        crdt::rga_list::insert_op op{{2 + number() % (std::uint64_t{1} << 60), origin_}, {}, {value()}};
        if (chance()) {
            op.first.lamport = next_lamport_;
            op.parent = crdt::text_id{next_lamport_ - 1, origin_};
        } else if (chance()) {
            op.parent = crdt::text_id{1 + number(), replica()};
        }
        for (std::uint64_t count = below(3); count > 0; --count) {
            op.values.push_back(value());
        }
        next_lamport_ = op.first.lamport + op.values.size();
        return op;
    }

    std::vector<crdt::stream::entry_name> entry_names() {
        std::vector<crdt::stream::entry_name> made;
        for (const auto& [id, sequence] : dots<std::vector<causality::dot>>()) {
            made.push_back({id, sequence});
        }
        return made;
    }

    crdt::stream::operation stream_operation() {
        using namespace crdt;
        switch (below(4)) {
        case 0: {
            crdt::stream::append_op op;
            for (std::uint64_t count = below(4); count > 0; --count) {
                op.fields.push_back({chance() ? text() : std::string(), value()});
            }
            return op;
        }
        case 1:
            return crdt::stream::trim_op{entry_names()};
        case 2: {
            crdt::stream::claim_op op{text(), text(), {}};
            for (const auto& name : entry_names()) {
                op.entries.push_back({name, dots<observed_dots>()});
            }
            return op;
        }
        default:
            return crdt::stream::acknowledge_op{text(), entry_names()};
        }
    }

    /// Of the kinds that came later.
    crdt::leaf_operation later_leaf() {
        using namespace crdt;
        switch (below(23)) {
        case 0:
            return g_set::operation{value()};
        case 1:
            return rw_set::operation(rw_set::add_op{value(), dots<observed_dots>()});
        case 2:
            return rw_set::operation(rw_set::remove_op{value(), dots<observed_dots>()});
        case 3:
            return rw_set::operation(reset_rw_set());
        case 4:
            return mv_register::operation(mv_register::assign_op{value(), dots<observed_dots>()});
        case 5:
            return mv_register::operation(mv_register::reset_op{dots<observed_dots>()});
        case 6:
            return ew_flag::operation(ew_flag::enable_op{dots<observed_dots>()});
        case 7:
            return ew_flag::operation(ew_flag::disable_op{dots<observed_dots>()});
        case 8:
            return dw_flag::operation(dw_flag::enable_op{dots<observed_dots>()});
        case 9:
            return dw_flag::operation(dw_flag::disable_op{dots<observed_dots>()});
        case 10:
            return dw_flag::operation(dw_flag::reset_op{dots<observed_dots>()});
        case 11:
            return bounded_counter::operation(bounded_counter::increment_op{rng_() >> below(64)});
        case 12:
            return bounded_counter::operation(bounded_counter::decrement_op{rng_() >> below(64)});
        case 13:
            return bounded_counter::operation(bounded_counter::transfer_op{replica(), rng_() >> below(64)});
        case 14:
            return rga_list::operation(insert_values());
        case 15:
            return rga_list::operation(rga_list::erase_op{erase().ranges});
        case 16:
            return sorted_set::operation(
                sorted_set::assign_op{value(), real(), dots<observed_dots>(), prefixes()});
        case 17:
            return sorted_set::operation(sorted_set::increment_op{value(), real()});
        case 18:
            return sorted_set::operation(sorted_set::remove_op{value(), dots<observed_dots>(), prefixes()});
        case 19:
            return sorted_set::operation(clear_scores());
        case 20:
            return expiry::operation(expiry::set_op{rng_() >> below(64), dots<observed_dots>()});
        case 21:
            return expiry::operation(expiry::reset_op{dots<observed_dots>()});
        default:
            return stream_operation();
        }
    }

    crdt::leaf_operation leaf() {
        using namespace crdt;
        using dots_type = or_set::dots;
        if (chance()) {
            return later_leaf();
        }
        switch (below(13)) {
        case 0:
            return g_counter::operation{rng_() >> below(64)};
        case 1:
            return pn_counter::operation{signed_number()};
        case 2:
            return resettable_counter::operation(resettable_counter::increment_op{signed_number()});
        case 3:
            return resettable_counter::operation(reset());
        case 4:
            return or_set::operation(or_set::add_op{value(), dots<dots_type>()});
        case 5:
            return or_set::operation(or_set::remove_op{value(), dots<dots_type>()});
        case 6:
            return or_set::operation(clear());
        case 7:
            return lww_register::operation(lww_register::assign_op{value(), dots<dots_type>()});
        case 8:
            return lww_register::operation(lww_register::reset_op{dots<dots_type>()});
        case 9:
            return rga_text::operation(insert());
        case 10:
            return rga_text::operation(
                rga_text::mark_op{place(), place(), chance() ? text() : std::string(), value()});
        case 11:
            return rga_text::operation(restore());
        default:
            return rga_text::operation(erase());
        }
    }

    std::string name() {
        // Around the weight up to which keys are listed, and plain short ones.
        return below(8) == 0 ? std::string(250 + below(20), 'n')
                             : std::string(1, static_cast<char>('a' + below(3)));
    }

    crdt::keyed_operation operation() {
        crdt::leaf_operation made = leaf();
        if (!crdt::may_be_nested(crdt::kind_of(made)) || below(3) != 0) {
            return operation_on(name(), std::move(made));
        }
        std::vector<std::string> path(1 + below(6));
        std::ranges::generate(path, [&] { return name(); });
        return operation_at(name(), path, std::move(made));
    }

    transport::message message() {
        transport::message m;
        m.time.bits = chance()
                          ? below(causality::latest_time.bits)
                          : causality::hybrid_time::at_ms(1'700'000'000'000 + below(100)).bits + below(3);
        m.dependencies = dots<std::vector<causality::dot>>(false);
        for (std::uint64_t count = below(8); count > 0; --count) {
            m.operations.push_back(operation());
        }
        return m;
    }

    std::mt19937_64& rng_;
    causality::replica_id origin_;
    std::uint64_t next_lamport_ = 2;
};

} // namespace sangam::test
