#include "prepare.hpp"
#include "writers.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <utility>

namespace bench {
namespace {

using sangam::causality::replica_id;
using sangam::crdt::operation_context;
using sangam::crdt::rga_text;
using sangam::crdt::text_id;
using sangam::crdt::text_patch;

/// The operations of each transaction, prepared by a replica that has seen exactly what its author had.
class authors {
public:
    authors(const editor::history& recorded, const std::string& path)
        : recorded_(recorded), path_(path), writers_(recorded), replicas_(writers_.transactions.size()) {}

    sangam::result<void> prepare() {
        for (std::size_t t = 0; t < recorded_.transactions.size(); ++t) {
            begins_.push_back(operations_.size());
            if (const auto done = prepare_transaction(t); !done) return done.error();
        }
        begins_.push_back(operations_.size());
        return {};
    }

    void apply(rga_text& text, std::size_t transaction) const {
        for (std::size_t i = begins_[transaction]; i < begins_[transaction + 1]; ++i) {
            text.apply(operations_[i].what, operations_[i].context);
        }
    }

    /// Somebody inserted where somebody else did, neither having seen the other: the text then depends on the
    /// rule for ties, in which correct types differ.
    [[nodiscard]] bool has_ties() const {
        std::map<std::optional<text_id>, std::vector<std::size_t>> behind;
        for (std::size_t t = 0; t + 1 < begins_.size(); ++t) {
            for (std::size_t i = begins_[t]; i < begins_[t + 1]; ++i) {
                const auto* inserted = std::get_if<rga_text::insert_op>(&operations_[i].what);
                if (inserted == nullptr) continue;
                auto& others = behind[inserted->parent];
                if (std::ranges::any_of(others, [&](auto u) { return writers_.concurrent(t, u); }))
                    return true;
                if (others.empty() || others.back() != t) others.push_back(t);
            }
        }
        return false;
    }

    [[nodiscard]] std::vector<prepared_operation>& operations() noexcept { return operations_; }

private:
    struct replica {
        std::optional<rga_text> text; ///< nothing before the first and after the last transaction
        writer_counts known;
    };

    sangam::result<void> prepare_transaction(std::size_t t) {
        const writers::place& place = writers_.places[t];
        replica& author = replicas_[place.writer];
        if (!author.text) author = start(place.seen);
        for (const std::size_t missing : writers_.between(author.known, place.seen)) {
            apply(*author.text, missing);
        }
        author.known = place.seen;
        author.known.resize(std::max(author.known.size(), place.writer + 1));
        author.known[place.writer] = place.number;

        const operation_context context{{replica_id{place.writer + 1}, place.number},
                                        sangam::causality::hybrid_time::at_ms(t + 1)};
        for (const text_patch& patch : recorded_.transactions[t].patches) {
            const auto done = prepare_patch(operations_, *author.text, patch, context,
                                            path_ + ": transaction " + std::to_string(t));
            if (!done) return done.error();
        }
        if (place.number == writers_.transactions[place.writer].size()) author.text.reset();
        return {};
    }

    /// A copy of the replica that has seen most of `seen` and nothing else.
    [[nodiscard]] replica start(const writer_counts& seen) const {
        const replica* nearest = nullptr;
        for (const replica& other : replicas_) {
            if (other.text && within(other.known, seen) &&
                (nearest == nullptr || total(other.known) > total(nearest->known))) {
                nearest = &other;
            }
        }
        return nearest != nullptr ? *nearest : replica{rga_text(), {}};
    }

    const editor::history& recorded_;
    const std::string& path_;
    writers writers_;
    std::vector<replica> replicas_; ///< of each writer
    std::vector<prepared_operation> operations_;
    std::vector<std::size_t> begins_; ///< of each transaction's operations, and their end
};

/// An order in which every transaction comes after its parents, otherwise at random.
std::vector<std::size_t> some_causal_order(const editor::history& recorded, std::mt19937_64& rng) {
    const std::size_t n = recorded.transactions.size();
    std::vector<std::size_t> waits_for(n);
    std::vector<std::vector<std::size_t>> children(n);
    std::vector<std::size_t> ready;
    for (std::size_t t = 0; t < n; ++t) {
        waits_for[t] = recorded.transactions[t].parents.size();
        if (waits_for[t] == 0) ready.push_back(t);
        for (const std::size_t parent : recorded.transactions[t].parents) {
            children[parent].push_back(t);
        }
    }
    std::vector<std::size_t> order;
    while (!ready.empty()) {
        std::swap(ready[rng() % ready.size()], ready.back());
        const std::size_t next = ready.back();
        ready.pop_back();
        order.push_back(next);
        for (const std::size_t child : children[next]) {
            if (--waits_for[child] == 0) ready.push_back(child);
        }
    }
    return order;
}

constexpr std::size_t other_orders = 3;

/// Replicas that get the transactions in other orders end in the same text.
bool replicas_agree(const editor::history& recorded, const authors& by, const std::string& text) {
    std::mt19937_64 rng(1);
    for (std::size_t i = 0; i < other_orders; ++i) {
        rga_text other;
        for (const std::size_t t : some_causal_order(recorded, rng)) {
            by.apply(other, t);
        }
        if (other.str() != text) return false;
    }
    return true;
}

/// One replica that gets everything in the order of the file, and what it shows.
rga_text replay(const std::vector<prepared_operation>& operations, workload& made) {
    rga_text text;
    std::vector<text_patch> shown;
    for (const prepared_operation& operation : operations) {
        text.apply(operation.what, operation.context, &shown);
        for (const text_patch& patch : shown) {
            made.edits.add(patch.position, patch.erased, patch.inserted);
        }
        shown.clear();
    }
    return text;
}

} // namespace

sangam::result<void> prepare_concurrent(workload& made, const editor::history& recorded,
                                        const std::string& path) {
    for (const auto& transaction : recorded.transactions) {
        made.recorded_edits += transaction.patches.size();
    }
    authors by(recorded, path);
    if (const auto done = by.prepare(); !done) return done.error();

    const rga_text last = replay(by.operations(), made);
    made.final_text = last.str();
    made.bundle = bundle_of(last);
    made.right = replicas_agree(recorded, by, made.final_text);
    made.checked_by = std::to_string(1 + other_orders) + " replicas agree";
    const bool as_recorded = recorded.end_content && made.final_text == *recorded.end_content;
    if (as_recorded) {
        made.checked_by = "endContent, " + made.checked_by;
    } else if (recorded.end_content && !by.has_ties()) {
        made.right = false;
        made.final_text = *recorded.end_content;
        made.checked_by = "endContent";
    }
    made.operations = std::move(by.operations());
    return {};
}

} // namespace bench
