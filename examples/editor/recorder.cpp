#include <editor/recorder.hpp>

#include <sangam/crdt/utf8.hpp>

#include <utility>

namespace editor {

void recorder::hear(const sangam::engine::change& heard) {
    {
        const std::lock_guard lock(mutex_);
        if (heard.missed) made_.complete = false;
        if (!made_.complete) {
            heard_.notify_all();
            return;
        }
        if (heard.local) made_.changes.push_back({heard.transaction.sequence, made_.seen, heard.patches});
        for (const sangam::crdt::text_patch& patch : heard.patches) {
            text_.replace(patch.position, patch.erased, sangam::crdt::utf8::to_scalars(patch.inserted));
        }
        made_.seen.advance_to(heard.transaction.replica, heard.transaction.sequence);
    }
    heard_.notify_all();
}

bool recorder::wait_for(std::size_t own_changes, std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    const auto told = [&] { return !made_.complete || made_.changes.size() >= own_changes; };
    return heard_.wait_for(lock, timeout, told) && made_.complete;
}

record recorder::finish(std::string name) {
    const std::lock_guard lock(mutex_);
    record finished = made_;
    finished.name = std::move(name);
    for (const char32_t scalar : text_)
        sangam::crdt::utf8::append(finished.end_content, scalar);
    return finished;
}

} // namespace editor
