#!/bin/sh
# The journeys in a real Chromium, on SQLite and then on PostgreSQL, each file with an empty store of its own; a screen at a time,
# because a machine of two cores has no more to give. Usage: run_journeys.sh LOADWAVE [FILE …]
# LW_SHOTS=FOLDER keeps the pictures that README shows. LW_STORES="sqlite" or "postgres" runs one of the two.
set -u

LOADWAVE=$1
shift
export LOADWAVE
files=${*:-$(ls tests/web/*.test.mjs)}
stores=${LW_STORES:-sqlite postgres}
failed=""
logs=build/logs
mkdir -p "$logs"

one() { # one STORE FILE
    name=$(basename "$2" .test.mjs)
    if node --test --test-reporter tap "$2" >"$logs/journey.$1.$name.log" 2>&1; then
        printf '   %-10s %-10s ok, %s tests\n' "$1" "$name" "$(grep -c '^ok' "$logs/journey.$1.$name.log")"
    else
        grep -A 25 -E '^ *not ok' "$logs/journey.$1.$name.log" | head -150
        failed="$failed $1:$name"
    fi
}

for store in $stores; do
    if [ "$store" = sqlite ]; then
        unset LW_STORE
        for file in $files; do one sqlite "$file"; done
        continue
    fi
    unset LW_SHOTS
    folder=$(mktemp -d)
    rmdir "$folder"
    address=$(sh tests/store/postgres.sh start "$folder") || {
        failed="$failed postgres(start)"
        continue
    }
    for file in $files; do
        # the screens are the same on either store
        [ "$(basename "$file")" = screens.test.mjs ] && continue
        base=j$(date +%s%N)
        psql -q "$address" -c "CREATE DATABASE $base" || failed="$failed postgres(create)"
        LW_STORE=$(printf '%s' "$address" | sed "s#@/postgres?#@/$base?#")
        export LW_STORE
        one postgres "$file"
    done
    sh tests/store/postgres.sh stop "$folder"
done

if [ -n "$failed" ]; then
    echo "journeys FAILED:$failed"
    exit 1
fi
