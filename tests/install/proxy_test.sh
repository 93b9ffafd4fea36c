#!/bin/sh
# The example proxies with the real programs: nginx and Caddy of Debian, each with packaging/proxy's own file and a certificate of a test
# authority, before a running server. Only ports, the certificate's place and the store's port are put in; what is said stays as it is.
# Usage: proxy_test.sh [nginx|caddy …]; `make proxy-test`.
cases=${*:-nginx caddy}
set --
. tests/server/lib.sh
export PATH="$PATH:/usr/sbin"
for tool in openssl $cases; do
    command -v "$tool" >/dev/null || { echo "proxy-test: $tool is missing (sh tools/setup.sh install)" >&2; exit 77; }
done
proxy=
stop_proxy() {
    if [ -n "$proxy" ]; then
        kill "$proxy" 2>/dev/null || true
        wait "$proxy" 2>/dev/null || true
        proxy=
    fi
}
trap 'stop_proxy; stop_server; rm -rf "$work"' EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
tls=$(free_port)
plain=$(free_port)
name=loadwave.example
origin=https://$name:$tls
chmod 755 "$work" # nginx's workers are another user

# An authority of this test alone.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj "/CN=Authority of a test" -keyout "$work/ca.key" \
    -out "$work/ca.pem" 2>/dev/null
printf 'subjectAltName=DNS:%s\n' "$name" >"$work/names"
certificate() { # certificate DAYS: the name's, from it
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" -keyout "$work/privkey.pem" \
        -out "$work/request.pem" 2>/dev/null
    openssl x509 -req -in "$work/request.pem" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days "$1" \
        -extfile "$work/names" -out "$work/fullchain.pem" 2>/dev/null
}
# doctor as on a machine that trusts the authority and knows the name: what it says of the origin.
authorities=/etc/ssl/certs/ca-certificates.crt
origin_said() {
    printf 'LOADWAVE_ORIGIN=%s\nLOADWAVE_LISTEN=127.0.0.1:%s\nLOADWAVE_OPTIONS=--proxy\n' "$origin" "$port" >"$work/settings"
    printf '127.0.0.1 %s\n' "$name" >"$work/hosts"
    unshare -m sh -c 'mount --bind "$1/ca.pem" "$3" && mount --bind "$1/hosts" /etc/hosts && exec "$2" doctor "$1/store.db" --settings "$1/settings"' \
        - "$work" "$LOADWAVE" "$authorities" 2>&1 | tr '\n' ' ' | tr -s ' '
}
can_pretend() { [ "$(id -u)" = 0 ] && [ -e $authorities ] && unshare -m true 2>/dev/null; }

# A browser, as far as curl is one: the name, the test's authority, an address of its own (FROM).
web() {
    curl -s -m 60 --interface "${FROM:-127.0.0.1}" --resolve "$name:$tls:127.0.0.1" --resolve "$name:$plain:127.0.0.1" \
        --cacert "$work/ca.pem" "$@"
}
calls() { # calls WHO METHOD PATH [BODY …]: as `call` of lib.sh, through the proxy
    who=$1 method=$2 path=$3
    shift 3
    if [ $# -gt 0 ]; then
        printf '%s' "$1" >"$work/body"
        set -- --data-binary "@$work/body"
    fi
    status=$(web -o "$work/answer" -D "$work/headers" -w '%{http_code}' -b "$work/$who" -c "$work/$who" -X "$method" \
        -H 'X-Loadwave: 1' -H 'Content-Type: application/json' "$@" "$origin/api/v1$path")
}
kept() { tr -d '\r' <"$1" | tr 'A-Z' 'a-z' | grep -E '^(content-security-policy|strict-transport-security|x-content-type-options|referrer-policy|permissions-policy|cross-origin-[a-z]*-policy|x-frame-options|cache-control|etag):' | sort; }

begin_nginx() {
    mkdir -p "$work/nginx"
    sed -e "s/listen \[::\]:[0-9]*[^;]*;//; s/listen 80;/listen 127.0.0.1:$plain;/; s/listen 443 /listen 127.0.0.1:$tls /" \
        -e "s|/etc/ssl/loadwave/|$work/|; s/127.0.0.1:8080/127.0.0.1:$port/" -e "s|/var/log/nginx/|$work/nginx/|" \
        -e "s|https://loadwave.example|$origin|" packaging/proxy/nginx.conf >"$work/site.conf"
    # What surrounds a site on Debian, in a folder of its own.
    cat >"$work/nginx.conf" <<N
daemon off;
pid $work/nginx/pid;
error_log $work/nginx/main.log;
events { worker_connections 256; }
http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    sendfile on;
    gzip on;
    access_log $work/nginx/access.log;
    client_body_temp_path $work/nginx/body;
    proxy_temp_path $work/nginx/proxy;
    fastcgi_temp_path $work/nginx/fastcgi;
    uwsgi_temp_path $work/nginx/uwsgi;
    scgi_temp_path $work/nginx/scgi;
    include $work/site.conf;
}
N
    nginx -q -t -c "$work/nginx.conf" 2>"$work/nginx/said" || { cat "$work/nginx/said"; exit 1; }
    nginx -q -c "$work/nginx.conf" 2>"$work/nginx/said" &
    proxy=$!
}
begin_caddy() {
    mkdir -p "$work/caddy"
    # No other ports and no certificate from elsewhere in a test; all else as in the example.
    sed -e "s/^loadwave.example {/$name:$tls {\n\tbind 127.0.0.1\n\ttls $(echo "$work" | sed 's/\//\\\//g')\/fullchain.pem $(echo "$work" | sed 's/\//\\\//g')\/privkey.pem/" \
        -e "s/127.0.0.1:8080/127.0.0.1:$port/" packaging/proxy/Caddyfile |
        sed '0,/^{/s/^{/{\n\tadmin off\n\tauto_https disable_redirects/' >"$work/Caddyfile"
    XDG_DATA_HOME="$work/caddy" XDG_CONFIG_HOME="$work/caddy" caddy run --config "$work/Caddyfile" --adapter caddyfile >"$work/caddy/said" 2>&1 &
    proxy=$!
}
logs() { find "$work/nginx" "$work/caddy" -type f 2>/dev/null; }

