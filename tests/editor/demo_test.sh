#!/usr/bin/env bash
# demo_test.sh EDITOR: the demo with a built editor: the history that the repository carries, and friendsforever where
# SANGAM_TRACES has it. Every replica must end with the recorded text.
set -euo pipefail
export SANGAM_EDITOR=$1
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

play() {
    local output
    output=$("$root/script/demo" --no-build --history "$1")
    echo "$output" | tail -n 5
    [[ $(grep -c ', exact$' <<<"$output") == 3 ]] || { echo "not every replica is exact"; exit 1; }
    grep -q '^it begins: .' <<<"$output" || { echo "the text is not shown"; exit 1; }
    grep -q '^equal: all 3 replicas' <<<"$output" || { echo "the replicas are not equal"; exit 1; }
}

play "$root/tests/data/demo-history.json"
trace=${SANGAM_TRACES:-}/friendsforever.json.gz
if [[ -n ${SANGAM_TRACES:-} && -r $trace ]]; then
    play "$trace"
else
    echo "left out: friendsforever.json.gz (SANGAM_TRACES names no folder that has it)"
fi
