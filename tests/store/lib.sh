# Sourced by the store's tests: a folder that goes away, and numbers that a seed gives.
work=$(mktemp -d -t loadwave-store-XXXXXX)
writer=$LW_BUILD/store_writer
pid=
end() {
    [ -z "$pid" ] || kill -9 "$pid" 2>/dev/null || true
    [ -z "${mounted:-}" ] || umount "$mounted" 2>/dev/null || true
    rm -rf "$work"
}
trap end EXIT
trap 'exit 130' INT TERM

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# Under LW_STRICT a test that cannot run for want of a tool fails.
skip() {
    echo "skipped: $*"
    [ -z "${LW_STRICT:-}" ] || exit 1
    exit 77
}

# with_postgres FUNCTION: in a shell with LW_POSTGRES and LW_POSTGRES_FOLDER set; skips when it is not installed.
need_postgres() {
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || skip "PostgreSQL is not installed"
}

# Seconds between 0.05 and 0.45, the same for the same seed.
wait_of() {
    awk -v seed="$1" 'BEGIN { srand(seed); rand(); printf "%.3f", 0.05 + 0.4 * rand() }'
}