for which in $cases; do
    echo "== $([ "$which" = caddy ] && echo "caddy $(caddy version)" || nginx -v 2>&1)"
    date +%s >"$work/now"
    export LW_TEST_NOW_FILE="$work/now"
    rm -rf "$work"/store.db* "$work/nginx" "$work/caddy" "$work/patient" "$work/staff"
    start --demo --store "$work/store.db" --origin "$origin" --proxy
    unset LW_TEST_NOW_FILE
    port=$(sed -n "s/^tcp *LISTEN.*127.0.0.1:\([0-9]*\) .*pid=$pid,.*/\1/p; s/^LISTEN.*127.0.0.1:\([0-9]*\) .*pid=$pid,.*/\1/p" <<S
$(ss -ltnpH)
S
    )
    base=http://127.0.0.1:$port
    certificate "$([ "$which" = nginx ] && echo 60 || echo 5)"
    begin_"$which"
    tries=0
    until web -o "$work/page" "$origin/" || [ $tries -gt 100 ]; do
        tries=$((tries + 1))
        sleep 0.1
    done

    # The app: page, its script, its policy.
    curl -s -D "$work/direct" -o "$work/page.direct" "$base/"
    is "the app's page, over HTTP/2 with a checked certificate" "$(web -D "$work/through" -o "$work/page" -w '%{http_code} %{http_version}' "$origin/")" "200 2"
    is "the same page as without a proxy" "$(cmp "$work/page" "$work/page.direct" && echo same)" same
    is "the same headers of security and caching" "$(kept "$work/through")" "$(kept "$work/direct")"
    is "the policy is among them" "$(kept "$work/through" | grep -c -E '^(content-security-policy|strict-transport-security)')" 2
    script=$(grep -o 'src="[^"]*\.js"' "$work/page" | head -n 1 | sed 's/src="\.*\/*//; s/"$//')
    is "its script" "$(web -o "$work/script" -w '%{http_code}' "$origin/$script")" 200
    curl -s -o "$work/script.direct" "$base/$script"
    is "byte for byte" "$(cmp "$work/script" "$work/script.direct" && [ -s "$work/script" ] && echo same)" same
    is "compressed as the server compresses it" "$(web -H 'Accept-Encoding: gzip' -o /dev/null -w '%{size_download}' "$origin/$script")" \
        "$(curl -s -H 'Accept-Encoding: gzip' -o /dev/null -w '%{size_download}' "$base/$script")"
    is "the console's page" "$(web -o /dev/null -w '%{http_code}' "$origin/clinic/")" 200
    [ "$which" != nginx ] ||
        is "http leads to https" "$(web -o /dev/null -w '%{http_code} %{redirect_url}' "http://$name:$plain/x?y=1")" "301 $origin/x?y=1"
    is "metrics are for this machine" "$(web -o /dev/null -w '%{http_code}' "$origin/metrics")" 404

    # Signing in: the cookie is for this name over TLS alone.
    password=$(sed -n 's/^ *password *//p' "$work/out")
    calls staff POST /sign-in "{\"login\":\"kim\",\"password\":\"$password\"}"
    is "staff sign in" "$status" 200
    is "the cookie is bound to the host" "$(grep -i -c '^set-cookie: __Host-lw_session=.*; Secure' "$work/headers")" 1
    token=$(sed -n 's/^ *Patient .*#\/i\///p' "$work/out")
    calls patient POST "/invites/$token/accept" '{"label":"test"}'
    is "patient accepts the invite" "$status" 200
    me=$(get .patient)

    # Live changes come while they happen: the stream goes on when the event is read.
    : >"$work/stream"
    web -N -D "$work/stream.head" -b "$work/patient" "$origin/api/v1/live" >"$work/stream" &
    live=$!
    tries=0
    until [ -s "$work/stream.head" ] || [ $tries -gt 50 ]; do tries=$((tries + 1)); sleep 0.1; done
    has "the stream begins at once" "$(cat "$work/stream.head")" "text/event-stream"
    size=$(wc -c <"$work/stream")
    calls patient POST "/patients/$me/events" "{\"events\":[$(event note '{"text":"through a proxy"}')]}"
    is "a note through the proxy" "$status" 200
    tries=0
    until [ "$(wc -c <"$work/stream")" -gt "$size" ] || [ $tries -gt 50 ]; do tries=$((tries + 1)); sleep 0.1; done
    is "its news come while the stream is open" "$([ "$(wc -c <"$work/stream")" -gt "$size" ] && kill -0 $live && echo yes)" yes
    kill $live 2>/dev/null || true
    wait $live 2>/dev/null || true

    # FHIR: found, and its links lead through the proxy.
    is "FHIR's statement" "$(web "$origin/fhir/metadata" | jq -r '.resourceType + " " + .fhirVersion')" "CapabilityStatement 4.0.1"
    web -b "$work/staff" -H 'X-Loadwave: 1' "$origin/fhir/Observation?patient=$me&_count=2" >"$work/answer"
    is "a search" "$(get .resourceType)" Bundle
    is "its next page is at the origin" "$(get '.link[]|select(.relation=="next")|.url' | grep -c "^$origin/fhir/")" 1
    is "and can be read there" "$(web -b "$work/staff" -H 'X-Loadwave: 1' "$(get '.link[]|select(.relation=="next")|.url')" | jq -r .resourceType)" Bundle

    # Sizes: what the server takes comes through, what it refuses it refuses itself, what is far too large ends before it.
    python3 - "$work" "$me" <<'P'
