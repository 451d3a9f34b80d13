#pragma once

#include "support/seeds.hpp"

#include <sangam/causality/vector_clock.hpp>
#include <sangam/crdt/rga_text.hpp>
#include <sangam/crdt/text_history.hpp>
#include <sangam/crdt/text_undo.hpp>
#include <sangam/crdt/utf8.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// People who edit one text, take back and redo, in a network that delivers in any causal order.
namespace sangam::crdt::test {

inline std::string encoded(std::u32string_view scalars) {
    std::string text;
    for (const char32_t scalar : scalars)
        utf8::append(text, scalar);
    return text;
}

template <class Function>
void for_each_id(const std::vector<text_id_range>& ranges, Function&& function) {
    for (const text_id_range& range : ranges) {
        for (std::uint64_t i = 0; i < range.length; ++i)
            function(text_id{range.first.lamport + i, range.first.replica});
    }
}

/// One transaction as it travels.
struct sent_transaction {
    causality::dot id;
    causality::vector_clock past; ///< what its origin had delivered before
    std::vector<rga_text::operation> operations;
};

/// What somebody saw when just these transactions were delivered there.
struct sight {
    causality::vector_clock when;
    std::string shown;
};

/// The transactions whose erases of a character nobody has taken back, for every character that has any.
class live_erases {
public:
    void apply(const rga_text::operation& op, const causality::dot& transaction) {
        if (const auto* const erased = std::get_if<rga_text::erase_op>(&op)) {
            for_each_id(erased->ranges, [&](const text_id& id) { erase(id, transaction); });
        } else if (const auto* const restored = std::get_if<rga_text::restore_op>(&op)) {
            for (const rga_text::erased_part& part : restored->parts) {
                for_each_id({part.ids}, [&](const text_id& id) {
                    for (std::uint64_t n = 0; n < part.erases.count; ++n)
                        restore(id, {part.erases.first.replica, part.erases.first.sequence + n});
                });
            }
        }
    }
    void erase(const text_id& id, const causality::dot& transaction) { of_[id].insert(transaction); }
    void restore(const text_id& id, const causality::dot& transaction) { of_[id].erase(transaction); }
    [[nodiscard]] std::set<causality::dot> of(const text_id& id) const {
        const auto at = of_.find(id);
        return at == of_.end() ? std::set<causality::dot>() : at->second;
    }
    [[nodiscard]] bool visible(const text_id& id) const { return of(id).empty(); }

private:
    std::map<text_id, std::set<causality::dot>> of_;
};

struct person {
    explicit person(std::uint64_t number) : id{number} {}

    causality::replica_id id;
    rga_text text;
    text_undo undo;
    bool group_open = false;
    bool group_begun = false; ///< the open group has something
    causality::vector_clock delivered;
    live_erases erases;
    std::vector<sight> seen{sight{}};
    std::vector<text_history::transaction> applied; ///< that changed the text, in this order
};

class people {
public:
    explicit people(std::mt19937_64& rng, std::size_t count = 3) : rng_(rng) {
        for (std::size_t number = 1; number <= count; ++number)
            everybody_.emplace_back(number);
    }
    people(const people&) = delete;
    people& operator=(const people&) = delete;
    virtual ~people() = default;

    void run(std::size_t steps) {
        for (std::size_t step = 0; step < steps; ++step) {
            person& who = everybody_[below(everybody_.size())];
            if (below(2) == 0 && deliver_one(who)) continue;
            switch (below(9)) {
            case 8:
                mark(who);
                break;
            case 0:
            case 1:
                take_back(who, true);
                break;
            case 2:
                take_back(who, false);
                break;
            case 3:
                issue(who, {}); // a transaction on something else
                break;
            default:
                edit(who);
            }
        }
        for (person& who : everybody_) {
            while (deliver_one(who)) {
            }
            REQUIRE(who.delivered.total() == sent_.size());
            const bool converged = who.text == everybody_.front().text;
            REQUIRE(converged);
            check_replay(who.text);
        }
    }

protected:
    [[nodiscard]] std::size_t below(std::size_t bound) {
        return static_cast<std::size_t>(sangam::test::draw(rng_, bound));
    }

