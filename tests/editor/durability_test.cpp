#include "file_calls.hpp"
#include "save_helpers.hpp"

#include <editor/errc.hpp>
#include <editor/files.hpp>
#include <editor/save_file.hpp>

#include <doctest/doctest.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace {

using editor::errc;
using editor::save_beside;
using editor::save_file;
using editor::test::code_of;
using editor::test::content_of;
using editor::test::file_calls;
using editor::test::folder;

using calls = std::vector<std::string>;

} // namespace

// A name that leads to a file which is not on the disk yet is an empty file after a loss of power.
TEST_CASE("save_file: the new text is on the disk before the file's name leads to it, and then the name is") {
    const folder here;
    const std::string path = here.put("notes", "old");
    const file_calls heard(here / ".");
    REQUIRE(save_file(path, "new").has_value());
    CHECK(heard.told() ==
          calls{"sync notes.sangam-* (\"new\")", "rename notes.sangam-* to notes", "sync folder"});
}

TEST_CASE("save_file: a file that did not exist is on the disk before its name, and then the name is") {
    const folder here;
    const editor::file_state nothing;
    const calls expected{"sync notes.sangam-* (\"new\")", "rename notes.sangam-* to notes", "sync folder"};
    for (const editor::file_state* known : {static_cast<const editor::file_state*>(nullptr), &nothing}) {
        std::filesystem::remove(here / "notes");
        const file_calls heard(here / ".");
        REQUIRE(save_file(here / "notes", "new", known).has_value());
        CHECK(heard.told() == expected);
    }
}

TEST_CASE("save_file: the copy of a file that is written in place is on the disk before and until it is") {
    const folder here;
    const std::string path = here.put("notes", "old");
    std::filesystem::create_hard_link(path, here / "other");
    const file_calls heard(here / ".");
    REQUIRE(save_file(path, "new").has_value());
    CHECK(heard.told() == calls{"sync notes.sangam-backup-* (\"old\")", "sync folder", "sync notes (\"new\")",
                                "remove notes.sangam-backup-*"});
}

TEST_CASE("save_beside: the text and its name are on the disk when it is told where it is") {
    const folder here;
    const std::string path = here.put("notes", "theirs");
    const file_calls heard(here / ".");
    REQUIRE(save_beside(path, "ours").has_value());
    CHECK(heard.told() == calls{"sync notes.sangam-unsaved-* (\"ours\")", "sync folder"});
}

TEST_CASE(
    "save_file: a disk that fails before the name is changed leaves the old file and nothing beside it") {
    for (const std::size_t failing : {0U, 1U}) {
        CAPTURE(failing);
        const folder here;
        const std::string path = here.put("notes", "old");
        file_calls heard(here / ".");
        heard.fail(failing, EIO);
        const auto saved = save_file(path, "new");
        CHECK(code_of(saved) == errc::cannot_write);
        CHECK(saved.error().where.find("Input/output error; the old file is as it was") != std::string::npos);
        CHECK(content_of(path) == "old");
        CHECK(here.files() == 1);
    }
}

TEST_CASE("save_file: a folder that cannot be written down is said, for the text may not outlast") {
    const folder here;
    const std::string path = here.put("notes", "old");
    file_calls heard(here / ".");
    heard.fail(2, EIO);
    std::optional<editor::file_state> replaced;
    const auto saved = save_file(path, "new", nullptr, &replaced);
    REQUIRE(replaced.has_value());
    CHECK(save_file(path, "newer", &*replaced).has_value()); // it is no other program's
    CHECK(content_of(path) == "newer");
    CHECK(code_of(saved) == errc::cannot_write);
    CHECK(saved.error().where.find("may not outlast a loss of power") != std::string::npos);
    CHECK(here.files() == 1);
}

TEST_CASE("save_file: a folder that cannot be synced at all is no error") {
    for (const int error : {EINVAL, ENOTSUP}) {
        const folder here;
        const std::string path = here.put("notes", "old");
        file_calls heard(here / ".");
        heard.fail(2, error);
        CHECK(save_file(path, "new").has_value());
        CHECK(content_of(path) == "new");
    }
}

TEST_CASE("save_file: nothing is written in place until the copy of the old text is on the disk") {
    for (const std::size_t failing : {0U, 1U}) {
        CAPTURE(failing);
        const folder here;
        const std::string path = here.put("notes", "old");
        std::filesystem::create_hard_link(path, here / "other");
        file_calls heard(here / ".");
        heard.fail(failing, EIO);
        const auto saved = save_file(path, "new");
        CHECK(code_of(saved) == errc::cannot_write);
        CHECK(saved.error().where.find("the old file is as it was") != std::string::npos);
        CHECK(content_of(path) == "old");
        CHECK(here.files() == 2);
    }
}

TEST_CASE("save_file: when the disk fails in place the copy of the old text stays, and the error names it") {
    const folder here;
    const std::string path = here.put("notes", "old");
    std::filesystem::create_hard_link(path, here / "other");
    file_calls heard(here / ".");
    heard.fail(2, EIO);
    const auto saved = save_file(path, "new");
    CHECK(code_of(saved) == errc::cannot_write);
    const std::size_t named = saved.error().where.find("the old content is in ");
    REQUIRE(named != std::string::npos);
    CHECK(content_of(saved.error().where.substr(named + 22)) == "old");
}

TEST_CASE("save_beside: what is not on the disk is no copy, but what may be is kept and named") {
    const folder here;
    file_calls heard(here / ".");
    heard.fail(0, EIO);
    const auto unwritten = save_beside(here / "notes", "ours");
    REQUIRE(unwritten.has_error());
    CHECK(static_cast<errc>(unwritten.error().code.value()) == errc::cannot_write);
    CHECK(here.files() == 0);

    heard.fail(3, EIO); // 1: the file without a copy in it was removed
    const auto unsure = save_beside(here / "notes", "ours");
    REQUIRE(unsure.has_error());
    const std::string& where = unsure.error().where;
    const std::size_t named = where.find("the text is in ");
    REQUIRE(named != std::string::npos);
    CHECK(content_of(where.substr(named + 15, where.find(',', named) - named - 15)) == "ours");
}
