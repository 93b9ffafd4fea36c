#!/bin/sh
# protocol prove: a broken protocol is told as a story that replays; JSON, options and errors. That the built-in protocol holds is
# shown once, by tests/prove_module.mjs: it takes longest, and under a sanitizer too long to do it everywhere.
. tests/cli/lib.sh

awk '/^rule L09 "Night pain: back/ {gone = 1; next} /^rule / {gone = 0} !gone' protocols/pht/pht.protocol >"$work/night.protocol"
run 0 protocol check "$work/night.protocol"

# one property: the sentence, the days, the day that breaks it, the record that replays it
run 1 protocol prove "$work/night.protocol" --property P7 --story "$work/night.jsonl"
says "P7   flare             BROKEN"
silent_about "P8   quiet"
says "1 property is broken"
says "night pain yes"
says "days more like this one"
says "This is the day that breaks it. The plan:"
checks=$((checks + 1))
[ -s "$work/err" ] && fail "something on stderr, which is no terminal"
command=$(grep '^  loadwave today ' "$work/out")
run 0 log check "$work/night.jsonl"
# shellcheck disable=SC2086
run 0 ${command#  loadwave }
silent_about "a big flare"
# shellcheck disable=SC2046
run 0 today "$work/night.jsonl" $(printf '%s' "$command" | grep -o -- '--on [0-9-]*')
says "a big flare"

# a story never replaces a file
run 4 protocol prove "$work/night.protocol" --property flare --story "$work/night.jsonl"

# JSON holds the same story
run 1 protocol prove "$work/night.protocol" --property flare --json
says '"holds":false'
says '"id":"P7","name":"flare","verdict":"broken"'
says '"sentence":"'
checks=$((checks + 2))
[ "$(wc -l <"$work/out")" -eq 1 ] || fail "not one line"
lines=$(wc -l <"$work/night.jsonl")
[ "$(grep -o '"v":1' "$work/out" | wc -l)" -eq "$lines" ] || fail "JSON holds another story than --story wrote"

# in the other language
LOADWAVE_LANG=es run 1 protocol prove "$work/night.protocol" --property P7
says "ROTA"
says "Este es el día que la rompe"

# what cannot be done is said
run 2 protocol prove "$work/night.protocol" --property P99
says "they are P1a to P17" err
run 2 protocol prove --property flair
says 'did you mean "flare"' err
run 2 protocol prove --memory none
sed 's/at most 3 NPRS/at most 3 kg/' protocols/pht/pht.protocol >"$work/bad.protocol"
run 2 protocol prove "$work/bad.protocol"
says "^" err
checks=$((checks + 1))
[ -s "$work/out" ] && fail "a protocol that does not compile printed something"
run 4 protocol prove "$work/none.protocol"
run 4 protocol prove --memory 1
says "memory" err
finish
