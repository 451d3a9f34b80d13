#include <editor/errc.hpp>
#include <editor/files.hpp>
#include <editor/history_json.hpp>
#include <editor/json_file.hpp>
#include <editor/record.hpp>

namespace editor {
namespace {

sangam::result<sangam::causality::vector_clock>
read_clock(const json_file::reader& reader, const boost::json::value* value, const std::string& place) {
    const auto text = reader.string(value, place);
    if (!text) return text.error();
    const auto clock = sangam::causality::parse_vector_clock(*text);
    if (!clock) return reader.failure(place, "is not a clock");
    return *clock;
}

sangam::result<recorded_change> read_change(const json_file::reader& reader, const boost::json::value& value,
                                            const record& so_far) {
    const std::string place = "change " + std::to_string(so_far.changes.size());
    const auto fields = reader.object(&value, place);
    if (!fields) return fields.error();
    recorded_change change;
    const auto sequence = reader.number((*fields)->if_contains("sequence"), place + ": sequence");
    if (!sequence) return sequence.error();
    change.sequence = *sequence;
    const std::uint64_t last = so_far.changes.empty() ? 0 : so_far.changes.back().sequence;
    if (change.sequence <= last) return reader.failure(place + ": sequence", "does not ascend");
    auto seen = read_clock(reader, (*fields)->if_contains("seen"), place + ": seen");
    if (!seen) return seen.error();
    change.seen = std::move(*seen);
    if (change.seen[so_far.replica] != last)
        return reader.failure(place + ": seen", "misses the change before");
    auto patches = read_patches(reader, (*fields)->if_contains("patches"), place);
    if (!patches) return patches.error();
    change.patches = std::move(*patches);
    return change;
}

sangam::result<record> read_head(const json_file::reader& reader, const boost::json::object& root) {
    record loaded;
    const auto kind = reader.string(root.if_contains("kind"), "kind");
    if (!kind) return kind.error();
    if (*kind != "record") return reader.failure("kind", "is " + json_string(*kind) + ", not \"record\"");
    const auto replica = reader.string(root.if_contains("replica"), "replica");
    if (!replica) return replica.error();
    const auto id = sangam::causality::parse_replica_id(*replica);
    if (!id) return reader.failure("replica", "is not a replica's id");
    loaded.replica = *id;
    auto name = reader.string(root.if_contains("name"), "name");
    if (!name) return name.error();
    loaded.name = std::move(*name);
    auto seen = read_clock(reader, root.if_contains("seen"), "seen");
    if (!seen) return seen.error();
    loaded.seen = std::move(*seen);
    auto end = reader.string(root.if_contains("endContent"), "endContent");
    if (!end) return end.error();
    loaded.end_content = std::move(*end);
    const boost::json::value* const complete = root.if_contains("complete");
    if (complete == nullptr || !complete->is_bool()) {
        return reader.failure("complete", "is neither true nor false");
    }
    loaded.complete = complete->get_bool();
    return loaded;
}

} // namespace

sangam::result<void> save_record(const std::string& path, const record& made) {
    std::string out = "{\"kind\":\"record\",\"replica\":\"" + to_string(made.replica) +
                      "\",\"name\":" + json_string(made.name) + ",\n\"seen\":\"" + to_string(made.seen) +
                      "\",\n\"endContent\":" + json_string(made.end_content) +
                      ",\n\"complete\":" + (made.complete ? "true" : "false") + ",\n\"changes\":[";
    bool first = true;
    for (const recorded_change& change : made.changes) {
        out += (first ? "\n" : ",\n") + std::string("{\"sequence\":") + std::to_string(change.sequence) +
               ",\"seen\":\"" + to_string(change.seen) + "\",\"patches\":" + write_patches(change.patches) +
               '}';
        first = false;
    }
    if (const auto written = write_file(path, out + "\n]}\n"); !written) return written.error();
    return {};
}

sangam::result<record> load_record(const std::string& path) {
    const auto json = json_file::load(path);
    if (!json) return json.error();
    const json_file::reader reader(errc::bad_record, path);
    const auto root = reader.object(&*json, "the file");
    if (!root) return root.error();
    auto loaded = read_head(reader, **root);
    if (!loaded) return loaded;
    const auto listed = reader.array((*root)->if_contains("changes"), "changes");
    if (!listed) return listed.error();
    for (const boost::json::value& entry : **listed) {
        auto change = read_change(reader, entry, *loaded);
        if (!change) return change.error();
        loaded->changes.push_back(std::move(*change));
    }
    return loaded;
}

} // namespace editor
