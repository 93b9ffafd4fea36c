# lib.sh: what the tests of the program share. Sourced; LOADWAVE names the program, the working folder is the repository.
set -u
LOADWAVE=${LOADWAVE:?path of the program}
case $LOADWAVE in /*) ;; *) LOADWAVE=$PWD/$LOADWAVE ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
checks=0
failures=0
unset NO_COLOR
export COLUMNS=80 TZ=UTC LOADWAVE_LANG=en
record=examples/runner-combined.jsonl

# run WANTED_CODE ARGUMENTS…: runs the program; its output is in $work/out and $work/err.
run() {
    wanted=$1
    shift
    "$LOADWAVE" "$@" >"$work/out" 2>"$work/err" </dev/null
    code=$?
    checks=$((checks + 1))
    [ "$code" -eq "$wanted" ] || fail "loadwave $*: exit $code, wanted $wanted"
}

# answer WANTED_CODE TEXT ARGUMENTS…: the same with TEXT on standard input.
answer() {
    wanted=$1
    text=$2
    shift 2
    printf '%b' "$text" | "$LOADWAVE" "$@" >"$work/out" 2>"$work/err"
    code=$?
    checks=$((checks + 1))
    [ "$code" -eq "$wanted" ] || fail "loadwave $* (with answers): exit $code, wanted $wanted"
}

fail() {
    failures=$((failures + 1))
    echo "FAIL: $*"
    [ -s "$work/err" ] && sed 's/^/    stderr: /' "$work/err" | head -n 5
    return 0
}

# says TEXT [err]: the output of the last run holds TEXT.
says() {
    checks=$((checks + 1))
    grep -qF -- "$1" "$work/${2:-out}" || fail "nothing says \"$1\""
}

silent_about() {
    checks=$((checks + 1))
    if grep -qF -- "$1" "$work/out"; then fail "something says \"$1\""; fi
}

same() {
    checks=$((checks + 1))
    cmp -s "$1" "$2" || fail "$3"
}

finish() {
    echo "$checks checks, $failures failures"
    [ "$checks" -gt 0 ] && [ "$failures" -eq 0 ]
    exit
}

verbs() {
    "$LOADWAVE" --help | awk '/^  [a-z]/ && !/^  loadwave/ {
        name = substr($0, 3, 16); sub(/ +$/, "", name); print name }'
}
