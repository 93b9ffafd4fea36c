#!/bin/sh
# backup, restore and doctor as programs: exit codes, sentences, and what is left in the folder; also under a live writer.
set -eu
. tests/store/lib.sh
cd "$work"

# expect CODE WORDS COMMAND …: the exit code, and words in what it says.
expect() {
    code=$1
    words=$2
    shift 2
    got=0
    "$@" >"$work/out" 2>&1 || got=$?
    [ "$got" = "$code" ] || fail "$*: exit code $got instead of $code: $(cat "$work/out")"
    [ -z "$words" ] || grep -q "$words" "$work/out" || fail "$*: does not say \"$words\": $(cat "$work/out")"
}

"$writer" make live.db
"$writer" write live.db 1 >acknowledged 2>errors &
pid=$!
for try in $(seq 1 200); do
    [ "$(wc -l <acknowledged)" -lt 40 ] || break
    sleep 0.05
done
expect 0 "All is well" "$LOADWAVE" doctor live.db
expect 0 "Backed up" "$LOADWAVE" backup live.db copy.db
kill -9 "$pid"
wait "$pid" 2>/dev/null || true
pid=
[ ! -s errors ] || fail "the writer was disturbed: $(cat errors)"
expect 2 "there is something already" "$LOADWAVE" backup live.db copy.db
expect 0 "Restored and read again: 4 patients" "$LOADWAVE" restore copy.db again.db
expect 2 "not empty" "$LOADWAVE" restore copy.db again.db
expect 0 "All is well" "$LOADWAVE" doctor again.db
expect 2 "No such file" "$LOADWAVE" doctor nothing.db
expect 4 "No such file" "$LOADWAVE" backup live.db nowhere/copy.db
expect 2 "not a database" "$LOADWAVE" restore acknowledged other.db
[ ! -e other.db ] || fail "something is left of a restore that failed"
[ "$(stat -c %a copy.db)" = 600 ] || fail "others can read the backup"

# One letter of one event.
expect 0 "" python3 - <<'PY'
import sqlite3
db = sqlite3.connect("again.db")
db.execute("update event set line = replace(line, '\"text\":\"x\"', '\"text\":\"y\"') where patient = 'p-2' and seq = 3")
db.commit()
PY
expect 1 "Patient p-2: the chain of events is broken at number 3" "$LOADWAVE" doctor again.db
expect 0 "" "$LOADWAVE" backup again.db harmed.db
expect 2 "Nothing was restored" "$LOADWAVE" restore harmed.db other.db
[ -z "$(ls | grep -E 'part|other')" ] || fail "something is left: $(ls)"
echo "backup, restore and doctor say and do what they should"
