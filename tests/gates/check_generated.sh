#!/bin/sh
# Generated files are committed; each must be what its generator would write now.
set -eu
python3 tools/gen.py --check
python3 tools/gen_locales.py --check
python3 tools/gen_routes.py --check
python3 tools/gen_research.py --check
python3 tools/gen_fhir.py --check
# The figures of reports are drawn with the app's own code, so this one needs what make web has fetched.
if [ -d web/node_modules/esbuild ]; then
    node tools/gen_report.mjs --check
fi
