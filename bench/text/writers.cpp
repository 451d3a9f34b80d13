#include "writers.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

namespace bench {
namespace {

void raise(writer_counts& counts, std::size_t writer, std::uint32_t at_least) {
    if (counts.size() <= writer) counts.resize(writer + 1);
    counts[writer] = std::max(counts[writer], at_least);
}

} // namespace

std::uint32_t count_of(const writer_counts& counts, std::size_t writer) noexcept {
    return writer < counts.size() ? counts[writer] : 0;
}

bool within(const writer_counts& a, const writer_counts& b) noexcept {
    for (std::size_t w = 0; w < a.size(); ++w) {
        if (a[w] > count_of(b, w)) return false;
    }
    return true;
}

std::uint64_t total(const writer_counts& counts) noexcept {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

writers::writers(const editor::history& recorded) {
    std::vector<std::vector<std::size_t>> of_agent(recorded.agents);
    for (const editor::recorded_transaction& made : recorded.transactions) {
        place here;
        for (const std::size_t parent : made.parents) {
            const place& before = places[parent];
            for (std::size_t w = 0; w < before.seen.size(); ++w) {
                raise(here.seen, w, before.seen[w]);
            }
            raise(here.seen, before.writer, before.number);
        }
        auto& own = of_agent[made.agent];
        const auto goes_on = std::ranges::find_if(
            own, [&](std::size_t w) { return count_of(here.seen, w) == transactions[w].size(); });
        if (goes_on != own.end()) {
            here.writer = *goes_on;
        } else {
            here.writer = transactions.size();
            own.push_back(here.writer);
            transactions.emplace_back();
        }
        transactions[here.writer].push_back(places.size());
        here.number = static_cast<std::uint32_t>(transactions[here.writer].size());
        places.push_back(std::move(here));
    }
}

bool writers::concurrent(std::size_t a, std::size_t b) const noexcept {
    return count_of(places[a].seen, places[b].writer) < places[b].number &&
           count_of(places[b].seen, places[a].writer) < places[a].number && a != b;
}

std::vector<std::size_t> writers::between(const writer_counts& from, const writer_counts& to) const {
    std::vector<std::size_t> missing;
    for (std::size_t w = 0; w < to.size(); ++w) {
        for (std::uint32_t i = count_of(from, w); i < to[w]; ++i) {
            missing.push_back(transactions[w][i]);
        }
    }
    std::ranges::sort(missing);
    return missing;
}

} // namespace bench
