#include <editor/writer_plan.hpp>

#include <editor/errc.hpp>
#include <editor/limits.hpp>

#include <algorithm>
#include <numeric>
#include <optional>

namespace editor {
namespace {

std::uint64_t entry(const writer_clock& clock, std::size_t writer) {
    return writer < clock.size() ? clock[writer] : 0;
}

void raise(writer_clock& clock, std::size_t writer, std::uint64_t length) {
    if (clock.size() <= writer) clock.resize(writer + 1);
    clock[writer] = std::max(clock[writer], length);
}

void merge(writer_clock& clock, const writer_clock& other) {
    for (std::size_t writer = 0; writer < other.size(); ++writer)
        raise(clock, writer, other[writer]);
}

/// Goes through the history once. `choose(transaction, seen, messages)` names the writer of a transaction, or
/// nothing to give up.
template <class Choose>
std::optional<writer_plan> plan_with(const history& recorded, std::size_t writers, std::size_t start_writer,
                                     Choose choose) {
    writer_plan plan;
    plan.start_writer = start_writer;
    plan.messages.assign(writers, 0);
    plan.steps.resize(writers);
    writer_clock start;
    if (!recorded.start_content.empty()) {
        raise(start, start_writer, 1);
        raise(plan.messages, start_writer, 1);
    }
    std::vector<writer_clock> after; // of each transaction: what is seen once it is made
    after.reserve(recorded.transactions.size());
    for (std::size_t i = 0; i < recorded.transactions.size(); ++i) {
        const recorded_transaction& made = recorded.transactions[i];
        writer_clock seen = start;
        for (const std::size_t parent : made.parents)
            merge(seen, after[parent]);
        if (!made.changes_text()) {
            after.push_back(std::move(seen));
            continue;
        }
        const std::optional<std::size_t> writer = choose(made, seen, plan.messages);
        if (!writer) return std::nullopt;
        raise(plan.messages, *writer, entry(plan.messages, *writer) + 1);
        plan.steps.resize(plan.messages.size());
        after.push_back(seen);
        raise(after.back(), *writer, plan.messages[*writer]);
        plan.steps[*writer].push_back({i, std::move(seen)});
    }
    plan.steps.resize(std::max<std::size_t>(plan.messages.size(), 1));
    plan.messages.resize(plan.steps.size());
    return plan;
}

std::optional<writer_plan> agents_as_writers(const history& recorded) {
    const auto first = std::ranges::find_if(
        recorded.transactions, [](const recorded_transaction& made) { return made.changes_text(); });
    const std::size_t start_writer = first == recorded.transactions.end() ? 0 : first->agent;
    return plan_with(recorded, recorded.agents, start_writer,
                     [](const recorded_transaction& made, const writer_clock& seen,
                        const writer_clock& messages) -> std::optional<std::size_t> {
                         if (entry(seen, made.agent) != entry(messages, made.agent)) return std::nullopt;
                         return made.agent;
                     });
}

std::optional<writer_plan> chains_as_writers(const history& recorded) {
    return plan_with(recorded, 0, 0,
                     [](const recorded_transaction&, const writer_clock& seen,
                        const writer_clock& messages) -> std::optional<std::size_t> {
                         for (std::size_t chain = 0; chain < messages.size(); ++chain) {
                             if (entry(seen, chain) == messages[chain]) return chain;
                         }
                         if (messages.size() == limits::writers_max) return std::nullopt;
                         return messages.size();
                     });
}

} // namespace

std::uint64_t writer_plan::messages_total() const noexcept {
    return std::accumulate(messages.begin(), messages.end(), std::uint64_t{0});
}

sangam::result<writer_plan> plan_writers(const history& recorded) {
    if (recorded.agents <= limits::agents_as_writers_max) {
        if (auto plan = agents_as_writers(recorded)) return std::move(*plan);
    }
    if (auto plan = chains_as_writers(recorded)) return std::move(*plan);
    return sangam::error{errc::too_large, "the history needs more than " +
                                              std::to_string(limits::writers_max) +
                                              " writers at the same time"};
}

} // namespace editor
