#!/bin/sh
# The package on a clean Debian: debootstrap, apt install, first start, upgrade, downgrade, remove, purge. Root; `make install-test`.
# Usage: clean_root.sh BUILD. Needs what tools/setup.sh install brings, and a Debian mirror (LW_MIRROR).
#
# There is no systemd inside a chroot: the unit's own ExecStart line is read from where the package put it and run as the service's
# user; every system call the server makes in the journey is held against the unit's filter. The earlier version is built
# from LW_OLD, a commit before reminders, calendars and FHIR.
set -eu
build=$1
LW_OLD=${LW_OLD:-769fbb1}
mirror=${LW_MIRROR:-http://deb.debian.org/debian}
scratch=$PWD/build/install-test
root=$scratch/root
port=18473
here=$PWD
mkdir -p "$scratch"
[ "$(id -u)" = 0 ] || { echo "install-test: chroot needs root" >&2; exit 77; }
for tool in debootstrap curl jq sqlite3 strace dpkg-shlibdeps lintian mandoc; do
    command -v $tool >/dev/null || { echo "install-test: $tool is missing (sh tools/setup.sh install)" >&2; exit 77; }
done
. tests/server/lib.sh
service=
end_service() {
    if [ -n "$service" ]; then
        kill "$service" 2>/dev/null || true
        wait "$service" 2>/dev/null || true
        service=
    fi
}
clean() {
    end_service
    umount "$root/proc" 2>/dev/null || true
    rm -rf "$work"
}
trap clean EXIT

# The timer, as the links say that lead to it: on, off, or nothing of it.
timer() {
    link=$root/etc/systemd/system/timers.target.wants/loadwave-backup.timer
    if [ -L "$link" ]; then
        [ -e "$root$(readlink "$link")" ] && echo on || echo "a link to nothing"
    else
        [ -e "$root/lib/systemd/system/loadwave-backup.timer" ] && echo off || echo none
    fi
}
# The backup unit's own line, in its environment, as its user.
back_up() {
    unit=$root/lib/systemd/system/loadwave-backup.service
    user=$(sed -n 's/^User=//p' "$unit")
    chroot "$root" setpriv --reuid "$user" --regid "$user" --clear-groups --no-new-privs --bounding-set=-all \
        env -i PATH=/usr/bin:/bin "$(sed -n 's/^Environment=//p' "$unit")" LW_TEST_NOW_FILE="${1:-}" \
        sh -c "umask $(sed -n 's/^UMask=//p' "$unit"); exec $(sed -n 's/^ExecStart=//p' "$unit")" >"$work/backup" 2>&1
}
say() { printf '\n== %s\n' "$*"; }
inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
fresh_root() {
    umount "$root/proc" 2>/dev/null || true
    rm -rf "$root"
    cp -a "$scratch/base" "$root"
    mount -t proc proc "$root/proc"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    for setting in /etc/apt/apt.conf.d/*proxy* /etc/apt/apt.conf; do
        [ -f "$setting" ] && cp "$setting" "$root/etc/apt/apt.conf.d/" || true
    done
    cp "$old" "$new" "$root/tmp/"
    inside apt-get -qq update
}
apt_install() { # quiet but for what our package says
    # Settings that were changed are kept; on a terminal apt asks.
    inside apt-get -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold install -y --no-install-recommends --allow-downgrades "$1" >"$work/apt" 2>&1 ||
        { cat "$work/apt"; exit 1; }
    grep -E '^(Unpacking|Setting up) loadwave|^loadwave:|runuser|--name' "$work/apt" || true
}
# The unit's own line, with the settings of /etc/default/loadwave, as the unit's user, until `end_service`.
begin_service() {
    rm -f "$work/out" "$work/log" && : >"$work/out"
    line=$(sed -n 's/^ExecStart=//p' "$root/lib/systemd/system/loadwave.service")
    user=$(sed -n 's/^User=//p' "$root/lib/systemd/system/loadwave.service")
    printf '%s\n' '. /etc/default/loadwave' "exec $line" >"$root/tmp/start"
    strace -f -qq -o "$work/calls.$1" chroot "$root" setpriv --reuid "$user" --regid "$user" --clear-groups --no-new-privs \
        --bounding-set=-all env -i PATH=/usr/bin:/bin sh /tmp/start >>"$work/out" 2>"$work/log" &
    service=$!
    pid=$service
    listening
    base=http://127.0.0.1:$port
    server=$(ps -o pid=,args= -C loadwave | awk -v port="127.0.0.1:$port" 'index($0, port) { print $1; exit }')
    is "runs as its user" "$(ps -o uid= -p "$server" | tr -d ' ')" "$(inside id -u loadwave)"
}
stop_service() {
    # strace is the child; the server is the one that listens.
    server=$(ps -o pid=,args= -C loadwave | awk -v port="127.0.0.1:$port" 'index($0, port) { print $1; exit }')
    kill -TERM "$server"
    code=0
    wait "$service" || code=$?
    is "the service ends well" "$code" 0
    service=
    pid=
}
# Every event, patient, account, decision of the store, by content; what a later version adds beside them is not counted.
store_db=$root/var/lib/loadwave/loadwave.db
content() {
    sqlite3 "$store_db" "SELECT * FROM event ORDER BY patient, seq; SELECT id, clinic, name FROM patient ORDER BY id;
        SELECT id, login, password FROM account ORDER BY id; SELECT seq, hex(hash) FROM audit WHERE seq <= $1 ORDER BY seq"
}
# lost BEFORE AFTER: lines that are not there any more.
lost() {
    LC_ALL=C sort "$1" >"$1.sorted"
    LC_ALL=C sort "$2" >"$2.sorted"
    LC_ALL=C comm -23 "$1.sorted" "$2.sorted" | wc -l
}
audit_end() { sqlite3 "$store_db" 'SELECT MAX(seq) FROM audit'; }
doctor() {
    inside runuser -u loadwave -- loadwave doctor /var/lib/loadwave/loadwave.db >"$work/doctor" 2>&1 || true
    is "no chain is broken" "$(tr '\n' ' ' <"$work/doctor" | tr -s ' ' | grep -c 'Every chain is unbroken')" 1
}

say "the packages"
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)} # one for both, also where somebody commits meanwhile
export SOURCE_DATE_EPOCH
new=$(sh packaging/deb.sh "$build" "$scratch")
old=$(sh tests/install/earlier.sh "$build" "$scratch" "$LW_OLD")
mkdir -p "$scratch/second"
(umask 077 && TZ=Asia/Tokyo LC_ALL=C sh packaging/deb.sh "$build" "$scratch/second" >/dev/null)
is "made again it is the same, byte for byte" "$(cmp "$new" "$scratch/second/${new##*/}" && echo same)" same
is "the manual's pages have no fault" "$(mandoc -T lint -W warning man/*.1 2>&1 | head -n 3)" ""
echo "new: ${new#"$here"/}"
echo "old: ${old#"$here"/}"

say "a clean root: debootstrap --variant=minbase bookworm"
[ -e "$scratch/base/.done" ] || {
    rm -rf "$scratch/base"
    debootstrap --variant=minbase bookworm "$scratch/base" "$mirror" >"$scratch/debootstrap.log" 2>&1 ||
        { tail -n 20 "$scratch/debootstrap.log"; exit 1; }
    : >"$scratch/base/.done"
}
fresh_root

say "apt install ./$(basename "$new")"
apt_install "/tmp/$(basename "$new")"
is "the folder is the service's alone" "$(inside stat -c '%U %G %a' /var/lib/loadwave)" "loadwave loadwave 700"
is "the user has no shell" "$(inside getent passwd loadwave | cut -d: -f7)" /usr/sbin/nologin
is "it is enabled" "$(inside readlink /etc/systemd/system/multi-user.target.wants/loadwave.service)" /lib/systemd/system/loadwave.service
is "and so is the timer of backups" "$(timer)" on
inside loadwave --version
is "every file is as it was packed" "$(inside dpkg -V loadwave)" ""
inside systemd-analyze --version >/dev/null 2>&1 && inside systemd-analyze verify loadwave.service || true
sed -i "s/8080/$port/" "$root/etc/default/loadwave"

say "first start: nobody can sign in"
begin_service first
has "says what to run" "$(cat "$work/out")" "loadwave clinic add"
is "answers on 127.0.0.1" "$(curl -s "$base/healthz")" '{"status":"ok"}'
call nobody POST /sign-in '{"login":"admin","password":"admin"}'
is "no default password" "$status" 401
inside runuser -u loadwave -- loadwave clinic add /var/lib/loadwave/loadwave.db --name "North" --login ana \
    --origin "http://localhost:$port" >"$work/clinic"
token=$(sed -n 's/.*#\/i\///p' "$work/clinic")
call ana POST "/invites/$token/accept" '{"password":"a quiet boat of wet paper"}'
is "the printed link opens the first account" "$status" 200

say "the backup unit's own line, as its user, beside the running server"
code=0
back_up || code=$?
is "a backup" "$code" 0
cat "$work/backup"
is "it is its user's alone" "$(inside sh -c 'stat -c "%U %a" /var/lib/loadwave/backups /var/lib/loadwave/backups/* | sort | uniq | tr "\n" " "')" "loadwave 600 loadwave 700 "
inside runuser -u loadwave -- loadwave backup --new-key /var/lib/loadwave/backup.key >/dev/null
sed -i 's|^LOADWAVE_BACKUP_KEY=.*|LOADWAVE_BACKUP_KEY=/var/lib/loadwave/backup.key|; s|^LOADWAVE_BACKUP_KEEP=.*|LOADWAVE_BACKUP_KEEP=2|' "$root/etc/default/loadwave"
for day in 1 2 3; do
    echo $(($(date +%s) + day * 86400)) >"$root/tmp/now"
    chmod 644 "$root/tmp/now"
    back_up /tmp/now || is "a backup of day $day" "$(cat "$work/backup")" made
done
is "two are kept, with the key" "$(inside sh -c 'cd /var/lib/loadwave/backups && ls | sed "s/.*-auto/auto/" | tr "\n" " "')" "auto.lwb auto.lwb "
stop_service
inside loadwave doctor >"$work/doctor" 2>&1 || true
for words in "A backup is made every day" "The newest backup can be restored" "Every backup is encrypted" "on the disk of the store"; do
    is "doctor: $words" "$(tr '\n' ' ' <"$work/doctor" | tr -s ' ' | grep -c "$words")" 1
done
cat "$work/doctor"

say "remove, and purge: the records stay"
inside apt-get -o Dpkg::Use-Pty=0 purge -y loadwave 2>&1 | grep '^loadwave:' || true
is "the program is gone" "$([ -e "$root/usr/bin/loadwave" ] && echo there || echo gone)" gone
is "the settings are gone" "$([ -e "$root/etc/default/loadwave" ] && echo there || echo gone)" gone
is "the timer is gone" "$(timer) $(ls "$root/etc/systemd/system/timers.target.wants" 2>/dev/null | grep -c loadwave) $(ls "$root/var/lib/systemd/deb-systemd-helper-enabled" "$root/etc/systemd/system" | grep -c loadwave)" "none 0 0"
is "the backups are there" "$(inside ls /var/lib/loadwave/backups | wc -l)" 2
is "the store is there" "$(inside stat -c '%U %a' /var/lib/loadwave/loadwave.db)" "loadwave 600"

say "the earlier version with ten records"
fresh_root
apt_install "/tmp/$(basename "$old")"
sed -i "s/8080/$port/; s/^LOADWAVE_OPTIONS=.*/LOADWAVE_OPTIONS=--demo/" "$root/etc/default/loadwave"
date +%s >"$work/now"
begin_service old
patient
call patient POST "/patients/$me/events" "{\"events\":[$(event note '{"text":"stored by the earlier version"}')]}"
is "a note" "$status" 200
stop_service
doctor
end=$(audit_end)
content "$end" >"$work/before"
wc -l <"$work/before" | sed 's/$/ rows of events, patients, accounts and audit/'

say "upgrade"
apt_install "/tmp/$(basename "$new")"
is "settings are kept" "$(grep -c -e --demo "$root/etc/default/loadwave")" 1
content "$end" >"$work/after"
is "a timer came" "$(timer)" on
is "every record is there" "$(cmp "$work/before" "$work/after" && echo same)" same
begin_service new
patient
call patient GET "/patients/$me/events?after=0"
is "the earlier note is read" "$(get '[.events[].event|select(.kind=="note")|.data.text]|last')" "stored by the earlier version"
call patient POST "/patients/$me/events" "{\"events\":[$(event note '{"text":"stored by the later version"}')]}"
is "another note" "$status" 200
stop_service
doctor
content "$end" >"$work/after"
is "nothing of before is lost" "$(lost "$work/before" "$work/after")" 0
end=$(audit_end)
content "$end" >"$work/before"

say "downgrade"
apt_install "/tmp/$(basename "$old")"
is "the timer went" "$(timer)" none
begin_service back
patient
call patient GET "/patients/$me/events?after=0"
is "both notes are read" "$(get '[.events[].event|select(.kind=="note")|.data.text]|.[-2:]|join(", ")')" "stored by the earlier version, stored by the later version"
call patient POST "/patients/$me/events" "{\"events\":[$(event note '{"text":"stored after going back"}')]}"
is "a note after going back" "$status" 200
stop_service
doctor
content "$end" >"$work/after"
is "nothing of before is lost" "$(lost "$work/before" "$work/after")" 0
end=$(audit_end)
content "$end" >"$work/before"

say "and upgrade again"
apt_install "/tmp/$(basename "$new")"
is "the timer is back" "$(timer)" on
inside systemctl disable loadwave-backup.timer >/dev/null 2>&1 || inside rm /etc/systemd/system/timers.target.wants/loadwave-backup.timer
apt_install "/tmp/$(basename "$new")"
inside apt-get -o Dpkg::Use-Pty=0 install -y --reinstall "/tmp/$(basename "$new")" >"$work/apt" 2>&1 || is "installed again" "$(tail -n 3 "$work/apt")" ""
is "who turned it off is not asked again" "$(timer)" off
code=0
back_up || code=$?
is "a backup by settings of before" "$code" 0
begin_service again
patient
call patient GET "/patients/$me/events?after=0"
is "all three notes are read" "$(get '[.events[].event|select(.kind=="note" and (.data.text|startswith("stored ")))]|length')" 3
stop_service
doctor
content "$end" >"$work/after"
is "nothing of before is lost" "$(lost "$work/before" "$work/after")" 0

say "system calls of the server, against the unit's filter"
if command -v systemd-analyze >/dev/null && systemd-analyze syscall-filter @system-service >"$work/sets" 2>/dev/null; then
    python3 - "$work/calls.first" "$work/calls.new" "$work/calls.again" <<'P'
import re, subprocess, sys
def names(name, seen=()):
    said = subprocess.run(['systemd-analyze', 'syscall-filter', name], capture_output=True, text=True).stdout
    out = set()
    for line in said.splitlines()[1:]:
        word = line.strip()
        if word.startswith('@'):
            out |= names(word)
        elif word and not word.startswith('#'):
            out.add(word)
    return out
allowed = (names('@system-service') - names('@privileged') - names('@resources')) | {'setrlimit', 'prlimit64'}
made, started = set(), 0
for path in sys.argv[1:]:
    server = set()
    for line in open(path, errors='replace'):
        who, _, rest = line.partition(' ')
        rest = rest.strip()
        if rest.startswith('execve("/usr/bin/loadwave"'):
            started += 1
            server.add('on')
        call = re.match(r'([a-z0-9_]+)\(', rest)
        if server and call and not rest.startswith('execve('):
            made.add(call.group(1))
print(f'{started} starts, {len(made)} different calls, not allowed: {sorted(made - allowed) or "none"}')
sys.exit(1 if made - allowed or started < 3 else 0)
P
else
    echo "left out: there is no systemd-analyze"
fi

say "the unit"
for unit in loadwave.service loadwave-backup.service; do
    systemd-analyze security --offline=true "$root/lib/systemd/system/$unit" 2>&1 | tail -n 1 || true
done
say "lintian, hints for perfectionists too"
lintian -I --pedantic --allow-root "$new" >"$work/lintian" 2>&1 || true
is "it has nothing to say" "$(cat "$work/lintian")" ""
done_testing
