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

# Encrypted: a key, a backup, back again; what is wrong is refused and leaves nothing.
rm again.db harmed.db
expect 0 "Copy it to a safe place" "$LOADWAVE" backup --new-key backup.key
expect 2 "never replaced" "$LOADWAVE" backup --new-key backup.key
expect 0 "" "$LOADWAVE" backup --new-key other.key
expect 0 "encrypted with the key" "$LOADWAVE" backup live.db sealed.lwb --key backup.key
[ "$(stat -c %a sealed.lwb)" = 600 ] || fail "others can read the backup"
! grep -q -e "SQLite" -e "clinic" sealed.lwb || fail "the backup can be read without its key"
expect 2 "it needs the key" "$LOADWAVE" restore sealed.lwb again.db
expect 2 "the one given is" "$LOADWAVE" restore sealed.lwb again.db --key other.key
expect 2 "is not a key" "$LOADWAVE" restore sealed.lwb again.db --key copy.db
expect 4 "cannot be read" "$LOADWAVE" restore sealed.lwb again.db --key nothing.key
expect 2 "is not encrypted" "$LOADWAVE" restore copy.db again.db --key backup.key
expect 2 "to no place" "$LOADWAVE" restore sealed.lwb again.db --check --key backup.key
head -c 100000 sealed.lwb >cut.lwb
expect 2 "damaged, changed or cut off" "$LOADWAVE" restore cut.lwb again.db --key backup.key
[ ! -e again.db ] || fail "something is left of a restore that failed"
expect 0 "Opened and read again: 4 patients" "$LOADWAVE" restore sealed.lwb --check --key backup.key
[ ! -e again.db ] || fail "--check has put something in place"
expect 0 "Restored and read again: 4 patients" "$LOADWAVE" restore sealed.lwb again.db --key backup.key
expect 0 "There is no backup in backups" "$LOADWAVE" doctor again.db
mkdir backups
mv sealed.lwb backups/
expect 0 "Every backup is encrypted" "$LOADWAVE" doctor again.db
cp copy.db backups/
expect 1 "not encrypted: 1 of 2" "$LOADWAVE" doctor again.db
touch -d "9 days ago" backups/*
expect 1 "the newest 9 days old: make one" "$LOADWAVE" doctor again.db --backups backups

# Killed at any moment, backup and restore leave nothing that can be read: the folder is as it was, or the work is done.
rm -r backups/* cut.lwb again.db
expect 0 "" "$LOADWAVE" backup live.db backups/sealed.lwb --key backup.key
mkdir place
interrupted=0
for seed in $(seq 1 20); do
    if [ $((seed % 2)) = 0 ]; then
        "$LOADWAVE" backup live.db place/file --key backup.key >out 2>&1 &
    else
        "$LOADWAVE" restore backups/sealed.lwb place/file --key backup.key >out 2>&1 &
    fi
    pid=$!
    sleep "$(wait_of "$seed" | awk '{ print $1 / 8 }')"
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    pid=
    case $(ls -A place) in
    "") interrupted=$((interrupted + 1)) ;;
    file) rm place/file ;;
    *) fail "left by a kill: $(ls -A place)" ;;
    esac
done
[ "$interrupted" -gt 0 ] || fail "not one was killed in time"
echo "backup, restore and doctor say and do what they should"
