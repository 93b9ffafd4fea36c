#!/bin/sh
# hazards: the list, one of them with all it rests on, for programs, in Spanish; what is not there is refused.
. tests/cli/lib.sh

run 0 hazards
says "No registered clinician has signed them"
says "HZ-14  A warning sign is missed"
[ "$(grep -c '^  HZ-' "$work/out")" = "$(grep -c '"id": "HZ-' docs/risk/hazards.json)" ] || fail "not every hazard is listed"

run 0 hazards HZ-14
says "S5 catastrophic"
says "Safe by design."
says "Protective measure."
says "rules of the protocol: T01, T02, T09"
says "P2 (An open red flag"
says "What remains:"
run 0 hazards HZ-14 --json
cp "$work/out" "$work/one.json"
run 0 hazards --json
cp "$work/out" "$work/all.json"
checks=$((checks + 1))
python3 - "$work/one.json" "$work/all.json" <<'PYTHON' || fail "the JSON is not what docs/risk/hazards.json says"
import json, sys
one, every = (json.load(open(path, encoding="utf-8"))["hazards"] for path in sys.argv[1:])
source = json.load(open("docs/risk/hazards.json", encoding="utf-8"))["hazards"]
texts = json.load(open("locales/web/hazards.en.json", encoding="utf-8"))
assert [hazard["id"] for hazard in one] == ["HZ-14"] and one[0] in every
for hazard, own in zip(every, source, strict=True):
    for member in ("id", "group", "severity", "before", "after", "sources"):
        assert hazard[member] == own[member], (hazard["id"], member)
    assert [(c["kind"], c["evidence"]) for c in hazard["controls"]] == [(c["kind"], c["evidence"]) for c in own["controls"]]
    assert [c["text"] for c in hazard["controls"]] == [texts[f"hazards.{own['id']}.c{n}"] for n in range(1, len(own["controls"]) + 1)]
    assert hazard["harm"] == texts[f"hazards.{own['id']}.harm"]
PYTHON

run 2 hazards HZ-99
says "there is no such hazard" err
run 2 hazards hz
run 2 hazards HZ-01 HZ-02

export LOADWAVE_LANG=es
run 0 hazards
says "Ningún clínico"
run 0 hazards HZ-19
says "Qué queda:"
silent_about "What remains"
finish