    /// What somebody did, and what was recorded of it.
    struct done_edit {
        std::string before;
        rga_text::change change;
        bool joins = false; ///< the group of the edit before
    };
    virtual void edited(person&, const done_edit&) {}
    /// Called before and after an undo (or redo) that does something.
    virtual void takes_back(person&, bool /*undo*/) {}
    /// One of the transactions of an undo that has several is about to be issued.
    virtual void piece(person&, const causality::dot&, const std::vector<rga_text::operation>&) {}
    virtual void took_back(person&) {}
    virtual void delivered(person&) {}

    /// The elements with the content of erased ones, which `elements` does not show.
    [[nodiscard]] std::vector<rga_text::element> elements_with_content(const rga_text& text) const {
        std::vector<rga_text::element> elements = text.elements();
        for (rga_text::element& e : elements)
            e.scalar = content_.at(e.id);
        return elements;
    }

    std::vector<person> everybody_;
    std::vector<sent_transaction> sent_;
    std::size_t pieces_ = 0; ///< of undos that had more than one, without the last of each

private:
    /// A fresh text to which the log is applied is the same text with the same log, marks left out.
    static void check_replay(const rga_text& text) {
        rga_text again;
        for (const auto& [id, operations] : text.transactions_since({})) {
            for (const rga_text::operation& op : operations) {
                REQUIRE(again.accepts(op, id.replica));
                again.apply(op, {id, {}});
            }
        }
        const bool same_text = again.elements() == text.elements();
        REQUIRE(same_text);
        const bool same_transactions = again.history().transactions() == text.history().transactions();
        REQUIRE(same_transactions);
        const bool same_log = again.transactions_since({}) == text.transactions_since({});
        REQUIRE(same_log);
    }

    [[nodiscard]] causality::dot next_dot(const person& who) const {
        return {who.id, who.delivered[who.id] + 1};
    }

    /// Often near the start, so that people meet.
    std::size_t some_position(std::size_t size) {
        return below(1 + (below(2) == 0 ? std::min<std::size_t>(size, 3) : size));
    }

    std::u32string some_text() {
        static constexpr std::u32string_view letters = U"abcdefgh\u00e9\u20ac\U0001F600";
        std::u32string text(1 + below(below(4) == 0 ? 12 : 3), U' ');
        for (char32_t& c : text)
            c = letters[below(letters.size())];
        return text;
    }

    /// A transaction of one to three edits, recorded in the person's undo.
    void edit(person& who) {
        switch (below(6)) {
        case 0:
            who.undo.open_group();
            who.group_open = true;
            break;
        case 1:
            who.undo.close_group();
            who.group_open = who.group_begun = false;
            break;
        default:
            break;
        }
        done_edit done{who.text.str(), {}, who.group_begun};
        const operation_context context{next_dot(who), {}};
        const rga_text::log_position since = who.text.applied();
        for (std::size_t edits = 1 + below(3); edits > 0; --edits) {
            const std::size_t position = some_position(who.text.size());
            const std::size_t behind = who.text.size() - position;
            if (behind > 0 && below(2) == 0) {
                who.text.local_erase(position, 1 + below(std::min<std::size_t>(behind, 8)), context);
            } else {
                who.text.local_insert(position, encoded(some_text()), context);
            }
        }
        done.change = who.text.change_since(since);
        who.undo.record(who.text, since);
        who.group_begun = who.group_open;
        const auto operations = who.text.operations_since(since);
        for (const rga_text::operation& op : operations)
            who.erases.apply(op, context.id);
        finish(who, context, operations, since);
        edited(who, done);
    }

    /// A mark is a transaction of its own, which no undo takes back.
    void mark(person& who) {
        const std::size_t size = who.text.size();
        if (size == 0) return issue(who, {});
        const std::size_t position = some_position(size - 1);
        const std::size_t count = 1 + below(std::min<std::size_t>(size - position, 6));
        const auto growth = static_cast<mark_growth>(below(4));
        const std::string name = below(2) == 0 ? "link" : "bold";
        issue(who, {below(4) == 0 ? who.text.unmark(position, count, name, growth)
                                  : who.text.mark(position, count, name, std::int64_t(below(3)), growth)});
    }

