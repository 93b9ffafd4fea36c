#!/bin/sh
# man/ and completion/ are made from the program's table of verbs; stale ones fail.
# generated_docs_test.sh [--write PROGRAM]
if [ "${1:-}" = --write ]; then
    LOADWAVE=$2
fi
. tests/cli/lib.sh

mkdir -p "$work/man" "$work/completion"
"$LOADWAVE" help --man >"$work/man/loadwave.1" || fail "help --man"
"$LOADWAVE" help --completion >"$work/completion/loadwave.bash" || fail "help --completion"
verbs >"$work/verbs"
while read -r first second; do
    # shellcheck disable=SC2086
    "$LOADWAVE" help $first $second --man >"$work/man/loadwave-$first${second:+-$second}.1" || fail "help $first $second"
done <"$work/verbs"

if [ "${1:-}" = --write ]; then
    mkdir -p man completion
    rm -f man/*.1 completion/*.bash
    cp "$work"/man/*.1 man/
    cp "$work"/completion/*.bash completion/
    exit 0
fi
checks=$((checks + 2))
diff -r "$work/man" man || fail "man/ is stale: make generate"
diff -r "$work/completion" completion || fail "completion/ is stale: make generate"
if command -v bash >/dev/null; then
    checks=$((checks + 3))
    bash -n completion/loadwave.bash || fail "the completion script does not parse"
    bash -c '. completion/loadwave.bash; COMP_WORDS=(loadwave log a); COMP_CWORD=2; _loadwave; echo "${COMPREPLY[*]}"' |
        grep -qx add || fail "log a<TAB> is not log add"
    : >"$work/my record.jsonl"
    bash -c '. completion/loadwave.bash; COMP_WORDS=(loadwave today "$1/my"); COMP_CWORD=2; _loadwave; echo "${COMPREPLY[0]}"' - "$work" |
        grep -qx "$work/my record.jsonl" || fail "a file with a blank in its name is not completed"
fi
finish
