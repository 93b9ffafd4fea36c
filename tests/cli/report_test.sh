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
