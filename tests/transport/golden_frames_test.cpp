#include "batches.hpp"
#include "hexadecimal.hpp"
#include "raw_batch.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

using namespace sangam;
using namespace sangam::test;

namespace {

/// The first column of the table that follows `mark` in docs/wire-format.md.
std::string documented(const std::string& mark) {
    std::ifstream page(wire_folder.parent_path().parent_path() / "docs" / "wire-format.md");
    std::string line;
    while (std::getline(page, line) && line != mark) {
    }
    std::ostringstream shown;
    while (std::getline(page, line) && (line.empty() || line.starts_with('|'))) {
        if (line.starts_with("| `")) shown << line.substr(3, line.find('`', 3) - 3) << ' ';
    }
    std::istringstream text(shown.str());
    return bytes_of(text);
}

struct golden_batch {
    const char* name;
    transport::batch content;
};

std::vector<golden_batch> golden_batches() {
    using namespace crdt;
    std::vector<golden_batch> all{{"batch_keystroke", keystrokes(1, 0)},
                                  {"batch_keystrokes_100", keystrokes(100, 4)},
                                  {"batch_everything", everything()},
                                  {"batch_type_family", type_family()},
                                  {"batch_marks", marks()},
                                  {"batch_restores", restores()}};
    all.push_back(
        {"batch_two_replicas",
         number({alice,
                 1'000,
                 {message_of(1'700'000'000'000,
                             {operation_on("notes", test::insert(500, {499, bob}, "hi")),
                              operation_on("visits", g_counter::operation{2})},
                             {{bob, 40}}),
                  message_of(1'700'000'000'120, {operation_on("notes", test::insert(502, "!"))})}})});
    return all;
}

} // namespace

TEST_CASE("golden frames: batches are written as ever and read as ever") {
    for (const auto& [name, content] : golden_batches()) {
        CAPTURE(name);
        write_if_wanted(name, transport::encode_batch(content));
        const std::string golden = read_golden(name);
        CHECK(hexadecimal(transport::encode_batch(content)) == hexadecimal(golden));
        const auto decoded = transport::decode_batch(golden);
        REQUIRE_MESSAGE(decoded.has_value(), decoded.error().message());
        CHECK(*decoded == content);
    }
}

TEST_CASE("golden frames: heads are written as ever and read as ever") {
    const std::vector<transport::head> all = heads();
    const char* const names[] = {"head_hello",         "head_heartbeat",    "head_stream",
                                 "head_range_request", "head_range_answer", "head_refusal"};
    REQUIRE(all.size() == std::size(names));
    for (std::size_t i = 0; i < all.size(); ++i) {
        CAPTURE(names[i]);
        write_if_wanted(names[i], transport::encode_head(all[i]));
        const std::string golden = read_golden(names[i]);
        CHECK(hexadecimal(transport::encode_head(all[i])) == hexadecimal(golden));
        const auto decoded = transport::decode_head(golden, all[i].group);
        REQUIRE_MESSAGE(decoded.has_value(), decoded.error().message());
        CHECK(*decoded == all[i]);
    }
}

TEST_CASE("golden frames: docs/wire-format.md shows the bytes of the file it names") {
    const std::string golden = read_golden("batch_two_replicas");
    CHECK(hexadecimal(documented("<!-- example: batch_two_replicas -->")) == hexadecimal(golden));

    raw_batch raw;
    raw.first = 1'000;
    raw.replicas = {bob.bits};
    raw.numbers = documented("<!-- example: numbers -->");
    raw.content = "noteshivisits!";
    const auto decoded = transport::decode_batch(raw.bytes());
    REQUIRE_MESSAGE(decoded.has_value(), decoded.error().message());
    CHECK(*decoded == transport::decode_batch(golden).value());
}
