#!/usr/bin/env bash
# leaving_test.sh EDITOR: whoever leaves a built editor, with a screen or without, brings what was written to the others
# first; who cannot within ten seconds ends with code 1 and says what is missing where; Ctrl-C, and nothing else, ends
# the waiting.
set -euo pipefail
# shellcheck source=tests/editor/terminals.sh
source "$(dirname "${BASH_SOURCE[0]}")/terminals.sh"

# start_headless WHO ARGUMENTS...: without a screen, in a terminal all the same, so that Ctrl-C is a key.
start_headless() {
    local who=$1
    shift
    open_terminal "$who" --headless "$@"
    wait_until "$who listens" shows "$who" "$who: listening at "
}

send() {
    kill "-$2" "$(<"$folder/$1.pid")"
}

says() {
    grep -qF -- "$2" "$folder/$1.log"
}

now_ms() {
    echo $((${EPOCHREALTIME/[.,]/} / 1000))
}

# ends_with_loss WHO [PLACE]: with code 1 and one line that says how much is missing, at this place.
ends_with_loss() {
    local line
    wait_until "$1 ends" left "$1"
    [[ $(<"$folder/$1.code") == 1 ]] || fail "$1 ended with code $(<"$folder/$1.code") and not 1"
    line="sangam-editor: not everything has reached the others: replica \"$1\" is closed: "
    line+="[0-9]+ of [0-9]+ own messages are not acknowledged${2:+ by $2}"
    [[ $(grep -cE "^$line" "$folder/$1.log") == 1 ]] || fail "$1 did not say what is missing${2:+ at $2}"
}

# lasts WHO FROM LEAST MOST: WHO, who was asked to end at FROM, took so many milliseconds.
lasts() {
    local lasted=$(($(date -r "$folder/$1.code" +%s%3N) - $2))
    ((lasted >= $3 && lasted <= $4)) || fail "$1 took $lasted ms to end, and not $3 to $4"
}

hint="Ctrl-C ends without that"
echo "some text" >"$folder/text"

echo "what nobody has taken after ten seconds is an error"
nobody=ipc://$folder/nobody
start_headless dora --load "$folder/text" --listen "ipc://$folder/dora" --connect "$nobody"
start alice --listen "ipc://$folder/alice"
start bob --connect "ipc://$folder/alice" --save "$folder/bob.txt"
wait_until "bob sees alice's name" shows bob 'online with alice'
send alice KILL
wait_until "alice is gone" shows bob 'alone'
type_text bob 'to nobody'
wait_until "bob sees what he typed" shows bob 'to nobody'
from=$(now_ms)
send dora TERM
send bob TERM

echo "Ctrl-C ends the waiting, and another request to end does not"
start_headless carol --load "$folder/text" --listen "ipc://$folder/carol" --connect "$nobody"
carol_from=$(now_ms)
send carol TERM
wait_until "carol says how not to wait" says carol "$hint"
send carol TERM
send carol HUP
sleep 1
! left carol || fail "SIGTERM or SIGHUP ended carol's waiting"
press carol C-c
ends_with_loss carol "$nobody"
lasts carol "$carol_from" 2000 9000

start eve --listen "ipc://$folder/eve" --connect "$nobody"
type_text eve 'typed'
wait_until "eve sees what she typed" shows eve typed
eve_from=$(now_ms)
press eve C-q
wait_until "eve says how not to wait" says eve "$hint"
! left eve || fail "eve did not wait"
press eve C-c
ends_with_loss eve "$nobody"
lasts eve "$eve_from" 1000 9000

for who in dora bob; do
    wait_until "$who ends" left "$who"
    lasts "$who" "$from" 9900 20000
    says "$who" "$hint" || fail "$who did not say how not to wait"
done
ends_with_loss dora "$nobody"
ends_with_loss bob "ipc://$folder/alice"
[[ $(<"$folder/bob.txt") == 'to nobody' ]] || fail "bob saved \"$(<"$folder/bob.txt")\""

echo "what is written off the network cannot reach the others, and nobody waits for it"
start alice --listen "ipc://$folder/alice2"
start bob --connect "ipc://$folder/alice2"
wait_until "bob sees alice's name" shows bob 'online with alice'
press bob C-n
wait_until "bob is cut off" shows bob OFFLINE
type_text bob 'alone'
wait_until "bob sees what he typed" shows bob alone
press bob C-q
wait_until "bob is asked" shows bob 'others lack what you wrote'
! left bob || fail "bob was not asked"
from=$(now_ms)
press bob C-q
ends_with_loss bob
lasts bob "$from" 0 5000
says bob 'the network is cut' || fail "bob did not say that the network is cut"

start bob --connect "ipc://$folder/alice2"
wait_until "bob sees alice's name" shows bob 'online with alice'
press bob C-n
wait_until "bob is cut off" shows bob OFFLINE
type_text bob 'more'
wait_until "bob sees what he typed" shows bob more
from=$(now_ms)
send bob TERM
ends_with_loss bob
lasts bob "$from" 0 5000

echo "what others had not taken when the network was cut is asked about, but who never met anybody is not asked"
start bob --connect "ipc://$folder/alice2"
wait_until "bob sees alice's name" shows bob 'online with alice'
send alice STOP
type_text bob 'unheard'
wait_until "bob sees what he typed" shows bob unheard
press bob C-n
wait_until "bob is cut off" shows bob OFFLINE
press bob C-q
wait_until "bob is asked" shows bob 'others lack what you wrote'
press bob C-q
ends_with_loss bob
send alice CONT
start bob --listen "ipc://$folder/bob"
press bob C-n
wait_until "bob is cut off" shows bob OFFLINE
type_text bob 'for me'
wait_until "bob sees what he typed" shows bob 'for me'
press bob C-q
ends bob

echo "who stands still a while gets what was written, and that is no error"
start bob --connect "ipc://$folder/alice2"
wait_until "bob sees alice's name" shows bob 'online with alice'
send alice STOP
type_text bob 'by a signal'
wait_until "bob sees what he typed" shows bob 'by a signal'
send bob TERM
sleep 2
send alice CONT
ends bob
wait_until "alice sees what bob typed" shows alice 'by a signal'

start bob --connect "ipc://$folder/alice2"
wait_until "bob sees alice's text" shows bob 'by a signal'
send alice STOP
type_text bob 'terminal gone, '
wait_until "bob sees what he typed" shows bob 'terminal gone, '
screens kill-session -t =bob
sleep 2
send alice CONT
wait_until "alice sees what bob typed" shows alice 'terminal gone, by a signal'

echo "who has nothing to bring leaves at once, whoever is away"
start bob --connect "$nobody"
from=$(now_ms)
press bob C-q
ends bob
lasts bob "$from" 0 5000
