#!/bin/sh
# Streams of changes: who hears what, and that a stop ends them.
. tests/server/lib.sh
serve
staff
patient
listen() { # listen WHO FILE
    curl -sN -m 60 -b "$work/$1" -D "$work/$2.head" "$base/api/v1/live" >"$work/$2" &
    until_there "a stream of $1" grep -q retry "$work/$2"
}
heard() { # heard FILE TEXT: waits for it, and says how often it stands there
    until_there "what is heard" grep -q "$2" "$work/$1" >&2
    grep -c "$2" "$work/$1" || true
}
listen staff clinic
staff_pid=$!
listen patient own
is "its type" "$(sed -n 's/^content-type: //Ip' "$work/own.head" | tr -d '\r')" text/event-stream
is "nobody without a sign-in" "$(curl -s -o /dev/null -w '%{http_code}' "$base/api/v1/live")" 401

E=/patients/$me/events
call patient POST "$E" "{\"events\":[$(event note '{"text":"hello"}')]}"
head=$(get .head)
is "the clinic hears" "$(heard clinic "\"patient\":\"demo-01\",\"head\":$head}")" 1
is "the patient hears" "$(heard own "\"patient\":\"demo-01\",\"head\":$head}")" 1
is "nothing of what it was" "$(grep -c hello "$work/clinic" "$work/own" | cut -d: -f2 | tr '\n' ' ')" "0 0 "
call patient POST "$E" "{\"events\":[$(event note '{"text":"late"}' patient 2099-01-01T00:00:00Z)]}"
me=demo-09
call staff POST /patients/$me/events "{\"events\":[$(event note '{"text":"other"}' "clinician:$account")]}"
is "the clinic hears of another" "$(heard clinic '"patient":"demo-09"')" 1
is "the patient does not" "$(grep -c demo-09 "$work/own" || true)" 0
is "what was refused is no change" "$(grep -c '"patient":"demo-01"' "$work/own")" 1

# One account does not take all places.
i=0
while [ $i -lt 8 ]; do
    curl -sN -m 60 -b "$work/patient" "$base/api/v1/live" >/dev/null &
    i=$((i + 1))
done
listeners() { curl -s "$base/metrics" | grep -q "loadwave_listeners $1"; }
until_there "nine streams" listeners 9
is "a ninth stream" "$(curl -s -m 2 -o /dev/null -w '%{http_code}' -b "$work/patient" "$base/api/v1/live")" 503

# A stop ends them in order, and does not wait until they end by themselves (a minute later, and not in order).
kill "$pid"
code=0; wait "$pid" || code=$?
is "the server ends well" "$code" 0
code=0; wait "$staff_pid" || code=$?
is "the stream ended in order" "$code" 0
pid=
done_testing
