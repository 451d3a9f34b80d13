#include <editor/save_file.hpp>

#include <editor/errc.hpp>
#include <editor/files.hpp>
#include <editor/limits.hpp>
#include <editor/regular_file.hpp>

#include <sodium.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace editor {
namespace {

constexpr mode_t mode_bits = 07777;
constexpr mode_t only_owner = 0600;
constexpr mode_t everybody = 0666;                    // less what the umask takes
constexpr std::size_t attribute_bytes_max = 64 << 10; // what Linux allows

/// A file that is being written: removed at the end unless it is kept.
class new_file {
public:
    /// Beside `path`, under a name that nobody has.
    static sangam::result<new_file> open(const std::string& path, std::string_view suffix, mode_t mode,
                                         const std::string& blamed) {
        for (;;) {
            std::array<unsigned char, 6> drawn{};
            randombytes_buf(drawn.data(), drawn.size());
            std::array<char, 2 * drawn.size() + 1> hex{};
            sodium_bin2hex(hex.data(), hex.size(), drawn.data(), drawn.size());
            std::string name = path + std::string(suffix) + hex.data();
            const int number = ::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
            if (number >= 0) return new_file(std::move(name), number);
            if (errno == EEXIST) continue;
            return file_error(errc::cannot_write, blamed,
                              "no file can be made beside it: " + last_system_error());
        }
    }
    new_file(new_file&& other) noexcept
        : name_(std::exchange(other.name_, {})), file_(std::move(other.file_)) {}
    new_file& operator=(new_file&&) = delete;
    ~new_file() {
        if (!name_.empty()) ::unlink(name_.c_str());
    }

