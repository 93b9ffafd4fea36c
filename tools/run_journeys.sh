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

try() { # try STORE NAME FILE
    timeout 900 node --test --test-reporter tap "$3" >"$logs/journey.$1.$2.log" 2>&1
}

# A browser on a busy machine may be late once: a file that failed is run again, with a store of its own, and that is said.
one() { # one STORE FILE
    name=$(basename "$2" .test.mjs)
    empty_store "$1"
    if ! try "$1" "$name" "$2"; then
        grep -A 25 -E '^ *not ok' "$logs/journey.$1.$name.log" | head -80
        echo "   $1 $name: failed, once more"
        empty_store "$1"
        if ! try "$1" "$name" "$2"; then
            grep -A 25 -E '^ *not ok' "$logs/journey.$1.$name.log" | head -150
            failed="$failed $1:$name"
            return
        fi
    fi
    printf '   %-10s %-10s ok, %s tests\n' "$1" "$name" "$(grep -c '^ok' "$logs/journey.$1.$name.log")"
}

empty_store() { # empty_store STORE: LW_STORE for the next run; SQLite makes a file of its own
    [ "$1" = postgres ] || return 0
    base=j$(date +%s%N)
    psql -q "$address" -c "CREATE DATABASE $base" || failed="$failed postgres(create)"
    LW_STORE=$(printf '%s' "$address" | sed "s#@/postgres?#@/$base?#")
    export LW_STORE
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
        one postgres "$file"
    done
    sh tests/store/postgres.sh stop "$folder"
done

if [ -n "$failed" ]; then
    echo "journeys FAILED:$failed"
    exit 1
fi
