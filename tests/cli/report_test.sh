#!/bin/sh
# Pages and research files from the command line.
. tests/cli/lib.sh

run 0 report today "$record" --on 2026-01-10 -o "$work/plan.pdf"
says "plan.pdf"
pdftotext "$work/plan.pdf" "$work/text"
checks=$((checks + 1))
grep -q "Plan for Saturday 10 January 2026" "$work/text" || fail "the page has no title"
run 0 report shockwave "$record" --on 2026-03-10 --lang es --to "Dr. C." --name "Ana B." -o "$work/letter.svg"
checks=$((checks + 1))
grep -q "<svg" "$work/letter.svg" || fail "no SVG"
# The letter says things in the order a reader needs them, and the file says what it is and of which day, whatever the clock says.
run 0 report shockwave "$record" --on 2026-03-10 --to "Dr. C." --name "Ana B." --from "Kim D." -o "$work/letter.pdf"
pdftotext "$work/letter.pdf" "$work/text"
pdfinfo -isodates "$work/letter.pdf" >"$work/info"
checks=$((checks + 2))
python3 - "$work/text" <<'PYTHON' || fail "the letter is not in order"
import sys
text, at = " ".join(open(sys.argv[1], encoding="utf-8").read().split()), 0
for part in ("Letter about shockwave therapy", "Dr. C.", "Ana B.", "Kim D.", "no referral unless a clinician signs it", "History", "Red flags",
             "Contraindications to shockwave", "Tests", "Loading done, and its response", "response: not known", "Questionnaires", "Shockwave given",
             "The course", "What I would like to ask", "What the evidence says", "found no meaningful difference", "neither can be worked out"):
    found = text.find(part, at)
    if found < 0:
        sys.exit(f"not there, or too early: {part}")
    at = found + len(part)
PYTHON
for part in "Title: *Letter about shockwave therapy.*Ana B\\. .*2026" "Author: *Kim D\\." "CreationDate: *2026-03-10T00:00:00" "Tagged: *yes" "Page size:.*A4"; do
    checks=$((checks + 1))
    grep -q "$part" "$work/info" || fail "pdfinfo does not say $part"
done

# A warning sign stands before the letter itself, and on the plan nothing is left to do.
run 0 report shockwave examples/red-flag.jsonl --on 2026-03-12 -o "$work/flag.pdf"
pdftotext "$work/flag.pdf" - | sed '/I run a progressive/q' | grep -q "RED FLAG" || fail "the warning sign does not come first"
run 0 report today examples/red-flag.jsonl --on 2026-03-12 -o "$work/flag.pdf"
pdftotext "$work/flag.pdf" - >"$work/text"
grep -q "STOP: no exercises" "$work/text" || fail "the plan does not stop"
checks=$((checks + 3))
if grep -q "Each morning\|Exercises$" "$work/text"; then fail "the plan asks for something after a warning sign"; fi
run 2 report discharge "$record" --on 2026-03-10 -o "$work/end.pdf"
says "the programme has not ended" err
run 2 report tomorrow "$record"
says "is no report" err
run 2 report today "$record" -o "$work/plan.doc"
says ".pdf or .svg" err
run 2 report today "$record" --lang de
run 2 report today "$record" "$record"
says "too many arguments" err

# Six people out of one record; one of them is alone with a sport.
for n in 1 2 3 4 5 6; do
    sed "s/\"patient\":\"[^\"]*\"/\"patient\":\"person-$n\"/" "$record" >"$work/p$n.jsonl"
done
sed -i 's/"sport":"running"/"sport":"triathlon"/' "$work/p6.jsonl"
run 2 report research "$work/p1.jsonl" "$work/p2.jsonl"
says "fewer than 5 people" err
run 0 report research "$work"/p?.jsonl
says "It does not hold"
says "Nothing was written"
says "patient,date,day,by,pain_morning"
silent_about "person-1"
silent_about "triathlon"
run 0 report research "$work"/p?.jsonl -o "$work/study"
says "Written to the folder"
checks=$((checks + 3))
[ "$(wc -l <"$work/study/patients.csv")" = 7 ] || fail "not six people"
[ "$(find "$work/study" -type f | wc -l)" = 9 ] || fail "not nine files"
if grep -rqE "person-|triathlon" "$work/study"; then fail "somebody can be seen"; fi
run 2 report research "$work/study/patients.csv"
finish
