#pragma once

#include <editor/session.hpp>

#include <sangam/replica.hpp>

#include <string>
#include <utility>

namespace editor::test {

/// A replica that listens in memory under this name, and may have one peer.
inline sangam::replica open_replica(const std::string& name, const std::string& listen,
                                    const std::string& peer = "") {
    sangam::replica_options options;
    options.name = name;
    options.listen = {"memory://" + listen};
    if (!peer.empty()) options.peers = {"memory://" + peer};
    return sangam::replica::open(std::move(options)).value();
}

inline std::string text_of(const sangam::replica& replica) {
    return replica.text(text_key).str();
}

} // namespace editor::test
