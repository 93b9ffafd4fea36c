#!/bin/sh
# Imports: every kind of file becomes the same activity; what is known is not stored twice; nothing is stored before consent;
# hostile and broken files store nothing and name the place; one import is one step to undo.
. tests/cli/lib.sh
export TZ=Europe/Berlin
files=$work/files
python3 tests/watch/make_files.py "$files" || fail "no files to read"
fresh() {
    cp "$record" "$work/r.jsonl"
    cp "$record" "$work/before.jsonl"
}
unchanged() {
    same "$work/r.jsonl" "$work/before.jsonl" "something was stored by $*"
}
# stored NAME VALUE: the last entry of the record has the member with that value.
stored() {
    checks=$((checks + 1))
    tail -n 1 "$work/r.jsonl" | grep -qF "\"$1\":$2" || fail "$1 is not $2: $(tail -n 1 "$work/r.jsonl")"
}

# One run in three formats, and packed.
for kind in run.fit run.fit.gz run.gpx run.tcx; do
    fresh
    run 0 import "$work/r.jsonl" "$files/$kind" --preview
    says "Friday 6 March 2026, 07:05, run: 20 min, 3."
    unchanged "a preview of $kind"
    run 0 import "$work/r.jsonl" "$files/$kind" --yes --pain 2
    stored type '"run"'
    stored minutes 20
    stored pain_during 2
    stored top_kmh 10.8
    checks=$((checks + 1))
    tail -n 1 "$work/r.jsonl" | grep -q '"at":"2026-03-06T07:05:00+01:00"' || fail "$kind: not at its local time"
    run 0 log check "$work/r.jsonl"
done
fresh
run 0 import "$work/r.jsonl" "$files/run.fit" --yes
stored km 3.6
stored run_minutes 10 # the pause ends the stretch
run 0 import "$work/r.jsonl" "$files/run.fit.gz" --yes
says "from the same file"
says "nothing new"
run 0 import "$work/r.jsonl" "$files/run.tcx" --yes
says "The same time as another recording"
run 0 undo "$work/r.jsonl" # written last, although it happened long before the record's end
says "activity by patient"
run 0 import "$work/r.jsonl" "$files/run.gpx" --yes
says "Stored in"

