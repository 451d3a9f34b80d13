#include "batch_decoder.hpp"
#include "message_cost.hpp"

#include <sangam/transport/limits.hpp>

#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/utf8.hpp>

#include <algorithm>

namespace sangam::transport {

using causality::replica_id;

namespace {

std::string over(std::uint64_t is, std::uint64_t limit) {
    return "is " + std::to_string(is) + ", the limit is " + std::to_string(limit);
}

} // namespace

batch_decoder::batch_decoder(batch& result, std::vector<std::uint64_t> replicas, std::string_view numbers,
                             std::string_view content)
    : result_(result), replicas_(std::move(replicas)), last_sequences_(replicas_.size()), numbers_(numbers),
      content_(content) {
    last_sequences_[0] = result.first;
}

bool batch_decoder::decode() {
    std::size_t count = 0;
    // A message takes a time, a number of dependencies and a number of operations.
    if (!read_count(count, limits::batch_messages_max, 3, "messages")) return false;
    if (count == 0) return fail(errc::invalid_value, "messages", "is 0");
    if (result_.first + (count - 1) > limits::sequence_max) {
        return fail(errc::invalid_value, "last", over(result_.first + (count - 1), limits::sequence_max));
    }
    memory_ = count * cost::message;
    if (memory_ > limits::batch_cost_max) return fail_by_cost("messages");
    result_.messages.resize(count);
    return read_times() && read_dependencies() && read_operations() && check_ends();
}

bool batch_decoder::read_times() {
    std::uint64_t ms = 0;
    for (std::size_t i = 0; i < result_.messages.size(); ++i) {
        message_ = i;
        message& m = result_.messages[i];
        m.id = {result_.origin, result_.first + i};
        m.size_bytes = cost::message;
        std::uint64_t ahead = 0;
        if (!read(ahead, "time")) return false;
        if (ahead >> 1 > layout::time_ms_mask) {
            return fail(errc::invalid_value, "time", over(ahead >> 1, layout::time_ms_mask));
        }
        std::uint64_t counter = 0;
        if ((ahead & 1) != 0) {
            if (!read(counter, "time.counter")) return false;
            if (counter == 0 || counter >> layout::time_counter_bits != 0) {
                return fail(errc::invalid_value, "time.counter", "is " + std::to_string(counter));
            }
        }
        ms = (ms + (ahead >> 1)) & layout::time_ms_mask;
        if (ms > causality::limits::time_ms_max) {
            return fail(errc::invalid_value, "time", over(ms, causality::limits::time_ms_max));
        }
        m.time.bits = ms << layout::time_counter_bits | counter;
    }
    return true;
}

bool batch_decoder::read_dependencies() {
    std::vector<std::uint32_t> counts;
    counts.reserve(result_.messages.size());
    for (std::size_t i = 0; i < result_.messages.size(); ++i) {
        message_ = i;
        std::size_t count = 0;
        if (!read_count(count, limits::message_dependencies_max, 2, "dependencies")) return false;
        counts.push_back(static_cast<std::uint32_t>(count));
    }
    for (std::size_t i = 0; i < result_.messages.size(); ++i) {
        message_ = i;
        if (!read_dependencies_of(result_.messages[i], counts[i])) return false;
    }
    return true;
}

bool batch_decoder::read_dependencies_of(message& m, std::size_t count) {
    if (count > numbers_.remaining() / 2) {
        return fail(errc::truncated, "dependencies",
                    "are " + std::to_string(count) + ", too many for what follows");
    }
    if (!charge(count * cost::dot, "dependencies")) return false;
    m.dependencies.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        causality::dot d;
        if (!read_dot(d, "dependency")) return false;
        if (d.replica == result_.origin) {
            return fail(errc::invalid_value, "dependency", to_string(d) + " is the origin's own");
        }
        if (i != 0 && !(m.dependencies.back() < d)) {
            return fail(errc::malformed, "dependency", to_string(d) + " is not in increasing order");
        }
        m.dependencies.push_back(d);
    }
    return true;
}

bool batch_decoder::read_operations() {
    std::vector<std::uint32_t> counts;
    counts.reserve(result_.messages.size());
    for (std::size_t i = 0; i < result_.messages.size(); ++i) {
        message_ = i;
        std::uint64_t count_and_one = 0;
        if (!read(count_and_one, "operations")) return false;
        if (count_and_one == 0) return fail(errc::malformed, "operations", "is written as 0");
        if (count_and_one - 1 > limits::message_operations_max) {
            return fail(errc::too_large, "operations",
                        over(count_and_one - 1, limits::message_operations_max));
        }
        counts.push_back(static_cast<std::uint32_t>(count_and_one - 1));
    }
    for (std::size_t i = 0; i < result_.messages.size(); ++i) {
        message_ = i;
        if (!read_operations_of(result_.messages[i], counts[i])) return false;
        operation_.reset();
    }
    message_.reset();
    return true;
}

bool batch_decoder::read_operations_of(message& m, std::size_t count) {
    if (count > numbers_.remaining() / 2) {
        return fail(errc::truncated, "operations",
                    "are " + std::to_string(count) + ", too many for what follows");
    }
    if (!charge(count * cost::operation, "operations")) return false;
    m.operations.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        operation_ = i;
        if (!read_operation(m.operations[i])) return false;
    }
    return true;
}

