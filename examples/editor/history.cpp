#include <editor/history.hpp>

#include <editor/errc.hpp>
#include <editor/files.hpp>
#include <editor/history_json.hpp>
#include <editor/json_file.hpp>

#include <algorithm>

namespace editor {
namespace {

using boost::json::object;

sangam::result<history::format> read_kind(const json_file::reader& reader, const object& root) {
    const boost::json::value* kind = root.if_contains("kind");
    if (kind == nullptr) return history::format::sequential;
    const auto name = reader.string(kind, "kind");
    if (!name) return name.error();
    if (*name != "concurrent")
        return reader.failure("kind", "is " + json_string(*name) + ", not \"concurrent\"");
    return history::format::concurrent;
}

sangam::result<std::vector<std::size_t>> read_parents(const json_file::reader& reader, const object& fields,
                                                      const std::string& place, std::size_t index) {
    const auto listed = reader.array(fields.if_contains("parents"), place + ": parents");
    if (!listed) return listed.error();
    std::vector<std::size_t> parents;
    for (const boost::json::value& entry : **listed) {
        const std::string which = place + ", parent " + std::to_string(parents.size());
        const auto parent = reader.number(&entry, which);
        if (!parent) return parent.error();
        if (*parent >= index) {
            return reader.failure(which, "is " + std::to_string(*parent) + ", which is not earlier");
        }
        parents.push_back(*parent);
    }
    return parents;
}

sangam::result<recorded_transaction> read_transaction(const json_file::reader& reader, const history& so_far,
                                                      const boost::json::value& value) {
    const std::size_t index = so_far.transactions.size();
    const std::string place = "transaction " + std::to_string(index);
    const auto fields = reader.object(&value, place);
    if (!fields) return fields.error();

    recorded_transaction made;
    if (so_far.kind == history::format::concurrent) {
        auto parents = read_parents(reader, **fields, place, index);
        if (!parents) return parents.error();
        made.parents = std::move(*parents);
        const auto agent = reader.number((*fields)->if_contains("agent"), place + ": agent");
        if (!agent) return agent.error();
        if (*agent >= so_far.agents) {
            return reader.failure(place + ": agent", "is " + std::to_string(*agent) + ", but numAgents is " +
                                                         std::to_string(so_far.agents));
        }
        made.agent = *agent;
    } else if (index > 0) {
        made.parents = {index - 1};
    }
    auto patches = read_patches(reader, (*fields)->if_contains("patches"), place);
    if (!patches) return patches.error();
    made.patches = std::move(*patches);
    return made;
}

sangam::result<history> read_head(const json_file::reader& reader, const object& root) {
    history head;
    const auto kind = read_kind(reader, root);
    if (!kind) return kind.error();
    head.kind = *kind;
    if (const boost::json::value* start = root.if_contains("startContent")) {
        auto text = reader.string(start, "startContent");
        if (!text) return text.error();
        head.start_content = std::move(*text);
    }
    if (const boost::json::value* end = root.if_contains("endContent")) {
        auto text = reader.string(end, "endContent");
        if (!text) return text.error();
        head.end_content = std::move(*text);
    }
    if (head.kind == history::format::concurrent) {
        const auto agents = reader.number(root.if_contains("numAgents"), "numAgents");
        if (!agents) return agents.error();
        if (*agents == 0) return reader.failure("numAgents", "is 0");
        head.agents = *agents;
    }
    return head;
}

std::string transaction_line(const history& recorded, const recorded_transaction& made) {
    std::string line = "{";
    if (recorded.kind == history::format::concurrent) {
        line += "\"parents\":[";
        for (std::size_t i = 0; i < made.parents.size(); ++i) {
            line += (i == 0 ? "" : ",") + std::to_string(made.parents[i]);
        }
        line += "],\"agent\":" + std::to_string(made.agent) + ',';
    }
    return line + "\"patches\":" + write_patches(made.patches) + '}';
}

} // namespace

bool recorded_transaction::changes_text() const noexcept {
    return std::ranges::any_of(patches, [](const auto& p) { return p.erased > 0 || !p.inserted.empty(); });
}

sangam::result<history> load_history(const std::string& path) {
    const auto json = json_file::load(path);
    if (!json) return json.error();
    const json_file::reader reader(errc::bad_history, path);
    const auto root = reader.object(&*json, "the file");
    if (!root) return root.error();
    auto loaded = read_head(reader, **root);
    if (!loaded) return loaded;
    const auto listed = reader.array((*root)->if_contains("txns"), "txns");
    if (!listed) return listed.error();
    loaded->transactions.reserve((*listed)->size());
    for (const boost::json::value& entry : **listed) {
        auto made = read_transaction(reader, *loaded, entry);
        if (!made) return made.error();
        loaded->transactions.push_back(std::move(*made));
    }
    return loaded;
}

sangam::result<void> save_history(const std::string& path, const history& recorded) {
    std::string out = "{";
    if (recorded.kind == history::format::concurrent) {
        out += "\"kind\":\"concurrent\",\"numAgents\":" + std::to_string(recorded.agents) + ",\n";
    }
    if (recorded.kind == history::format::sequential || !recorded.start_content.empty()) {
        out += "\"startContent\":" + json_string(recorded.start_content) + ",\n";
    }
    if (recorded.end_content) out += "\"endContent\":" + json_string(*recorded.end_content) + ",\n";
    out += "\"txns\":[";
    bool first = true;
    for (const recorded_transaction& made : recorded.transactions) {
        out += (first ? "\n" : ",\n") + transaction_line(recorded, made);
        first = false;
    }
    if (const auto written = write_file(path, out + "\n]}\n"); !written) return written.error();
    return {};
}

} // namespace editor
