#!/bin/sh
# What doctor says of a store that is in trouble: each fault put in, its exit code, and that the words name the fault and what to do.
# The machine around a healthy store is doctor_test.sh's.
. tests/server/lib.sh
trap 'stop_server; umount "$work/small" 2>/dev/null || true; rm -rf "$work"' EXIT
place=$work/place
mkdir -m 700 "$place"
store=$place/s.db
"$LOADWAVE" clinic add "$store" --name North --login ana >/dev/null
doctor() { # doctor CODE WORDS TO-DO [COMMAND …]: by default the plain store
    wanted=$1 words=$2 todo=$3
    shift 3
    code=0
    "$@" >"$work/said" 2>&1 || code=$?
    said=$(tr '\n' ' ' <"$work/said" | tr -s ' ')
    is "exit code for: $words" "$code" "$wanted"
    has "the fault is named" "$said" "$words"
    has "and what to do" "$said" "$todo"
    has "no secret is said" "x${said##*geheim*}" "x$said"
}
look() { "$LOADWAVE" doctor "$@"; }
copy() { # copy NAME: another store that is the same
    cp "$store" "$place/$1.db"
    chmod 600 "$place/$1.db"
}
doctor 0 "Every page of the file is sound" "All is well" look "$store"

# 1, 2: no store, and one of a later version.
doctor 2 "No such file" "loadwave clinic add" look "$place/none.db"
copy newer
sqlite3 "$place/newer.db" "UPDATE meta SET value = '7' WHERE name = 'schema_version'"
doctor 3 "written by a newer Loadwave" "update the program" look "$place/newer.db"
sqlite3 "$place/other.db" "CREATE TABLE recipes (name TEXT)"
chmod 600 "$place/other.db"
doctor 2 "belongs to another program" "loadwave restore" look "$place/other.db"

# 3 to 5: folder, owner, disk; they need another user and a small disk.
if [ "$(id -u)" = 0 ]; then
    chmod 755 "$work"
    cp "$LOADWAVE" "$work/loadwave"
    nobody() { setpriv --reuid nobody --clear-groups "$work/loadwave" doctor "$@"; }
    mkdir "$work/closed"
    cp "$store" "$work/closed/s.db"
    chmod 600 "$work/closed/s.db"
    chown -R nobody "$work/closed"
    chmod 555 "$work/closed"
    doctor 4 "Nothing can be written into the store's folder" "chmod u+w" nobody "$work/closed/s.db"
    chmod 700 "$work/closed"
    chown root "$work/closed/s.db"
    doctor 1 "The store belongs to root, its folder to nobody" "chown nobody" look "$work/closed/s.db"
    doctor 4 "The store belongs to root and nobody may not read it" "chown nobody" nobody "$work/closed/s.db"
    mkdir "$work/small"
    if mount -t tmpfs -o size=2m,mode=700 none "$work/small" 2>/dev/null; then
        cp "$store" "$work/small/s.db"
        dd if=/dev/zero of="$work/small/fill" bs=4k 2>/dev/null || true
        doctor 4 "it is full, and nothing more can be stored" "Make room now" look "$work/small/s.db"
        rm "$work/small/fill"
        mount -o remount,ro "$work/small"
        doctor 1 "The disk of the store is read-only" "remount,rw" look "$work/small/s.db"
        umount "$work/small"
    else
        echo "left out: a disk that is full (no mount here)"
    fi
else
    echo "left out: other owners and a full disk (not root)"
fi

# 6: a clock in 1970, and one that is behind.
cat >"$work/clock.c" <<'C'
#include <stdlib.h>
#include <time.h>
time_t time(time_t *out);
time_t time(time_t *out) {
    time_t at = (time_t)atoll(getenv("CLOCK_AT"));
    if (out != NULL) {
        *out = at;
    }
    return at;
}
C
cc -shared -fPIC -o "$work/clock.so" "$work/clock.c"
at() {
    when=$1
    shift
    env ASAN_OPTIONS="verify_asan_link_order=0:${ASAN_OPTIONS:-}" CLOCK_AT="$when" LD_PRELOAD="$work/clock.so" "$LOADWAVE" doctor "$@"
}
doctor 1 "The clock of this machine cannot be right" "timedatectl set-ntp true" at 86400 "$store"
doctor 1 "The clock of this machine is behind" "timedatectl set-ntp true" at $(($(date +%s) - 86400)) "$store"

