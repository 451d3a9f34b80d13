#include <editor/history_json.hpp>

#include <boost/json/serialize.hpp>

namespace editor {
namespace {

sangam::result<sangam::crdt::text_patch>
read_patch(const json_file::reader& reader, const boost::json::value& value, const std::string& place) {
    const auto fields = reader.array(&value, place);
    if (!fields) return fields.error();
    if ((*fields)->size() != 3) {
        return reader.failure(place, "has " + std::to_string((*fields)->size()) + " fields, not 3");
    }
    const auto position = reader.number(&(**fields)[0], place + ": the position");
    if (!position) return position.error();
    const auto erased = reader.number(&(**fields)[1], place + ": the number of erased characters");
    if (!erased) return erased.error();
    auto inserted = reader.string(&(**fields)[2], place + ": the inserted text");
    if (!inserted) return inserted.error();
    return sangam::crdt::text_patch{*position, *erased, std::move(*inserted)};
}

} // namespace

sangam::result<std::vector<sangam::crdt::text_patch>>
read_patches(const json_file::reader& reader, const boost::json::value* value, const std::string& place) {
    const auto listed = reader.array(value, place + ": patches");
    if (!listed) return listed.error();
    std::vector<sangam::crdt::text_patch> patches;
    patches.reserve((*listed)->size());
    for (const boost::json::value& entry : **listed) {
        auto patch = read_patch(reader, entry, place + ", patch " + std::to_string(patches.size()));
        if (!patch) return patch.error();
        patches.push_back(std::move(*patch));
    }
    return patches;
}

std::string write_patches(std::span<const sangam::crdt::text_patch> patches) {
    std::string out = "[";
    for (const sangam::crdt::text_patch& patch : patches) {
        if (out.size() > 1) out += ',';
        out += '[' + std::to_string(patch.position) + ',' + std::to_string(patch.erased) + ',' +
               json_string(patch.inserted) + ']';
    }
    return out + ']';
}

std::string json_string(std::string_view text) {
    return boost::json::serialize(boost::json::string(text.data(), text.size()));
}

} // namespace editor
