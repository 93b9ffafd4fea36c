#!/bin/sh
# A server that is killed with kill -9 while it writes to SQLite has lost nothing of what it acknowledged: KILLS times, 25 without.
set -eu
. tests/store/lib.sh
mkdir "$work/sqlite"
python3 tests/store/kill9.py "$LOADWAVE" "$work/sqlite"
