#include "save_helpers.hpp"

#include <editor/errc.hpp>
#include <editor/files.hpp>
#include <editor/save_file.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace {

using editor::errc;
using editor::save_file;
using editor::test::code_of;
using editor::test::content_of;
using editor::test::folder;
using editor::test::in_another_process;
using editor::test::look;

/// A group of this user that a new file does not get by itself.
std::optional<gid_t> another_own_group() {
    std::vector<gid_t> groups(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
    groups.resize(
        static_cast<std::size_t>(std::max(0, ::getgroups(static_cast<int>(groups.size()), groups.data()))));
    const auto found = std::ranges::find_if(groups, [](gid_t group) { return group != ::getegid(); });
    if (found == groups.end()) return std::nullopt;
    return *found;
}

/// Not every file system has extended attributes, and /tmp is often one in memory.
std::vector<std::filesystem::path> folders_for_attributes() {
    std::vector<std::filesystem::path> found;
    for (const std::filesystem::path& where :
         {std::filesystem::temp_directory_path(), std::filesystem::current_path(),
          std::filesystem::path("/var/tmp")}) {
        if (::access(where.c_str(), W_OK) == 0) found.push_back(where);
    }
    return found;
}

} // namespace

// A file of mode 600 became one that everybody could read.
TEST_CASE("save_file: a file keeps its mode, whatever the umask says") {
    const folder here;
    const std::string path = here.put("notes", "old");
    const mode_t before = ::umask(022);
    for (const mode_t mode : {0600U, 0640U, 0666U, 0755U}) {
        CAPTURE(mode);
        REQUIRE(::chmod(path.c_str(), mode) == 0);
        CHECK(save_file(path, "new").has_value());
        CHECK((look(path).st_mode & 07777) == mode);
    }
    CHECK(save_file(here / "fresh", "new").has_value());
    CHECK((look(here / "fresh").st_mode & 07777) == 0644);
    ::umask(before);
    CHECK(content_of(path) == "new");
    CHECK(here.files() == 2);
}

// As root whatever cannot be checked is a failure; others say what they could not check.
TEST_CASE("save_file: a file keeps its owner and its group") {
    const folder here;
    const std::string path = here.put("notes", "old");
    const bool root = ::geteuid() == 0;
    const uid_t owner = root ? 12345 : ::geteuid();
    const std::optional<gid_t> group = root ? 12346 : another_own_group();
    if (!root) MESSAGE("not checked without root: that the owner is kept");
    if (!group) {
        MESSAGE("not checked: that the group is kept, because this user is in one group only");
        return;
    }
    REQUIRE(::chown(path.c_str(), owner, *group) == 0);
    const ino_t before = look(path).st_ino;
    CHECK(save_file(path, "new").has_value());
    CHECK(look(path).st_uid == owner);
    CHECK(look(path).st_gid == *group);
    CHECK(look(path).st_ino != before); // or it was written in place, which keeps them anyway
    CHECK(content_of(path) == "new");
}

TEST_CASE("save_file: a file keeps its extended attributes") {
    for (const std::filesystem::path& where : folders_for_attributes()) {
        const folder here(where);
        const std::string path = here.put("notes", "old");
        if (::setxattr(path.c_str(), "user.sangam", "x", 1, 0) != 0) {
            CHECK((errno == ENOTSUP || errno == EPERM));
            continue;
        }
        const ino_t before = look(path).st_ino;
        CHECK(save_file(path, "new").has_value());
        char value = 0;
        CHECK(::getxattr(path.c_str(), "user.sangam", &value, 1) == 1);
        CHECK(value == 'x');
        CHECK(look(path).st_ino != before);
        CHECK(content_of(path) == "new");
        return;
    }
    const char* const skipped =
        "not checked: that extended attributes are kept, because no file system has any; TMPDIR may name one";
    MESSAGE(skipped);
    if (::geteuid() == 0) FAIL(skipped);
}

// A link became a file, and what it led to stayed as it was.
TEST_CASE("save_file: what a link leads to is replaced, and the link stays") {
    const folder here;
    std::filesystem::create_directory(here / "sub");
    const std::string path = here.put("sub/notes", "old");
    std::filesystem::create_symlink("sub/notes", here / "one");
    std::filesystem::create_symlink(here / "one", here / "two");
    CHECK(save_file(here / "two", "new").has_value());
    CHECK(S_ISLNK(look(here / "two").st_mode));
    CHECK(S_ISLNK(look(here / "one").st_mode));
    CHECK(content_of(path) == "new");

    std::filesystem::create_symlink("sub/fresh", here / "nowhere");
    CHECK(save_file(here / "nowhere", "new").has_value());
    CHECK(content_of(here / "sub/fresh") == "new");
    std::filesystem::create_symlink("round", here / "round");
    CHECK(code_of(save_file(here / "round", "new")) == errc::cannot_write);
}

TEST_CASE("save_file: a file with several names stays one file, longer or shorter") {
    const folder here;
    const std::string path = here.put("notes", "old");
    std::filesystem::create_hard_link(path, here / "other");
    for (const std::string_view text : {"much longer than that", "x"}) {
        CHECK(save_file(path, text).has_value());
        CHECK(content_of(here / "other") == text);
        CHECK(look(path).st_ino == look(here / "other").st_ino);
    }
    CHECK(here.files() == 2);
}

