#pragma once

#include <editor/record.hpp>

#include <sangam/engine/change.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>

namespace editor {

/// Makes a record of what `on_change` tells about the text. Changes are told in the order of delivery, own
/// ones among them: whatever was told before an own change is what that change saw, and its patches refer to
/// exactly that state. Once something was missed (more was edited than
/// could be written down) the record has a gap and says so, and nothing more is written down. Threads: `hear`
/// belongs to the callback; the rest may be called from any thread.
class recorder {
public:
    explicit recorder(sangam::causality::replica_id replica) { made_.replica = replica; }

    void hear(const sangam::engine::change& heard);

    /// Waits until `own_changes` own changes were told. False: they were not in time, or something was
    /// missed.
    [[nodiscard]] bool wait_for(std::size_t own_changes, std::chrono::milliseconds timeout);

    /// The record so far; its endContent is the text that the changes told so far lead to.
    [[nodiscard]] record finish(std::string name);

private:
    std::mutex mutex_;
    std::condition_variable heard_;
    record made_;
    std::u32string text_;
};

} // namespace editor
