#!/bin/sh
# A full disk: what was acknowledged is there, the event that did not fit was refused as LW_ERR_FULL, and when there is room
# again the same program goes on. Needs root for a small tmpfs; without it a limit on the size of files stands in (SQLite).
set -eu
. tests/store/lib.sh

# fill_until_refused WHERE RUN EXPECTED MAKE_ROOM: the writer fills, MAKE_ROOM runs, the writer goes on.
fill() {
    mkfifo "$work/go"
    "$writer" fill "$1" "$2" <"$work/go" >"$work/acknowledged" 2>"$work/said" &
    pid=$!
    exec 9>"$work/go"
    for try in $(seq 1 600); do
        grep -q stopped "$work/said" && break
        sleep 0.1
    done
    grep -q "stopped $3" "$work/said" || fail "expected $3: $(cat "$work/said")"
    taken=$(wc -l <"$work/acknowledged")
    [ "$taken" -gt 5 ] || fail "hardly anything fitted"
    $4
    echo go >&9
    exec 9>&-
    wait "$pid" || fail "it did not go on: $(cat "$work/said")"
    pid=
    rm "$work/go"
    [ "$(wc -l <"$work/acknowledged")" -eq "$((taken + 20))" ] || fail "not all that came later was taken"
}

room() {
    mount -o remount,size=64m "$mounted"
}

mkdir "$work/disk"
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=3m tmpfs "$work/disk" 2>/dev/null; then
    mounted=$work/disk
    "$writer" make "$mounted/store.db"
    fill "$mounted/store.db" 1 LW_ERR_FULL room
    "$writer" check "$mounted/store.db" "$work/acknowledged" >"$work/checked" || fail "$(cat "$work/checked")"
    echo "SQLite on a full disk: $(cat "$work/checked")"
    umount "$mounted"
    mounted=
else
    # Files of at most 3 MB (ulimit counts blocks of 512 bytes); room is not made, so only the first half can be looked at.
    "$writer" make "$work/disk/store.db"
    (
        ulimit -f 6000
        trap '' XFSZ
        "$writer" fill "$work/disk/store.db" 1 </dev/null >"$work/acknowledged" 2>"$work/said"
    ) || true
    grep -q "stopped LW_ERR_FULL" "$work/said" || fail "expected LW_ERR_FULL: $(cat "$work/said")"
    "$writer" check "$work/disk/store.db" "$work/acknowledged" >"$work/checked" || fail "$(cat "$work/checked")"
    echo "SQLite at a limit of file size: $(cat "$work/checked")"
fi

# PostgreSQL: its own disk is full. Where even its log finds no room it stops itself, and the event is refused as one whose
# fate nobody knows (LW_ERR_IO); what counts is that nothing acknowledged is lost and that the writer goes on.
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || skip "PostgreSQL is not installed"
if [ "$(id -u)" != 0 ] || ! mount -t tmpfs -o size=130m tmpfs "$work/disk" 2>/dev/null; then
    echo "a full disk under PostgreSQL needs a small tmpfs, so root: only SQLite was tried"
    exit 0
fi
mounted=$work/disk
chmod 755 "$work"
LW_POSTGRES_OPTIONS="-c max_wal_size=40MB -c min_wal_size=32MB"
export LW_POSTGRES_OPTIONS
url=$(tests/store/postgres.sh start "$mounted/pg")
size() {
    mount -o remount,size="$1" "$mounted"
}
room_and_server() {
    size 200m
    tests/store/postgres.sh crash "$mounted/pg"
}
"$writer" make "$url"
size "$(($(df -k --output=used "$mounted" | tail -1) + 6000))k"
fill "$url" 2 "LW_ERR_\(FULL\|IO\|BUSY\)" room_and_server
"$writer" check "$url" "$work/acknowledged" >"$work/checked" || fail "$(cat "$work/checked")"
echo "PostgreSQL on a full disk ($(head -1 "$work/said")): $(cat "$work/checked")"
tests/store/postgres.sh stop "$mounted/pg"
