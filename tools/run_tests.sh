#!/bin/sh
# Every test, in one go: the same suites under gcc, clang and the sanitizers, WebAssembly against native, coverage.
# Usage: run_tests.sh JOBS BRANCH_PERCENT. Goes on after a failure, so that one run shows them all; fails at the end.
set -u

jobs=${1:-2}
branches=${2:-100}
failed=""
logs=build/logs
mkdir -p "$logs"
export LW_STRICT=1 # a test that would skip for want of a tool fails instead

suite() { # suite PRESET [LABELS]: configure, build, test; closing lines of CTest on the screen, everything in the log
    preset=$1
    labels=${2:-.}
    printf '\n== %s\n' "$preset"
    if ! cmake --preset "$preset" >"$logs/$preset.log" 2>&1 ||
        ! cmake --build "build/$preset" -j "$jobs" >>"$logs/$preset.log" 2>&1; then
        tail -n 40 "$logs/$preset.log"
        failed="$failed $preset(build)"
        return
    fi
    if ctest --preset "$preset" -L "$labels" -j "$jobs" >"$logs/$preset.test.log" 2>&1; then
        grep -E 'tests passed|Total Test time|^Label|\*sec\*' "$logs/$preset.test.log"
    else
        # Of the tests that failed all they said, of the others that they passed; the closing lines come last.
        awk '/^ *[0-9]+\/[0-9]+ Test +#/ { shown = !/Passed/ } /^ +Start +[0-9]+:/ { next } shown || /Passed/ { next_one = 1 }
            /tests passed,/ { shown = 1 } shown' "$logs/$preset.test.log"
        failed="$failed $preset"
    fi
}

suite dev
suite clang
suite asan
find build/coverage -name '*.gcda' -exec rm -f {} + 2>/dev/null
suite coverage 'unit|fuzz|cli|story' # the share counted is that of the pure layers

printf '\n== the server under many clients for 15 seconds, built with the thread sanitizer (longer: make tsan)\n'
if ! { cmake --preset tsan && cmake --build build/tsan -j "$jobs" --target loadwave_program; } >"$logs/tsan.log" 2>&1; then
    tail -n 40 "$logs/tsan.log"
    failed="$failed tsan(build)"
elif ! LOADWAVE=build/tsan/loadwave SEED=1 python3 tests/server/clients.py mixed 15; then
    failed="$failed tsan"
fi

printf '\n== faults put in on purpose: the checker has to find them (all of them: make prove)\n'
if ! python3 proofs/sabotage/run.py build/libloadwave.a build/release/libloadwave_prove.a --quick; then
    failed="$failed faults"
fi

printf '\n== the pages: types, and the journeys in Chromium on both stores\n'
if ! (cd web && npm run --silent check) >"$logs/check.log" 2>&1; then
    tail -n 40 "$logs/check.log"
    failed="$failed pages(types)"
fi
if ! (cd web && node src/app/player/parts.test.mjs) >"$logs/player.log" 2>&1; then
    grep -A 15 -E '^ *not ok' "$logs/player.log" | head -60
    failed="$failed pages(player)"
fi
if ! LW_SHOTS=${LW_SHOTS:-build/shots} sh tools/run_journeys.sh build/loadwave; then
    failed="$failed journeys"
fi

printf '\n== FHIR resources against two validators (all of them: make fhir, make fhir-validate)\n'
[ -d tests/fhir/node_modules ] || npm ci --prefix tests/fhir --ignore-scripts --no-audit --no-fund --silent
if ! LOADWAVE=build/loadwave LW_BUILD=build/dev node tests/fhir/check.mjs --quick; then
    failed="$failed fhir"
fi

printf '\n== branches of src/base, src/record, src/protocol, src/engine\n'
if ! gcovr --root . --object-directory build/coverage \
    --filter 'src/base/' --filter 'src/record/' --filter 'src/protocol/' --filter 'src/engine/' \
    --exclude-throw-branches --branches --print-summary \
    --html-details build/coverage/report.html --fail-under-branch "$branches"; then
    failed="$failed coverage"
fi

echo
if [ -n "$failed" ]; then
    echo "FAILED:$failed"
    exit 1
fi
echo "every suite passed: gcc, clang, address, undefined and thread sanitizers, WebAssembly, coverage, journeys on SQLite and PostgreSQL"
