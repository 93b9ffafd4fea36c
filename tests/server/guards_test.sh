#!/bin/sh
# What a server refuses before anybody looks at the content: other sites, tricks in addresses, sizes, methods, too many tries.
. tests/server/lib.sh
serve
staff
code() { curl -s -m 10 -o "$work/answer" -D "$work/headers" -w '%{http_code}' "$@"; }
X='X-Loadwave: 1'
J='Content-Type: application/json'
header() { sed -n "s/^$1: //Ip" "$work/headers" | tr -d '\r'; }

# Other sites.
is "no marker" "$(code -X POST "$base/api/v1/sign-out")" 403
is "a foreign origin" "$(code -X POST -H "$X" -H 'Origin: https://evil.example' "$base/api/v1/sign-out")" 403
is "origin null" "$(code -X POST -H "$X" -H 'Origin: null' "$base/api/v1/sign-out")" 403
is "https in front of an http server" "$(code -X POST -H "$X" -H "Origin: https://localhost:$port" "$base/api/v1/sign-out")" 403
is "a neighbour's port" "$(code -X POST -H "$X" -H "Origin: http://localhost:1" "$base/api/v1/sign-out")" 403
is "cross-site" "$(code -X POST -H "$X" -H 'Sec-Fetch-Site: cross-site' "$base/api/v1/sign-out")" 403
is "same-site is another origin" "$(code -X POST -H "$X" -H 'Sec-Fetch-Site: same-site' "$base/api/v1/sign-out")" 403
is "the own origin" "$(code -X POST -H "$X" -H 'Sec-Fetch-Site: same-origin' -H "Origin: http://localhost:$port" "$base/api/v1/sign-out")" 401
is "another host name" "$(code -H 'Host: evil.example' "$base/api/v1/about")" 403
is "another host name, page" "$(code -H 'Host: evil.example' "$base/")" 403
is "cross-site reading" "$(code -H 'Sec-Fetch-Site: cross-site' "$base/api/v1/about")" 403
is "no foreign page may read" "$(header Access-Control-Allow-Origin)" ""

# Addresses. Each has one reading or none.
for path in /api/v1/../v1/about /api//v1/about //api/v1/about /api/v1/./about '/api/v1/patients/%2e%2e/plan?on=2026-03-01' /../etc/passwd \
    /assets/../index.html '/api/v1\about' /%2e%2e/ /api/v1/patients/a%2fb /api/v1/patients/a%00b /api/v1/patients/a%zz \
    /api/v1/patients/%ff /api/v1/patients/%c0%ae /clinic/%2e%2e/ /index.html%00.png; do
    got=$(code --path-as-is -b "$work/staff" "$base$path")
    case $got in
    400 | 404 | 403 | 422) ;;
    *) is "$path" "$got" "a refusal" ;;
    esac
    checks=$((checks + 1))
done
long=$(head -c 3000 /dev/zero | tr '\0' a)
is "a long address" "$(code "$base/$long")" 413
is "no such route" "$(code "$base/api/v1/nothing")" 404
is "no such page" "$(code "$base/nothing.html")" 404
is "an API address with a slash too many" "$(code "$base/api/v1/about/")" 404

# Methods.
is "wrong method" "$(code -X DELETE -H "$X" "$base/api/v1/about")" 405
is "Allow" "$(header Allow)" "GET, HEAD, OPTIONS"
is "options" "$(code -X OPTIONS "$base/api/v1/me")" 204
is "what me allows" "$(header Allow)" "GET, HEAD, PATCH, OPTIONS"
is "head" "$(code -I "$base/api/v1/about")" 200
is "head has no body" "$(wc -c <"$work/answer" | tr -d ' ')" "$(wc -c <"$work/headers" | tr -d ' ')"
is "an invented method" "$(code -X BREW "$base/api/v1/about")" 405
is "writing to a page" "$(code -X POST "$base/")" 405
is "trace" "$(code -X TRACE "$base/")" 405

