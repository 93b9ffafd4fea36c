#!/bin/sh
# The same over PostgreSQL. Then PostgreSQL itself is stopped as by a power failure under a writer that goes on, which must connect
# again by itself.
set -eu
. tests/store/lib.sh
need_postgres
if [ -z "${LW_POSTGRES:-}" ]; then
    end
    trap - EXIT
    exec tests/store/postgres.sh run sh "$0"
fi

psql -qX -c 'CREATE DATABASE clinic' "$LW_POSTGRES"
mkdir "$work/postgres"
python3 tests/store/kill9.py "$LOADWAVE" "$work/postgres" "postgres://loadwave@/clinic?host=$LW_POSTGRES_FOLDER"
[ -z "${KILLS:-}" ] || exit 0

"$writer" make "$LW_POSTGRES"
: >"$work/all"
take() {
    grep -E '^p-[1-4] [-0-9a-f]{36}$' "$work/acknowledged" >>"$work/all" || true
}
# The server needs a moment to see that a killed writer is gone and its lock free.
check() {
    for try in 1 2 3 4 5 6 7 8 9 10; do
        if "$writer" check "$LW_POSTGRES" "$work/all" >"$work/said" 2>"$work/errors"; then
            return 0
        fi
        grep -q "holds this PostgreSQL store" "$work/errors" || break
        sleep 0.3
    done
    fail "$1: $(cat "$work/said" "$work/errors")"
}
# Starts a writer and waits until it has begun to write; then for so many seconds.
start() {
    for try in 1 2 3 4 5 6 7 8 9 10; do
        : >"$work/acknowledged"
        "$writer" write "$LW_POSTGRES" "$1" >"$work/acknowledged" 2>"$work/errors" &
        pid=$!
        while kill -0 "$pid" 2>/dev/null; do
            if [ -s "$work/acknowledged" ]; then
                sleep "$2"
                return 0
            fi
            sleep 0.05
        done
        sleep 0.3
    done
    fail "the writer does not start: $(cat "$work/errors")"
}

start 6 0.3
tests/store/postgres.sh crash "$LW_POSTGRES_FOLDER"
before=$(wc -l <"$work/acknowledged")
for try in $(seq 1 50); do
    [ "$(wc -l <"$work/acknowledged")" -le "$((before + 20))" ] || break
    sleep 0.2
done
after=$(wc -l <"$work/acknowledged")
if ! kill -9 "$pid"; then
    code=0
    wait "$pid" || code=$?
    fail "the writer has ended with $code: $(tail -3 "$work/errors")"
fi
wait "$pid" 2>/dev/null || true
pid=
[ "$after" -gt "$((before + 20))" ] || fail "the writer did not come back after the crash: $(tail -3 "$work/errors")"
grep -q LW_ERR "$work/errors" || fail "nobody heard of the crash"
take
check "after the crash"
echo "PostgreSQL stopped under the writer: $(cat "$work/said")"