import json, sys, uuid, datetime
work, me = sys.argv[1:]
def events(count, size):
    at = datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%S+00:00')
    return json.dumps({'events': [{'v': 1, 'id': str(uuid.uuid4()), 'patient': me, 'kind': 'note', 'at': at, 'by': 'patient',
                                   'data': {'text': 'x' * size}} for _ in range(count)]})
open(work + '/large', 'w').write(events(4900, 1400))
open(work + '/over', 'w').write('{"events":[' + ' ' * (8 * 1024 * 1024 + 1000) + ']}')
open(work + '/huge', 'w').write(' ' * 10_000_000)
P
    size_of() { web -X POST -b "$work/patient" -H 'X-Loadwave: 1' -H 'Content-Type: application/json' -o "$work/answer" \
        -w '%{http_code} %{errormsg}' --data-binary "@$work/$1" "$origin/api/v1/patients/$me/events" || true; }
    # The day may come from the file of the test; events of now are taken.
    is "a delivery of $(wc -c <"$work/large") bytes" "$(size_of large)" "200 "
    is "more than the route takes: the server's own refusal" "$(size_of over)$(get .code)" "413 LW_ERR_LIMIT"
    code=$(size_of huge)
    is "far too large" "$code" "413 "
    is "nothing of a body stays on the disk" "$(find "$work/nginx" "$work/caddy" -type f -size +8k 2>/dev/null)" ""

    # Who asks: each address has its own allowance, whatever a client writes into the header.
    look() { web -o /dev/null -w '%{http_code}\n' "$@" "$origin/api/v1/invites/none"; }
    is "an address uses up its allowance" "$(for i in $(seq 30); do look; done | grep -c 429 | awk '{ print ($1 > 0) ? "yes" : "no" }')" yes
    is "pretending to be others helps it nothing" \
        "$(for i in 1 2 3 4 5; do look -H "X-Forwarded-For: 203.0.113.$i" -H "Forwarded: for=203.0.113.$i"; done | grep -c 429 | awk '{ print ($1 > 0) ? "yes" : "no" }')" yes
    is "another address is not held up" "$(FROM=127.0.0.2 look)" 404

    # What doctor sees at the origin: all well, and a certificate that ends soon.
    if can_pretend; then
        has "doctor looks at the origin" "$(origin_said)" \
            "$([ "$which" = nginx ] && echo "Loadwave is well at $origin; the certificate is good for 59 days" || echo "The certificate of $origin ends soon (days left: 4)")"
    else
        echo "left out: doctor and the origin (not root, or no ca-certificates)"
    fi

    # The server gone: the proxy says so, and no address with a secret stands in its logs.
    web -o /dev/null "$origin/calendar/canarysecretaddress.ics?x=canarysecretquery" || true
    stop_server
    is "without a server" "$(web -o /dev/null -w '%{http_code}' "$origin/calendar/canarysecretaddress.ics?x=canarysecretquery")" 502
    ! can_pretend || has "doctor says who answers instead" "$(origin_said)" "At $origin something answers, but no Loadwave that is well (HTTP 502)"
    is "no log has the address" "$(logs | xargs -r grep -l -a canarysecret)" ""
    stop_proxy
done
done_testing
