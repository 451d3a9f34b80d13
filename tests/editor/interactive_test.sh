#!/usr/bin/env bash
# interactive_test.sh EDITOR: two people at two terminals (of a tmux server of their own) with a built editor. What one
# types the other sees; what both type while the network is cut is merged; both save the same bytes; nothing unsaved is
# lost unasked.
set -euo pipefail
# shellcheck source=tests/editor/terminals.sh
source "$(dirname "${BASH_SOURCE[0]}")/terminals.sh"

# saves WHO TEXT: Ctrl-S; the file is then this text exactly.
saves() {
    press "$1" C-s
    wait_until "$1 saves" shows "$1" ' characters to '
    [[ $(<"$folder/$1.txt") == "$2" ]] || fail "$1 saved \"$(<"$folder/$1.txt")\" and not \"$2\""
}

# has_saved WHO TEXT: it is somewhere in the file.
has_saved() {
    grep -qF -- "$2" "$folder/$1.txt"
}

has_saved_in() {
    grep -qF -- "$2" "$folder/$1.txt"
}

# has_lines WHO LINES: the screen begins with these lines, each ended by |.
has_lines() {
    [[ $(see "$1" | tr '\n' '|') == "$2"* ]]
}

# The first editor's address is chosen by this socket file, so that no port has to be free.
address=ipc://$folder/socket
start alice --listen "$address" --save "$folder/alice.txt"
start bob --connect "$address" --save "$folder/bob.txt"

echo "what one types the other sees"
wait_until "alice sees bob's name" shows alice 'online with bob'
wait_until "bob sees alice's name" shows bob 'online with alice'
type_text alice 'Hello, '
wait_until "bob sees what alice typed" shows bob 'Hello, '
press bob End
type_text bob 'world'
wait_until "alice sees what bob typed" shows alice 'Hello, world'

echo "what both type while the network is cut differs, and is merged"
press bob C-n
wait_until "bob is cut off" shows bob OFFLINE
press alice End
type_text alice '!A'
press bob Home
type_text bob 'B: '
wait_until "alice sees her own text only" shows alice 'Hello, world!A'
wait_until "bob sees his own text only" shows bob 'B: Hello, world'
shows_not alice 'B: ' || fail "alice sees what bob typed off the network"
shows_not bob '!A' || fail "bob sees what alice typed while he was off the network"
press bob C-n
for who in alice bob; do
    wait_until "$who sees both" shows "$who" 'B: Hello, world!A'
done

echo "both save the same bytes"
saves alice 'B: Hello, world!A'
saves bob 'B: Hello, world!A'
cmp "$folder/alice.txt" "$folder/bob.txt" || fail "the files differ"
press bob C-q
ends bob

echo "Ctrl-Q on unsaved text asks once"
type_text alice '?'
wait_until "alice sees what she typed" shows alice '!A?'
press alice C-q
wait_until "alice is asked" shows alice 'not saved'
! left alice || fail "alice was not asked"
press alice C-q
ends alice
[[ $(<"$folder/alice.txt") == 'B: Hello, world!A' ]] || fail "alice saved though she said no"

echo "what was loaded is saved, and only edits are asked about"
printf loaded >"$folder/carol.txt"
start carol --load "$folder/carol.txt" --save "$folder/carol.txt"
wait_until "carol sees the file" shows carol loaded
press carol C-q
ends carol
start carol --load "$folder/carol.txt"
press carol C-n
wait_until "carol is told that there is no network" shows carol 'there is no network'
type_text carol 'un'
wait_until "carol sees what she typed" shows carol unloaded
press carol C-q
wait_until "carol is asked" shows carol 'not saved'
saves carol unloaded

press carol C-q
ends carol

echo "a paste keeps its lines, and a file its line ends, mode and link"
printf 'one\r\ntwo\r\n' >"$folder/real.txt"
chmod 600 "$folder/real.txt"
ln -sf real.txt "$folder/link.txt"
start carol --load "$folder/link.txt"
screens set-buffer -b lines $'three\nfour\n'
screens paste-buffer -p -b lines -t =carol:
wait_until "carol sees the paste" shows carol four
screens paste-buffer -r -b lines -t =carol:
wait_until "carol sees a paste without brackets" has_lines carol 'three|four|three|four|one|two|'
press carol C-End
press carol Up
press carol End
press carol Enter
type_text carol 'half'
press carol C-s
wait_until "carol saves" shows carol ' characters to '
printf 'three\r\nfour\r\nthree\r\nfour\r\none\r\ntwo\r\nhalf\r\n' | cmp - "$folder/real.txt" ||
    fail "the lines of the file are $(od -c "$folder/real.txt")"
[[ -L $folder/link.txt && $(stat -c %a "$folder/real.txt") == 600 ]] || fail "the link or the mode is gone"

echo "a file that another program changed is not overwritten without a question"
echo theirs >"$folder/real.txt"
type_text carol 'ours'
press carol C-s
wait_until "carol is asked" shows carol 'was changed by another program'
press carol Escape
wait_until "carol goes back" shows carol 'not saved'
[[ $(<"$folder/real.txt") == theirs ]] || fail "carol overwrote the file"
press carol C-s
wait_until "carol is asked again" shows carol 'was changed by another program'
type_text carol k
wait_until "carol has their text" has_lines carol 'theirs|'
press carol C-z
wait_until "carol has her text back" shows carol halfours
press carol C-s
wait_until "carol overwrites what she has seen" shows carol ' characters to '
has_saved_in real halfours || fail "carol did not overwrite the file that she had taken"
echo theirs >"$folder/real.txt"
type_text carol '!'
press carol C-s
wait_until "carol is asked a third time" shows carol 'was changed by another program'
type_text carol o
wait_until "carol overwrites the file" has_saved_in real 'halfours!'
echo theirs >"$folder/real.txt"
type_text carol '?'
wait_until "carol sees what she typed" shows carol 'halfours!?'
kill -TERM "$(<"$folder/carol.pid")"
wait_until "carol quits" left carol
[[ $(<"$folder/carol.code") == 1 && $(<"$folder/real.txt") == theirs ]] || fail "SIGTERM overwrote the file"
grep -qF 'halfours!?' "$folder"/real.txt.sangam-unsaved-* || fail "SIGTERM lost the text"

echo "what is no file is refused at once"
mkfifo "$folder/fifo"
for option in --load --save; do
    if timeout 10 "$editor" --name x "$option" "$folder/fifo" 2>"$folder/fifo.log" </dev/null; then
        fail "$option took a FIFO"
    fi
    grep -q 'is a FIFO' "$folder/fifo.log" || fail "$option of a FIFO said: $(<"$folder/fifo.log")"
done

start carol --load "$folder/carol.txt"
echo "who is ended by a signal or loses the terminal has saved"
type_text carol 'by a signal'
wait_until "carol sees what she typed" shows carol 'by a signal'
kill -TERM "$(<"$folder/carol.pid")"
ends carol
has_saved carol 'by a signal' || fail "SIGTERM lost what carol had typed"
start carol --load "$folder/carol.txt"
type_text carol 'terminal gone'
wait_until "carol sees what she typed" shows carol 'terminal gone'
screens kill-session -t =carol
wait_until "carol saves when her terminal is gone" has_saved carol 'terminal gone'
