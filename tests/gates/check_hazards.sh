#!/bin/sh
# Hazards: every control names what it rests on, every link leads somewhere, every rule that guards names its hazard, every
# sentence is there in each language, and what is made of them is not stale. First the check itself is checked: the tree as
# it is passes, and each fault put into a copy is found.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A copy of what is written by hand and of what is made of it; the rest of the tree is only looked at.
mkdir -p "$work/tree/docs" "$work/tree/locales" "$work/tree/protocols" "$work/tree/src/cli" "$work/tree/web/src"
cp -r docs/risk docs/anomalies "$work/tree/docs/"
cp -r locales/web "$work/tree/locales/"
cp -r protocols/pht "$work/tree/protocols/"
cp -r web/src/generated "$work/tree/web/src/"
cp src/cli/hazards_table.c "$work/tree/src/cli/"
cp -r tests "$work/tree/"
for path in docs/evidence include src/prove; do ln -s "$PWD/$path" "$work/tree/$path"; done

# finds WHAT FILE SED-SCRIPT: with the fault in FILE the check fails and says WHAT.
finds() {
    cp "$work/tree/$2" "$work/as_it_was"
    sed -i "$3" "$work/tree/$2"
    if cmp -s "$work/as_it_was" "$work/tree/$2"; then
        echo "the fault does not fit: $3"
        exit 1
    fi
    if python3 tools/gen_hazards.py --links "$work/tree" >"$work/said" 2>&1 || ! grep -qF "$1" "$work/said"; then
        echo "the check does not see: $1"
        cat "$work/said"
        exit 1
    fi
    cp "$work/as_it_was" "$work/tree/$2"
}

finds "rule L13 (cap) guards against something" docs/risk/hazards.json 's/"rule:L13", //'
finds "rule Q01 (hold) guards against something" protocols/pht/pht.protocol 's/^rule L07 "Amber: the same again"/rule Q01 "A new one"/'
finds "no rule L26 in the protocol" protocols/pht/pht.protocol 's/^rule L26/rule L99/'
finds "no story L26-fourteen" protocols/pht/stories/loading.json 's/"L26-fourteen"/"L26-xiv"/'
finds "has no test what_lifts_a_flag" tests/unit/engine_guard_test.c 's/cmocka_unit_test(what_lifts_a_flag)/cmocka_unit_test(another)/'
finds "has no test a red flag at night" tests/web/safety.test.mjs 's/a red flag at night/a red flag by day/'
finds "no file tests/unit/gone_test.c" docs/risk/hazards.json 's/engine_loads_test\|engine_guard_test/gone_test/'
finds "names no test" docs/risk/hazards.json 's/#what_lifts_a_flag//'
finds "the checker has no property P77" docs/risk/hazards.json 's/"prove:P17"/"prove:P77"/'
finds "property P17 is named by no hazard" docs/risk/hazards.json 's/"prove:P17"/"prove:P5"/'
finds "is no link this program knows" docs/risk/hazards.json 's/"prove:P17"/"hope:P17"/'
finds "control 1 rests on nothing" docs/risk/hazards.json 's/"evidence": \["rule:A46", "story:A46-missed"\]/"evidence": []/;s/"evidence": \["rule:L27".*\]/"evidence": []/'
finds "HZ-37 has no control" docs/risk/hazards.json '/"id": "HZ-37"/,/"id": "HZ-38"/{/"kind"/d;/"id": "HZ-37"/s/"controls": \[/"controls": []},/}'
finds "controls stand in the order" docs/risk/hazards.json '0,/"kind": "design"/s//"kind": "information"/'
finds "what remains is not acceptable" docs/risk/hazards.json 's/"severity": "S5", "before": "P2", "after": "P1"/"severity": "S5", "before": "P2", "after": "P2"/'
finds "the controls make it likelier" docs/risk/hazards.json 's/"before": "P3", "after": "P1"/"before": "P1", "after": "P2"/'
finds "the matrix falls with severity" docs/risk/hazards.json 's/"P3": \["low", "medium", "medium", "high", "high"\]/"P3": ["low", "medium", "low", "high", "high"]/'
finds "source S999:V is not in" docs/risk/hazards.json 's/"S65:V"/"S999:V"/'
finds "HZ-01 is no id, or stands there twice" docs/risk/hazards.json 's/"id": "HZ-02"/"id": "HZ-01"/'
finds "hazards.es.json lacks hazards.HZ-14.harm" locales/web/hazards.es.json '/"hazards.HZ-14.harm"/d'
finds "has hazards.HZ-14.c9, which nothing names" locales/web/hazards.en.json 's/"hazards.HZ-14.c6"/"hazards.HZ-14.c9"/'
finds "says nothing about version" docs/anomalies/anomalies.json 's/"0\.1\.0"/"0.0.9"/'
finds "anomaly AN-01 has no hazard HZ-99" docs/anomalies/anomalies.json 's/"id": "AN-01", "hazard": "HZ-11"/"id": "AN-01", "hazard": "HZ-99"/'
for made in docs/risk/hazards.md docs/risk/hazards.es.md docs/anomalies/*.md src/cli/hazards_table.c web/src/generated/hazards.json; do
    echo >>"$work/tree/$made"
    if python3 tools/gen_hazards.py --check "$work/tree" >"$work/said" || ! grep -qF "$made is stale" "$work/said"; then
        echo "the check does not see that $made is stale"
        exit 1
    fi
done

python3 tools/gen_hazards.py --links
python3 tools/gen_hazards.py --check