# 7: a program that has the store to itself.
python3 - "$store" >"$work/locked" <<'P' &
import sqlite3, sys, time
store = sqlite3.connect(sys.argv[1], isolation_level=None)
store.execute('PRAGMA locking_mode=EXCLUSIVE')
store.execute('BEGIN EXCLUSIVE')
print('locked', flush=True)
time.sleep(60)
P
pid=$!
tries=0
until [ -s "$work/locked" ] || [ $tries -gt 100 ]; do tries=$((tries + 1)); sleep 0.1; done
doctor 4 "database is locked" "stays so: fuser" look "$store"
stop_server

# 8: no PostgreSQL; the password of the address is not said.
doctor 4 "Connection refused" "systemctl status postgresql" look "postgresql://loadwave:geheim@127.0.0.1:1/clinic"

# 9: settings that cannot be read, and words in them that the server does not know.
doctor 4 "cannot be read: No such file" "loadwave doctor STORE" look "$store" --settings "$work/none"
printf 'LOADWAVE_ORGIN=http://localhost:1\nLOADWAVE_OPTIONS=--smpt smtp://h\n' >"$work/settings"
doctor 1 "LOADWAVE_ORGIN, which Loadwave does not know" "it knows LOADWAVE_ORIGIN" look "$store" --settings "$work/settings"
doctor 1 "has --smpt, which loadwave serve does not know" "man loadwave-serve" look "$store" --settings "$work/settings"
[ "$(id -u)" != 0 ] || {
    chmod 600 "$work/settings"
    chown -R nobody "$place"
    doctor 4 "Permission denied" "Run doctor as root" nobody "$store" --settings "$work/settings"
    chown -R root "$place"
}

# 10: a certificate that nobody vouches for, and a port where nobody is.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -keyout "$work/key.pem" \
    -out "$work/cert.pem" 2>/dev/null
python3 - "$work" >"$work/tls" <<'P' &
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1] + '/cert.pem', sys.argv[1] + '/key.pem')
server = socket.create_server(('127.0.0.1', 0))
print(server.getsockname()[1], flush=True)
server.settimeout(60)
client, _ = server.accept()
server.close()
try:
    context.wrap_socket(client, server_side=True)
except OSError:
    pass
P
pid=$!
tries=0
until [ -s "$work/tls" ] || [ $tries -gt 100 ]; do tries=$((tries + 1)); sleep 0.1; done
printf 'LOADWAVE_ORIGIN=https://localhost:%s\nLOADWAVE_OPTIONS=--proxy\n' "$(cat "$work/tls")" >"$work/settings"
# A machine without ca-certificates says that instead.
if [ -e /etc/ssl/certs/ca-certificates.crt ]; then
    doctor 1 "The certificate of https://localhost:$(cat "$work/tls") is not good" "fullchain.pem" look "$store" --settings "$work/settings"
else
    doctor 1 "no list of certificate authorities" "apt install ca-certificates" look "$store" --settings "$work/settings"
    kill "$pid"
fi
wait "$pid" 2>/dev/null || true
pid=
[ ! -e /etc/ssl/certs/ca-certificates.crt ] ||
    doctor 1 "Nothing answers at https://localhost" "does the proxy run" look "$store" --settings "$work/settings"

# 11: damage: a page, the head, the whole file.
copy page
dd if=/dev/zero of="$place/page.db" bs=4096 seek=5 count=1 conv=notrunc 2>/dev/null
doctor 1 "The file is damaged" "restore the newest backup" look "$place/page.db"
copy head
dd if=/dev/zero of="$place/head.db" bs=100 count=1 conv=notrunc 2>/dev/null
doctor 1 "file is not a database" "restore the newest backup" look "$place/head.db"
: >"$place/empty.db"
chmod 600 "$place/empty.db"
doctor 2 "there is no Loadwave store in it" "loadwave restore" look "$place/empty.db"

# 12: time zones: unknown, and two that are not.
zone() { env TZ="$1" "$LOADWAVE" doctor "$store"; }
doctor 1 "TZ=Mars/Olympus is not known" "unset TZ" zone Mars/Olympus
doctor 0 "All is well" "All is well" zone CET-1CEST
doctor 0 "All is well" "All is well" zone ""

# 13: backups: none for more than a week, too old, open.
doctor 1 "There is no backup" "make one now (loadwave backup)" at $(($(date +%s) + 8 * 86400)) "$store"
mkdir -m 700 "$place/backups"
"$LOADWAVE" backup --new-key "$work/b.key" >/dev/null
"$LOADWAVE" backup "$store" "$place/backups/a.lwb" --key "$work/b.key" >/dev/null
doctor 0 "the newest 0 days old" "All is well" look "$store"
touch -d '9 days ago' "$place/backups/a.lwb"
doctor 1 "the newest 9 days old" "make one now (loadwave backup)" look "$store"
done_testing
