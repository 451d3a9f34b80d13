#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace sangam::test {

/// Short, because the system limits the length of a socket's path.
struct temporary_directory {
    temporary_directory() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
    temporary_directory(const temporary_directory&) = delete;
    temporary_directory& operator=(const temporary_directory&) = delete;
    ~temporary_directory() { std::filesystem::remove_all(path); }
    std::string path = "/tmp/sangam-XXXXXX";
};

/// Listens at a path as a program does that locks nothing.
struct other_program {
    explicit other_program(const std::string& path) : descriptor(::socket(AF_UNIX, SOCK_STREAM, 0)) {
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        path.copy(at.sun_path, sizeof at.sun_path - 1);
        REQUIRE(::bind(descriptor, static_cast<const sockaddr*>(static_cast<const void*>(&at)), sizeof at) ==
                0);
        REQUIRE(::listen(descriptor, 4) == 0);
    }
    other_program(const other_program&) = delete;
    other_program& operator=(const other_program&) = delete;
    ~other_program() { ::close(descriptor); } // and leaves the path behind
    int descriptor;
};

} // namespace sangam::test
