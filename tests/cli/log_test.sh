#!/bin/sh
# The log: what is wrong is refused and leaves the file as it was, byte for byte; what is right is one line more.
. tests/cli/lib.sh

cp "$record" "$work/r.jsonl"
cp "$record" "$work/before.jsonl"
at=2026-04-28T07:00:00+02:00

refused() { # refused WHAT ARGUMENTS…
    what=$1
    shift
    run 2 log add "$work/r.jsonl" "$@"
    says "nothing was written" err
    same "$work/r.jsonl" "$work/before.jsonl" "$what was refused and yet written"
}
refused "a pain of 14" --kind checkin --data '{"pain_morning":14}' --at "$at"
says "new entry:1:" err
refused "a missing member" --kind checkin --data '{"pain_test":3}' --at "$at"
refused "an unknown member" --kind checkin --data '{"pain_morning":3,"pain_tset":3}' --at "$at"
refused "an unknown kind of author" --kind checkin --data '{"pain_morning":3}' --by somebody --at "$at"
refused "a time without offset" --kind checkin --data '{"pain_morning":3}' --at 2026-04-28T07:00:00
refused "broken JSON" --kind checkin --data '{"pain_morning":3' --at "$at"
refused "a clinician's kind from a patient" --kind discharged --data '{"reason":"done"}' --at "$at"
answer 2 'not json\n' log add "$work/r.jsonl"
same "$work/r.jsonl" "$work/before.jsonl" "text was refused and yet written"
# An id that is there already with other content.
answer 2 '{"v":1,"id":"0195a0c2-7b1e-7006-8000-000000000006","patient":"runner-combined","kind":"note","at":"2026-04-28T07:00:00+02:00","by":"patient","data":{"text":"x"}}' log add "$work/r.jsonl"
same "$work/r.jsonl" "$work/before.jsonl" "a conflicting id was written"
run 2 log add "$work/r.jsonl" --kind checkin
run 2 log add "$work/r.jsonl" --kind chekin --data '{"pain_morning":3}'
says "did you mean checkin" err
same "$work/r.jsonl" "$work/before.jsonl" "an unknown kind was written"

run 0 log add "$work/r.jsonl" --kind checkin --data '{"pain_morning":1,"pain_test":1}' --at "$at"
[ "$(wc -l <"$work/r.jsonl")" -eq $(($(wc -l <"$work/before.jsonl") + 1)) ] || fail "not one line more"
head -n -1 "$work/r.jsonl" >"$work/head.jsonl"
same "$work/head.jsonl" "$work/before.jsonl" "what stood there changed"
answer 0 '{"v":1,"id":"0195a0c2-7b1e-7fff-8000-0000000000ff","patient":"runner-combined",\n "kind":"note","at":"2026-04-28T08:00:00+02:00","by":"patient","data":{"text":"a ä b"}}\n' log add "$work/r.jsonl"
# A file that lacks its last newline still gets whole lines.
printf '%s' "$(cat "$work/before.jsonl")" >"$work/cut.jsonl"
run 0 log add "$work/cut.jsonl" --kind note --data '{"text":"after a cut"}' --at "$at"
run 0 log check "$work/cut.jsonl"

# A last line that is half says how to go on; a wrong one that is whole does not.
head -c "$(($(wc -c <"$work/before.jsonl") - 20))" "$work/before.jsonl" >"$work/torn.jsonl"
run 2 log check "$work/torn.jsonl"
says "head -n -1 $work/torn.jsonl" err
head -n -1 "$work/torn.jsonl" >"$work/whole.jsonl"
run 0 log check "$work/whole.jsonl"
{ cat "$work/torn.jsonl"; echo; } >"$work/wrong.jsonl"
run 2 log check "$work/wrong.jsonl"
if grep -q "head -n -1" "$work/err"; then fail "a whole line is said to be torn"; fi

run 0 log check "$work/r.jsonl"
says "patient runner-combined"
says "sha256"
run 1 log check examples/messy.jsonl
says "finding:"
run 4 log check "$work/none.jsonl"
: >"$work/empty.jsonl"
run 0 log check "$work/empty.jsonl"
says "empty"

run 0 log show "$work/r.jsonl" --on 2026-04-28
says "a ä b"
says "0195a0c2-7b1e-7fff-8000-0000000000ff"
run 0 log show "$work/r.jsonl" --last-day
says "2026-04-28"
run 2 log show "$work/r.jsonl" --kind chekin
says "did you mean checkin" err

# undo takes the last own entry back, then the one before; nothing is deleted.
run 0 undo "$work/r.jsonl" --at 2026-04-28T09:00:00+02:00
says "note by patient"
run 0 undo "$work/r.jsonl" --at 2026-04-28T09:01:00+02:00
says "checkin by patient"
run 0 log show "$work/r.jsonl" --on 2026-04-28
says "× 2026-04-28 07:00 checkin"
run 0 log check "$work/r.jsonl"
says "2 entries are voided"

# void: only what one may.
run 2 log void "$work/r.jsonl" 0195a0c2-7b1e-7fff-8000-0000000000ff --reason twice
says "voided already" err
run 2 log void "$work/r.jsonl" 0195a0c2-7b1e-7003-8000-000000000003 --reason mine
says "a patient voids only" err
run 2 log void "$work/r.jsonl" 0195a0c2-7b1e-7006-8000-000000000006
says "--reason" err
run 2 log void "$work/r.jsonl" 0195a0c2-7b1e-7006-8000-0000000000aa --reason x
says "there is no such entry" err
run 2 log void "$work/r.jsonl" zzz --reason x
run 0 log void "$work/r.jsonl" 0195A0C2-7B1E-7003-8000-000000000003 --reason "wrong patient" --by clinician:a --at 2026-04-28T09:02:00+02:00
finish
