#!/bin/sh
# A PostgreSQL server of its own for tests, on a unix socket only.
#
#   tests/store/postgres.sh start FOLDER   makes a cluster in FOLDER (new), starts it, prints its postgres:// address
#   tests/store/postgres.sh stop FOLDER    stops it at once and removes FOLDER
#   tests/store/postgres.sh crash FOLDER   stops it as a power failure would (immediate), starts it again
#   tests/store/postgres.sh run COMMAND …  start in a fresh folder, COMMAND with LW_POSTGRES set, stop; its exit code
#
# LW_POSTGRES_OPTIONS: more options of the server.
#
# initdb and postgres refuse to be root: as root they run as user postgres. Exit code 77: PostgreSQL is not installed.
set -eu

bin=${LW_POSTGRES_BIN:-}
for dir in /usr/lib/postgresql/*/bin; do
    [ -n "$bin" ] || { [ -x "$dir/initdb" ] && bin=$dir; }
done
if [ -z "$bin" ]; then
    echo "PostgreSQL is not installed" >&2
    exit 77
fi

as_owner() {
    if [ "$(id -u)" = 0 ]; then
        runuser -u postgres -- "$@"
    else
        "$@"
    fi
}

start_server() {
    # A killed machine is played by "crash"; fsync stays on, as it must be for that to mean anything.
    (cd / && as_owner "$bin/pg_ctl" -D "$1/data" -l "$1/log" -w -t 60 \
        -o "-c listen_addresses='' -k $1 -c max_connections=60 -c shared_buffers=32MB ${LW_POSTGRES_OPTIONS:-}" start >/dev/null) || {
        cat "$1/log" >&2
        exit 1
    }
}

start() {
    mkdir -p "$1"
    folder=$(cd "$1" && pwd)
    if [ "$(id -u)" = 0 ]; then
        chown postgres "$folder"
    fi
    chmod 700 "$folder"
    (cd / && as_owner "$bin/initdb" -D "$folder/data" -U loadwave -A trust -E UTF8 --locale=C.UTF-8 >"$folder.initdb" 2>&1) || {
        cat "$folder.initdb" >&2
        exit 1
    }
    rm -f "$folder.initdb"
    start_server "$folder"
    echo "postgres://loadwave@/postgres?host=$folder"
}

stop() {
    (cd / && as_owner "$bin/pg_ctl" -D "$1/data" -m immediate -w stop >/dev/null 2>&1) || true
    rm -rf "$1"
}

case "${1:-}" in
start)
    start "$2"
    ;;
stop)
    stop "$2"
    ;;
crash)
    (cd / && as_owner "$bin/pg_ctl" -D "$2/data" -m immediate -w stop >/dev/null 2>&1) || true # or it has stopped itself
    start_server "$2"
    ;;
run)
    shift
    # A socket's path may have about a hundred letters, and user postgres must reach it: not under the build tree. In memory
    # where there is room: nothing here is about the power of a real disk failing.
    parent=/tmp
    if [ -w /dev/shm ] && [ "$(df -k --output=avail /dev/shm | tail -1)" -gt 400000 ]; then
        parent=/dev/shm
    fi
    place=$(mktemp -d $parent/loadwave-postgres-XXXXXX)
    trap 'stop "$place"' EXIT
    trap 'exit 130' INT TERM
    LW_POSTGRES=$(start "$place")
    LW_POSTGRES_FOLDER=$place
    export LW_POSTGRES LW_POSTGRES_FOLDER
    "$@"
    ;;
*)
    sed -n '2,12p' "$0" >&2
    exit 2
    ;;
esac
