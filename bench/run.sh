#!/bin/sh
# Speed as ratios, measured in one run. `make bench` builds the release first; this adds what only the bench needs.
set -eu
cd "$(dirname "$0")/.."
cmake --build build/release --target bench_engine >/dev/null
if command -v npm >/dev/null && [ ! -d bench/node_modules/json-rules-engine ]; then
    npm install --prefix bench --no-package-lock --no-audit --no-fund --silent ||
        echo "bench: npm could not fetch json-rules-engine; that comparison is left out" >&2
fi
exec node bench/bench.mjs "${LW_BENCH:-build/release/bench_engine}"
