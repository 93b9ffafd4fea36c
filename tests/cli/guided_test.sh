#!/bin/sh
# init, assess and checkin: answers from standard input become entries; a warning sign is written at once and ends it.
. tests/cli/lib.sh

me=$work/me.jsonl
answer 0 'p-7\n1986\nleft\n4\nrunning\n' init "$me" --at 2026-03-02T08:00:00+01:00
grep -q '"kind":"enrolled"' "$me" || fail "no enrolled entry"
grep -q '"goal":"run"' "$me" || fail "a word by its number was not taken"
run 2 init "$me" --patient x --birth-year 1990 --side left --goal run
says "never replaced" err
run 2 init "$work/other.jsonl" --patient x --birth-year 1290 --side left --goal run
answer 2 '\n\n\n\n\n' init "$work/other.jsonl"
[ -e "$work/other.jsonl" ] && fail "a record without answers was written"
run 2 init "$work/other.jsonl" --patient x --birth-year 1990 --side middle --goal run --sport none
[ -e "$work/other.jsonl" ] && fail "a wrong record was written"

# flags none; history; ladder stops at the arabesque with 5; bridges; contraindications none; then the start.
ask='0\ngradual\n20\ny\ny\nn\nn\nn\n2\n30\n1\n2\n3\n3\n5\n15\n20\n0\n8\nsome\n10\nmri\nnone\ny\n1 3 5\n1 2 3\n3\n'
answer 0 "$ask" assess "$me" --at 2026-03-02T09:00:00+01:00
says "Written: screened, assessed, started."
says "Plan for Monday 2 March 2026"
grep -q '"kind":"assessed".*"arabesque":5' "$me" || fail "the ladder was not written"
grep '"kind":"assessed"' "$me" | grep -q lunge && fail "the ladder went on past pain 5"
grep '"kind":"assessed"' "$me" | grep -q piriformis && fail "a clinician's test was asked of a patient"
grep -q '"authority":"suggest".*"days":\["mon","wed","fri"\].*"equipment":\["mat","band","dumbbell"\]' "$me" || fail "start"
run 0 log check "$me"

# A number that does not fit is asked again; the rest may be skipped.
answer 0 '0\n11\nmany\n2\n1\n\n\n\n\n\n\n\n\n\n' checkin "$me" --at 2026-03-03T07:00:00+01:00
says "A whole number from 0 to 10"
says "Plan for Tuesday 3 March 2026"
grep -q '"data":{"pain_morning":2,"pain_test":1,"test":"bridge_single"}' "$me" || fail "the check-in is not what was answered"

# Input that ends early: nothing is lost, nothing half written.
answer 0 '' checkin "$me" --at 2026-03-04T07:00:00+01:00
says "nothing was written"
run 0 log check "$me"

# A yes is written before anything else is asked, and shown with whom to see.
answer 0 '1 9\n3\n' checkin "$me" --at 2026-03-05T07:00:00+01:00
says "RED FLAG"
says "Call the emergency number"
says "The programme stops here"
silent_about "Stop an exercise"
tail -n 1 "$me" | grep -q '"kind":"screened".*\["RF01","RF09"\]' || fail "the warning sign was not written"
run 0 today "$me" --on 2026-03-05
says "STOP: no exercises"
run 2 undo "$me" --by clinician:x
answer 0 '12\n' checkin "$me" --at 2026-03-06T07:00:00+01:00
says "RED FLAG: an ordinary appointment"
finish
