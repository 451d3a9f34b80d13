#pragma once

#include <editor/history.hpp>
#include <editor/writer_plan.hpp>

#include <sangam/replica.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <string>

namespace editor {

/// "writer-1" for the writer with number 0.
[[nodiscard]] std::string writer_name(std::size_t writer);

/// Plays one writer of a history on a replica that delivers nothing by itself
/// (replica_options::deliver_up_to), so that each transaction meets the very text that its positions refer
/// to. Finds the other writers by their names among the connected replicas.
class player {
public:
    /// Called while waiting and between transactions: an error ends the play. The text says what is waited
    /// for.
    using patience = std::function<sangam::result<void>(const std::string& waiting_for)>;

    player(const history& recorded, const writer_plan& plan, std::size_t writer,
           const sangam::replica& replica);

    /// Afterwards everything is delivered as it comes. Errors: bad_position with transaction and patch, those
    /// of `patience`, and those of the replica.
    [[nodiscard]] sangam::result<void> play(std::chrono::milliseconds pace, const patience& go_on);

private:
    [[nodiscard]] sangam::result<void> play_start();
    [[nodiscard]] sangam::result<void> play_step(const writer_plan::step& step, const patience& go_on);
    [[nodiscard]] sangam::result<void> wait_until_seen(const writer_plan::step& step, const patience& go_on);
    [[nodiscard]] sangam::result<void> check_patches(const writer_plan::step& step) const;
    [[nodiscard]] sangam::result<sangam::replica_id> find_writer(std::size_t writer, const patience& go_on);

    const history& recorded_;
    const writer_plan& plan_;
    std::size_t writer_;
    const sangam::replica& replica_;
    sangam::text_handle text_;
    std::map<std::size_t, sangam::replica_id> writers_;
    sangam::vector_clock seen_; ///< without own messages
};

} // namespace editor
