#!/bin/sh
# The power fails under the store's writer (store_power.c): POINTS moments from SEED, 300 and 1 without. Then once with syncing
# turned off behind the store's back, to show that what is lost would be seen.
set -eu
. tests/store/lib.sh
power=$LW_BUILD/store_power
"$power" "${POINTS:-300}" "${SEED:-1}" "$work" >"$work/said" 2>"$work/errors" || fail "$(cat "$work/said" "$work/errors")"
cat "$work/said"
if "$power" 25 1 "$work" lying >"$work/said" 2>/dev/null; then
    fail "without syncing nothing was lost, so this test sees nothing: $(cat "$work/said")"
fi
grep -q "acknowledged: [1-9][0-9]* losses" "$work/said" || fail "without syncing: $(cat "$work/said")"
echo "without syncing: $(cat "$work/said")"
