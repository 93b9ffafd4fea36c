#!/bin/sh
# Hazards: every control names what it rests on, every link leads somewhere, every rule that guards names its hazard, every
# sentence is there in each language, and what is made of them is not stale. First the check itself is checked.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 tests/gates/hazard_faults.py "$work"
echo >>"$work/tree/docs/risk/hazards.md"
if python3 tools/gen_hazards.py --check "$work/tree" >"$work/said" || ! grep -q "docs/risk/hazards.md is stale" "$work/said"; then
    echo "the check does not see that a page is stale"
    exit 1
fi
python3 tools/gen_hazards.py --links
python3 tools/gen_hazards.py --check
