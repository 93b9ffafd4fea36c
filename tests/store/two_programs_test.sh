#!/bin/sh
# Two programs on one store. A second server is refused: both would answer from what they remember, tell only their own listeners of a
# change and count tries apart. Everything else may go on beside the server: backup, doctor, a new clinic; restore never replaces.
. tests/server/lib.sh
second() { # second WHAT STORE
    code=0
    timeout 20 "$LOADWAVE" serve --store "$2" --listen 127.0.0.1:0 >"$work/said" 2>&1 || code=$?
    is "$1: exit code" "$code" 4
    has "$1" "$(cat "$work/said")" "another server is running on this store"
}
serve
staff
patient
note() { call patient POST "/patients/$me/events" "{\"events\":[$(event note '{"text":"x"}')]}"; }
second "a second server" "$work/store.db"
ln -s "$work/store.db" "$work/by-link.db"
second "by another name" "$work/by-link.db"
note
is "the first goes on" "$status $(get .added)" "200 1"
head=$(get .head)

for n in 1 2 3 4 5 6 7 8; do
    "$LOADWAVE" backup "$work/store.db" "$work/copy-$n.db" >"$work/backup" 2>&1 &
    other=$!
    "$LOADWAVE" doctor "$work/store.db" >"$work/doctor" 2>&1 &
    third=$!
    note
    is "a write beside backup and doctor" "$status $(get .added)" "200 1"
    wait $other || is "a backup" "$(cat "$work/backup")" "made"
    wait $third || is "doctor" "$(cat "$work/doctor")" "content"
done
code=0
"$LOADWAVE" restore "$work/copy-1.db" "$work/store.db" >"$work/said" 2>&1 || code=$?
is "a restore over it" "$code" 2
has "a restore over it" "$(cat "$work/said")" "not empty"
"$LOADWAVE" clinic add "$work/store.db" --name North --login ana >"$work/said" 2>&1 || is "a clinic beside it" "$(cat "$work/said")" "made"
note
is "and still" "$status $(get .head)" "200 $((head + 9))"

# The lock is gone with the process, however it ends.
kill -9 "$pid"
wait "$pid" 2>/dev/null || true
pid=
rm "$work/out"
serve
call patient GET "/patients/$me/events?limit=1"
is "after kill -9 the next one starts" "$status $(get .head)" "200 $((head + 9))"
stop_server
is "all of it is sound" "$("$LOADWAVE" doctor "$work/store.db" | tail -1)" "All is well."
is "the last backup too" "$("$LOADWAVE" restore "$work/copy-8.db" --check 2>&1 | cut -c1-21)" "Opened and read again"
done_testing
