#!/bin/sh
# A program that was killed with kill -9 while it wrote has lost nothing of what it acknowledged: SQLite, 25 times.
set -eu
. tests/store/lib.sh

store=$work/store.db
"$writer" make "$store"
: >"$work/all"
for seed in $(seq 1 25); do
    : >"$work/acknowledged"
    "$writer" write "$store" "$seed" >"$work/acknowledged" 2>"$work/errors" &
    pid=$!
    # Every fifth is killed while it may still be opening the file, the others while they write.
    while [ $((seed % 5)) != 0 ] && [ ! -s "$work/acknowledged" ] && kill -0 "$pid" 2>/dev/null; do
        sleep 0.02
    done
    sleep "$(wait_of "$seed")"
    kill -9 "$pid"
    wait "$pid" 2>/dev/null || true
    pid=
    # A last line may have been cut by the kill: then it was not said.
    grep -E '^p-[1-4] [-0-9a-f]{36}$' "$work/acknowledged" >>"$work/all" || true
    [ ! -s "$work/errors" ] || fail "errors of the writer: $(cat "$work/errors")"
    "$writer" check "$store" "$work/all" >"$work/said" || fail "seed $seed: $(cat "$work/said")"
done
[ "$(wc -l <"$work/all")" -gt 100 ] || fail "hardly anything was written: $(cat "$work/said")"
"$LOADWAVE" doctor "$store" >"$work/doctor" || fail "doctor: $(cat "$work/doctor")"
echo "killed 25 times: $(cat "$work/said")"