    void take_back(person& who, bool undo) {
        // As one transaction, or in pieces of a few ranges.
        const std::size_t ranges_max = below(3) == 0 ? 2 + below(3) : text_undo::unlimited;
        for (bool first = true;; first = false) {
            const auto operations = undo ? who.undo.undo(ranges_max) : who.undo.redo(ranges_max);
            who.group_open = who.group_begun = false;
            if (operations.empty()) {
                REQUIRE(first);
                REQUIRE_FALSE((undo ? who.undo.can_undo() : who.undo.can_redo()));
                return;
            }
            REQUIRE(ranges_of(operations) <= ranges_max);
            if (first) takes_back(who, undo);
            who.undo.applied(next_dot(who));
            piece(who, next_dot(who), operations);
            issue(who, operations);
            if (!(undo ? who.undo.undo_goes_on() : who.undo.redo_goes_on())) break;
            ++pieces_;
        }
        took_back(who);
    }

    static std::size_t ranges_of(const std::vector<rga_text::operation>& operations) {
        std::size_t ranges = 0;
        for (const rga_text::operation& op : operations) {
            if (const auto* const erased = std::get_if<rga_text::erase_op>(&op))
                ranges += erased->ranges.size();
            if (const auto* const back = std::get_if<rga_text::restore_op>(&op))
                ranges += 2 * back->parts.size();
        }
        return ranges;
    }

    void issue(person& who, const std::vector<rga_text::operation>& operations) {
        const operation_context context{next_dot(who), {}};
        const rga_text::log_position since = who.text.applied();
        apply(who, operations, context);
        finish(who, context, operations, since);
    }

    static void apply(person& who, const std::vector<rga_text::operation>& operations,
                      const operation_context& context) {
        for (const rga_text::operation& op : operations) {
            REQUIRE(who.text.accepts(op, context.id.replica));
            who.text.apply(op, context);
            who.erases.apply(op, context.id);
        }
    }

    void finish(person& who, const operation_context& context, std::vector<rga_text::operation> operations,
                const rga_text::log_position& since) {
        for (const rga_text::operation& op : operations) {
            const auto* const inserted = std::get_if<rga_text::insert_op>(&op);
            if (inserted == nullptr) continue;
            text_id id = inserted->first;
            for (const char32_t scalar : utf8::to_scalars(inserted->text)) {
                content_[id] = scalar;
                ++id.lamport;
            }
        }
        sent_.push_back({context.id, who.delivered, std::move(operations)});
        note(who, sent_.back(), since);
    }

    void note(person& who, const sent_transaction& sent, const rga_text::log_position& since) {
        who.delivered.advance_to(sent.id.replica, sent.id.sequence);
        who.seen.push_back({who.delivered, who.text.str()});
        const rga_text::log_position now = who.text.applied();
        if (now != since) {
            std::uint64_t restored = 0;
            for (const rga_text::operation& op : sent.operations) {
                const auto* const back = std::get_if<rga_text::restore_op>(&op);
                for (std::size_t n = 0; back != nullptr && n < back->parts.size(); ++n)
                    restored += back->parts[n].ids.length;
            }
            who.applied.push_back(
                {sent.id, now.inserted - since.inserted, now.named - since.named - restored, restored});
        }
        REQUIRE(who.text.check_invariants() == "");
    }

    /// Any transaction whose past is here and that is not.
    bool deliver_one(person& who) {
        const std::size_t start = sent_.empty() ? 0 : below(sent_.size());
        for (std::size_t i = 0; i < sent_.size(); ++i) {
            const sent_transaction& next = sent_[(start + i) % sent_.size()];
            if (who.delivered.contains(next.id) || !who.delivered.dominates(next.past)) continue;
            const rga_text::log_position since = who.text.applied();
            apply(who, next.operations, {next.id, {}});
            note(who, next, since);
            delivered(who);
            return true;
        }
        return false;
    }

    std::mt19937_64& rng_;
    std::map<text_id, char32_t> content_; ///< of all that anybody inserted
};

} // namespace sangam::crdt::test
