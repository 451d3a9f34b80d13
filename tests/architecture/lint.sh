#!/usr/bin/env bash
# The rules of the architecture that a compiler does not check. Usage: lint.sh ROOT
#
# Prints FILE:LINE: what is wrong; exit code 1 if there is an error. Needs bash, find, grep, sed and awk only.
set -euo pipefail
cd "${1:?usage: lint.sh ROOT}"

errors=0
error() {
    printf '%s\n' "$1"
    errors=$((errors + 1))
}

layers=(causality crdt delivery transport storage engine)
declare -A may_include=(
    [causality]="causality"
    [crdt]="causality crdt"
    [delivery]="causality delivery"
    [transport]="causality crdt delivery transport"
    [storage]="causality storage"
    [engine]="causality crdt delivery transport storage engine"
)

# sources_in FOLDER...: the C++ files in those of the folders that exist.
sources_in() {
    local folder
    for folder in "$@"; do
        if [[ -d $folder ]]; then
            find "$folder" -type f \( -name '*.hpp' -o -name '*.cpp' -o -name '*.h' \) | sort
        fi
    done
}

# includes_of FILE: "LINE:HEADER" for every include in angle brackets or quotes.
includes_of() {
    sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]([^>"]+)[>"].*/\1/;t print;b;:print;=;p' "$1" |
        paste -d: - -
}

# Threads, clocks, randomness, files and sockets come in from outside: one simulator drives the very code that ships.
pure='^(thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token|chrono|ctime|time\.h|random|iostream|fstream|filesystem|unistd\.h|sys/.*|netinet/.*|arpa/.*|netdb\.h|pthread\.h|boost/asio.*|boost/thread.*|boost/random.*|boost/filesystem.*)$'
storage_outside='^(thread|random|iostream|sys/socket\.h|netinet/.*|arpa/.*|netdb\.h|boost/asio.*|boost/random.*)$'
sockets='^(zmq.*|capnp/.*|kj/.*|.*\.capnp\.h|sys/socket\.h|netinet/.*|arpa/.*|netdb\.h)$'

check_includes() {
    local layer file line header other
    for layer in "${layers[@]}"; do
        while IFS= read -r file; do
            while IFS=: read -r line header; do
                if [[ $header == sangam/* ]]; then
                    other=${header#sangam/}
                    other=${other%%/*}
                    if [[ $header == sangam/replica.hpp ]]; then other=engine; fi
                    if [[ " ${may_include[$layer]} " != *" $other "* ]]; then
                        error "$file:$line: layer $layer must not include $header; it may use: ${may_include[$layer]}"
                    fi
                elif [[ $header =~ $sockets && $file != transport/src/* ]]; then
                    error "$file:$line: $header belongs into transport/src only"
                elif [[ " causality crdt delivery " == *" $layer "* && $header =~ $pure ]]; then
                    error "$file:$line: layer $layer does no I/O, reads no clock, draws no random number and starts no thread: <$header>"
                elif [[ $layer == storage && $header =~ $storage_outside ]]; then
                    error "$file:$line: layer storage does not use <$header>"
                fi
            done < <(includes_of "$file")
        done < <(sources_in "$layer")
    done
    while IFS= read -r file; do
        error "$file: a header of the library is included with quotes; write <sangam/...>"
    done < <(sources_in "${layers[@]}" examples tests fuzz bench | xargs -r grep -lE '^#include "sangam/' || [[ $? -le 123 ]])
}

check_length() {
    local lines file
    while read -r lines file; do
        if [[ $lines -gt 900 ]]; then
            error "$file: $lines lines; more than 900 is an error: does it hold one thing?"
        elif [[ $lines -gt 500 ]]; then
            printf '%s: warning: %s lines; more than 500 is a question: does it hold one thing?\n' "$file" "$lines"
        fi
    done < <(sources_in "${layers[@]}" examples tests fuzz bench | xargs -r awk '{n[FILENAME]++} END {for (f in n) print n[f], f}')
}

# docs/glossary.md has one word for each of these things; here they are looked for in identifiers, not in comments or strings.
# A plain `node` may be one of a container, and so may a `node_type`.
check_words() {
    local file found
    for layer in "${layers[@]}"; do
        while IFS= read -r file; do
            while IFS= read -r found; do
                error "$file:$found: the glossary says replica (of a copy of the state) or link (of a connection)"
            done < <(sed -E 's,//.*,,; s,"[^"]*","",g; s,::node_type,,g; /^[[:space:]]*#include/d' "$file" |
                grep -noiE '(^|[^a-z])((actor|site|client|peer_?id)s?|node_[a-z]+|[a-z]+_nodes?)([^a-z]|$)' || [[ $? -eq 1 ]])
        done < <(sources_in "$layer/include")
    done
}

check_leftovers() {
    local found
    while IFS= read -r found; do
        error "$found"
    done < <(find "${layers[@]}" examples tests fuzz bench script cmake docs -name node_modules -prune -o -type f \
        \( -name '*.hpp' -o -name '*.cpp' -o -name '*.md' -o -name '*.txt' -o -name '*.cmake' -o -name '*.in' -o -name '*.sh' \) \
        -exec grep -nHE '\b(TO''DO|FIX''ME|X''XX)\b' {} + 2>/dev/null || [[ $? -eq 1 ]])
}

# listed FILE IN: the CMakeLists.txt of folder IN names FILE by its path from there.
listed() {
    if ! grep -qE "(^|[[:space:](])${1#"$2"/}([[:space:])]|\$)" "$2/CMakeLists.txt"; then
        error "$1: is not listed in $2/CMakeLists.txt"
    fi
}

check_listed() {
    local layer file
    for layer in "${layers[@]}"; do
        while IFS= read -r file; do
            listed "$file" "$layer"
        done < <(sources_in "$layer/include"; sources_in "$layer/src" | grep '\.cpp$' || [[ $? -eq 1 ]])
    done
    while IFS= read -r file; do
        listed "$file" tests
    done < <(sources_in tests | grep -vE '^tests/(architecture|package)/' | grep '\.cpp$' || [[ $? -eq 1 ]])
}

check_includes
check_length
check_words
check_leftovers
check_listed

if [[ $errors -gt 0 ]]; then
    printf 'lint: %d errors\n' "$errors"
    exit 1
fi
printf 'lint: no errors\n'
