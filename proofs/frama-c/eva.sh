#!/bin/sh
# Frama-C's Eva over the entry points of eva_*.c: no run-time error. Usage: eva.sh [--fast]  (--fast: without the self-test)
#
# Installs nothing (tools/setup.sh prove does). Prints alarms and seconds, an entry point a line. Fails when an alarm is
# not in eva-alarms.txt, when a listed one is gone, when an entry point is not finished in its time, or when a bound
# broken on purpose raises none. An alarm is whatever Eva cannot exclude: an invalid address, an overflow, what a called
# function requires. Postconditions and loop invariants are WP's (run.sh), not asked here.
set -eu
cd "$(dirname "$0")/../.."
here=proofs/frama-c
work=build/proofs/eva
limit=900 # seconds an entry point
mkdir -p "$work"
command -v frama-c >/dev/null || { echo "eva: frama-c is missing; sh tools/setup.sh prove brings it" >&2; exit 4; }

# eva ENTRY SOURCES OPTIONS: what is not excluded, to $work/ENTRY.txt, as "function kind property", a line each
eva() {
    rm -f "$work/$1.csv"
    timeout "$limit" frama-c -machdep gcc_x86_64 -c11 \
        -cpp-extra-args="-Iinclude -Isrc -include $here/builtins.h" $2 -main "$1" -eva \
        -eva-msg-key=-final-states,-initial-state $3 \
        -then -report-no-proven -report-csv "$work/$1.csv" >"$work/$1.log" 2>&1 && [ -f "$work/$1.csv" ] ||
        { echo "eva: $1 failed, or took more than $limit seconds: $work/$1.log" >&2; return 1; }
    if grep -q 'using specification for function lw_\|NON TERMINATING\|non-terminating' "$work/$1.log"; then
        echo "eva: $1 leaves code out: $work/$1.log" >&2; return 1
    fi
    awk -F '\t' 'NR > 1 && $1 !~ /^FRAMAC_SHARE/ && $5 !~ /^(postcondition|loop (invariant|variant)|assigns|from)/ {
        print $4 "\t" $5 "\t" $7 }' "$work/$1.csv" | sort -u >"$work/$1.txt"
}

bad=0
: >"$work/all.txt"
while read -r entry sources options; do
    case $entry in '' | '#'*) continue ;; esac
    start=$(date +%s)
    eva "$entry" "$(echo "$sources" | tr ',' ' ')" "$options" || { bad=1; continue; }
    sed "s/^/$entry	/" "$work/$entry.txt" >>"$work/all.txt"
    reached=$(sed -n 's/.*, \([0-9]*\) statements reached (out of \([0-9]*\)).*/\1 of \2/p' "$work/$entry.log")
    printf '%-16s %2d alarms, %s statements reached, %d s\n' "$entry" "$(wc -l <"$work/$entry.txt")" "$reached" \
        $(($(date +%s) - start))
done <"$here/eva-entries.txt"

sort -u "$work/all.txt" >"$work/found.txt"
sed '/^#/d; /^$/d; s/	# .*//' "$here/eva-alarms.txt" | sort -u >"$work/listed.txt"
fresh=$(comm -23 "$work/found.txt" "$work/listed.txt")
stale=$(comm -13 "$work/found.txt" "$work/listed.txt")
[ -z "$fresh" ] || { echo "eva: not in $here/eva-alarms.txt:"; echo "$fresh"; bad=1; }
[ -z "$stale" ] || { echo "eva: in $here/eva-alarms.txt, but excluded or gone:"; echo "$stale"; bad=1; }
if grep -v '^#' "$here/eva-alarms.txt" | grep -v '^$' | grep -qv '	# .'; then
    echo "eva: an alarm in $here/eva-alarms.txt without a reason"; bad=1
fi

# An analysis that cannot alarm shows nothing: a sequence of UTF-8 that may run past its end must raise one.
if [ "${1:-}" != --fast ]; then
    mkdir -p "$work/broken"
    sed 's/left < length || //' src/base/utf8.c >"$work/broken/utf8.c"
    if cmp -s src/base/utf8.c "$work/broken/utf8.c"; then
        echo "eva: the self-test found no place to break"; bad=1
    else
        splits=$(sed -n 's/^eva_utf8 .*\(-eva-split-return-function [^ ]*\).*/\1/p' "$here/eva-entries.txt")
        mv "$work/eva_utf8.txt" "$work/eva_utf8.kept"
        eva eva_utf8 "$here/eva_base.c $work/broken/utf8.c src/base/day.c" "-eva-slevel 3000 $splits" || bad=1
        if grep -q '^lw__utf8_length	mem_access' "$work/eva_utf8.txt"; then
            echo "broken on purpose (a sequence past its end): alarm raised"
        else
            echo "eva: a bound broken on purpose raised no alarm"; bad=1
        fi
        mv "$work/eva_utf8.kept" "$work/eva_utf8.txt"
    fi
fi

echo "$(wc -l <"$work/found.txt") alarms, $(wc -l <"$work/listed.txt") listed with a reason"
exit "$bad"