// What another program had written in the meantime was lost without a question.
TEST_CASE("save_file: a file that another program changed is not overwritten") {
    const folder here;
    const std::string path = here.put("notes", "old");
    const auto state = editor::read_text(path).value().state;
    const struct stat before = look(path);

    // The same length and the same times: only the content tells.
    (void)here.put("notes", "owl");
    const timespec times[] = {before.st_atim, before.st_mtim};
    REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
    CHECK(code_of(save_file(path, "new", &state)) == errc::file_changed);
    CHECK(content_of(path) == "owl");

    // Another file under its name.
    std::filesystem::rename(here.put("theirs", "theirs"), path);
    CHECK(code_of(save_file(path, "new", &state)) == errc::file_changed);
    // A file that was not there.
    const editor::file_state nothing;
    CHECK(code_of(save_file(path, "new", &nothing)) == errc::file_changed);
    CHECK(here.files() == 1);

    // Touched only, or written by ourselves: no change.
    std::filesystem::rename(here.put("same", "old"), path);
    const auto saved = save_file(path, "new", &state);
    REQUIRE(saved.has_value());
    CHECK(save_file(path, "newer", &*saved).has_value());
    std::filesystem::remove(path);
    CHECK(save_file(path, "back", &*saved).has_value());
    CHECK(content_of(path) == "back");
}

// Opening a FIFO waited for ever.
TEST_CASE("files: what is no file is refused at once, for reading and for writing") {
    const folder here;
    REQUIRE(::mkfifo((here / "fifo").c_str(), 0600) == 0);
    const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (here / "socket").copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    for (const std::string& path :
         {here / "fifo", here / "socket", here / ".", std::string("/dev/zero"), std::string("/dev/null")}) {
        CAPTURE(path);
        const auto loaded = editor::read_text(path);
        REQUIRE(loaded.has_error());
        CHECK(loaded.error().code == errc::not_a_file);
        CHECK(code_of(save_file(path, "x")) == errc::not_a_file);
    }
    ::close(listener);
    CHECK(here.files() == 2);
}

TEST_CASE("save_file: when there is no room the old file stays whole and nothing lies beside it") {
    const folder here;
    const std::string path = here.put("notes", "old");
    const std::string linked = here.put("linked", "old");
    std::filesystem::create_hard_link(linked, here / "other");
    const bool fine = in_another_process([&] {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit most{100'000, 100'000};
        if (::setrlimit(RLIMIT_FSIZE, &most) != 0) return false;
        const std::string large(200'000, 'x');
        const auto one = save_file(path, large);
        const auto two = save_file(linked, large);
        return one.has_error() && one.error().code == errc::cannot_write && two.has_error() &&
               two.error().code == errc::cannot_write &&
               one.error().where.find("as it was") != std::string::npos &&
               two.error().where.find("as it was") != std::string::npos;
    });
    CHECK(fine);
    CHECK(content_of(path) == "old");
    CHECK(content_of(linked) == "old");
    CHECK(here.files() == 3);
}

TEST_CASE("save_file: a folder or a file that may not be written to is an error, and the file stays") {
    const folder here;
    std::filesystem::create_directory(here / "closed");
    const std::string path = here.put("closed/notes", "old");
    const std::string fixed = here.put("fixed", "old");
    REQUIRE(::chmod(fixed.c_str(), 0444) == 0);
    REQUIRE(::chmod(path.c_str(), 0666) == 0);
    REQUIRE(::chmod((here / "closed").c_str(), 0555) == 0);
    REQUIRE(::chmod((here / ".").c_str(), 0777) == 0);
    const bool fine = in_another_process([&] {
        // Nothing is forbidden to root.
        if (::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) return false;
        const auto one = save_file(path, "new");
        const auto two = save_file(fixed, "new");
        return one.has_error() && one.error().code == errc::cannot_write && two.has_error() &&
               two.error().code == errc::cannot_write;
    });
    CHECK(fine);
    REQUIRE(::chmod((here / "closed").c_str(), 0755) == 0);
    CHECK(content_of(path) == "old");
    CHECK(content_of(fixed) == "old");
}

TEST_CASE("save_file: somebody else's file stays theirs") {
    if (::geteuid() != 0) {
        MESSAGE("not checked without root: that a file of somebody else is written in place");
        return;
    }
    const folder here;
    const std::string path = here.put("notes", "old");
    REQUIRE(::chmod(path.c_str(), 0666) == 0);
    REQUIRE(::chmod((here / ".").c_str(), 0777) == 0);
    CHECK(in_another_process(
        [&] { return ::setgid(65534) == 0 && ::setuid(65534) == 0 && save_file(path, "new").has_value(); }));
    CHECK(look(path).st_uid == 0);
    CHECK(content_of(path) == "new");
    CHECK(here.files() == 1);
}

TEST_CASE("save_beside: the text goes to a new file that only its owner may read") {
    const folder here;
    const std::string path = here.put("notes", "theirs");
    const auto beside = editor::save_beside(path, "ours");
    REQUIRE(beside.has_value());
    CHECK(beside->starts_with(path + ".sangam-unsaved-"));
    CHECK(content_of(*beside) == "ours");
    CHECK((look(*beside).st_mode & 0777) == 0600);
    CHECK(content_of(path) == "theirs");
}

TEST_CASE("files: a mark of byte order, NULs, returns and a missing last newline are kept as they are") {
    const folder here;
    const std::string odd("\xEF\xBB\xBF"
                          "a\0b\r\nc\rd\n\ne",
                          14);
    const std::string path = here.put("notes", odd);
    const auto loaded = editor::read_text(path);
    REQUIRE(loaded.has_value());
    CHECK(loaded->bytes == odd);
    CHECK(save_file(path, loaded->bytes, &loaded->state).has_value());
    CHECK(content_of(path) == odd);
}
