#pragma once

#include <sangam/delivery/envelope.hpp>
#include <sangam/delivery/limits.hpp>

#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

namespace sangam::delivery {

/// Messages on their way to the log and to the peers, in the order in which they were delivered.
///
/// Meaning: a queue that is emptied batch by batch; a batch is a run of consecutive dots of one origin,
///   because that is what the log stores and a frame carries.
/// Cost: O(1) a message.
/// Threads: none; the caller's lock.
template <causal_message Message>
class outbox {
public:
    explicit outbox(batch_limits limits = {}) : limits_(limits) {}

    void push(Message message) {
        bytes_ += message.size_bytes;
        messages_.push_back(std::move(message));
    }

    /// The next batch: at least one message, at most `messages_max`, and at most `bytes_max` unless it is one
    /// message alone. Empty when nothing waits.
    [[nodiscard]] std::vector<Message> take_batch() {
        std::vector<Message> batch;
        std::size_t batch_bytes = 0;
        while (!messages_.empty() && (batch.empty() || batch.size() < limits_.messages_max)) {
            const std::size_t size = messages_.front().size_bytes;
            if (!batch.empty() &&
                (!follows(batch.back(), messages_.front()) || batch_bytes + size > limits_.bytes_max)) {
                break;
            }
            batch_bytes += size;
            batch.push_back(std::move(messages_.front()));
            messages_.pop_front();
        }
        bytes_ -= batch_bytes;
        return batch;
    }

    [[nodiscard]] std::size_t size() const noexcept { return messages_.size(); }
    [[nodiscard]] bool empty() const noexcept { return messages_.empty(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
    [[nodiscard]] static bool follows(const envelope& before, const envelope& after) {
        return after.id.replica == before.id.replica && after.id.sequence == before.id.sequence + 1;
    }

    batch_limits limits_;
    std::deque<Message> messages_;
    std::size_t bytes_ = 0;
};

} // namespace sangam::delivery
