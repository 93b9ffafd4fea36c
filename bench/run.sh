#!/bin/sh
# Speed as ratios, measured in one run. `make bench` builds the release first; this adds what only the bench needs.
set -eu
cd "$(dirname "$0")/.."
cmake --build build/release --target bench_engine bench_clinic >/dev/null
if command -v npm >/dev/null && [ ! -d bench/node_modules/json-rules-engine ]; then
    npm install --prefix bench --no-package-lock --no-audit --no-fund --silent ||
        echo "bench: npm could not fetch json-rules-engine; that comparison is left out" >&2
fi
node bench/bench.mjs "${LW_BENCH:-build/release/bench_engine}"

# The server under load on both stores, and the pages on a slow phone; both need what make setup brings.
if command -v wrk >/dev/null; then
    sh tests/store/postgres.sh run sh -c 'node bench/clinic.mjs build/release/bench_clinic --postgres "$LW_POSTGRES"' ||
        node bench/clinic.mjs build/release/bench_clinic
else
    echo "bench: wrk is not installed; the server was not measured" >&2
fi
if [ -d web/node_modules/playwright-core ] && command -v chromium >/dev/null; then
    LOADWAVE=build/loadwave node bench/page.mjs
else
    echo "bench: Chromium or web/node_modules are missing; the pages were not measured" >&2
fi
