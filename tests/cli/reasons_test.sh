#!/bin/sh
# Reasons are true to the rule that spoke: on every day of the examples and of some simulated courses, each reason is said
# in the sentence of its rule and variant, and a rule that did not fire is never said to have.
. tests/cli/lib.sh

for course in 1:good 2:poor,flare-prone 3:self-guided,adherence=60 4:over-doer,goal=sprint; do
    run 0 simulate --seed "${course%%:*}" --weeks 24 --trait "${course#*:}" --output "$work/${course%%:*}.jsonl"
done

python3 - "$LOADWAVE" "$work"/*.jsonl examples/*.jsonl <<'PYTHON' || failures=$((failures + 1))
import datetime, json, os, subprocess, sys

program, records = sys.argv[1], sys.argv[2:]
said = json.load(open("locales/en.json", encoding="utf-8"))
os.environ["COLUMNS"] = "100"


def ask(*arguments):
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=True).stdout


def sentence(why):
    """The id that must speak for a reason."""
    ending = "" if why["fired"] else ".wait"
    ids = [f"rule.{why['rule']}.{part}{ending}" for part in (why["variant"], why["action"])]
    ids.append(f"rule.{why['rule']}{ending}")
    return next((key for key in ids if key in said), None)


wrong, days, unfired, spoken = set(), 0, 0, set()
for record in records:
    dates = sorted(json.loads(line)["at"][:10] for line in open(record, encoding="utf-8") if '"at"' in line)
    day = datetime.date.fromisoformat(dates[0])
    last = datetime.date.fromisoformat(dates[-1]) + datetime.timedelta(days=20)  # and the silence after it
    step = 1 if (last - day).days <= 130 else 5
    while day <= last:
        page = " ".join(ask("explain", record, "--on", str(day)).split())
        for why in json.loads(ask("today", record, "--on", str(day), "--json"))["why"]:
            key = sentence(why)
            unfired += not why["fired"]
            if key is None:
                wrong.add(f"{why['rule']} variant {why['variant']}, fired {why['fired']}, has no sentence")
            elif f"{' '.join(said[key].split())} ({why['rule']}" not in page:
                wrong.add(f"{record} {day}: {key} is not said")
            spoken.add(key)
        days += 1
        day += datetime.timedelta(days=step)
print("\n".join(sorted(wrong)[:20]))
print(f"{days} days, {len(spoken)} sentences, {unfired} reasons that only wait")
sys.exit(1 if wrong or unfired == 0 or len(spoken) < 60 else 0)
PYTHON
checks=$((checks + 1))

# A rule that a protocol changed is said in its own title, not in the sentence of another.
"$LOADWAVE" protocol print >"$work/own.protocol"
sed 's/^rule A47 ".*"/rule A47 "The other side is trained as well"/' "$work/own.protocol" >"$work/changed.protocol"
flat() { # the last output in one line, blanks squeezed
    tr -s '\n ' '  ' <"$work/out" >"$work/flat" && cp "$work/flat" "$work/out"
}
run 0 today "$record" --on 2026-01-07 --protocol "$work/own.protocol"
flat
says "The other leg keeps its strength with the same exercises at the same dose. (A47)"
run 0 today "$record" --on 2026-01-07 --protocol "$work/changed.protocol"
flat
says "The other side is trained as well. (A47)"
silent_about "at the same dose. (A47)"
finish
