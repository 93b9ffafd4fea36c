#!/bin/sh
# loadwave calendar: a file that another library (python3-icalendar) reads, and its next editions: numbers rise, entries are cancelled.
. tests/cli/lib.sh
python=/usr/bin/python3
"$python" -c 'import icalendar' 2>/dev/null || { echo "needs python3-icalendar"; [ -n "${LW_STRICT:-}" ] && exit 1; exit 77; }

# entries FILE: "DATE UID SEQUENCE STATUS SUMMARY" of each, as the other library reads them
entries() {
    "$python" - "$1" <<'PY'
import icalendar, sys
calendar = icalendar.Calendar.from_ical(open(sys.argv[1], "rb").read())
assert calendar["VERSION"] == "2.0" and calendar["METHOD"] == "PUBLISH", calendar
seen = set()
for event in calendar.walk("VEVENT"):
    start = event.decoded("DTSTART")
    assert getattr(start, "tzinfo", None) is None, "a time with a zone"
    assert event.decoded("DTSTAMP").tzinfo is not None
    uid = str(event["UID"])
    assert uid not in seen and not event.errors, uid
    seen.add(uid)
    print(start.isoformat(), uid[:8], event["SEQUENCE"], event["STATUS"], event["SUMMARY"])
PY
}

cp "$record" "$work/r.jsonl"
plan=$work/plan.ics
# has LINE: the last entries read have a line like it; has_not the other way round
has() { checks=$((checks + 1)) && grep -q "$1" "$work/read" || fail "no entry like $1"; }
has_not() { checks=$((checks + 1)) && if grep -q "$1" "$work/read"; then fail "an entry like $1"; fi; }
read_it() { checks=$((checks + 1)) && entries "$plan" >"$work/read" 2>"$work/err" || fail "another library does not read it"; }

run 0 calendar "$work/r.jsonl" --on 2026-04-27 --time 17:30 -o "$plan"
read_it
cp "$work/read" "$work/first"
has '^2026-04-29T17:30:00 .* 0 CONFIRMED Exercises$'
checks=$((checks + 2))
[ "$(grep -c 'CONFIRMED Exercises' "$work/read")" -ge 3 ] || fail "two weeks have more sessions"
grep -q 'runner' "$plan" && fail "the patient's name is in it"

cp "$plan" "$work/before"
run 0 calendar "$work/r.jsonl" --on 2026-04-27 --time 17:30 -o "$plan"
same "$plan" "$work/before" "the same record gives the same bytes"

run 0 calendar "$work/r.jsonl" --on 2026-04-27 --time 18:00 -o "$plan"
read_it
has '^2026-04-29T18:00:00 .* 1 CONFIRMED Exercises$'
cut -d' ' -f2 "$work/first" >"$work/uids"
cut -d' ' -f2 "$work/read" >"$work/uids.now"
same "$work/uids" "$work/uids.now" "the same identities"

run 0 log add "$work/r.jsonl" --kind symptom --data '{"flag":"RF02"}' --at 2026-04-27T20:00:00+01:00
run 0 calendar "$work/r.jsonl" --on 2026-04-27 --time 18:00 -o "$plan"
read_it
has_not 'CONFIRMED Exercises'
has '^2026-04-29T18:00:00 .* 2 CANCELLED Exercises$'

LOADWAVE_LANG=es run 0 calendar "$record" --on 2026-04-20 --plain
says 'SUMMARY:Loadwave: ejercicios'

echo "my shopping list" >"$work/list.txt"
cp "$work/list.txt" "$work/list.before"
run 2 calendar "$record" --on 2026-04-27 -o "$work/list.txt"
same "$work/list.txt" "$work/list.before" "another file was written over"
run 2 calendar "$record" --on 2026-04-27 --time 25:00
run 4 calendar "$record" --on 2026-04-27 -o /no/such/place.ics
finish
