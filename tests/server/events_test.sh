#!/bin/sh
# Adding events: all or none, each once, by whom is signed in, never from the future, the plan recorded as decided.
. tests/server/lib.sh
serve
staff
patient
E=/patients/$me/events
checkin='{"pain_morning":2,"stiffness_min":5,"pain_test":2,"pain_relief":"none"}'

call patient GET "$E?limit=1"
before=$(get .head)

# A check-in comes back with the plan, which is recorded.
one=$(event checkin "$checkin")
call patient POST "$E" "{\"events\":[$one],\"plan_on\":\"$(today)\"}"
is "a check-in" "$status" 200
is "added" "$(get .added)" 1
is "the plan of the day" "$(get .plan.on)" "$(today)"
decided=$(get .decided)
is "event and decision" "$(get .head)" $((before + 2))
hash=$(get .hash)
call patient GET "$E?after=$before"
is "the check-in is stored" "$(get '.events[0].event.kind')" checkin
is "byte for byte" "$(jq -c '.events[0].event' "$work/answer")" "$(printf '%s' "$one" | jq -c .)"
is "then the decision" "$(get '.events[1].event.kind + " " + .events[1].event.by')" "decided engine"
is "its id" "$(get '.events[1].event.id')" "$decided"
is "its day" "$(get '.events[1].event.data.on')" "$(today)"
is "the chain" "$(get .hash)" "$hash"

# Again: nothing changes, and the plan is not decided twice.
call patient POST "$E" "{\"events\":[$one],\"plan_on\":\"$(today)\"}"
is "a repeat" "$(get '[.added,.repeated,.head]|tostring')" "[0,1,$((before + 2))]"
is "the same decision" "$(get .decided)" "$decided"
is "the same hash" "$(get .hash)" "$hash"

# The plan is that of the program on the same record.
call patient GET "/patients/$me/export"
cp "$work/answer" "$work/record.jsonl"
call patient GET "/patients/$me/plan?on=$(today)"
"$LOADWAVE" today "$work/record.jsonl" --on "$(today)" --json >"$work/plan"
is "server and program agree" "$(cat "$work/answer")" "$(cat "$work/plan")"
is "the record is valid" "$("$LOADWAVE" log check "$work/record.jsonl" >/dev/null 2>&1; echo $?)" 0

# All or none: one bad event keeps out the good one beside it.
call patient POST "$E" "{\"events\":[$(event note '{"text":"good"}'),$(event checkin '{"pain_morning":99}')]}"
is "out of range" "$status $(get .code)" "422 LW_ERR_RANGE"
is "where" "$(get '"\(.line) \(.member)"')" "2 events[1].data.pain_morning"
call patient GET "$E?after=$((before + 2))"
is "nothing of it is stored" "$(get '.events|length')" 0

# Twice in one delivery; the same id with other content.
two=$(event note '{"text":"twin"}')
call patient POST "$E" "{\"events\":[$two,$two]}"
is "twins" "$(get '[.added,.repeated]|tostring')" "[1,1]"
id=$(printf '%s' "$two" | jq -r .id)
call patient POST "$E" "{\"events\":[$(event note '{"text":"other"}' patient "$(instant)" "$id")]}"
is "other content under a known id" "$status $(get .code)" "409 LW_ERR_CONFLICT"
id=$(uuid)
call patient POST "$E" "{\"events\":[$(event note '{"text":"a"}' patient "$(instant)" "$id"),$(event note '{"text":"b"}' patient "$(instant)" "$id")]}"
is "the same within one delivery" "$status $(get .code)" "409 LW_ERR_CONFLICT"

# Who may write what.
for by in engine clinician:someone "clinician:$account"; do
    call patient POST "$E" "{\"events\":[$(event note '{"text":"x"}' "$by")]}"
    is "patient as $by" "$status $(get .code)" "403 LW_ERR_AUTHOR"
done
call patient POST "$E" "{\"events\":[$(event activity '{"type":"walk","minutes":20}' device:watch)]}"
is "the patient's own device" "$status" 200
for by in patient engine clinician:someone; do
    call staff POST "$E" "{\"events\":[$(event note '{"text":"x"}' "$by")]}"
    is "clinician as $by" "$status $(get .code)" "403 LW_ERR_AUTHOR"
done
call staff POST "$E" "{\"events\":[$(event note '{"text":"seen"}' "clinician:$account")]}"
is "clinician as itself" "$status" 200
call staff POST "$E" "{\"events\":[$one]}"
is "somebody else's stored event is a repeat" "$(get '[.added,.repeated]|tostring')" "[0,1]"
call patient POST /patients/demo-02/events "{\"events\":[]}"
is "another patient" "$status $(get .code)" "404 LW_ERR_NOT_FOUND"
other=$(event note '{"text":"x"}' | sed 's/"patient":"demo-01"/"patient":"demo-02"/')
call patient POST "$E" "{\"events\":[$other]}"
is "another patient's event under the own address" "$status $(get .code)" "409 LW_ERR_PATIENT"

# Time.
call patient POST "$E" "{\"events\":[$(event note '{"text":"x"}' patient "$(instant 660)")]}"
is "eleven minutes ahead" "$status $(get .code)" "422 LW_ERR_FUTURE"
call patient POST "$E" "{\"events\":[$(event note '{"text":"x"}' patient "$(instant 540)")]}"
is "nine minutes ahead" "$status" 200

# A later format is kept, and nothing is prescribed any more; help stays.
newer=$(event telepathy '{"strength":7}')
call patient POST "$E" "{\"events\":[$newer],\"plan_on\":\"$(today)\"}"
is "an unknown kind is kept" "$status $(get '[.added,.plan,.decided]|tostring')" "200 [1,null,null]"
call patient GET "/patients/$me/plan?on=$(today)"
is "no plan of it" "$status $(get .code)" "409 LW_ERR_NEWER"
call patient POST "$E" "{\"events\":[$(event note '{"text":"after"}')]}"
is "and the log goes on" "$status" 200
call staff GET "/queue?responsible=all"
is "the queue says so" "$(get '.cards[]|select(.patient=="demo-01").cards[]|select(.kind=="newer_format").kind')" newer_format
call patient POST "$E" "{\"events\":[$(event telepathy '{}' engine)]}"
is "but not by somebody else" "$status $(get .code)" "403 LW_ERR_AUTHOR"

# Many at once, in several deliveries at the same time: each lands once, the chain holds.
me=demo-09
i=0
while [ $i -lt 12 ]; do
    body="{\"events\":[$(event note "{\"text\":\"n$i\"}" "clinician:$account"),$(event note "{\"text\":\"m$i\"}" "clinician:$account")]}"
    curl -s -o "$work/race$i" -b "$work/staff" -H 'X-Loadwave: 1' -H 'Content-Type: application/json' --data-binary "$body" \
        "$base/api/v1/patients/$me/events" &
    racers="${racers:-} $!"
    i=$((i + 1))
done
for racer in $racers; do wait "$racer"; done
added=$(cat "$work"/race* | jq -s '[.[].added // 0]|add')
busy=$(cat "$work"/race* | jq -s '[.[]|select(.code=="LW_ERR_HEAD")]|length')
is "each landed or was told to come again" "$((added + 2 * busy))" 24
call staff GET "/patients/$me/export"
is "all of those are in the file" "$(grep -c '"text":"[nm][0-9]' "$work/answer")" "$added"
stop_server
code=0
"$LOADWAVE" doctor "$work/store.db" >"$work/answer" 2>&1 || code=$?
is "every chain holds" "$code" 0
done_testing
