# shellcheck shell=bash
# For tests of a built editor that stands in terminals, and for `source` only: EDITOR is the first argument of the test.
# Each terminal belongs to a tmux server of the test's own; what people say and see is in $folder.
editor=$1
command -v tmux >/dev/null || { echo "tmux is missing: script/setup installs it" >&2; exit 1; }
server=sangam-test-$$
group=$(basename "$0" .sh)-$$
folder=$(mktemp -d)

screens() {
    tmux -L "$server" -f /dev/null "$@"
}

clean_up() {
    screens kill-server 2>/dev/null || true
    rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() {
    local who
    echo "$(basename "$0" .sh): $*" >&2
    for who in alice bob carol dora eve; do
        if screens has-session -t "=$who" 2>/dev/null; then
            echo "--- $who's screen" >&2
            see "$who" >&2
        fi
    done
    cat "$folder"/*.log >&2
    exit 1
}

# wait_until WHAT COMMAND...: until the command succeeds; WHAT is said if it never does.
wait_until() {
    local what=$1 attempt
    shift
    for ((attempt = 0; attempt < 600; ++attempt)); do
        if "$@"; then return; fi
        sleep 0.1
    done
    fail "$what: not after a minute"
}

# run FILE COMMAND...: in a terminal; FILE.pid, FILE.log and FILE.code tell about the command.
run() {
    local file=$1
    shift
    (
        echo "$BASHPID" >"$file.pid"
        exec "$@" 2>"$file.log"
    )
    echo $? >"$file.code"
}
export -f run

# open_terminal WHO ARGUMENTS...: with an editor in it.
open_terminal() {
    local who=$1
    shift
    rm -f "$folder/$who.code" "$folder/$who.log"
    screens new-session -d -s "$who" -x 100 -y 12 \
        bash -c 'run "$@"' bash "$folder/$who" "$editor" --name "$who" --group "$group" "$@"
}

# start WHO ARGUMENTS...: an editor with a screen.
start() {
    open_terminal "$@"
    wait_until "$1 starts" shows "$1" "$1 | "
}

see() {
    screens capture-pane -p -t "=$1:" 2>/dev/null
}

# shows WHO TEXT: it is somewhere on the screen.
shows() {
    see "$1" | grep -qF -- "$2"
}

shows_not() {
    ! shows "$1" "$2"
}

type_text() {
    screens send-keys -t "=$1:" -l -- "$2"
}

press() {
    screens send-keys -t "=$1:" "$2"
}

left() {
    [[ -s $folder/$1.code ]]
}

# ends WHO: the editor has ended, and without an error.
ends() {
    wait_until "$1 quits" left "$1"
    [[ $(<"$folder/$1.code") == 0 ]] || fail "$1 ended with code $(<"$folder/$1.code")"
}

# A server without a session would end between one editor and the next.
screens new-session -d -s server cat
