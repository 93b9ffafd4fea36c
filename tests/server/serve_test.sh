#!/bin/sh
# The program around the server: first start, sign-ins, refusals at the start, a stop, a restart, a kill.
. tests/server/lib.sh
run() { timeout 20 "$LOADWAVE" serve "$@" >"$work/one" 2>&1; }

code=0; run --listen nonsense --store "$work/x.db" || code=$?
is "no address" "$code" 2
code=0; run --listen 127.0.0.1:99999 --store "$work/x.db" || code=$?
is "no port" "$code" 2
code=0; run --listen 0.0.0.0:0 --store "$work/x.db" || code=$?
is "reached from elsewhere, but under which name?" "$code" 2
has "says what is missing" "$(cat "$work/one")" --origin
code=0; run --origin https://x.example/path --listen 127.0.0.1:0 --store "$work/x.db" || code=$?
is "an origin has no path" "$code" 2
echo "this is no database, whatever its name says" >"$work/junk.db"
code=0; run --listen 127.0.0.1:0 --store "$work/junk.db" || code=$?
is "not a store" "$code" 4
is "and left as it was" "$(cat "$work/junk.db")" "this is no database, whatever its name says"

serve
is "a store for its owner only" "$(stat -c %a "$work/store.db")" 600
is "so are the sign-ins" "$(stat -c %a "$work/store.db.demo-sign-in.txt")" 600
password=$(sed -n 's/^ *password *//p' "$work/out")
code=0; run --listen "127.0.0.1:$port" --store "$work/y.db" || code=$?
is "the port is taken" "$code" 4
staff
patient
me=demo-01
is "health" "$(curl -s "$base/healthz")" '{"status":"ok"}'
call patient POST "/patients/$me/events" "{\"events\":[$(event note '{"text":"before the kill"}')]}"
head=$(get .head)
kill -9 "$pid"
wait "$pid" 2>/dev/null || true
pid=

# What was acknowledged is there after a kill; the same password opens, the old link does not, the new one does.
old=$(sed -n 's/^ *Patient .*#\/i\///p' "$work/out")
serve
is "the same password" "$(sed -n 's/^ *password *//p' "$work/out")" "$password"
call patient GET "/patients/$me/events?after=$((head - 1))"
is "nothing is lost, the sign-in holds" "$status $(get '.events[0].event.data.text')" "200 before the kill"
call other POST "/invites/$old/accept" '{}'
is "a link works once" "$status" 404
rm -f "$work/patient"
patient

# A write that is on its way when the stop comes is finished.
staff
body="{\"events\":[$(event note '{"text":"last"}' "clinician:$account")]}"
curl -s -o "$work/last" -b "$work/staff" -H 'X-Loadwave: 1' -H 'Content-Type: application/json' --data-binary "$body" \
    "$base/api/v1/patients/$me/events" &
writer=$!
wait "$writer"
kill "$pid"
code=0; wait "$pid" || code=$?
is "it stops well" "$code" 0
pid=
is "and had answered" "$(jq .added "$work/last")" 1
serve
call staff GET "/patients/$me/export"
is "and kept it" "$(grep -c '"text":"last"' "$work/answer")" 1
# the row of a read is written behind its answer, with the next group
read_seen() {
    call staff GET '/clinic/audit?limit=500'
    [ "$(get '[.rows[]|select(.route=="export" and .patient=="demo-01" and .status==200)]|length>0')" = true ]
}
until_there "reads are in it: that one" read_seen
is "the trail is whole" "$(get .intact)" true
is "sign-ins too" "$(get '[.rows[]|select(.route=="sign_in" and .status==200)]|length>0')" true
stop_server

# Without --demo and without a terminal nobody can sign in, and the way in is said; a default password opens nothing.
mv "$work/store.db" "$work/demo.db"
start --store "$work/fresh/empty.db"
has "what to run" "$(cat "$work/out")" "loadwave clinic add '$work/fresh/empty.db'"
is "no link" "$(grep -c '/i/' "$work/out" || true)" 0
is "no account" "$(sqlite3 "$work/fresh/empty.db" 'SELECT (SELECT count(*) FROM account) + (SELECT count(*) FROM clinic)')" 0
call nobody POST /sign-in '{"login":"admin","password":"admin"}'
is "nobody comes in" "$status" 401
"$LOADWAVE" clinic add "$work/fresh/empty.db" --name North --login ana --origin "$base" >"$work/one"
token=$(sed -n 's/.*#\/i\///p' "$work/one")
call ana POST "/invites/$token/accept" '{"password":"a quiet boat of wet paper"}'
is "the link opens, while the server runs" "$status" 200
call other POST "/invites/$token/accept" '{"password":"a quiet boat of dry paper"}'
is "once" "$status" 404
stop_server
# On a terminal it asks.
if command -v script >/dev/null; then
    printf 'South\nBea Sur\nbea\nes\nES\n' >"$work/typed"
    { (cat "$work/typed"; tries=0; while [ $tries -lt 100 ] && ! grep -q '^Loadwave listens' "$work/one"; do tries=$((tries + 1)); sleep 0.1; done; printf '\003') |
        timeout 60 script -qec "$LOADWAVE serve --store $work/asked.db --listen 127.0.0.1:0" /dev/null >"$work/one" 2>&1; } || true
    has "asked" "$(cat "$work/one")" "/clinic/#/i/"
    is "as answered" "$(sqlite3 "$work/asked.db" "SELECT c.name || c.language || c.country || a.name || a.login FROM clinic c JOIN account a ON a.clinic = c.id")" "SouthesESBea Surbea"
fi

# Named by a flag: a link, once.
start --store "$work/new/place/clinic.db" --first ana
has "a link" "$(cat "$work/out")" "/clinic/#/i/"
stop_server
start --store "$work/new/place/clinic.db"
is "once" "$(grep -c '/i/' "$work/out" || true)" 0
stop_server
code=0; timeout 20 "$LOADWAVE" serve --demo --store "$work/new/place/clinic.db" --listen 127.0.0.1:0 >"$work/one" 2>&1 || code=$?
is "no demo in a real clinic" "$code" 2
done_testing
