#!/bin/sh
# What doctor says of the machine around a store: each fault put in, seen, and said with what to do.
. tests/server/lib.sh
cd_store=$work/place
mkdir -m 700 "$cd_store"
store=$cd_store/s.db
"$LOADWAVE" clinic add "$store" --name North --login ana >/dev/null
set_file() { printf 'LOADWAVE_ORIGIN=%s\nLOADWAVE_LISTEN=%s\nLOADWAVE_OPTIONS="%s"\n' "$1" "$2" "$3" >"$work/settings"; }
doctor() { # doctor CODE WORDS [ARG …]
    wanted=$1 words=$2
    shift 2
    code=0
    "$LOADWAVE" doctor "$@" >"$work/said" 2>&1 || code=$?
    is "exit code for: $words" "$code" "$wanted"
    has "said" "$(tr '\n' ' ' <"$work/said" | tr -s ' ')" "$words"
}
doctor 0 "All is well" "$store"
doctor 2 "A server that was never started has none" "$cd_store/none.db"
doctor 4 "No such file" "$store" --settings "$work/no-settings"

set_file http://localhost:1 127.0.0.1:0 ""
doctor 0 "All is well" "$store" --settings "$work/settings"
set_file http://localhost:1 127.0.0.1:0 "--smtp smtp://127.0.0.1:25"
doctor 1 "--smtp needs --mail-from" "$store" --settings "$work/settings"
set_file http://localhost:1 127.0.0.1:0 "--mail-from a@b.example"
doctor 1 "there is no --smtp" "$store" --settings "$work/settings"
set_file http://localhost:1 127.0.0.1:0 "--smtp smtp://h --mail-from a@b.example --mail-user u"
doctor 1 "--mail-user is given without --mail-password-file" "$store" --settings "$work/settings"
set_file https://x.example 127.0.0.1:0 ""
doctor 1 "Add --proxy" "$store" --settings "$work/settings"
set_file http://x.example 127.0.0.1:0 ""
doctor 1 "is not https" "$store" --settings "$work/settings"
set_file http://localhost:1 127.0.0.1:0 "--backup-key $cd_store/b.key"
doctor 1 "The server does not start without it" "$store" --settings "$work/settings"

# Keys and folders that others can open; a password in a file of an option.
"$LOADWAVE" backup --new-key "$cd_store/b.key" >/dev/null
doctor 0 "b.key is its owner's alone" "$store" --settings "$work/settings"
chmod 644 "$cd_store/b.key"
doctor 1 "can be read by others on this machine (mode 644): chmod 600" "$store" --settings "$work/settings"
doctor 1 "chmod 600" "$store"
chmod 600 "$cd_store/b.key"
chmod 707 "$cd_store"
doctor 1 "Everybody on this machine can put files into the store's folder" "$store"
chmod 700 "$cd_store"
if [ "$(id -u)" = 0 ]; then
    chown nobody "$cd_store/b.key"
    doctor 1 "belongs to nobody, the store to root: chown root" "$store"
    chown root "$cd_store/b.key"
fi
code=0
LOADWAVE_LANG=fr "$LOADWAVE" doctor "$store" >"$work/said" 2>&1 || code=$?
is "a language without sentences" "$code" 1
echo '<fontconfig></fontconfig>' >"$work/no-fonts.conf"
code=0
FONTCONFIG_FILE=$work/no-fonts.conf "$LOADWAVE" doctor "$store" >"$work/said" 2>&1 || code=$?
is "no fonts" "$code $(grep -c 'apt install fonts-lato' "$work/said")" "1 1"

# The port: a server of its own, somebody else, nobody.
start --store "$store"
set_file "http://localhost:$port" "127.0.0.1:$port" ""
doctor 0 "The server answers at 127.0.0.1:$port and is well" "$store" --settings "$work/settings"
stop_server
doctor 0 "the port is free" "$store" --settings "$work/settings"
python3 - "$port" >"$work/other" <<'P' &
import socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('127.0.0.1', int(sys.argv[1])))
s.listen()
print('listening', flush=True)
s.settimeout(60)
c, _ = s.accept()
c.sendall(b'220 a mail server\r\n')
c.close()
P
pid=$!
tries=0
until [ -s "$work/other" ] || [ $tries -gt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
doctor 1 "Another program has the port" "$store" --settings "$work/settings"
stop_server
done_testing
