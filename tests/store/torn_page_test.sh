#!/bin/sh
# A torn last page: of the log and of the file. doctor says it, a server does not go on over it, what was acknowledged before is
# there, and a backup restores.
set -eu
. tests/store/lib.sh
cd "$work"
# damage FILE WHERE HOW: cut N | flip; WHERE counts bytes, from the end when it is negative.
damage() {
    python3 - "$@" <<'PY'
import os, sys
name, where, how = sys.argv[1], int(sys.argv[2]), sys.argv[3]
size = os.path.getsize(name)
at = where if where >= 0 else size + where
with open(name, "r+b") as f:
    if how == "cut":
        f.truncate(at)
    else:
        f.seek(at)
        old = f.read(1)
        f.seek(at)
        f.write(bytes([old[0] ^ 16]))
PY
}
# log FILE: "frame_bytes frames first_commit second_commit … " of a log: where the commits of its newest round are.
frames() {
    python3 - "$1" <<'PY'
import struct, sys
data = open(sys.argv[1], "rb").read()
page = struct.unpack(">I", data[8:12])[0]
out, at = [], 32
while at + 24 + page <= len(data) and data[at + 8:at + 16] == data[16:24]:
    if struct.unpack(">I", data[at + 4:at + 8])[0]:
        out.append(at)
    at += 24 + page
print(24 + page, *out)
PY
}
take() { # a fresh copy of the store, as the kill left it
    rm -f torn.db*
    cp live.db torn.db
    cp live.db-wal torn.db-wal
}
doctor() { # doctor CODE WORDS
    code=0
    "$LOADWAVE" doctor torn.db >said 2>&1 || code=$?
    [ "$code" = "$1" ] || fail "doctor: $code instead of $1: $(cat said)"
    tr '\n' ' ' <said | tr -s ' ' | grep -q -e "$2" || fail "doctor does not say \"$2\": $(cat said)"
}
# kept LEAST: of what was acknowledged so much is there, whole, and without a gap in anybody's log.
kept() {
    "$writer" check torn.db acknowledged >said 2>errors || true
    lost=$(sed -n 's/.* stored, \([0-9]*\) lost, 0 wrong/\1/p' said)
    [ -n "$lost" ] || fail "what is left is not sound: $(cat said errors)"
    [ "$lost" -le "$1" ] || fail "$lost lost, at most $1 could have been: $(cat said)"
}

"$writer" make live.db
: >acknowledged
"$writer" write live.db 1 >acknowledged 2>errors &
pid=$!
while [ "$(wc -l <acknowledged)" -lt 30 ]; do sleep 0.02; done
kill -STOP "$pid" # or the log grows beyond what is quick to look at
cp acknowledged at_backup
"$LOADWAVE" backup live.db before.db >said
kill -CONT "$pid"
commits=0
for run in $(seq 2 20); do
    had=$(wc -l <acknowledged)
    while [ "$(wc -l <acknowledged)" -lt $((had + 30)) ]; do sleep 0.02; done
    kill -9 "$pid"
    wait "$pid" 2>/dev/null || true
    pid=
    set -- $(frames live.db-wal)
    frame=$1
    shift
    commits=$#
    [ "$commits" -le 20 ] || break
    "$writer" write live.db "$run" >>acknowledged 2>errors & # the log has just begun anew
    pid=$!
done
grep -E '^p-[1-4] [-0-9a-f]{36}$' acknowledged >whole
mv whole acknowledged
grep -E '^p-[1-4] [-0-9a-f]{36}$' at_backup >whole
mv whole at_backup
[ "$commits" -gt 20 ] || fail "too few commits in the log: $commits"
for last in "$@"; do :; done
eval "middle=\${$((commits / 2))}"

take
doctor 0 "All is well"
kept 0

# The last page of the log: as a kill in the middle of a write would leave it. At most the last group is missing.
for cut in 1 100 4000 $((frame - 1)); do
    take
    damage torn.db-wal $((last + frame - cut)) cut
    doctor 0 "All is well"
    kept 4
done
take
damage torn.db-wal $((last + frame - 50)) flip
doctor 0 "ends in something unfinished"
kept 4

# Within the log: acknowledged entries would be left out. It is said, and no server starts over it.
for at in $((middle + 30)) $((middle + 17)) 20; do
    take
    damage torn.db-wal "$at" flip
    doctor 1 "The log beside the file (-wal) is damaged"
    code=0
    timeout 20 "$LOADWAVE" serve --store torn.db --listen 127.0.0.1:0 >said 2>&1 || code=$?
    [ "$code" = 4 ] || fail "a server starts over a damaged log: $code $(cat said)"
    grep -q "wal is damaged" said || fail "the server does not say why: $(cat said)"
    doctor 1 "The log beside the file (-wal) is damaged" # the trace is still there
done
take
damage torn.db-wal $((middle + 30)) flip
rm -f rescued.db again.db
"$LOADWAVE" backup torn.db rescued.db >said || fail "no backup of what can be read: $(cat said)"
"$LOADWAVE" restore rescued.db again.db >said || fail "it does not restore: $(cat said)"
events=$(python3 -c 'import sqlite3; print(sqlite3.connect("again.db").execute("select count(*) from event").fetchone()[0])')
[ "$events" -ge $((commits / 2 - 4)) ] || fail "only $events events were brought over"

# The last pages of the file itself. Cut off it is seen; where a bit was flipped either doctor finds it, or it meant nothing and
# everything is there.
"$writer" check live.db acknowledged >said # closes it properly: no log is left
[ ! -s live.db-wal ] || fail "there is a log still"
: >live.db-wal
for cut in 1 512 4095 4096; do
    take
    damage torn.db -"$cut" cut
    doctor 1 "damaged\\|broken"
done
found=0
for seed in $(seq 1 12); do
    take
    damage torn.db -"$(awk -v s="$seed" 'BEGIN { srand(s); rand(); print int(1 + 8192 * rand()) }')" flip
    if "$LOADWAVE" doctor torn.db >said 2>&1; then
        kept 0
    else
        found=$((found + 1))
    fi
done
[ "$found" -gt 1 ] || fail "hardly any flipped bit was found: $found of 12"
rm -f torn.db*
"$LOADWAVE" restore before.db torn.db >said || fail "the backup does not restore: $(cat said)"
mv at_backup acknowledged
kept 0
echo "the log's end torn 5 times, its middle 3 times, the file's end 16 times ($found of 12 flipped bits were found, the others meant nothing)"