    [[nodiscard]] file_descriptor& file() noexcept { return file_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    std::string keep() { return std::exchange(name_, {}); }

private:
    new_file(std::string name, int number) : name_(std::move(name)), file_(number) {}

    std::string name_; ///< empty: it is kept, or moved from
    file_descriptor file_;
};

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

/// Where a path leads when its last part is a link; the target need not exist.
sangam::result<std::string> resolve_links(const std::string& path) {
    std::string at = path;
    for (int i = 0; i < limits::links_max; ++i) {
        std::array<char, PATH_MAX> target{};
        const ssize_t length = ::readlink(at.c_str(), target.data(), target.size());
        if (length < 0) return at; // no link; whatever else is the matter is found when it is opened
        const std::string next(target.data(), static_cast<std::size_t>(length));
        at = next.starts_with('/') ? next : folder_of(at) + '/' + next;
    }
    return file_error(errc::cannot_write, path, "too many links");
}

/// False: the folder cannot be synced, though folders can be.
bool sync_folder(const std::string& path) {
    const file_descriptor folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    // Whoever may write to a folder need not be allowed to read it.
    if (!folder.is_open()) return errno == EACCES;
    return ::fsync(folder.number()) == 0 || errno == EINVAL || errno == ENOTSUP;
}

/// The new file is as the old one in all but content. False: it cannot be.
bool take_attributes(const file_descriptor& from, const file_descriptor& to) {
    const struct stat old = from.look();
    const struct stat made = to.look();
    if ((old.st_uid != made.st_uid || old.st_gid != made.st_gid) &&
        ::fchown(to.number(), old.st_uid, old.st_gid) != 0) {
        return false;
    }
    // After the owner, whose change clears some bits.
    if (::fchmod(to.number(), old.st_mode & mode_bits) != 0) return false;
    std::vector<char> names(attribute_bytes_max);
    const ssize_t length = ::flistxattr(from.number(), names.data(), names.size());
    if (length < 0) return errno == ENOTSUP;
    std::vector<char> content(attribute_bytes_max);
    for (const char* name = names.data(); name < names.data() + length;
         name += std::string_view(name).size() + 1) {
        const ssize_t size = ::fgetxattr(from.number(), name, content.data(), content.size());
        if (size < 0 ||
            ::fsetxattr(to.number(), name, content.data(), static_cast<std::size_t>(size), 0) != 0)
            return false;
    }
    return true;
}

sangam::result<void> write_and_sync(const file_descriptor& out, std::string_view content,
                                    const std::string& path) {
    if (!write_all(out, content) || ::fsync(out.number()) != 0) {
        return file_error(errc::cannot_write, path, last_system_error() + "; the old file is as it was");
    }
    return {};
}

/// Renames `aside` to `path`, which must not exist yet. True: done; false: it does; errors in errno.
std::optional<bool> rename_to_new(const std::string& aside, const std::string& path) {
    if (::renameat2(AT_FDCWD, aside.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) return true;
    if (errno == EEXIST) return false;
    if (errno != EINVAL && errno != ENOSYS) return std::nullopt;
    // Not every file system has it.
    struct stat found{};
    if (::lstat(path.c_str(), &found) == 0) return false;
    if (::rename(aside.c_str(), path.c_str()) == 0) return true;
    return std::nullopt;
}

class saving {
public:
    /// `path` leads to the file itself; `named` is what the person called it.
    saving(std::string path, const std::string& named, std::string_view content, const file_state* expected,
           std::optional<file_state>* replaced)
        : path_(std::move(path)), named_(named), content_(content), expected_(expected), replaced_(replaced) {
    }

    sangam::result<file_state> save() {
        struct stat found{};
        if (::stat(path_.c_str(), &found) != 0) {
            if (errno != ENOENT) return file_error(errc::cannot_write, named_, last_system_error());
            return create();
        }
        // For writing, so that a file that may not be written to is not replaced either.
        const auto old = open_regular(path_, O_RDWR, errc::cannot_write);
        if (!old) return old.error();
        if (old->look().st_nlink > 1) return write_in_place(*old);
        auto aside = new_file::open(path_, ".sangam-", only_owner, named_);
        if (!aside) return aside.error();
        if (!take_attributes(*old, aside->file())) return write_in_place(*old);
        return replace(*aside);
    }

private:
    [[nodiscard]] sangam::error changed() const {
        return file_error(errc::file_changed, named_, "nothing was written");
    }

    /// Nothing if the file is what it must be. A file that is gone is nothing to lose.
    [[nodiscard]] std::optional<sangam::error> find_change() const {
        if (expected_ == nullptr) return std::nullopt;
        struct stat found{};
        if (::stat(path_.c_str(), &found) != 0) return std::nullopt;
        if (!expected_->exists()) return changed();
        if (expected_->surely_is(found)) return std::nullopt;
        const auto now = look_at_file(path_);
        if (!now) return now.error();
        if (now->content() != expected_->content()) return changed();
        return std::nullopt;
    }

    sangam::result<file_state> create() {
        auto aside = new_file::open(path_, ".sangam-", everybody, named_);
        if (!aside) return aside.error();
        if (expected_ == nullptr || expected_->exists()) return replace(*aside);
        if (auto written = write_and_sync(aside->file(), content_, named_); !written) return written.error();
        const std::optional<bool> renamed = rename_to_new(aside->name(), path_);
        if (!renamed) return file_error(errc::cannot_write, named_, last_system_error());
        if (!*renamed) return changed();
        return finish(*aside);
    }

    sangam::result<file_state> replace(new_file& aside) {
        if (auto change = find_change()) return std::move(*change);
        if (auto written = write_and_sync(aside.file(), content_, named_); !written) return written.error();
        // Again, because writing takes a while.
        if (auto change = find_change()) return std::move(*change);
        if (::rename(aside.name().c_str(), path_.c_str()) != 0) {
            return file_error(errc::cannot_write, named_,
                              last_system_error() + "; the old file is as it was");
        }
        return finish(aside);
    }

    sangam::result<file_state> finish(new_file& aside) {
        aside.keep();
        const file_state now(aside.file().look(), fingerprint_of(content_));
        if (replaced_ != nullptr) *replaced_ = now;
        if (!aside.file().close() || !sync_folder(path_)) {
            return file_error(errc::cannot_write, named_,
                              "written, but it may not outlast a loss of power: " + last_system_error());
        }
        return now;
    }

    sangam::result<file_state> write_in_place(const file_descriptor& old) {
        if (auto change = find_change()) return std::move(*change);
        auto before = read_all(old, named_, limits::file_bytes_max);
        if (!before) return before.error();
        auto backup = new_file::open(path_, ".sangam-backup-", only_owner, named_);
        if (!backup) return backup.error();
        if (auto copied = write_and_sync(backup->file(), *before, named_); !copied) return copied.error();
        if (!sync_folder(path_) || !take_room(old, static_cast<off_t>(before->size()))) {
            return file_error(errc::cannot_write, named_,
                              last_system_error() + "; the old file is as it was");
        }
        if (auto change = find_change()) return std::move(*change);
        if (::lseek(old.number(), 0, SEEK_SET) != 0 || !write_all(old, content_) ||
            ::ftruncate(old.number(), static_cast<off_t>(content_.size())) != 0 ||
            ::fsync(old.number()) != 0) {
            const std::string reason = last_system_error();
            return file_error(errc::cannot_write, named_,
                              reason + "; the old content is in " + backup->keep());
        }
        return file_state(old.look(), fingerprint_of(content_));
    }

    /// Writing takes no more room than the file has then. False: there is not enough; the file is as it was.
    [[nodiscard]] bool take_room(const file_descriptor& file, off_t size) const {
        const auto wanted = static_cast<off_t>(content_.size());
        if (wanted <= size) return true;
        const int problem = ::posix_fallocate(file.number(), size, wanted - size);
        if (problem == 0) return true;
        [[maybe_unused]] const int cut = ::ftruncate(file.number(), size);
        errno = problem;
        return false;
    }

    std::string path_;
    const std::string& named_;
    std::string_view content_;
    const file_state* expected_;
    std::optional<file_state>* replaced_;
};

} // namespace

sangam::result<file_state> save_file(const std::string& path, std::string_view content,
                                     const file_state* expected, std::optional<file_state>* replaced) {
    auto resolved = resolve_links(path);
    if (!resolved) return resolved.error();
    return saving(std::move(*resolved), path, content, expected, replaced).save();
}

sangam::result<std::string> save_beside(const std::string& path, std::string_view content) {
    auto resolved = resolve_links(path);
    if (!resolved) return resolved.error();
    auto made = new_file::open(*resolved, ".sangam-unsaved-", only_owner, path);
    if (!made) return made.error();
    if (auto written = write_and_sync(made->file(), content, path); !written) return written.error();
    if (sync_folder(*resolved)) return made->keep();
    // Better one that may not last than none.
    const std::string reason = last_system_error();
    return file_error(errc::cannot_write, path,
                      "the text is in " + made->keep() +
                          ", but it may not outlast a loss of power: " + reason);
}

} // namespace editor
