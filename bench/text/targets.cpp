#include "targets.hpp"

namespace bench {
namespace {

constexpr target all_targets[] = {
    {"text_local", "automerge-paper", ratio_to_gap_buffer, 3.0},
    {"text_local", "rustcode", ratio_to_gap_buffer, 3.5},
    {"text_local", "sveltecomponent", ratio_to_gap_buffer, 5.0},
    {"text_remote", "automerge-paper", ratio_to_gap_buffer, 11.0},
    {"text_live", "friendsforever", ratio_to_gap_buffer, 10.0},
    {"text_live", "node-nodecc", ns_per_edit, 270.0},
    {"text_batch", "", ratio_to_local, 1.5},
    {"text_batch", "", ratio_to_one_by_one, 1.0},
    {"text_heap", "automerge-paper", bytes_per_edit, 3.3},
    {"text_load", "automerge-paper, state, none", ratio_to_gap_buffer, 0.4},
    {"text_save", "automerge-paper, state, none", ratio_to_gap_buffer, 1.0},
    {"text_save", "automerge-paper, state, small", file_bytes, 52'000.0},
    {"text_save", "automerge-paper, history, small", file_bytes, 76'000.0},
    {"text_save", "rustcode, history, small", file_bytes, 150'000.0},
    {"text_random", "100k edits", ratio_to_gap_buffer, 1.0},
    {"text_random", "1M edits", growth, 2.0},
};

} // namespace

bool target::met_by(const figure& measured) const noexcept {
    const double* found = measured.find(value);
    return found != nullptr && *found <= limit;
}

std::vector<target> targets_of(const figure& measured) {
    std::vector<target> about;
    for (const target& t : all_targets) {
        const bool named = t.bench == measured.bench && (t.of.empty() || t.of == measured.of);
        if (named && measured.find(t.value) != nullptr) about.push_back(t);
    }
    return about;
}

} // namespace bench
