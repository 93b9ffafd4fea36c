#!/bin/sh
# The pure library, its objects linked into one, may ask for memcpy, memmove, memset and memcmp, and nothing else; nor may the
# checker's library and the watch's, linked to it.
set -eu
library=${LIBLOADWAVE:?path of libloadwave.a}
prover=${LIBPROVE:?path of libloadwave_prove.a}
watch=${LIBWATCH:?path of libloadwave_watch.a}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

check() { # check NAME LIBRARY…
    name=$1
    shift
    ld -r -o "$work/all.o" --whole-archive "$@"
    nm --undefined-only "$work/all.o" | awk '{print $NF}' | sort -u >"$work/asked"
    extra=$(grep -vxE 'memcpy|memmove|memset|memcmp|_GLOBAL_OFFSET_TABLE_' "$work/asked" || true)
    if [ -n "$extra" ]; then
        echo "$name asks for symbols that a pure library must not need:"
        for symbol in $extra; do
            echo "  $symbol, from:"
            nm --print-file-name --undefined-only "$@" 2>/dev/null | awk -v s="$symbol" '$NF == s {print "    " $1}'
        done
        exit 1
    fi
    defined=$(nm --defined-only --extern-only "$work/all.o" | awk '{print $NF}' | grep -vE '^lw_' || true)
    if [ -n "$defined" ]; then
        echo "global names without the lw_ prefix in $name:" $defined
        exit 1
    fi
    # Constant tables that hold addresses stand in .data.rel.ro; anything in .data, .bss or common could be written to.
    written=$(size -A "$work/all.o" | awk '($1 ~ /^\.(data|bss|tdata|tbss)($|\.)/ && $1 !~ /rel\.ro/ || $1 == "COMMON") && $2 > 0 {print $1 " " $2}')
    if [ -n "$written" ]; then
        echo "writable globals in $name, which has no state of its own: $written"
        exit 1
    fi
    echo "$name asks only for: $(tr '\n' ' ' <"$work/asked")"
}
check libloadwave.a "$library"
check libloadwave_prove.a "$library" "$prover"
check libloadwave_watch.a "$library" "$watch"
