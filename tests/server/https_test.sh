#!/bin/sh
# Behind a proxy that does TLS: browsers are told to stay with it, and the cookie is bound to the host and to TLS. Over plain
# http neither is said, because a browser would drop the cookie.
. tests/server/lib.sh
serve --origin https://clinic.example --proxy
base=http://127.0.0.1:$(awk '$2 ~ /:[0-9A-F]+$/ && $4 == "0A" { print $2, $10 }' "/proc/$pid/net/tcp" | while read -r at inode; do
    for fd in /proc/"$pid"/fd/*; do
        [ "$(readlink "$fd")" != "socket:[$inode]" ] || printf '%d\n' "0x${at#*:}"
    done
done | head -n 1)
header() { sed -n "s/^$1: //Ip" "$work/headers" | tr -d '\r'; }
code() { curl -s -m 10 -o "$work/answer" -D "$work/headers" -w '%{http_code}' "$@"; }
H='Host: clinic.example'
for path in / /api/v1/about /api/v1/me; do
    code -H "$H" "$base$path" >/dev/null
    is "HSTS on $path" "$(header Strict-Transport-Security)" "max-age=31536000; includeSubDomains"
done
password=$(sed -n 's/^ *password *//p' "$work/out")
got=$(code -H "$H" -H 'X-Loadwave: 1' -H 'Content-Type: application/json' -H 'Origin: https://clinic.example' \
    -d "{\"login\":\"kim\",\"password\":\"$password\"}" "$base/api/v1/sign-in")
is "signs in behind the proxy" "$got" 200
cookie=$(header Set-Cookie)
has "bound to the host" "$cookie" __Host-lw_session=
has "bound to TLS" "$cookie" '; Secure'
is "an http page is another origin" "$(code -H "$H" -H 'X-Loadwave: 1' -H 'Origin: http://clinic.example' -X POST "$base/api/v1/sign-out")" 403
done_testing
