#!/bin/sh
# The unit tests of the store once more, over PostgreSQL.
set -eu
. tests/store/lib.sh
need_postgres
if [ -z "${LW_POSTGRES:-}" ]; then
    end
    trap - EXIT
    exec tests/store/postgres.sh run sh "$0"
fi
LW_SCRATCH=$work
export LW_SCRATCH
for name in sql_driver_test store_log_test store_projection_test store_backup_test store_remind_test secrets_test; do
    "$LW_BUILD/$name" >"$work/out" 2>&1 || {
        cat "$work/out"
        fail "$name over PostgreSQL"
    }
    tail -1 "$work/out"
done
