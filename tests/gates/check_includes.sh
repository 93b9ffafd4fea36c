#!/bin/sh
# Includes point one way: base <- record <- protocol <- engine <- prove, base <- watch; and none of these knows stdio, the heap or a clock.
set -eu
bad=$(awk '
    function rank(layer) {
        return layer == "base" ? 1 : layer == "record" ? 2 : layer == "protocol" ? 3 : layer == "engine" ? 4 : layer == "prove" ? 5 : layer == "watch" ? 1.5 : 9
    }
    BEGIN {
        split("stdbool stddef stdint string limits stdalign stdnoreturn cpuid immintrin", allowed, " ") # headers of the compiler itself
        for (i in allowed) system_ok[allowed[i] ".h"] = 1
        header["loadwave/base.h"] = header["loadwave/errors.h"] = 1
        header["loadwave/record.h"] = header["loadwave/events.h"] = 2
        header["loadwave/protocol.h"] = 3
        header["loadwave/plan.h"] = header["loadwave/loadwave.h"] = 4
    }
    FNR == 1 { split(FILENAME, part, "/"); mine = rank(part[2]) }
    /^[ \t]*#[ \t]*include/ {
        name = $0
        sub(/^[^<"]*[<"]/, "", name)
        sub(/[>"].*$/, "", name)
        if ($0 ~ /</) {
            if (!(name in system_ok)) print FILENAME ":" FNR ": <" name "> is not for the pure layers"
        } else if (name in header) {
            if (header[name] > mine) print FILENAME ":" FNR ": " name " belongs to a layer above"
        } else if (split(name, dir, "/") > 1) {
            if (rank(dir[1]) > mine) print FILENAME ":" FNR ": " name " belongs to a layer above"
        }
    }
' $(find src/base src/record src/protocol src/engine src/prove src/watch -name '*.[ch]' | sort))
if [ -n "$bad" ]; then
    echo "$bad"
    exit 1
fi
# The outer rooms: words, store, report and intake side by side, then send, server, cli.
above=$(awk '
    function rank(layer) {
        return layer == "base" || layer == "loadwave" ? 1 : layer == "record" ? 2 : layer == "protocol" ? 3 : layer == "engine" ? 4 : layer == "prove" || layer == "watch" ? 5 : layer == "words" || layer == "store" || layer == "report" || layer == "intake" ? 6 : layer == "send" ? 7 : layer == "server" ? 8 : layer == "cli" ? 9 : 99
    }
    FNR == 1 { split(FILENAME, part, "/"); mine = rank(part[2]) }
    /^[ \t]*#[ \t]*include[ \t]*"/ {
        name = $0
        sub(/^[^"]*"/, "", name)
        sub(/".*$/, "", name)
        if (split(name, dir, "/") > 1 && rank(dir[1]) > mine) print FILENAME ":" FNR ": " name " belongs to a room above"
    }
' $(find src/words src/store src/report src/intake src/send src/server src/cli -name '*.[ch]' | sort))
if [ -n "$above" ]; then
    echo "$above"
    exit 1
fi
twice=$(find src -name '*.[ch]' -exec basename {} \; | sort | uniq -d)
if [ -n "$twice" ]; then
    echo "file names that are not unique in src/:" $twice
    exit 1
fi
echo "include direction holds"