# Bodies.
call staff POST /queue/demo-02/acknowledge '{"kind":"red_flag"'
is "half a body" "$status $(get .code)" "400 LW_ERR_SYNTAX"
call staff POST /queue/demo-02/acknowledge '{"kind":"red_flag","kind":"flare"}'
is "a name twice" "$status $(get .code)" "400 LW_ERR_DUPLICATE_MEMBER"
call staff POST /queue/demo-02/acknowledge '{"kind":"red_flag","x":1}'
is "an unknown name" "$status $(get '.code+" "+.member')" "422 LW_ERR_UNKNOWN_MEMBER x"
call staff POST /queue/demo-02/acknowledge '{}'
is "a name missing" "$status $(get '.code+" "+.member')" "422 LW_ERR_MISSING kind"
call staff POST /queue/demo-02/acknowledge '{"kind":7}'
is "a wrong type" "$status $(get .code)" "422 LW_ERR_TYPE"
call staff POST /queue/demo-02/acknowledge '[]'
is "a list" "$status $(get .code)" "422 LW_ERR_TYPE"
call staff POST /queue/demo-02/acknowledge '{"kind":"\ud800"}'
is "half a surrogate" "$status" 400
printf '{"kind":"\377"}' >"$work/raw"
is "not UTF-8" "$(code -b "$work/staff" -H "$X" -H "$J" --data-binary @"$work/raw" "$base/api/v1/queue/demo-02/acknowledge")" 400
is "not JSON by its type" "$(code -b "$work/staff" -H "$X" -H 'Content-Type: text/plain' -d '{"kind":"flare"}' "$base/api/v1/queue/demo-02/acknowledge")" 415
is "a form" "$(code -b "$work/staff" -H "$X" -d 'kind=flare' "$base/api/v1/queue/demo-02/acknowledge")" 415
head -c 40000 /dev/zero | tr '\0' ' ' >"$work/raw"
is "too large" "$(code -b "$work/staff" -H "$X" -H "$J" --data-binary @"$work/raw" "$base/api/v1/queue/demo-02/acknowledge")" 413
is "too large, in chunks" "$(code -b "$work/staff" -H "$X" -H "$J" -H 'Transfer-Encoding: chunked' --data-binary @"$work/raw" "$base/api/v1/queue/demo-02/acknowledge")" 413
head -c 9000000 /dev/zero | tr '\0' ' ' >"$work/raw"
is "much too large" "$(code -b "$work/staff" -H "$X" -H "$J" -H 'Expect:' --data-binary @"$work/raw" "$base/api/v1/patients/demo-01/events" || true)" 413
nested=$(head -c 40 /dev/zero | tr '\0' '[')
call staff POST /queue/demo-02/acknowledge "{\"kind\":$nested"
is "nested too deep" "$status $(get .code)" "400 LW_ERR_DEPTH"
call staff GET '/queue?limit=0'
is "a limit of none" "$status $(get .code)" "422 LW_ERR_RANGE"
call staff GET '/queue?limit=5&limit=6'
is "a parameter twice" "$status $(get .code)" "400 LW_ERR_DUPLICATE_MEMBER"
call staff GET '/queue?limt=5'
is "a misspelled parameter" "$status $(get .code)" "422 LW_ERR_UNKNOWN_MEMBER"
call staff GET '/queue?limit=5e1'
is "a limit in other words" "$status $(get .code)" "422 LW_ERR_TYPE"
call staff GET '/patients/demo-01/plan?on=2026-02-30'
is "a day that is none" "$status $(get .code)" "422 LW_ERR_DATE"
call staff GET /patients/demo-01/plan
is "no day" "$status $(get .code)" "422 LW_ERR_MISSING"
call staff GET "/queue?after=%27%20OR%201%3D1"
is "a made-up place in the list" "$status $(get .code)" "422 LW_ERR_VALUE"

# Every answer carries what a browser needs to keep strangers out.
for path in / /api/v1/about /api/v1/me /healthz /nothing; do
    code "$base$path" >/dev/null
    has "$path: policy" "$(header Content-Security-Policy)" "default-src 'none'"
    has "$path: types" "$(header X-Content-Type-Options)" nosniff
    has "$path: referrer" "$(header Referrer-Policy)" no-referrer
    has "$path: opener" "$(header Cross-Origin-Opener-Policy)" same-origin
done
code "$base/api/v1/about" >/dev/null
is "answers are not kept" "$(header Cache-Control)" no-store
code -H 'Accept-Encoding: gzip' -b "$work/staff" "$base/api/v1/patients/demo-01/plan?on=$(today)" >/dev/null
is "packed when asked" "$(header Content-Encoding)" gzip
is "and sound" "$(gzip -dc "$work/answer" | jq -r .format)" loadwave.plan/1
code -H 'Accept-Encoding: gzip;q=0' -b "$work/staff" "$base/api/v1/patients/demo-01/plan?on=$(today)" >/dev/null
is "not packed when not wanted" "$(header Content-Encoding)" ""
is "problems have their own type" "$(code "$base/api/v1/me") $(header Content-Type)" "401 application/problem+json"

# Numbers are for this machine.
has "metrics" "$(curl -s "$base/metrics")" 'loadwave_requests_total{route="queue",status="422"}'
is "not through a proxy" "$(code -H 'X-Forwarded-For: 192.0.2.1' "$base/metrics")" 404

# The log names routes, never people, patients or addresses.
is "every line is JSON" "$(jq -c . "$work/log" | wc -l | tr -d ' ')" "$(wc -l <"$work/log" | tr -d ' ')"
is "nobody is in the log" "$(grep -c -e demo-0 -e Novak -e kim -e 127.0.0.1 -e "$account" "$work/log" || true)" 0

# Too many tries.
stop_server
RATES=on
serve
got=
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
    call nobody POST /sign-in '{"login":"x","password":"wrong wrong wrong"}'
    got="$got $status"
done
has "sign-in slows down" "$got" 429
has "but not at once" "$got" 401
wait_s=$(header Retry-After)
is "says how long" "$([ "$wait_s" -ge 1 ] && [ "$wait_s" -le 60 ] && echo yes)" yes
is "may be tried again" "$(get .retryable)" true
done_testing
