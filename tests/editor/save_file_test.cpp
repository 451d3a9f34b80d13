#include <editor/errc.hpp>
#include <editor/files.hpp>
#include <editor/save_file.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace {

using editor::errc;
using editor::save_file;

class folder {
public:
    folder() {
        std::string name = (std::filesystem::temp_directory_path() / "sangam-save-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~folder() { std::filesystem::remove_all(path_); }
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;

    [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + '/' + name; }
    [[nodiscard]] std::string put(const std::string& name, std::string_view content) const {
        std::ofstream(*this / name, std::ios::binary) << content;
        return *this / name;
    }
    [[nodiscard]] std::ptrdiff_t files() const {
        return std::distance(std::filesystem::directory_iterator(path_), {});
    }

private:
    std::string path_;
};

std::string content_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

struct stat look(const std::string& path) {
    struct stat found{};
    REQUIRE(::lstat(path.c_str(), &found) == 0);
    return found;
}

errc code_of(const sangam::result<editor::file_state>& saved) {
    REQUIRE(saved.has_error());
    return static_cast<errc>(saved.error().code.value());
}

/// Runs it in a process of its own, so that what it changes about the process goes with it. True: it said so.
template <class Body>
bool in_another_process(Body body) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(body() ? 0 : 1);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
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

TEST_CASE("save_file: a file keeps its owner and its extended attributes") {
    const folder here;
    const std::string path = here.put("notes", "old");
    const bool attributes = ::setxattr(path.c_str(), "user.sangam", "x", 1, 0) == 0;
    const bool owner = ::chown(path.c_str(), 12345, 12346) == 0;
    CHECK(save_file(path, "new").has_value());
    if (owner) {
        CHECK(look(path).st_uid == 12345);
        CHECK(look(path).st_gid == 12346);
    }
    char value = 0;
    if (attributes) CHECK(::getxattr(path.c_str(), "user.sangam", &value, 1) == 1);
    CHECK(content_of(path) == "new");
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
    if (::geteuid() != 0) return; // only root can make one
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
