#include <sangam/engine/missing_watch.hpp>

#include <utility>

namespace sangam::engine {

missing_watch::findings missing_watch::look(std::span<const missing_dot> missing,
                                            const std::function<bool(const causality::dot&)>& is_here,
                                            moment now) {
    findings found;
    std::map<causality::dot, entry> still;
    for (const missing_dot& m : missing) {
        if (auto known = dots_.extract(m.missing)) {
            still.insert(std::move(known));
            continue;
        }
        entry fresh{m, now.steady_ms, false};
        fresh.dot.since_ms = now.wall_ms;
        still.emplace(m.missing, fresh);
    }
    for (const auto& [dot, gone] : dots_) {
        if (gone.overdue && is_here(dot)) {
            found.arrived.push_back(gone.dot);
        }
    }
    dots_ = std::move(still);
    for (auto& [dot, e] : dots_) {
        if (!e.overdue && now.steady_ms >= e.since_steady_ms + patience_ms_) {
            e.overdue = true;
            found.overdue.push_back(e.dot);
        }
    }
    return found;
}

std::vector<missing_dot> missing_watch::all() const {
    std::vector<missing_dot> all;
    all.reserve(dots_.size());
    for (const auto& [dot, e] : dots_) {
        all.push_back(e.dot);
    }
    return all;
}

} // namespace sangam::engine
