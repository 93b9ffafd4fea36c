#!/bin/sh
# What happens inside the booted machine of boot.sh: run by boot-test.service at each boot, the stage stands in a file. Every line goes to
# a serial port; boot.sh reads the lines that begin with "|". The last line of a stage is "|end STAGE CHECKS FAILED".
set -eu
here=/root/boot-test
stage=$(cat $here/stage)
ended=no
# A step that fails ends the stage as a failed check.
trap '[ $ended = yes ] || printf "|a step failed: the lines before say which\n|end %s %s %s\n" "$stage" "$checks" "$((failed + 1))"' EXIT
# The second serial port: at the first there is a getty.
exec >/dev/ttyS1 2>&1
work=$here/work
mkdir -p $work
failed=0
checks=0
pid=
base=http://127.0.0.1:8080
store=/var/lib/loadwave/loadwave.db
put() { sed 's/^/|/'; }
say() { printf '|\n|== %s\n' "$*"; }
# As in tests/server/lib.sh, with the mark that the console needs.
is() {
    checks=$((checks + 1))
    if [ "$2" != "$3" ]; then
        failed=$((failed + 1))
        printf '|not as it should be: %s\n|  got    %s\n|  wanted %s\n' "$1" "$2" "$3"
    else
        printf '|ok: %s\n' "$1"
    fi
}
has() {
    case $2 in
    *"$3"*) is "$1" yes yes ;;
    *) is "$1" "$2" "… $3 …" ;;
    esac
}
call() { # call WHO METHOD PATH [BODY]: status in $status, answer in $work/answer
    who=$1 method=$2 path=$3
    shift 3
    if [ $# -gt 0 ]; then
        printf '%s' "$1" >$work/body
        set -- --data-binary @$work/body
    fi
    status=$(curl -s -m 120 -o $work/answer -w '%{http_code}' -b $work/$who -c $work/$who -X "$method" -H 'X-Loadwave: 1' \
        -H 'Content-Type: application/json' "$@" "$base/api/v1$path")
}
get() { jq -r "$1" $work/answer; }
digits() { # of an authenticator
    python3 -c '
import base64, hashlib, hmac, struct, sys, time
mac = hmac.new(base64.b32decode(sys.argv[1]), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
at = mac[-1] & 15
print("%06d" % ((struct.unpack(">I", mac[at:at + 4])[0] & 0x7FFFFFFF) % 1000000))' "$1"
}
main_pid() { systemctl show -P MainPID loadwave; }
state() { systemctl is-active loadwave || true; }
# The unit is of Type=notify: active means that it has said it is ready.
until_active() {
    tries=0
    until [ "$(state)" = active ] && [ "$(main_pid)" != "${1:-0}" ] || [ $tries -gt 120 ]; do
        tries=$((tries + 1))
        sleep 1
    done
}
journal() { journalctl -q -o cat -b -u loadwave; }
note() { # note TEXT: stored by the patient
    call patient POST "/patients/$(cat $work/me)/events" "{\"events\":[{\"v\":1,\"id\":\"$(cat /proc/sys/kernel/random/uuid)\",\"patient\":\"$(cat $work/me)\",\"kind\":\"note\",\"at\":\"$(date -u +%FT%T+00:00)\",\"by\":\"patient\",\"data\":{\"text\":\"$1\"}}]}"
    is "a note is stored: $1" "$status" 200
}
notes() {
    call patient GET "/patients/$(cat $work/me)/events?after=0"
    get '[.events[].event|select(.kind=="note")|.data.text|select(startswith("at "))]|join(", ")'
}
content() {
    sqlite3 $store 'SELECT * FROM event ORDER BY patient, seq; SELECT id, clinic, name FROM patient ORDER BY id;
        SELECT id, login, password FROM account ORDER BY id; SELECT seq, hex(hash) FROM audit ORDER BY seq' | LC_ALL=C sort
}
lost() { content | LC_ALL=C comm -23 "$1" - | wc -l; }
# Whatever was a secret in this stage must not stand in the journal. Words shorter than 8 letters are no secrets.
secrets() {
    cat $work/secrets 2>/dev/null
    for jar in $work/patient $work/ana; do
        [ ! -f $jar ] || awk 'NF >= 7 { print $7 }' $jar
    done
}
quiet_journal() {
    journalctl -q -o export -u loadwave -u loadwave-backup >$work/journal
    secrets | awk 'length($0) >= 8' | sort -u >$work/patterns
    is "secrets to look for" "$([ "$(wc -l <$work/patterns)" -ge "$1" ] && echo enough)" enough
    is "none of them stands in the journal" "$(grep -c -a -F -f $work/patterns $work/journal || true)" 0
}
apt_install() {
    DEBIAN_FRONTEND=noninteractive apt-get -o Dpkg::Use-Pty=0 install -y --no-install-recommends --allow-downgrades "$1" >$work/apt 2>&1 || { cat $work/apt; is "apt install $1" failed done; }
    { grep -E '^(Unpacking|Setting up) loadwave|^loadwave:|runuser|--name' $work/apt || true; } | put
}
dpkg_install() {
    dpkg -i "$1" >$work/apt 2>&1 || { cat $work/apt; is "dpkg -i $1" failed done; }
    { grep -E '^(Unpacking|Setting up) loadwave|^loadwave:|runuser|--name' $work/apt || true; } | put
}
timer() { systemctl is-active loadwave-backup.timer || true; }
failed_units() { systemctl --failed --plain --no-legend | awk '{ print $1 }' | tr '\n' ' '; }

first_boot() {
    say "systemd on this machine"
    { systemctl --version | head -n 1; uname -sr; printf 'virtualisation: '; systemd-detect-virt || true; } | put
    is "systemd is process 1" "$(cat /proc/1/comm)" systemd

    say "apt install ./$(basename $here/old.deb)"
    apt_install $here/old.deb
    until_active
    is "the earlier version is started by its own package" "$(state)" active
    old=$(main_pid)

    say "the first clinician"
    runuser -u loadwave -- loadwave clinic add $store --name North --login ana --origin http://localhost:8080 >$work/clinic
    token=$(sed -n 's/.*#\/i\///p' $work/clinic)
    password="a quiet boat of wet paper"
    call ana POST "/invites/$token/accept" "{\"password\":\"$password\"}"
    is "the printed link opens the first account" "$status" 200
    call ana POST /me/totp
    seed=$(get .secret)
    call ana POST /me/totp/confirm "{\"code\":\"$(digits "$seed")\"}"
    is "her authenticator is taken" "$status" 200
    call ana POST /patients '{"name":"Ben Canary","language":"en","country":"GB"}'
    is "a patient is enrolled" "$status" 200
    get '.patient // .id' >$work/me
    call ana POST "/patients/$(cat $work/me)/invite" '{}'
    invite=$(get .token)
    printf '%s\n%s\n%s\n%s\n%s\n' "$token" "$password" "$invite" "$seed" "Ben Canary" >$work/secrets
    call patient POST "/invites/$invite/accept" '{"label":"phone"}'
    is "the patient's link opens the app" "$status" 200
    note "at the earlier version"

    say "upgrade while it runs: apt install ./$(basename $here/new.deb)"
    content >$work/before
    wc -l <$work/before | sed 's/$/ rows of events, patients, accounts and audit before/' | put
    apt_install $here/new.deb
    until_active "$old"
    new=$(main_pid)
    is "active after the upgrade" "$(state)" active
    is "another process than before" "$([ "$new" != "$old" ] && echo yes)" yes
    is "of the program that is installed now" "$(readlink /proc/"$new"/exe)" /usr/bin/loadwave
    is "nothing is lost" "$(lost $work/before)" 0
    is "a timer for backups came with it" "$(timer)" active
    is "the note is read" "$(notes)" "at the earlier version"
    note "at the later version"
    systemctl --no-pager --lines=0 status loadwave | put
    [ ! -x $here/break.sh ] || { systemctl stop loadwave; sh $here/break.sh; systemctl daemon-reload; systemctl start loadwave || true; until_active "$new"; }

    say "the process, as the kernel has it"
    new=$(main_pid)
    grep -E '^(Uid|Gid|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp):' /proc/"$new"/status | put
    mine=$(id -u loadwave)
    is "runs as its user" "$(awk '$1 == "Uid:" { print $2, $3, $4, $5 }' /proc/"$new"/status)" "$mine $mine $mine $mine"
    is "in no other group" "$(awk '$1 == "Groups:" { print NF - 1 }' /proc/"$new"/status | sed 's/^1$/0/')" 0
    is "no capability, none to get" "$(awk '/^Cap(Prm|Eff|Bnd|Amb):/ { print $2 }' /proc/"$new"/status | sort -u)" 0000000000000000
    is "no new rights" "$(awk '$1 == "NoNewPrivs:" { print $2 }' /proc/"$new"/status)" 1
    is "its system calls are filtered" "$(awk '$1 == "Seccomp:" { print $2 }' /proc/"$new"/status)" 2
    is "no core dump" "$(awk '/^Max core file size/ { print $5, $6 }' /proc/"$new"/limits)" "0 0"
    is "16384 open files" "$(awk '/^Max open files/ { print $4 }' /proc/"$new"/limits)" 16384
    is "its folder is its own" "$(stat -c '%U %G %a' /var/lib/loadwave)" "loadwave loadwave 700"
    is "what it made is its own" "$(find /var/lib/loadwave \( ! -user loadwave -o -perm /077 \) | head -n 3)" ""

    say "what a program under this unit may do (the same attempts by root outside it, then in it)"
    touch /tmp/boot-test-outside /home/boot-test-outside
    python3 $here/probe.py >$work/outside
    mkdir -p /etc/systemd/system/loadwave.service.d
    printf '[Service]\nExecStartPre=/usr/bin/python3 /usr/local/lib/boot-test-probe.py /var/lib/loadwave/probe\n' \
        >/etc/systemd/system/loadwave.service.d/probe.conf
    cp $here/probe.py /usr/local/lib/boot-test-probe.py
    systemctl daemon-reload
    before=$(main_pid)
    systemctl restart loadwave || true
    until_active "$before"
    is "active with the attempts before it" "$(state)" active
    rm -r /etc/systemd/system/loadwave.service.d /usr/local/lib/boot-test-probe.py
    join -t '	' $work/outside /var/lib/loadwave/probe | awk -F '\t' '{ printf "%-44s outside: %-34s under the unit: %s\n", $1, $2, $3 }' | put
    rm -f /var/lib/loadwave/probe.* /tmp/boot-test-outside /home/boot-test-outside
    is "every attempt works outside" "$(grep -c -v 'done$' $work/outside || true)" 0
    is "its own folder can be written" "$(awk -F '\t' '/own folder/ { print $2 }' /var/lib/loadwave/probe)" done
    is "and nothing else is let through" "$(awk -F '\t' '!/own folder/ && $2 == "done" { print $1 }' /var/lib/loadwave/probe)" ""
    is "as many attempts as outside" "$(wc -l </var/lib/loadwave/probe)" "$(wc -l <$work/outside)"
    rm -f /var/lib/loadwave/probe
    systemctl daemon-reload
    before=$(main_pid)
    systemctl restart loadwave
    until_active "$before"

    say "systemd-analyze security loadwave"
    systemd-analyze security --no-pager loadwave | grep '^✗' | put
    systemd-analyze security --no-pager loadwave | tail -n 1 | put
    level=$(systemd-analyze security --no-pager loadwave | sed -n 's/.*: \([0-9.]*\) .*/\1/p' | tail -n 1)
    is "exposure at most 2.0" "$(awk -v l="$level" 'BEGIN { print (l != "" && l <= 2.0) ? "yes" : l }')" yes

    say "kill -9"
    content >$work/before
    before=$(main_pid)
    kill -9 "$before"
    until_active "$before"
    is "it is started again" "$(state)" active
    is "restarted by systemd, once" "$(systemctl show -P NRestarts loadwave)" 1
    is "nothing is lost" "$(lost $work/before)" 0
    is "both notes are read" "$(notes)" "at the earlier version, at the later version"

    say "a configuration that cannot be: it gives up, and says why"
    cp /etc/default/loadwave $work/default
    sed -i 's/^LOADWAVE_OPTIONS=.*/LOADWAVE_OPTIONS=--smtp smtp:\/\/127.0.0.1/' /etc/default/loadwave
    systemctl restart loadwave || true
    tries=0
    until [ "$(state)" = failed ] || [ $tries -gt 60 ]; do
        tries=$((tries + 1))
        sleep 1
    done
    is "not for ever" "$(state)" failed
    journal | grep -a -i 'mail' | head -n 1 | put
    has "the journal says why" "$(journal)" "mail-from"
    code=0
    loadwave doctor >$work/doctor 2>&1 || code=$?
    is "doctor finds it" "$code" 1
    put <$work/doctor
    cp $work/default /etc/default/loadwave
    systemctl reset-failed loadwave
    systemctl start loadwave
    until_active
    is "and it goes on with the settings put right" "$(state)" active

    say "doctor of the running service"
    code=0
    loadwave doctor >$work/doctor 2>&1 || code=$?
    put <$work/doctor
    is "all is well" "$code" 0

    say "a backup, as the timer makes it"
    cp /etc/default/loadwave $work/default
    runuser -u loadwave -- loadwave backup --new-key /var/lib/loadwave/backup.key | head -n 1 | put
    mkdir -p /srv/backups
    chown loadwave: /srv/backups && chmod 700 /srv/backups
    sed -i 's|^LOADWAVE_BACKUP_KEY=.*|LOADWAVE_BACKUP_KEY=/var/lib/loadwave/backup.key|; s|^LOADWAVE_BACKUP_FOLDER=.*|LOADWAVE_BACKUP_FOLDER=/srv/backups|; s|^LOADWAVE_BACKUP_KEEP=.*|LOADWAVE_BACKUP_KEEP=2|' /etc/default/loadwave
    for n in 1 2 3; do
        systemctl start loadwave-backup || true
        sleep 1
    done
    journalctl -q -o cat -b -u loadwave-backup | tail -n 3 | put
    is "it ends well" "$(systemctl show -P Result loadwave-backup) $(systemctl show -P ExecMainStatus loadwave-backup)" "success 0"
    is "two are kept, nobody else reads them" "$(stat -c '%U %a' /srv/backups/*-auto.lwb | tr '\n' ' ')" "loadwave 600 loadwave 600 "
    is "the server went on" "$(state) $(curl -s $base/healthz)" 'active {"status":"ok"}'
    systemctl list-timers --no-pager --no-legend loadwave-backup.timer | put
    systemd-analyze security --no-pager loadwave-backup | tail -n 1 | put
    code=0
    loadwave doctor >$work/doctor 2>&1 || code=$?
    grep -i backup $work/doctor | put
    is "doctor is content" "$code" 0
    chmod 755 /srv/backups && chown root: /srv/backups
    systemctl start loadwave-backup 2>/dev/null || true
    is "in a folder that is not its own it fails" "$(systemctl show -P Result loadwave-backup)" exit-code
    journalctl -q -o cat -b -u loadwave-backup | grep -a 'loadwave backup' | tail -n 1 | put
    is "and nothing went" "$(find /srv/backups -name '*-auto.lwb' | wc -l)" 2
    systemctl reset-failed loadwave-backup
    rm -r /srv/backups /var/lib/loadwave/backup.key
    cp $work/default /etc/default/loadwave

    say "what stands in the journal"
    quiet_journal 4
    journal | tail -n 12 | put
    is "no unit has failed" "$(failed_units)" ""
    content >$work/before
}

second_boot() {
    say "after a reboot"
    until_active
    is "active by itself" "$(state) $(timer)" "active active"
    systemctl show -P ActiveEnterTimestampMonotonic loadwave | awk '{ printf "active %.1f s after the kernel began\n", $1 / 1e6 }' | put
    is "nothing is lost" "$(lost $work/before)" 0
    is "both notes are read, with the cookie of before" "$(notes)" "at the earlier version, at the later version"
    note "at the second boot"
    is "no unit has failed" "$(failed_units)" ""
    content >$work/before
}

# The machine was switched off without a word after the second boot.
third_boot() {
    say "after the power was cut"
    until_active
    is "active by itself" "$(state)" active
    is "nothing is lost" "$(lost $work/before)" 0
    is "all notes are read" "$(notes)" "at the earlier version, at the later version, at the second boot"

    say "downgrade while it runs"
    before=$(main_pid)
    content >$work/before
    dpkg_install $here/old.deb
    until_active "$before"
    is "the earlier version is active" "$(state) $(dpkg-query -W -f '${Version}' loadwave)" "active $(dpkg-deb -f $here/old.deb Version)"
    is "nothing is lost" "$(lost $work/before)" 0
    is "all notes are read" "$(notes)" "at the earlier version, at the later version, at the second boot"
    is "the earlier version has no timer" "$(timer) $(find /etc/systemd -name 'loadwave-backup*' | wc -l)" "inactive 0"
    before=$(main_pid)
    dpkg_install $here/new.deb
    until_active "$before"
    is "and upgraded again" "$(state) $(timer)" "active active"
    quiet_journal 4

    say "remove: the service ends, the records stay"
    apt-get -o Dpkg::Use-Pty=0 remove -y loadwave 2>&1 | grep '^loadwave' | put || true
    is "it does not run" "$(pgrep -x loadwave || echo none) $(timer)" "none inactive"
    is "settings and records are kept" "$(stat -c %U /etc/default/loadwave $store | tr '\n' ' ')" "root loadwave "
    dpkg_install $here/new.deb
    until_active
    is "installed again it goes on" "$(state) $(timer)" "active active"
    is "with every record" "$(lost $work/before)" 0
    is "and the notes" "$(notes)" "at the earlier version, at the later version, at the second boot"

    say "purge"
    apt-get -o Dpkg::Use-Pty=0 purge -y loadwave 2>&1 | grep '^loadwave' | put || true
    is "it does not run" "$(pgrep -x loadwave || echo none)" none
    is "systemd knows it no more" "$(systemctl show -P LoadState loadwave) $(systemctl show -P LoadState loadwave-backup.timer)" "not-found not-found"
    is "nothing is left but the records" "$(find / -xdev -name '*loadwave*' -not -path '/proc/*' -not -path '/var/lib/loadwave*' -not -path '/root/*' -not -path '/var/log/*' -not -path '/var/cache/*' | tr '\n' ' ')" ""
    is "the records are there" "$(stat -c '%U %a' $store)" "loadwave 600"
    is "no unit has failed" "$(failed_units)" ""

    say "a first start, as the journal has it"
    rm -r /var/lib/loadwave
    since=$(date '+%F %T')
    dpkg_install $here/new.deb
    until_active
    is "active" "$(state)" active
    journalctl -q -o cat -u loadwave --since "$since" >$work/first
    put <$work/first
    has "it says that nobody can sign in" "$(cat $work/first)" "nobody can sign in"
    has "and what to run" "$(cat $work/first)" "runuser -u loadwave -- loadwave clinic add '$store' --name CLINIC --login NAME --origin http://localhost:8080"
    is "no link and no password stands there" "$(grep -c -E '#/i/|[Pp]assword' $work/first || true)" 0
    call nobody POST /sign-in '{"login":"admin","password":"admin"}'
    is "no default password" "$status" 401
}

case $stage in
1) first_boot ;;
2) second_boot ;;
3) third_boot ;;
esac
echo $((stage + 1)) >$here/stage
sync
ended=yes
printf '|end %s %s %s\n' "$stage" "$checks" "$failed"
case $stage in
1) systemctl reboot ;;
2) sleep 600 ;; # boot.sh ends the machine
3) systemctl poweroff ;;
esac
