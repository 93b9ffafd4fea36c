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
             "Contraindications to shockwave", "Tests", "Loading done, and its response", "response: not recorded", "Questionnaires", "Shockwave given",
             "The course", "Questions", "What the evidence says", "found no meaningful difference",
             "Rich 2025, pain for three months or more; six sessions (result as reported by others", "no better than a sham at its insertion", "neither can be worked out", "Date and signature"):
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
# It stands on every report, and the letters ask to wait; a flag that was lifted is told of.
for kind in progress shockwave; do
    for language in en es; do
        run 0 report $kind examples/red-flag.jsonl --on 2026-03-12 --lang $language -o "$work/flag.pdf"
        pdftotext "$work/flag.pdf" "$work/text.flag"
        checks=$((checks + 1))
        grep -q "RED FLAG\|SEÑAL DE ALARMA" "$work/text.flag" || fail "$kind in $language does not show the warning sign"
    done
done
grep -q "no aplique ondas de choque" "$work/text.flag" || fail "the letter does not ask to wait"
{ cat examples/red-flag.jsonl; echo '{"v":1,"id":"0195ffff-7b1e-7000-8000-00000000000e","patient":"red-flag","kind":"discharged","at":"2026-03-12T21:00:00+01:00","by":"clinician:kim","data":{"reason":"sent to a doctor"}}'; } >"$work/ended.jsonl"
run 0 report discharge "$work/ended.jsonl" --on 2026-03-12 -o "$work/flag.pdf"
pdftotext "$work/flag.pdf" - | grep -q "RED FLAG" || fail "the letter at the end does not show the warning sign"
run 0 report shockwave examples/red-flag.jsonl --on 2026-03-20 -o "$work/flag.pdf"
pdftotext "$work/flag.pdf" - | grep -q "Reported earlier, no longer open" || fail "a flag that was lifted is passed over"
checks=$((checks + 3))
# Dates on paper are written as people write them, whatever the kind.
for kind in today progress shockwave; do
    run 0 report $kind "$record" --on 2026-03-10 -o "$work/dates.pdf"
    checks=$((checks + 1))
    if pdftotext "$work/dates.pdf" - | grep -E "20[0-9]{2}-[0-9]{2}"; then fail "$kind has a date of a machine"; fi
done
# An SVG is a whole XML file whatever stands in a name, and says all of itself in words.
run 0 report shockwave "$record" --on 2026-03-10 --name '<script>alert(1)</script> & "Co"' -o "$work/name.svg"
checks=$((checks + 1))
python3 - "$work/name.svg" <<'PYTHON' || fail "the SVG is broken"
import sys
import xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
space = "{http://www.w3.org/2000/svg}"
assert root.get("role") == "img" and root[0].tag == space + "title" and root[1].tag == space + "desc"
assert '<script>alert(1)</script> & "Co"' in root[0].text and "no meaningful difference" in root[1].text
assert not list(root.iter(space + "script"))
PYTHON
if grep -q "Each morning\|Exercises$" "$work/text"; then fail "the plan asks for something after a warning sign"; fi
run 2 report discharge "$record" --on 2026-03-10 -o "$work/end.pdf"
says "the programme has not ended" err
# What is not there, empty or of another time is said with its name, and nothing is written.
run 4 report today "$work/nobody.jsonl" -o "$work/none.pdf"
says "nobody.jsonl: cannot open" err
: >"$work/empty.jsonl"
run 2 report today "$work/empty.jsonl" -o "$work/none.pdf"
says "empty.jsonl: nothing stands in it" err
run 2 report shockwave "$record" --on 2020-01-01 -o "$work/none.pdf"
says "up to 2020-01-01" err
run 4 report today "$record" --on 2026-01-10 -o "$work/no folder/none.pdf"
says "no folder/none.pdf" err
checks=$((checks + 1))
[ ! -e "$work/none.pdf" ] || fail "a page about nobody"
# A day is enough for a page, and a name of any script or length for a file's name given by hand.
head -1 "$record" >"$work/day.jsonl"
for kind in today progress shockwave; do run 0 report $kind "$work/day.jsonl" --on 2026-01-05 -o "$work/<one> דן 🦵.pdf"; done
run 2 report tomorrow "$record"
says "is no report" err
run 2 report today "$record" -o "$work/plan.doc"
says ".pdf or .svg" err
run 2 report today "$record" --lang de
run 2 report today "$record" "$record"
says "too many arguments" err

# Six people out of one record; one of them is alone with a sport.
for n in 1 2 3 4 5 6; do
    sed -e "s/\"patient\":\"[^\"]*\"/\"patient\":\"person-$n\"/" -e "1s/\"id\":\"./\"id\":\"$n/" "$record" >"$work/p$n.jsonl"
done
sed -i 's/"sport":"running"/"sport":"triathlon"/' "$work/p6.jsonl"
run 2 report research "$work/p1.jsonl" "$work/p2.jsonl"
says "fewer than 5 people" err
for copy in 2 3 4 5; do cp "$work/p1.jsonl" "$work/copy$copy.jsonl"; done
run 2 report research "$work/p1.jsonl" "$work"/copy?.jsonl
says "records of the same patient" err
sed 's/"patient":"[^"]*"/"patient":"other"/' "$work/p1.jsonl" >"$work/renamed.jsonl"
run 2 report research "$work"/p?.jsonl "$work/renamed.jsonl"
says "renamed.jsonl are records of the same patient" err
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
