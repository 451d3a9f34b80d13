#include <editor/errc.hpp>
#include <editor/files.hpp>
#include <editor/history.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

namespace {

using editor::errc;
using editor::history;

/// A folder that is gone after the test.
class scratch_folder {
public:
    scratch_folder()
        : path_(std::filesystem::temp_directory_path() / ("sangam-editor-" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(path_);
    }
    ~scratch_folder() { std::filesystem::remove_all(path_); }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;

    [[nodiscard]] std::string file(const std::string& name, const std::string& content) const {
        const std::string path = (path_ / name).string();
        std::ofstream(path, std::ios::binary) << content;
        return path;
    }
    [[nodiscard]] std::string name(const std::string& name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

sangam::result<history> load(const std::string& json) {
    const scratch_folder folder;
    return editor::load_history(folder.file("h.json", json));
}

/// The error without the file's name, which differs from run to run.
std::string refusal(const std::string& json, errc code = errc::bad_history) {
    const auto loaded = load(json);
    REQUIRE(loaded.has_error());
    CHECK(loaded.error().code == code);
    const std::string& where = loaded.error().where;
    return where.substr(where.find(": ") + 2);
}

std::string concurrent(const std::string& transactions) {
    return R"({"kind":"concurrent","numAgents":2,"txns":[)" + transactions + "]}";
}

} // namespace

TEST_CASE("history: a sequential one is read with each transaction after the one before") {
    const auto loaded = load(R"({"startContent":"ab","endContent":"axb","txns":[
        {"time":"2021","patches":[[1,0,"x"]]},{"patches":[[2,1,""],[2,0,"b"]]}]})");
    REQUIRE(loaded.has_value());
    CHECK(loaded->kind == history::format::sequential);
    CHECK(loaded->start_content == "ab");
    CHECK(loaded->end_content == "axb");
    REQUIRE(loaded->transactions.size() == 2);
    CHECK(loaded->transactions[0].parents.empty());
    CHECK(loaded->transactions[1].parents == std::vector<std::size_t>{0});
    CHECK(loaded->transactions[1].patches.at(0) == sangam::crdt::text_patch{2, 1, ""});
    CHECK(loaded->transactions[1].patches.at(1) == sangam::crdt::text_patch{2, 0, "b"});
}

TEST_CASE("history: a concurrent one is read with agents and parents; unknown fields are ignored") {
    const auto loaded = load(R"({"kind":"concurrent","endContent":"ba","numAgents":2,"more":{},"txns":[
        {"parents":[],"numChildren":1,"agent":0,"patches":[[0,0,"a"]]},
        {"parents":[],"agent":1,"patches":[[0,0,"b"]]},
        {"parents":[0,1],"agent":1,"patches":[]}]})");
    REQUIRE(loaded.has_value());
    CHECK(loaded->agents == 2);
    REQUIRE(loaded->transactions.size() == 3);
    CHECK(loaded->transactions[2].parents == std::vector<std::size_t>{0, 1});
    CHECK(loaded->transactions[1].agent == 1);
    CHECK(loaded->transactions[1].changes_text());
    CHECK_FALSE(loaded->transactions[2].changes_text());
}

TEST_CASE("history: what is saved is loaded again, plain and as gzip, in both formats") {
    const scratch_folder folder;
    history made;
    made.start_content = "start";
    made.end_content = "\"quoted\" \\ \n \xC3\xA4 \xF0\x9F\x98\x80";
    made.transactions = {{{}, 0, {{0, 5, *made.end_content}}}, {{0}, 0, {{1, 0, "x"}, {1, 1, ""}}}};
    for (const std::string name : {"h.json", "h.json.gz"}) {
        CAPTURE(name);
        for (const auto kind : {history::format::sequential, history::format::concurrent}) {
            made.kind = kind;
            if (kind == history::format::concurrent) {
                made.agents = 2;
                made.transactions[1].agent = 1;
            }
            REQUIRE(editor::save_history(folder.name(name), made).has_value());
            const auto loaded = editor::load_history(folder.name(name));
            REQUIRE(loaded.has_value());
            CHECK(*loaded == made);
        }
        made.agents = 1;
        made.transactions[1].agent = 0;
    }
    CHECK(editor::read_file(folder.name("h.json.gz")).value().bytes.starts_with("\x1f\x8b"));
}

