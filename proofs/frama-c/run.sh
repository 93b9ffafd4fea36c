#!/bin/sh
# Proves the contracts in the C with Frama-C WP and Z3. Usage: run.sh [--fast]  (--fast: without the self-test)
#
# Installs nothing (tools/setup.sh prove does). Each goal has a budget of prover steps, not of time, so that a busy machine
# gives the same verdicts. Prints goals proved of all, a function a line. Fails when a goal fails that unproven.txt does not
# list, when a listed one is proved, when a function of the guard has one, or when a contract broken on purpose passes.
set -eu
cd "$(dirname "$0")/../.."
here=proofs/frama-c
work=build/proofs/frama-c
steps=6000000
limit=120 # seconds a goal, if steps do not end it
mkdir -p "$work"

for tool in frama-c why3 z3 gcc; do
    command -v "$tool" >/dev/null || { echo "proofs: $tool is missing; sh tools/setup.sh prove brings it" >&2; exit 4; }
done

# Z3's own guess at a strategy loses itself in quantifiers; patterns alone do not.
cat >"$work/z3" <<EOF
#!/bin/sh
exec $(command -v z3) auto_config=false smt.mbqi=false "\$@"
EOF
chmod +x "$work/z3"
version=$(z3 --version | sed 's/^Z3 version \([0-9.]*\).*/\1/')
cat >"$work/why3.conf" <<EOF
[main]
datadir = "$(why3 --print-datadir)"
libdir = "$(why3 --print-libdir)"
magic = 14
memlimit = 2000
running_provers_max = 2
timelimit = 5

[partial_prover]
name = "Z3"
path = "$PWD/$work/z3"
version = "$version"
EOF
export WHY3CONFIG="$PWD/$work/why3.conf"

# The one axiom (guard.c, whole_week): a mask without any of seven weekdays in a row is empty.
awk 'BEGIN {
    for (mask = 1; mask < 128; mask++)
        for (first = 0; first < 7; first++) {
            hit = 0
            for (k = 0; k < 7; k++) hit += int(mask / 2 ^ ((first + k) % 7)) % 2
            if (!hit) exit 1
        }
}' || { echo "proofs: the axiom whole_week is wrong" >&2; exit 1; }

# wp SOURCES FUNCTIONS LOG [OPTION]
wp() {
    timeout 600 frama-c -machdep gcc_x86_64 -c11 -cpp-extra-args="-Iinclude -Isrc -include $here/builtins.h" $1 \
        -wp -wp-rte ${4:-} -wp-no-warn-memory-model -wp-fct "$2" -wp-prover z3 -wp-steps "$steps" -wp-timeout "$limit" -wp-par 2 \
        >"$3" 2>&1 || { echo "proofs: Frama-C failed on $2, or took more than ten minutes" >&2; return 1; }
    grep -q 'Proved goals' "$3" || { tail -n 5 "$3" >&2; echo "proofs: no goals for $2" >&2; return 1; }
}

# verdicts LOG: "+ goal" for a proved one, "- goal" for another
verdicts() {
    sed -n 's/.*Goal \(typed_[A-Za-z0-9_]*\) : \(Valid\|trivial\).*/+ \1/p; t
            s/.*Goal \(typed_[A-Za-z0-9_]*\) : .*/- \1/p' "$1" | sort -u
}

bad=0
: >"$work/all.txt"
while read -r sources functions; do
    case $sources in '' | '#'*) continue ;; esac
    files=$(echo "$sources" | tr ',' ' ')
    for function in $(echo "$functions" | tr ',' ' '); do
        wp "$files" "$function" "$work/$function.log" || { bad=1; continue; }
        verdicts "$work/$function.log" >"$work/$function.txt"
        cat "$work/$function.txt" >>"$work/all.txt"
        good=$(sed -n 's/.*Proved goals: *\([0-9]*\) .*/\1/p' "$work/$function.log")
        total=$(sed -n 's/.*Proved goals: *[0-9]* \/ *\([0-9]*\).*/\1/p' "$work/$function.log")
        printf '%-24s %-28s %3d of %3d\n' "${sources%%,*}" "$function" "$good" "$total"
        if [ "${sources%%,*}" = src/engine/guard.c ] && [ "$good" != "$total" ]; then
            echo "proofs: unproven in the guard:"; sed -n 's/^- /    /p' "$work/$function.txt"
            bad=1
        fi
    done
done <"$here/functions.txt"

sed -n 's/^- //p' "$work/all.txt" | sort -u >"$work/unproven.txt"
sed 's/[ #].*//; /^$/d' "$here/unproven.txt" | sort -u >"$work/listed.txt"
fresh=$(comm -23 "$work/unproven.txt" "$work/listed.txt")
stale=$(comm -13 "$work/unproven.txt" "$work/listed.txt")
[ -z "$fresh" ] || { echo "proofs: unproven and not in $here/unproven.txt:" $fresh; bad=1; }
[ -z "$stale" ] || { echo "proofs: in $here/unproven.txt, but proved or gone:" $stale; bad=1; }

# A proof that cannot fail proves nothing: silence counted one day late must be refused.
if [ "${1:-}" != --fast ]; then
    mkdir -p "$work/broken"
    sed 's/s->day - s->contact_day >= p\[LW_PARAM_SILENCE_LOWER\]/s->day - s->contact_day > p[LW_PARAM_SILENCE_LOWER]/' \
        src/engine/guard.c >"$work/broken/guard.c"
    if cmp -s src/engine/guard.c "$work/broken/guard.c"; then
        echo "proofs: the self-test found no place to break"; bad=1
    else
        wp "$work/broken/guard.c src/base/day.c" signs_of "$work/broken/signs_of.log"
        if verdicts "$work/broken/signs_of.log" | grep -q '^- .*ensures_exact'; then
            echo "broken on purpose (silence one day late): refused"
        else
            echo "proofs: a guard broken on purpose was not refused"; bad=1
        fi
    fi
    # And one whose assumptions contradict each other proves everything: no place of the guard may be provably out of reach.
    wp "src/engine/guard.c src/base/day.c" lw__guard "$work/smoke.log" -wp-smoke-tests
    if grep -q '\[Passed\] Smoke-test' "$work/smoke.log" && ! grep -q '\[Failed\] Smoke-test' "$work/smoke.log"; then
        echo "the assumptions of lw__guard: no contradiction found ($(grep -c 'Passed. Smoke-test' "$work/smoke.log") places)"
    else
        echo "proofs: the assumptions of lw__guard contradict each other"; bad=1
    fi
fi

echo "$(grep -c '^+' "$work/all.txt") proved, $(wc -l <"$work/unproven.txt") unproven"
exit "$bad"
