#include <editor/player.hpp>

#include <editor/errc.hpp>
#include <editor/limits.hpp>
#include <editor/pieces.hpp>
#include <editor/quiet.hpp>
#include <editor/session.hpp>

#include <sangam/crdt/utf8.hpp>

#include <optional>
#include <span>
#include <thread>

namespace editor {
namespace {

constexpr std::chrono::milliseconds slice{100}; // after which a wait looks whether it should go on
constexpr std::chrono::milliseconds search_pause{10};

/// Inserts that one operation can carry.
std::vector<sangam::text_patch> in_pieces(std::span<const sangam::text_patch> patches) {
    std::vector<sangam::text_patch> cut;
    for (const sangam::text_patch& patch : patches) {
        if (patch.inserted.size() <= limits::insert_bytes_max) {
            cut.push_back(patch);
            continue;
        }
        std::size_t position = patch.position;
        std::size_t erased = patch.erased;
        for (const std::string_view piece : cut_into_pieces(patch.inserted, limits::insert_bytes_max)) {
            cut.push_back({position, erased, std::string(piece)});
            position += sangam::crdt::utf8::count_scalars(piece);
            erased = 0;
        }
    }
    return cut;
}

sangam::result<void> edit(const sangam::text_handle& text, std::span<const sangam::text_patch> patches,
                          const std::string& where) {
    try {
        text.edit(in_pieces(patches));
    } catch (const sangam::exception& e) {
        return sangam::error{e.code(), where + ": " + e.reason().where};
    }
    return {};
}

/// Two replicas with one name cannot be told apart.
sangam::result<std::optional<sangam::replica_id>> find_by_name(const sangam::replica_status& status,
                                                               const std::string& name) {
    std::optional<sangam::replica_id> found;
    for (const sangam::peer_status& peer : status.peers) {
        if (!is_connected(peer) || peer.name != name) continue;
        if (found && *found != peer.replica)
            return sangam::error{errc::bad_usage, "two replicas are called " + name};
        found = peer.replica;
    }
    return found;
}

} // namespace

std::string writer_name(std::size_t writer) {
    return "writer-" + std::to_string(writer + 1);
}

player::player(const history& recorded, const writer_plan& plan, std::size_t writer,
               const sangam::replica& replica)
    : recorded_(recorded), plan_(plan), writer_(writer), replica_(replica), text_(replica.text(text_key)) {}

sangam::result<void> player::play(std::chrono::milliseconds pace, const patience& go_on) {
    if (auto started = play_start(); !started) return started;
    for (const writer_plan::step& step : plan_.steps[writer_]) {
        if (auto played = play_step(step, go_on); !played) return played;
        if (pace.count() > 0) std::this_thread::sleep_for(pace);
    }
    replica_.deliver_all();
    return {};
}

sangam::result<void> player::play_start() {
    if (recorded_.start_content.empty() || writer_ != plan_.start_writer) return {};
    const sangam::text_patch all{0, 0, recorded_.start_content};
    return edit(text_, {&all, 1}, "startContent");
}

sangam::result<void> player::play_step(const writer_plan::step& step, const patience& go_on) {
    if (auto fine = go_on("transaction " + std::to_string(step.transaction)); !fine) return fine;
    if (auto seen = wait_until_seen(step, go_on); !seen) return seen;
    if (auto fits = check_patches(step); !fits) return fits;
    return edit(text_, recorded_.transactions[step.transaction].patches,
                "transaction " + std::to_string(step.transaction));
}

sangam::result<void> player::wait_until_seen(const writer_plan::step& step, const patience& go_on) {
    bool more = false;
    for (std::size_t writer = 0; writer < step.seen.size(); ++writer) {
        if (writer == writer_ || step.seen[writer] == 0) continue;
        const auto replica = find_writer(writer, go_on);
        if (!replica) return replica.error();
        more = more || seen_[*replica] < step.seen[writer];
        seen_.advance_to(*replica, step.seen[writer]);
    }
    if (!more) return {};
    for (;;) {
        const auto delivered = replica_.deliver_up_to(seen_, slice);
        if (delivered) return {};
        if (delivered.error().code != sangam::engine::errc::timed_out) return delivered.error();
        const auto fine = go_on("transaction " + std::to_string(step.transaction) +
                                " needs messages of others: " + delivered.error().where);
        if (!fine) return fine;
    }
}

sangam::result<void> player::check_patches(const writer_plan::step& step) const {
    std::size_t size = text_.size();
    const auto& patches = recorded_.transactions[step.transaction].patches;
    for (std::size_t i = 0; i < patches.size(); ++i) {
        const sangam::text_patch& patch = patches[i];
        if (patch.position > size || patch.erased > size - patch.position) {
            return sangam::error{errc::bad_position, "transaction " + std::to_string(step.transaction) +
                                                         ", patch " + std::to_string(i) + ": erases " +
                                                         std::to_string(patch.erased) + " characters at " +
                                                         std::to_string(patch.position) + " of a text of " +
                                                         std::to_string(size)};
        }
        size = size - patch.erased + sangam::crdt::utf8::count_scalars(patch.inserted);
    }
    return {};
}

sangam::result<sangam::replica_id> player::find_writer(std::size_t writer, const patience& go_on) {
    if (const auto known = writers_.find(writer); known != writers_.end()) return known->second;
    for (;;) {
        const auto found = find_by_name(replica_.status(), writer_name(writer));
        if (!found) return found.error();
        if (*found) return writers_[writer] = **found;
        if (auto fine = go_on(writer_name(writer) + " has not connected"); !fine) return fine.error();
        std::this_thread::sleep_for(search_pause);
    }
}

} // namespace editor
