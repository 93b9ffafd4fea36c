#!/bin/sh
# today and explain: the page a patient reads, its width, its colours, and the plan itself as JSON.
. tests/cli/lib.sh

run 0 today "$record" --on 2026-01-07
says "Plan for Wednesday 7 January 2026"
says "Stage 1: calm the pain, keep the strength (holds)"
says "Exercises"
says "Bridge hold"
says "s hold, rest 2 min"
says "Running    Not yet."
says "Why"
says "decided it"
says "Rests on:"
silent_about "regress"
silent_about "{"
cp "$work/out" "$work/plain"

run 0 explain "$record" --on 2026-01-07
says "S08: "
says "On the way"

# A red flag stands on top of everything, and nothing is prescribed.
run 0 today examples/red-flag.jsonl --on 2026-03-12
head -n 3 "$work/out" >"$work/top"
grep -q "RED FLAG" "$work/top" || fail "the card is not on top"
says "STOP: no exercises"
silent_about "Stop an exercise"

# As JSON: one line, one object, the hash filled in; the same bytes each time.
run 0 today "$record" --on 2026-01-07 --json
[ "$(wc -l <"$work/out")" -eq 1 ] || fail "the JSON is not one line"
says '"format":"loadwave.plan/1"'
grep -q '"record_sha256":"[0-9a-f]\{64\}"' "$work/out" || fail "no hash of the record"
cp "$work/out" "$work/one.json"
run 0 today "$record" --on 2026-01-07 --json
same "$work/out" "$work/one.json" "two runs differ"

# A stale record says so, but only when no day was asked for.
run 0 today "$record"
says "--on 2026-04-27"

# Every line fits, in every width.
for width in 40 60 100; do
    for verb in today explain; do
        COLUMNS=$width "$LOADWAVE" $verb "$record" --on 2026-03-10 >"$work/out" || fail "$verb at width $width"
        python3 - "$work/out" "$width" <<'PYTHON' || fail "$verb is wider than $width"
import sys
wide = [line for line in open(sys.argv[1], encoding="utf-8").read().splitlines() if len(line) > int(sys.argv[2])]
print("\n".join(wide[:3]), end="")
sys.exit(1 if wide else 0)
PYTHON
        checks=$((checks + 1))
    done
done

# Whatever the day brings, every id has become a sentence: no braces, no names with underscores, no rule without words.
for example in runner-combined desk-flare red-flag messy; do
    for day in 2026-01-06 2026-01-20 2026-02-12 2026-03-05 2026-03-20 2026-04-12 2026-05-30; do
        run 0 explain "examples/$example.jsonl" --on "$day"
        grep -E '[{}]|[a-z]_[a-z]' "$work/out" && fail "an id without a sentence: $example on $day"
        checks=$((checks + 1))
    done
done

# No colour into a file; on a terminal yes, unless NO_COLOR is set.
grep -q "$(printf '\033')" "$work/plain" && fail "colour in a file"
python3 - "$LOADWAVE" "$record" <<'PYTHON' || fail "colour on a terminal"
import os, pty, sys
def on_terminal(extra):
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update({"TERM": "xterm", **extra})
        os.execv(sys.argv[1], [sys.argv[1], "today", sys.argv[2], "--on", "2026-01-07"])
    out = b""
    while True:
        try:
            more = os.read(fd, 65536)
        except OSError:
            break
        if not more:
            break
        out += more
    os.waitpid(pid, 0)
    return out
coloured, plain = on_terminal({}), on_terminal({"NO_COLOR": "1"})
sys.exit(0 if b"\x1b[" in coloured and b"\x1b[" not in plain else 1)
PYTHON
checks=$((checks + 2))

# Bad input: where, what, and nothing else.
run 4 today "$work/none.jsonl" --on 2026-01-07
printf '{"v":1,"id":"x"}\n' >"$work/bad.jsonl"
run 2 today "$work/bad.jsonl" --on 2026-01-07
says "$work/bad.jsonl:1:" err
says "^" err
[ -s "$work/out" ] && fail "a plan from a bad record"
run 2 today "$record" --on 2026-01-07 --protocol "$work/bad.jsonl"

# A newer format: no plan, help on the warning signs, exit 3.
sed 's/^{"v":1,/{"v":9,/;q' "$record" >"$work/newer.jsonl"
run 3 today "$work/newer.jsonl" --on 2026-01-07
says "newer version"
says "back passage"
finish
