#pragma once

#include <sangam/crdt/text_undo.hpp>
#include <sangam/engine/executor.hpp>

#include <mutex>

namespace sangam::engine {

/// What the copies of an undo stack share. Its lock is taken inside the replica's, never around it.
struct recorded_edits {
    object_address address;
    std::mutex mutex;
    crdt::text_undo undo;
};

} // namespace sangam::engine
