#!/bin/sh
# Every verb has help with usage, examples and exit codes; wrong usage is exit 2 and says what would be right.
. tests/cli/lib.sh

run 0 --help
says "Exit codes: 0 done"
run 0 --version
count=0
verbs >"$work/verbs"
while read -r first second; do
    count=$((count + 1))
    # shellcheck disable=SC2086
    run 0 $first $second --help
    says "loadwave $first${second:+ $second}"
    says "Examples:"
    says "Exit codes:"
    run 0 help $first $second --man
    says ".SH EXAMPLES"
done <"$work/verbs"
[ "$count" -ge 17 ] || fail "only $count verbs are listed"

run 2
run 2 tody
says 'did you mean "today"' err
run 2 today
says "usage: loadwave today" err
run 2 today "$record" --onn 2026-03-06
says "did you mean --on" err
run 2 today "$record" --on
run 2 today "$record" --on 2026-02-30
says "a date as 2026-03-06" err
run 2 today "$record" and more
run 2 log
says '"log add"' err
run 2 help nothing
finish
