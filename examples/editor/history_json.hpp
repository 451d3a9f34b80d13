#pragma once

#include <editor/json_file.hpp>

#include <sangam/crdt/text_types.hpp>

#include <span>
#include <string>
#include <vector>

/// What histories and records have in common.
namespace editor {

/// `[[position, erased, inserted], ...]`
[[nodiscard]] sangam::result<std::vector<sangam::crdt::text_patch>>
read_patches(const json_file::reader& reader, const boost::json::value* value, const std::string& place);

[[nodiscard]] std::string write_patches(std::span<const sangam::crdt::text_patch> patches);

/// With quotes and escapes.
[[nodiscard]] std::string json_string(std::string_view text);

} // namespace editor
