#!/usr/bin/env bash
# Proves that lint.sh finds what it is there for: a small tree without a fault passes, and each fault that is put into it is named.
set -euo pipefail

lint=$(cd "$(dirname "$0")" && pwd)/lint.sh
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

fresh_tree() {
    rm -rf "${tree:?}"/*
    local layer
    for layer in causality crdt delivery transport storage engine; do
        mkdir -p "$tree/$layer/include/sangam/$layer" "$tree/$layer/src"
        printf 'sangam_layer(%s\n  SOURCES\n    src/a.cpp\n  HEADERS\n    include/sangam/%s/a.hpp)\n' "$layer" "$layer" \
            >"$tree/$layer/CMakeLists.txt"
        printf '#pragma once\n#include <vector>\n' >"$tree/$layer/include/sangam/$layer/a.hpp"
        printf '#include <sangam/%s/a.hpp>\n' "$layer" >"$tree/$layer/src/a.cpp"
    done
    mkdir -p "$tree"/{examples,tests/crdt,fuzz,bench,script,cmake,docs}
    printf 'add_executable(t crdt/a_test.cpp)\n' >"$tree/tests/CMakeLists.txt"
    printf 'int x;\n' >"$tree/tests/crdt/a_test.cpp"
}

failures=0

# must_find WHAT FILE LINE: adds the line to the file; the lint must then fail and name the file with WHAT.
must_find() {
    local said
    fresh_tree
    printf '%s\n' "$3" >>"$tree/$2"
    if said=$("$lint" "$tree"); then
        printf 'not found: %s in %s\n' "$3" "$2"
        failures=$((failures + 1))
    elif ! grep -q "^$2:.*$1" <<<"$said"; then
        printf 'found something else than "%s" in %s:\n%s\n' "$1" "$2" "$said"
        failures=$((failures + 1))
    fi
}

fresh_tree
if ! said=$("$lint" "$tree"); then
    printf 'a tree without a fault is refused:\n%s\n' "$said"
    failures=$((failures + 1))
fi

# What npm installs for bench/peers is not ours.
mkdir -p "$tree/bench/peers/node_modules/other"
printf 'TO''DO\n' >"$tree/bench/peers/node_modules/other/README.md"
if ! said=$("$lint" "$tree"); then
    printf 'a package of npm is looked at:\n%s\n' "$said"
    failures=$((failures + 1))
fi

must_find 'must not include' causality/src/a.cpp '#include <sangam/crdt/a.hpp>'
must_find 'must not include' crdt/include/sangam/crdt/a.hpp '#  include <sangam/delivery/a.hpp>'
must_find 'must not include' transport/src/a.cpp '#include <sangam/replica.hpp>'
must_find 'transport/src only' engine/src/a.cpp '#include <zmq.hpp>'
must_find 'transport/src only' transport/include/sangam/transport/a.hpp '#include <capnp/message.h>'
must_find 'starts no thread' delivery/src/a.cpp '#include <mutex>'
must_find 'reads no clock' crdt/src/a.cpp '#include <chrono>'
must_find 'does not use' storage/src/a.cpp '#include <random>'
must_find 'quotes' engine/src/a.cpp '#include "sangam/crdt/a.hpp"'
must_find 'glossary' engine/include/sangam/engine/a.hpp 'struct client_state {};'
must_find 'glossary' crdt/include/sangam/crdt/a.hpp 'int actor;'
must_find 'TO''DO' storage/src/a.cpp '// TO''DO: later'
must_find '901 lines' tests/crdt/a_test.cpp "$(seq -f 'int x%g;' 900)"
must_find 'not listed' crdt/src/forgotten.cpp 'int x;'
must_find 'not listed' crdt/include/sangam/crdt/forgotten.hpp '#pragma once'
must_find 'not listed' tests/crdt/forgotten_test.cpp 'int x;'

if [[ $failures -gt 0 ]]; then
    printf 'lint_test: %d failures\n' "$failures"
    exit 1
fi
printf 'lint_test: every fault was found\n'
