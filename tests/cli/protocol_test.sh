#!/bin/sh
# protocol check, print and diff.
. tests/cli/lib.sh

run 0 protocol check
says "pht@1.0.0"
run 0 protocol check protocols/pht/pht.protocol
run 0 protocol print
cp "$work/out" "$work/one.protocol"
run 0 protocol print "$work/one.protocol"
same "$work/out" "$work/one.protocol" "printing what was printed changed it"
run 0 protocol diff "$work/one.protocol"
says "the same"
sed 's/^version 1.0.0/version 1.0.1/' "$work/one.protocol" >"$work/two.protocol"
run 1 protocol diff "$work/two.protocol"
says "+ version 1.0.1"
run 1 protocol diff "$work/two.protocol" "$work/one.protocol"
says "+ version 1.0.0"
sed 's/at most 3 NPRS/at most 3 kg/' "$work/one.protocol" >"$work/bad.protocol"
run 2 protocol check "$work/bad.protocol"
says "$work/bad.protocol:" err
says "^" err
[ -s "$work/out" ] && fail "a bad protocol printed something"
run 4 protocol check "$work/none.protocol"
finish
