#!/bin/sh
# replay, diff and simulate.
. tests/cli/lib.sh

run 0 replay "$record"
says "Stage 1: calm the pain"
says "Stage 2: strengthen with the hip nearly straight"
says "◆ shockwave"
says "pain during"
[ "$(grep -c '^[MTWFS][a-z][a-z] [0-9][0-9] ' "$work/out")" -eq 113 ] || fail "not one row a day"
run 0 replay examples/red-flag.jsonl
says "■ stop"
COLUMNS=60 "$LOADWAVE" replay "$record" >"$work/out"
python3 - "$work/out" <<'PYTHON' || fail "wider than 60"
import sys
sys.exit(any(len(line) > 60 for line in open(sys.argv[1], encoding="utf-8").read().splitlines()))
PYTHON
checks=$((checks + 1))

run 0 replay "$record" --csv --from 2026-01-05 --to 2026-01-11
[ "$(wc -l <"$work/out")" -eq 8 ] || fail "seven days and a head"
awk -F, 'NR == 1 {n = NF} NF != n {exit 1}' "$work/out" || fail "rows of different length"
grep -q '^2026-01-07,active,.*,3,3,' "$work/out" || fail "pain during and next morning of 7 January"
run 2 replay "$record" --from 2026-02-01 --to 2026-01-01

run 1 diff "$record" 2026-03-02 2026-03-05
says "New reasons"
says "Logged in between"
run 0 diff "$record" 2026-03-02 2026-03-02
says "the same"
run 2 diff "$record" 2026-03-02 yesterday

# simulate: the same seed gives the same bytes, another seed others; the record is valid and says what it is.
run 0 simulate --seed 7 --weeks 6 --output "$work/a.jsonl"
says "illustrative, not predictive" err
run 0 simulate --seed 7 --weeks 6
same "$work/a.jsonl" "$work/out" "the same seed gave another record"
run 0 simulate --seed 8 --weeks 6
cmp -s "$work/a.jsonl" "$work/out" && fail "another seed gave the same record"
run 0 log check "$work/a.jsonl"
grep -q "not predictive" "$work/a.jsonl" || fail "the record does not say what it is"
run 0 replay "$work/a.jsonl"
says "▲ up"
for traits in good poor,flare-prone over-doer,adherence=50 self-guided,average; do
    rm -f "$work/t.jsonl"
    run 0 simulate --seed 3 --weeks 12 --trait "$traits" --output "$work/t.jsonl"
    run 0 log check "$work/t.jsonl"
done
grep -q '"kind":"accepted"' "$work/t.jsonl" || fail "nobody accepted a proposal"
grep -q '"kind":"shockwave"' "$work/t.jsonl" && fail "shockwave without a clinician"
run 2 simulate --weeks 6
run 2 simulate --seed 1 --trait gud
says "did you mean good" err
run 2 simulate --seed 1 --trait adherence=120
run 4 simulate --seed 7 --weeks 6 --output "$work/a.jsonl"
finish
