#!/bin/sh
# make install puts everything where Linux looks for it, keeps settings that are there, and the unit is one that systemd
# understands and finds safe. The package itself on a clean Debian: make install-test.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad() { echo "install: $*"; exit 1; }

DESTDIR=$work/a cmake --install "$LW_BUILD" --prefix /usr >/dev/null
for path in usr/bin/loadwave usr/share/bash-completion/completions/loadwave usr/share/doc/loadwave/LICENSE \
    usr/share/doc/loadwave/docs/install.md usr/share/doc/loadwave/proxy/nginx.conf usr/share/doc/loadwave/proxy/Caddyfile \
    usr/share/doc/loadwave/protocols/pht.protocol usr/lib/systemd/system/loadwave.service usr/lib/sysusers.d/loadwave.conf \
    usr/lib/systemd/system/loadwave-backup.service usr/lib/systemd/system/loadwave-backup.timer etc/default/loadwave; do
    [ -s "$work/a/$path" ] || bad "$path is missing"
done
"$work/a/usr/bin/loadwave" help --man >/dev/null || bad "what was installed does not run"
# A page of the manual for every verb, the newest too.
"$work/a/usr/bin/loadwave" help --man | sed -n 's/^\.BR loadwave-\([a-z-]*\) (1).*/\1/p' >"$work/verbs"
[ "$(wc -l <"$work/verbs")" -ge 25 ] || bad "only $(wc -l <"$work/verbs") verbs"
while read -r verb; do
    [ -s "$work/a/usr/share/man/man1/loadwave-$verb.1" ] || bad "no page of the manual for $verb"
    grep -q "\"$(echo "$verb" | sed 's/^\(log\|protocol\|clinic\)-/\1 /')\") options=" "$work/a/usr/share/bash-completion/completions/loadwave" ||
        bad "no completion for $verb"
done <"$work/verbs"

DESTDIR=$work/b cmake --install "$LW_BUILD" --prefix /usr/local >/dev/null
echo "mine" >"$work/b/etc/default/loadwave"
DESTDIR=$work/b cmake --install "$LW_BUILD" --prefix /usr/local >/dev/null
[ "$(cat "$work/b/etc/default/loadwave")" = mine ] || bad "settings were replaced"
grep -q '^ExecStart=/usr/local/bin/loadwave serve ' "$work/b/usr/local/lib/systemd/system/loadwave.service" ||
    bad "the unit names another program"
grep -q '^ExecStart=/usr/local/bin/loadwave backup ' "$work/b/usr/local/lib/systemd/system/loadwave-backup.service" ||
    bad "the unit of backups names another program"
# The walls of both units are the same, but for what each says of itself.
walls() { sed -n '/^NoNewPrivileges/,/^SystemCallErrorNumber/p' "$1" | grep -v -e '^#' -e '^SystemCallFilter=setrlimit'; }
[ "$(walls packaging/loadwave.service)" = "$(walls packaging/loadwave-backup.service)" ] || bad "the unit of backups may more than the server's"

if command -v systemd-analyze >/dev/null; then
    unit=$work/loadwave.service
    sed "s|/usr/bin/loadwave|$work/a/usr/bin/loadwave|; s/^Documentation=.*//" packaging/loadwave.service >"$unit"
    sed "s|/usr/bin/loadwave|$work/a/usr/bin/loadwave|; s/^Documentation=.*//" packaging/loadwave-backup.service >"$work/loadwave-backup.service"
    sed 's/^Documentation=.*//' packaging/loadwave-backup.timer >"$work/loadwave-backup.timer"
    said=$(systemd-analyze verify "$unit" "$work/loadwave-backup.service" "$work/loadwave-backup.timer" 2>&1 | grep -F loadwave || true)
    [ -z "$said" ] || bad "systemd-analyze verify: $said"
    # Exposure in tenths: 14 as it is; a hardening line that goes is seen.
    systemd-analyze security --offline=true --threshold=15 "$unit" >"$work/score" 2>&1 || bad "$(tail -n 1 "$work/score")"
    sed '/^NoNewPrivileges/d; /^CapabilityBoundingSet/d' "$unit" >"$work/weak.service"
    if systemd-analyze security --offline=true --threshold=15 "$work/weak.service" >/dev/null 2>&1; then
        bad "the threshold does not see a weaker unit"
    fi
fi
for script in packaging/deb.sh packaging/debian/postinst packaging/debian/prerm packaging/debian/postrm tests/install/clean_root.sh; do
    sh -n "$script" || bad "$script does not parse"
done
grep -q 'rm .*/var/lib/loadwave' packaging/debian/postrm packaging/debian/postinst packaging/debian/prerm && bad "a script removes a store"
if command -v nginx >/dev/null; then
    mkdir -p "$work/n"
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/n/key.pem" -out "$work/n/cert.pem" -days 1 -subj /CN=loadwave.example 2>/dev/null
    { echo "pid $work/n/pid; error_log $work/n/error; events {} http {"; sed "s|/etc/ssl/loadwave/fullchain.pem|$work/n/cert.pem|; s|/etc/ssl/loadwave/privkey.pem|$work/n/key.pem|" packaging/proxy/nginx.conf; echo "}"; } >"$work/n/conf"
    nginx -t -q -c "$work/n/conf" -p "$work/n" || bad "nginx does not read its example"
fi
