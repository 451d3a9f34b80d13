#include "../support/peak_allocation.hpp"
#include "ipc_paths.hpp"
#include "path_lock.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include <pthread.h>

using namespace sangam;
using namespace sangam::test;
namespace fs = std::filesystem;

TEST_CASE("path lock: one that ends without memory leaves its path to the next owner, and ends no process") {
    const temporary_directory folder;
    const std::string path = folder.path + "/socket";
    std::optional<transport::path_lock> lock;
    lock.emplace(transport::path_lock::take(path).value());
    const other_program listens(path);
    std::thread ending([&] {
        ::pthread_setname_np(::pthread_self(), "path-lock-test");
        const failing_thread failing("path-lock-test");
        lock.reset();
    });
    ending.join();
    CHECK(fs::exists(path));
    fs::remove(path);
    CHECK(transport::path_lock::take(path).has_value());
}