TEST_CASE("history: a file that is not there, or not a file, is an error that names it") {
    const auto missing = editor::load_history("/nowhere/at/all.json");
    REQUIRE(missing.has_error());
    CHECK(missing.error().message() ==
          "editor: cannot read: /nowhere/at/all.json: No such file or directory");
    const auto folder = editor::load_history("/");
    REQUIRE(folder.has_error());
    CHECK(folder.error().message() == "editor: not a file: /: is a directory");
}

TEST_CASE("history: a name that ends in .gz must be gzip") {
    const scratch_folder folder;
    const auto loaded = editor::load_history(folder.file("h.json.gz", "{}"));
    REQUIRE(loaded.has_error());
    CHECK(loaded.error().code == errc::bad_gzip);
    CHECK(loaded.error().where.ends_with("h.json.gz: byte 0: does not start as gzip does"));
}

TEST_CASE("history: gzip cut short at any byte, or damaged in its checksum, is refused") {
    const scratch_folder folder;
    history made;
    made.end_content = std::string(300, 'x') + "end";
    REQUIRE(editor::save_history(folder.name("h.json.gz"), made).has_value());
    const std::string whole = editor::read_file(folder.name("h.json.gz")).value().bytes;
    for (std::size_t length = 2; length < whole.size(); ++length) {
        CAPTURE(length);
        const auto cut = editor::load_history(folder.file("cut.gz", whole.substr(0, length)));
        REQUIRE(cut.has_error());
        CHECK(cut.error().code == errc::bad_gzip);
    }
    for (std::size_t from_end = 5; from_end <= 8; ++from_end) { // the checksum stands before the length
        CAPTURE(from_end);
        std::string damaged = whole;
        damaged[damaged.size() - from_end] = static_cast<char>(damaged[damaged.size() - from_end] ^ 0x10);
        const auto loaded = editor::load_history(folder.file("damaged.gz", damaged));
        REQUIRE(loaded.has_error());
        CHECK(loaded.error().code == errc::bad_gzip);
    }
}

