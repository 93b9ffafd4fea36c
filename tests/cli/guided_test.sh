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

# The session: each exercise of the plan, as planned, otherwise or not done; a weight with a comma; all of it at once.
you=$work/you.jsonl
run 0 init "$you" --patient p-8 --birth-year 1986 --side left --goal run --at 2026-03-02T08:00:00+01:00
answer 2 '\n' init "$work/other.jsonl" --birth-year 1986 --side left --goal run
says "This one is needed"
calm='0\ngradual\n20\ny\ny\nn\nn\nn\n2\n60\n0\n1\n1\n1\n1\n1\n0\n1\n20\n22\n0\n8\nsome\n10\nmri\nnone\ny\n\n1 2 3 4 5 6 7 8\n3\n'
answer 0 "$calm" assess "$you" --at 2026-03-02T09:00:00+01:00
grep '"kind":"assessed"' "$you" | grep -q '"hop":1' || fail "the ladder does not end with the hop"
answer 0 '0\n1\n1\n' checkin "$you" --at 2026-03-03T07:00:00+01:00
answer 0 '1\n12,5\n2\n5\n2\n2\n9\n\n6\n\n3\n1\n' session "$you" --at 2026-03-03T18:00:00+01:00
says "Written: exercise."
says "Above 5 of 10 is too much"
[ "$(grep -c '"kind":"exercise"' "$you")" -eq 3 ] || fail "three exercises, three entries"
grep -q '"load_kg":12.5.*"pain_during":2,"depth_deg":[0-9]*,"effort":5' "$you" || fail "the weight and the effort"
grep -q '"sets":\[{"reps":9},{"reps":9}\],"pain_during":6}' "$you" || fail "what was done otherwise"
grep -q '"skip":"pain"' "$you" || fail "what was not done, and why"
run 0 log check "$you"
answer 0 '' session "$you" --at 2026-03-03T19:00:00+01:00
says "Nothing due today."
answer 0 '' session "$me" --at 2026-03-05T19:00:00+01:00
says "STOP"

# Steps that wait are asked first; a yes is written as the plan made it.
run 0 simulate --seed 3 --weeks 2 --trait self-guided,good --output "$work/waits.jsonl"
awk '/"kind":"accepted"/ {exit} {print}' "$work/waits.jsonl" >"$work/offered.jsonl"
day=$("$LOADWAVE" log show "$work/offered.jsonl" --last-day)
answer 0 'y\n' session "$work/offered.jsonl" --at "${day}T18:00:00+00:00"
says "a longer hold (20 s → 30 s) is ready."
grep -q '"kind":"accepted"' "$work/offered.jsonl" || fail "the step was not accepted"
run 0 log check "$work/offered.jsonl"

# The re-test: the ladder stops at 4, scores in their range.
answer 0 '1\n4\n18\n22\n30\n101\n70\n\n\n-3\n\n\n\n8\n' retest "$you" --at 2026-03-16T08:00:00+01:00
says "A whole number from 0 to 100"
says "Written: tested, outcome."
grep '"kind":"tested"' "$you" | grep -q '"bridge_single":4}' || fail "the re-test"
grep -q '"instrument":"groc","score":-3' "$you" || fail "a score below nought"
run 0 log check "$you"
finish
