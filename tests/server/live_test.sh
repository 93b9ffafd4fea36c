#!/bin/sh
# Streams of changes: who hears what, and that a stop ends them.
. tests/server/lib.sh
serve
staff
patient
listen() { # listen WHO FILE
    curl -sN -m 60 -b "$work/$1" -D "$work/$2.head" "$base/api/v1/live" >"$work/$2" &
    tries=0
    while ! grep -q retry "$work/$2" 2>/dev/null && [ $tries -lt 100 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
}
heard() { # heard FILE TEXT: waits for it, five seconds at most
    tries=0
    while ! grep -q "$2" "$work/$1" && [ $tries -lt 50 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
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
sleep 0.5
is "a ninth stream" "$(curl -s -m 2 -o /dev/null -w '%{http_code}' -b "$work/patient" "$base/api/v1/live")" 503
has "counted" "$(curl -s "$base/metrics")" "loadwave_listeners 9"

# A stop ends them at once and in order.
began=$(date +%s)
kill "$pid"
code=0; wait "$pid" || code=$?
is "the server ends well" "$code" 0
is "within five seconds" "$([ $(($(date +%s) - began)) -le 5 ] && echo yes)" yes
code=0; wait "$staff_pid" || code=$?
is "the stream ended in order" "$code" 0
pid=
done_testing