# Both at once: one is enough, and it is the one with samples.
fresh
run 0 import "$work/r.jsonl" "$files/export.xml" "$files/run.fit" --yes
says "Sunday 8 March 2026, 07:05, other sport: 40 min"
checks=$((checks + 1))
[ "$(grep -c '"source":"fit:' "$work/r.jsonl")" -eq 1 ] || fail "the recording with samples was not preferred"
[ "$(grep -c '"source":"' "$work/r.jsonl")" -eq 3 ] || fail "not three of five activities"
run 0 import "$work/r.jsonl" "$files/export.zip" --yes # another export of the same phone
says "nothing new"
run 0 undo "$work/r.jsonl"
checks=$((checks + 1))
[ "$(tail -n 3 "$work/r.jsonl" | grep -c '"kind":"void"')" -eq 3 ] || fail "undo did not take the whole import back"
run 0 import "$work/r.jsonl" "$files/export.zip" --yes # what was taken back may come again
says "Stored in"

# Questions: a refusal stores nothing; answers go into the entry.
fresh
answer 0 '3\nn\n' import "$work/r.jsonl" "$files/run.fit"
says "The plan of Friday 6 March 2026"
says "With this, today's plan says"
says "Nothing was stored"
unchanged "a refusal"
answer 0 '' import "$work/r.jsonl" "$files/run.fit"
unchanged "no answer"
answer 0 '3\ny\n' import "$work/r.jsonl" "$files/run.fit"
stored pain_during 3
fresh
answer 0 'run\n\n2\n1\ny\n' import "$work/r.jsonl" "$files/untyped.gpx"
checks=$((checks + 1))
grep -q '"type":"run".*"source":"gpx:' "$work/r.jsonl" || fail "the kind that was asked is not in the entry"
fresh
run 2 import "$work/r.jsonl" "$files/untyped.gpx" --yes
says "--type" err
unchanged "a file without a kind"
run 0 import "$work/r.jsonl" "$files/untyped.gpx" --yes --type walk
stored type '"walk"'
run 2 import "$work/r.jsonl" "$files/untyped.gpx" --type hop
fresh
run 0 log add "$work/r.jsonl" --kind activity --data '{"type":"walk","minutes":21}' --at 2026-03-11T19:00:00+01:00
answer 0 'walk\n' import "$work/r.jsonl" "$files/untyped.gpx"
says "entered by hand"

# A run of the programme: held against the plan of its day, and taken as the planned one when the person says so.
run 0 simulate --seed 7 --weeks 18 --trait good --from 2025-11-03 --output "$work/sim.jsonl"
day=$(grep '"type":"run"' "$work/sim.jsonl" | tail -n 1 | sed 's/.*"at":"\([0-9-]*\)T.*/\1/')
grep -v "\"at\":\"${day}T.*\"type\":\"run\"" "$work/sim.jsonl" >"$work/r.jsonl"
python3 tests/watch/make_files.py --fit-on "$day" "$work/planned.fit"
answer 0 'y\n1\ny\n' import "$work/r.jsonl" "$work/planned.fit"
says "allowed"
says "Was it the planned run, level"
stored run_minutes 19 # all of the running in it
stored pain_during 1
checks=$((checks + 1))
tail -n 1 "$work/r.jsonl" | grep -q '"run_level":' || fail "the planned run has no level"
run 0 undo "$work/r.jsonl"
answer 0 'n\n1\ny\n' import "$work/r.jsonl" "$work/planned.fit"
stored run_minutes 10 # the longest stretch
checks=$((checks + 1))
tail -n 1 "$work/r.jsonl" | grep -q '"run_level":' && fail "another run has the level of the planned one"

# Whatever the import of a run says, nothing rises by a run without a pain: not level, kilometres nor minutes of the next days
# (a lower level may have more minutes, for more of them are walked). One three times as long as the longest of 30 days is held
# against it, with a pain and without.
plan_of() { # plan_of RECORD DAY: level, kilometres and minutes of running, 0 where there is none
    "$LOADWAVE" today "$1" --on "$2" --json 2>/dev/null | python3 -c '
import json, sys
run = json.loads(sys.stdin.readline())["run"]
print(*((run[name] or 0) if run["allowed"] else 0 for name in ("level", "max_km", "max_min")))'
}
grep -v "\"at\":\"${day}T.*\"type\":\"run\"" "$work/sim.jsonl" >"$work/none.jsonl"
python3 tests/watch/make_files.py --fit-on "$day" "$work/long.fit" 64
for file in planned long; do
    for pain in "" "--pain 0"; do
        cp "$work/none.jsonl" "$work/r.jsonl"
        run 0 import "$work/r.jsonl" "$work/$file.fit" --yes $pain
        says "allowed"
        for later in 1 2 3 5; do
            then=$(date -u -d "$day + $later days" +%F)
            checks=$((checks + 1))
            [ "$file$pain" = "planned--pain 0" ] || echo "$(plan_of "$work/none.jsonl" "$then") $(plan_of "$work/r.jsonl" "$then")" |
                awk '{exit !($4 <= $1 && $5 <= $2 && ($6 <= $3 || $4 < $1) && NF == 6)}' || fail "$then: running rose by $file.fit $pain: $(plan_of "$work/r.jsonl" "$then")"
        done
    done
done
run 0 today "$work/r.jsonl" --on "$(date -u -d "$day + 2 days" +%F)"
says "your longest of 30 days"
rm "$work/none.jsonl"

# A run entered by hand on that day is taken to be the same.
fresh
run 0 log add "$work/r.jsonl" --kind activity --data '{"type":"run","minutes":21}' --at 2026-03-06T19:00:00+01:00
run 0 import "$work/r.jsonl" "$files/run.fit" --yes
says "entered by hand"
says "nothing new"
run 0 import "$work/r.jsonl" "$files/run.fit" --yes --all
says "Stored in"

# Archives.
fresh
run 2 import "$work/r.jsonl" "$files/strava.zip" --yes
says "--partial" err
unchanged "an archive with a row that could not be read"
run 1 import "$work/r.jsonl" "$files/strava.zip" --yes --partial
says "1 entry without a recording"
checks=$((checks + 1))
[ "$(grep -c '"source":"' "$work/r.jsonl")" -eq 3 ] || fail "not the three recordings of the archive"
grep -q '"type":"run".*"source":"gpx:' "$work/r.jsonl" || fail "the archive's word for the kind was not read"
fresh
run 1 import "$work/r.jsonl" "$files/strava.zip" --preview --since 2026-03-09
says "1 activity found"
silent_about "8 March"

# Ways of a health export are joined to their workouts; names of members lead nowhere, and sizes they claim are not believed.
fresh
run 0 import "$work/r.jsonl" "$files/ways.zip" --yes
checks=$((checks + 1))
grep -q '"type":"run","minutes":20,"km":3.6,"ascent_m":33,"top_kmh":10.8,"run_minutes":10,"source":"health:' "$work/r.jsonl" || fail "the way of the run: $(tail -n 4 "$work/r.jsonl")"
grep -q '"type":"walk","minutes":20,"source":"health:' "$work/r.jsonl" || fail "a way of another day was joined"
fresh
run 0 import "$work/r.jsonl" "$files/lied.zip" --yes --all
stored km 3.59
run 0 import "$work/r.jsonl" "$files/outside.zip" --yes
run 1 import "$work/r.jsonl" "$files/encrypted.zip"
says "activities/1.gpx: cannot be read"

# Tables.
fresh
run 1 import "$work/r.jsonl" "$files/runs.csv" --yes
says "--map has to say"
map='start=Date:dmy,minutes=Moving Time,km=Distance,type=Sport,pain=Pain'
run 2 import "$work/r.jsonl" "$files/runs.csv" --yes --map "$map"
says "runs.csv:4: has a value that cannot be"
unchanged "a table with a bad row"
run 1 import "$work/r.jsonl" "$files/runs.csv" --yes --partial --map "$map"
checks=$((checks + 1))
grep -q '"at":"2026-03-06T07:05:00+01:00".*"minutes":20,"km":3.6,"run_minutes":0,"pain_during":2.00' "$work/r.jsonl" || fail "the table's run"
grep -q '"type":"walk","minutes":65,"km":5.2' "$work/r.jsonl" || fail "the table's walk"
run 2 import "$work/r.jsonl" "$files/runs.csv" --map 'begin=Date'
run 2 import "$work/r.jsonl" "$files/runs.csv" --map 'start=Date'
run 1 import "$work/r.jsonl" "$files/runs.csv" --map 'start=Day,minutes=Time'
says "(Day)"

# Clocks that are put forward and back, midnight, another zone: each entry is at its own local time, on the day it began.
fresh
run 0 import "$work/r.jsonl" "$files/edges.csv" --yes --map 'start=start,minutes=minutes,type=type'
for at in 2026-03-29T02:30:00+0 2026-10-25T02:30:00+0 2026-02-27T23:50:00+01:00 2025-12-31T23:55:00-10:00; do
    checks=$((checks + 1))
    grep -qF "\"at\":\"$at" "$work/r.jsonl" || fail "nothing at $at"
done
run 0 log check "$work/r.jsonl"

# Salvaged, dated wrongly, not an activity.
fresh
for kind in cut.fit crc.fit; do
    run 1 import "$work/r.jsonl" "$files/$kind" --preview --type run
    run 2 import "$work/r.jsonl" "$files/$kind" --yes --type run
    unchanged "a damaged $kind"
    run 1 import "$work/r.jsonl" "$files/$kind" --yes --partial --type run
    fresh
done
for kind in clockless.fit future.fit course.fit route.gpx laughs.gpx outside.gpx cut.gpx deep.gpx bomb.gpx.gz bomb.zip cut.zip nothing.txt empty.fit none.fit; do
    run 1 import "$work/r.jsonl" "$files/$kind" --yes
    says "nothing new"
    unchanged "$kind"
done
run 1 import "$work/r.jsonl" "$files/cut.gpx" --yes
says "cut.gpx:56:"
run 1 import "$work/r.jsonl" "$files/laughs.gpx"
says "refers to other documents"
run 1 import "$work/r.jsonl" "$files/bomb.zip"
says "far more than a recording can be"
# What is good beside what is bad is stored when the person says so.
run 2 import "$work/r.jsonl" "$files/run.fit" "$files/cut.gpx" --yes
unchanged "good beside bad"
run 1 import "$work/r.jsonl" "$files/run.fit" "$files/cut.gpx" --yes --partial
says "Stored in"

# Strength sets become entries of exercises where the person says which, how much it hurt and how hard it was.
entries() {
    checks=$((checks + 1))
    [ "$(grep -c '"x_source":"fit:' "$work/r.jsonl")" -eq "$1" ] || fail "not $1 entries of sets: $(tail -n 4 "$work/r.jsonl")"
}
fresh
run 0 import "$work/r.jsonl" "$files/strength.fit" --preview
says "12 repetitions, 20.0 kg, 45 s"
says "Sets are stored where you say"
run 0 import "$work/r.jsonl" "$files/gym.fit" --yes
says "not stored"
entries 0
fresh
answer 0 '2\ny\n2\n6\nn\n17\n1\n5\n\n\ny\n' import "$work/r.jsonl" "$files/gym.fit"
says "Was it this exercise: Deadlift?"
says "nobody said which exercise it was"
says "Stored in"
entries 2
stored exercise '"good-morning"'
stored sets '[{"reps":10,"load_kg":15.0},{"reps":10,"load_kg":15.0}]'
stored effort 5
stored pain_during 1
checks=$((checks + 1))
grep -q '"exercise":"deadlift","side":"both","sets":\[{"reps":8,"load_kg":40.0},{"reps":8,"load_kg":40.0},{"reps":8,"load_kg":40.0}\],"pain_during":2,"effort":6' "$work/r.jsonl" || fail "the deadlift"
run 0 log check "$work/r.jsonl"
run 0 import "$work/r.jsonl" "$files/gym.fit" --yes
says "from the same file"
run 0 undo "$work/r.jsonl"
checks=$((checks + 1))
[ "$(tail -n 3 "$work/r.jsonl" | grep -c '"kind":"void"')" -eq 3 ] || fail "undo did not take the sets back with their activity"
fresh
answer 0 '2\ny\n2\n\nn\n15\nleft\n1\n4\n\n\ny\n' import "$work/r.jsonl" "$files/gym.fit" # no effort: not stored; one leg: which
says "side, pain and effort belong to it"
entries 1
stored exercise '"rdl-single"'
stored side '"left"'
fresh
run 0 log add "$work/r.jsonl" --kind exercise --data '{"exercise":"deadlift","side":"both","sets":[{"reps":5}],"pain_during":1}' --at 2026-03-07T18:00:00+01:00
answer 0 '2\ny\nn\n1\n\n\ny\n' import "$work/r.jsonl" "$files/gym.fit" # logged by hand: it would count twice
says "the record has Deadlift on that day already"
entries 0
run 4 import "$work/none.jsonl" "$files/run.fit" --yes
run 2 import "$work/r.jsonl"
export LOADWAVE_LANG=es
run 0 import "$work/r.jsonl" "$files/run.fit" --preview
says "carrera: 20 min"
finish