TEST_CASE("history: text that is not JSON is refused with the byte") {
    CHECK(refusal("hello", errc::bad_json).starts_with("byte 0: "));
    CHECK(refusal(R"({"txns":[1,})", errc::bad_json).starts_with("byte 11: "));
    CHECK(refusal("", errc::bad_json).starts_with("byte 0: "));
    CHECK(refusal(R"({"txns":[)", errc::bad_json).starts_with("byte 9: "));
    CHECK(refusal("{\"endContent\":\"\xFF\"}", errc::bad_json).starts_with("byte "));
    CHECK(refusal(R"({"endContent":"\ud800"})", errc::bad_json).starts_with("byte "));
    CHECK(refusal(R"({"txns":[]} x)", errc::bad_json).starts_with("byte 12: "));
    CHECK(refusal(std::string(100'000, '['), errc::bad_json).starts_with("byte "));
}

TEST_CASE("history: JSON of another shape is refused with what is wrong") {
    CHECK(refusal("[]") == "the file is an array, not an object");
    CHECK(refusal("{}") == "txns is missing");
    CHECK(refusal(R"({"txns":{}})") == "txns is an object, not an array");
    CHECK(refusal(R"({"startContent":1,"txns":[]})") == "startContent is 1, not a string");
    CHECK(refusal(R"({"endContent":null,"txns":[]})") == "endContent is null, not a string");
    CHECK(refusal(R"({"kind":"parallel","txns":[]})") == "kind is \"parallel\", not \"concurrent\"");
    CHECK(refusal(R"({"kind":"concurrent","txns":[]})") == "numAgents is missing");
    CHECK(refusal(R"({"kind":"concurrent","numAgents":0,"txns":[]})") == "numAgents is 0");
}

TEST_CASE("history: a wrong transaction is refused with its index and its patch's") {
    CHECK(refusal(R"({"txns":[7]})") == "transaction 0 is 7, not an object");
    CHECK(refusal(R"({"txns":[{"patches":[]},{}]})") == "transaction 1: patches is missing");
    CHECK(refusal(R"({"txns":[{"patches":[[0,0,""],3]}]})") == "transaction 0, patch 1 is 3, not an array");
    CHECK(refusal(R"({"txns":[{"patches":[[0,0]]}]})") == "transaction 0, patch 0 has 2 fields, not 3");
    CHECK(refusal(R"({"txns":[{"patches":[[-1,0,""]]}]})") ==
          "transaction 0, patch 0: the position is -1, which is negative");
    CHECK(
        refusal(R"({"txns":[{"patches":[[0,-9223372036854775808,""]]}]})") ==
        "transaction 0, patch 0: the number of erased characters is -9223372036854775808, which is negative");
    CHECK(refusal(R"({"txns":[{"patches":[[4294967296,0,""]]}]})") ==
          "transaction 0, patch 0: the position is 4294967296, more than 4294967295");
    CHECK(refusal(R"({"txns":[{"patches":[[18446744073709551615,0,""]]}]})") ==
          "transaction 0, patch 0: the position is 18446744073709551615, more than 4294967295");
    CHECK(refusal(R"({"txns":[{"patches":[[1e300,0,""]]}]})").ends_with("not a whole number"));
    CHECK(refusal(R"({"txns":[{"patches":[[99999999999999999999999,0,""]]}]})")
              .ends_with("not a whole number"));
    CHECK(refusal(R"({"txns":[{"patches":[[0.5,0,""]]}]})").ends_with("not a whole number"));
    CHECK(refusal(R"({"txns":[{"patches":[[0,0,5]]}]})") ==
          "transaction 0, patch 0: the inserted text is 5, not a string");
}

TEST_CASE("history: the greatest position that a file may name is accepted") {
    const auto loaded = load(R"({"txns":[{"patches":[[4294967295,0,""]]}]})");
    REQUIRE(loaded.has_value());
    CHECK(loaded->transactions[0].patches[0].position == 4294967295);
}

TEST_CASE("history: parents must be earlier, and agents within numAgents") {
    const std::string first = R"({"parents":[],"agent":0,"patches":[]},)";
    CHECK(refusal(concurrent(first + R"({"parents":[1],"agent":0,"patches":[]})")) ==
          "transaction 1, parent 0 is 1, which is not earlier");
    CHECK(refusal(concurrent(first + R"({"parents":[0,2],"agent":0,"patches":[]})")) ==
          "transaction 1, parent 1 is 2, which is not earlier");
    CHECK(refusal(concurrent(first + R"({"parents":[-1],"agent":0,"patches":[]})")) ==
          "transaction 1, parent 0 is -1, which is negative");
    CHECK(refusal(concurrent(first + R"({"agent":0,"patches":[]})")) == "transaction 1: parents is missing");
    CHECK(refusal(concurrent(first + R"({"parents":[0],"agent":2,"patches":[]})")) ==
          "transaction 1: agent is 2, but numAgents is 2");
    CHECK(refusal(concurrent(first + R"({"parents":[0],"patches":[]})")) ==
          "transaction 1: agent is missing");
}

TEST_CASE("files: text that is not UTF-8 is refused with the byte") {
    const scratch_folder folder;
    const auto loaded = editor::read_text(folder.file("notes.txt", "ab\xC3\xA4"
                                                                   "c\xFFz"));
    REQUIRE(loaded.has_error());
    CHECK(loaded.error().code == errc::invalid_utf8);
    CHECK(loaded.error().where.ends_with("notes.txt: byte 5"));
    CHECK(editor::read_text(folder.file("notes.txt", "ab\xC3\xA4")).value().bytes == "ab\xC3\xA4");
}

TEST_CASE("files: a file that cannot be written is an error and leaves nothing behind") {
    const scratch_folder folder;
    const auto written = editor::write_file(folder.name("no/such/folder.txt"), "x");
    REQUIRE(written.has_error());
    CHECK(written.error().code == errc::cannot_write);
    CHECK(editor::write_file(folder.name("."), "x").has_error());
    CHECK(std::filesystem::is_empty(folder.name("")));
}
