#!/bin/sh
# The sources on a clean Debian: a debootstrap root with make, git and nothing else of ours. `make run` installs what it needs, builds and
# answers; `make setup` and a few tests; `make install` into a prefix and a folder, the program run from there, `make uninstall`.
# Root; `make fresh-test`. Usage: fresh.sh [COMMIT] (default: HEAD). Needs debootstrap, curl, git and a Debian mirror (LW_MIRROR).
set -eu
commit=${1:-HEAD}
mirror=${LW_MIRROR:-http://deb.debian.org/debian}
scratch=$PWD/build/fresh-test
root=$scratch/root
port=18475
[ "$(id -u)" = 0 ] || { echo "fresh-test: chroot needs root" >&2; exit 77; }
for tool in debootstrap curl git; do
    command -v $tool >/dev/null || { echo "fresh-test: $tool is missing (sh tools/setup.sh install)" >&2; exit 77; }
done
# Where this machine's npm fetches from, so that the root's does, too.
registry=$(npm config get registry 2>/dev/null || true)
running=
clean() {
    if [ -n "$running" ]; then
        kill "$running" 2>/dev/null || true
        pid=$(server_pid)
        [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
    fi
    umount "$root/dev/pts" "$root/proc" 2>/dev/null || true
}
server_pid() { ps -o pid=,args= -C loadwave | awk -v port="127.0.0.1:$port" 'index($0, port) { print $1; exit }'; }
trap clean EXIT
trap 'exit 1' INT TERM
inside() {
    chroot "$root" env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive HOME=/root \
        ${registry:+npm_config_registry="$registry"} NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt sh -c "cd /root/loadwave && $*"
}
checks=0
failed=0
is() {
    checks=$((checks + 1))
    [ "$2" = "$3" ] && return 0
    failed=$((failed + 1))
    printf 'not as it should be: %s\n  got    %s\n  wanted %s\n' "$1" "$2" "$3"
}
say() { printf '\n== %s\n' "$*"; }
began=0
timed() { began=$(date +%s); }
took() { echo "$1: $(($(date +%s) - began)) s"; }

say "a clean root: debootstrap --variant=minbase --include=make,git,ca-certificates bookworm"
umount "$root/dev/pts" "$root/proc" 2>/dev/null || true
rm -rf "$root"
mkdir -p "$scratch"
debootstrap --variant=minbase --include=make,git,ca-certificates bookworm "$root" "$mirror" >"$scratch/debootstrap.log" 2>&1 ||
    { tail -n 20 "$scratch/debootstrap.log"; exit 1; }
mount -t proc proc "$root/proc"
mount -t devpts devpts "$root/dev/pts" # for the tests that need a terminal
cp /etc/resolv.conf "$root/etc/resolv.conf"
for setting in /etc/apt/apt.conf.d/*proxy* /etc/apt/apt.conf; do
    [ -f "$setting" ] && cp "$setting" "$root/etc/apt/apt.conf.d/" || true
done
# Authorities that this machine trusts beyond Debian's, for whoever fetches through a proxy of an own one.
cp /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/" 2>/dev/null || true
chroot "$root" update-ca-certificates >/dev/null 2>&1
git clone -q --no-hardlinks "$PWD" "$root/root/loadwave"
git -C "$root/root/loadwave" checkout -q "$(git rev-parse "$commit")"
echo "sources of $(git log -1 --format='%h of %cs' "$commit")"

say "make run"
timed
chroot "$root" env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root ${registry:+npm_config_registry="$registry"} \
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt sh -c "cd /root/loadwave && exec make run PORT=$port" >"$scratch/run.log" 2>&1 &
running=$!
tries=0
until curl -s -o /dev/null "http://127.0.0.1:$port/healthz" || [ $tries -gt 1800 ] || ! kill -0 $running 2>/dev/null; do
    tries=$((tries + 1))
    sleep 1
done
took "from nothing to an answer"
is "it answers" "$(curl -s "http://127.0.0.1:$port/healthz")" '{"status":"ok"}'
[ $failed = 0 ] || { tail -n 30 "$scratch/run.log"; exit 1; }
is "200 at /" "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/")" 200
is "with the app" "$(curl -s "http://127.0.0.1:$port/" | grep -c '<script')" 1
is "and the console" "$(curl -s "http://127.0.0.1:$port/clinic/" | grep -c '<script')" 1
is "it says how to sign in" "$(grep -c -E 'Loadwave listens|#/i/' "$scratch/run.log" | awk '{ print ($1 >= 2) ? "yes" : "no" }')" yes
grep -E '^setup: missing|left out' "$scratch/run.log" | head -n 3
kill "$(server_pid)"
wait $running || true
running=
is "warnings of the compilers" "$(grep -c 'warning:' "$scratch/run.log" || true)" 0
timed
inside "make --no-print-directory build" >"$scratch/again.log" 2>&1
took "make build once more, with nothing to do"

say "make setup, and a few tests"
timed
inside "make setup" >"$scratch/setup.log" 2>&1 || { tail -n 20 "$scratch/setup.log"; exit 1; }
took "make setup"
is "a second one has nothing to do" "$(inside 'make setup' | tail -n 1)" "setup: nothing is missing"
timed
inside "cmake --preset dev >/dev/null && cmake --build build/dev" >"$scratch/dev.log" 2>&1 || { tail -n 20 "$scratch/dev.log"; exit 1; }
took "the tests' build"
timed
inside "ctest --test-dir build/dev -R '^(arena_test|engine_.*|protocol_.*|server_doctor.*|server_versions|server_live|cli_today|cli_help|store_verbs)' --output-on-failure" >"$scratch/tests.log" 2>&1 || true
took "some tests"
grep -E 'tests passed|Failed|Not Run' "$scratch/tests.log" | head
is "they pass" "$(grep -c '100% tests passed' "$scratch/tests.log")" 1

say "make install PREFIX=/opt/loadwave DESTDIR=/tmp/stage, and PREFIX=/usr/local"
inside "make --no-print-directory install PREFIX=/opt/loadwave DESTDIR=/tmp/stage" >"$scratch/install.log" 2>&1
is "the program is in the stage" "$(inside '/tmp/stage/opt/loadwave/bin/loadwave --version' | cut -d' ' -f1)" loadwave
is "the unit names its place" "$(inside "grep -o '^ExecStart=[^ ]*' /tmp/stage/opt/loadwave/lib/systemd/system/loadwave.service")" ExecStart=/opt/loadwave/bin/loadwave
is "nothing stands outside the stage" "$(inside "find /opt /etc /usr/local -name '*loadwave*'")" ""
inside "make --no-print-directory uninstall PREFIX=/opt/loadwave DESTDIR=/tmp/stage"
is "only settings are left" "$(inside "find /tmp/stage -type f")" /tmp/stage/etc/default/loadwave
inside "make --no-print-directory install" >>"$scratch/install.log" 2>&1
is "it is on the path" "$(inside 'command -v loadwave')" /usr/local/bin/loadwave
is "and works where there is no source" "$(inside "cd / && loadwave today /usr/local/share/doc/loadwave/examples/runner-combined.jsonl --on 2026-01-20 >/dev/null && echo works")" works
inside "make --no-print-directory uninstall"
is "uninstalled" "$(inside "find /usr/local -name '*loadwave*'")" ""
printf '\n%s checks, %s failed\n' "$checks" "$failed"
[ "$failed" = 0 ]