bool batch_decoder::check_ends() {
    if (numbers_.remaining() != 0) {
        return fail(errc::trailing_bytes, "numbers",
                    "has " + std::to_string(numbers_.remaining()) + " bytes too many");
    }
    if (!content_.empty()) {
        return fail(errc::trailing_bytes, "content",
                    "has " + std::to_string(content_.size()) + " bytes too many");
    }
    if (replicas_named_ != replicas_.size()) {
        return fail(errc::trailing_bytes, "replicas",
                    "has " + std::to_string(replicas_.size() - replicas_named_) + " that nothing names");
    }
    // Nothing reads the table any more, so it may be put in another order without a copy.
    std::ranges::sort(replicas_);
    if (const auto twice = std::ranges::adjacent_find(replicas_); twice != replicas_.end()) {
        return fail(errc::malformed, "replicas", "has " + to_string(replica_id{*twice}) + " twice");
    }
    return true;
}

bool batch_decoder::read(std::uint64_t& number, const char* field) {
    switch (numbers_.next(number)) {
    case numbers::read_status::ok:
        return true;
    case numbers::read_status::ended:
        return fail(errc::truncated, field, "is missing");
    case numbers::read_status::too_long:
        break;
    }
    return fail(errc::malformed, field, "is a number that is not written in its shortest form");
}

bool batch_decoder::read_count(std::size_t& count, std::size_t max, std::size_t bytes_min,
                               const char* field) {
    std::uint64_t number = 0;
    if (!read(number, field)) return false;
    if (number > max) {
        return fail(errc::too_large, field, over(number, max));
    }
    if (number > numbers_.remaining() / bytes_min) {
        return fail(errc::truncated, field,
                    "is " + std::to_string(number) + ", but " + std::to_string(numbers_.remaining()) +
                        " bytes follow");
    }
    count = static_cast<std::size_t>(number);
    return true;
}

bool batch_decoder::read_replica(std::size_t& index, const char* field) {
    std::uint64_t number = 0;
    return read(number, field) && find_replica(number, index, field);
}

bool batch_decoder::find_replica(std::uint64_t number, std::size_t& index, const char* field) {
    if (number < layout::replica_is_origin || number > replicas_.size()) {
        return fail(errc::malformed, field,
                    "names replica " + std::to_string(number) + " of " + std::to_string(replicas_.size()));
    }
    index = static_cast<std::size_t>(number - layout::replica_is_origin);
    if (index > replicas_named_) {
        return fail(errc::malformed, field,
                    "names replica " + std::to_string(number) + " before the one listed before it");
    }
    if (index == replicas_named_) ++replicas_named_;
    return true;
}

bool batch_decoder::read_dot(causality::dot& d, const char* field) {
    std::size_t index = 0;
    std::uint64_t difference = 0;
    if (!read_replica(index, field) || !read(difference, field)) return false;
    std::uint64_t& last = last_sequences_[index];
    last = numbers::advance(last, difference);
    if (last == 0 || last > limits::sequence_max) {
        return fail(errc::invalid_value, field, "has the sequence number " + std::to_string(last));
    }
    d = {replica_id{replicas_[index]}, last};
    return true;
}

bool batch_decoder::take(std::string_view& bytes, std::size_t count, const char* field) {
    if (count > content_.size()) {
        return fail(errc::truncated, field,
                    "has " + std::to_string(count) + " bytes, but " + std::to_string(content_.size()) +
                        " follow");
    }
    bytes = content_.substr(0, count);
    content_.remove_prefix(count);
    return true;
}

bool batch_decoder::read_bytes(std::string_view& bytes, std::size_t max, const char* field) {
    std::uint64_t size = 0;
    if (!read(size, field)) return false;
    if (size > max) {
        return fail(errc::too_large, field, over(size, max));
    }
    return take(bytes, static_cast<std::size_t>(size), field);
}

bool batch_decoder::read_text(std::string_view& text, std::size_t max, const char* field) {
    if (!read_bytes(text, max, field)) return false;
    if (const auto offset = crdt::utf8::find_invalid(text)) {
        return fail(errc::invalid_text, field, "at byte " + std::to_string(*offset));
    }
    return true;
}

bool batch_decoder::fail_by_cost(const char* field) {
    const std::size_t of_message = message_ ? result_.messages[*message_].size_bytes : 0;
    const bool alone = of_message > limits::message_cost_max;
    return fail(errc::too_large, field,
                std::string("raises the cost of the ") + (alone ? "message" : "batch") + " to " +
                    std::to_string(alone ? of_message : memory_) + ", the limit is " +
                    std::to_string(alone ? limits::message_cost_max : limits::batch_cost_max));
}

bool batch_decoder::fail(errc code, const char* field, const std::string& what) {
    std::string where = "batch.";
    if (message_) where += "message[" + std::to_string(*message_) + "].";
    if (operation_) where += "operation[" + std::to_string(*operation_) + "].";
    failure_ = error{code, where + field + " " + what};
    return false;
}

} // namespace sangam::transport
