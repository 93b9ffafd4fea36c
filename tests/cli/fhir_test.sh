#!/bin/sh
# loadwave fhir: one Bundle, R4 or R5, the same each time; what cannot be read gives none.
. tests/cli/lib.sh

# count FILTER WANTED: of the Bundle in $work/out
count() {
    checks=$((checks + 1))
    found=$(jq "$1" "$work/out")
    [ "$found" = "$2" ] || fail "$1 is $found, wanted $2"
}

run 0 fhir "$record" --on 2026-03-06
cp "$work/out" "$work/first"
count '.resourceType' '"Bundle"'
count '.timestamp' '"2026-03-06T23:59:59Z"'
count '[.entry[].resource | select(.resourceType == "CarePlan")] | length' 1
count '[.entry[].resource | select(.resourceType == "CarePlan")][0].activity | length' \
    "$("$LOADWAVE" today "$record" --on 2026-03-06 --json | jq '.session.items | length')"
count '[.entry[].resource | select(.resourceType == "Procedure")] | length' "$("$LOADWAVE" log show "$record" --kind shockwave | grep -c ' shockwave by ')"
count '[.entry[].resource | select(.resourceType == "Patient")][0].name' null
run 0 fhir "$record" --on 2026-03-06 -o "$work/file"
checks=$((checks + 1))
cmp -s "$work/first" "$work/file" || fail "the file is not what was printed"

run 0 fhir "$record" --on 2026-03-06 --r5 --name 'Anna "B"'
count '[.entry[].resource | select(.resourceType == "CarePlan")][0].activity[0] | has("plannedActivityReference")' true
count '[.entry[].resource | select(.resourceType == "Patient")][0].name[0].text' '"Anna \"B\""'
silent_about performedDateTime

: >"$work/empty.jsonl"
run 0 fhir "$work/empty.jsonl" --on 2026-03-06
count '[.entry[].resource | select(.resourceType == "Observation")] | length' 0
printf '{"v":1}\n' >"$work/bad.jsonl"
run 2 fhir "$work/bad.jsonl"
run 2 fhir "$record" --on yesterday
run 4 fhir "$work/not-there.jsonl"
run 4 fhir "$record" -o "$work/no/such/folder.json"
finish
