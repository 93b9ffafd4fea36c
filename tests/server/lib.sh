# lib.sh: for tests of the running server. Sourced; needs curl and jq.
#
#   serve [ARG …]     a demo server of its own in $work, on a free port; $base is its address, $pid its process
#   start ARG …       any other server, likewise
#   staff, patient    sign in as the demo's clinician and patient; cookies in $work/staff and $work/patient
#   call WHO METHOD PATH [BODY]   status in $status, answer in $work/answer
#   is WHAT GOT WANTED; fails are counted, `done_testing` ends with them
#   until_there WHAT COMMAND …    waits until it succeeds, 20 s at most
#   need TOOL …       or the test is skipped, but fails under LW_STRICT; python:NAME is a module of Debian's own Python, $python
#   now, clock WHEN   the server's time, in seconds; from now on, as `date -d` takes it: moved into its place, for a clock half written
#                     would be no clock, and the server take the machine's
#   state_is WHO PATH STATE   whether the answer there has that "state"
#   sql QUERY, sql_is QUERY WANTED   of the server's store
set -eu
work=$(mktemp -d)
pid=
failed=0
checks=0
stop_server() {
    if [ -n "$pid" ]; then
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
        pid=
    fi
}
trap 'stop_server; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

python=/usr/bin/python3 # has Debian's packages, whatever else is in the path
need() {
    for tool in "$@"; do
        case $tool in
        python:*) "$python" -c "import ${tool#python:}" 2>/dev/null && continue ;;
        *) command -v "$tool" >/dev/null && continue ;;
        esac
        echo "needs $tool"
        [ -z "${LW_STRICT:-}" ] && exit 77
        exit 1
    done
}

# Waits for the server that `start` began: everything that it prints stands in $work/out then.
listening() {
    tries=0
    while ! grep -q '^Loadwave listens' "$work/out"; do
        tries=$((tries + 1))
        if [ $tries -gt 600 ] || ! kill -0 "$pid" 2>/dev/null; then
            echo "the server did not start" >&2
            cat "$work/out" "$work/log" >&2
            exit 1
        fi
        sleep 0.1
    done
    port=$(sed -n 's/^Loadwave listens at http:\/\/localhost:\([0-9]*\).*/\1/p' "$work/out")
    base=http://127.0.0.1:$port
}
# start ARG …: a server in the background. What the one before it printed goes first: the shell opens the new file only in
# the background, and the old one says "listens" too.
start() {
    rm -f "$work/out" "$work/log"
    : >"$work/out"
    "$LOADWAVE" serve --listen 127.0.0.1:0 "$@" >>"$work/out" 2>"$work/log" &
    pid=$!
    listening
}

serve() {
    [ -f "$work/now" ] || echo "${LW_TEST_AT:-$(date +%s)}" >"$work/now" # LW_TEST_AT: another moment, in seconds, to begin at; not ahead of the machine's clock, which doctor goes by
    export LW_TEST_NOW_FILE="$work/now" LW_TEST_RATES="${RATES-off}"
    start --demo --store "$work/store.db" "$@"
    unset LW_TEST_NOW_FILE LW_TEST_RATES
}

call() {
    who=$1 method=$2 path=$3
    shift 3
    if [ $# -gt 0 ]; then
        printf '%s' "$1" >"$work/body"
        set -- --data-binary "@$work/body"
    fi
    status=$(curl -s -m 30 -o "$work/answer" -D "$work/headers" -w '%{http_code}' -b "$work/$who" -c "$work/$who" -X "$method" \
        -H 'X-Loadwave: 1' -H 'Content-Type: application/json' "$@" "$base/api/v1$path")
}
get() { jq -r "$1" "$work/answer"; }

is() {
    checks=$((checks + 1))
    if [ "$2" != "$3" ]; then
        failed=$((failed + 1))
        echo "not as it should be: $1"
        echo "  got    $2"
        echo "  wanted $3"
        [ ! -s "$work/answer" ] || head -c 600 "$work/answer"
        echo
    fi
}
has() {
    checks=$((checks + 1))
    case $2 in
    *"$3"*) ;;
    *)
        failed=$((failed + 1))
        printf 'not as it should be: %s\n  in     %s\n  wanted %s\n' "$1" "$2" "$3"
        ;;
    esac
}
done_testing() {
    echo "$checks checks, $failed failed"
    [ "$failed" = 0 ]
}

staff() {
    password=$(sed -n 's/^ *password *//p' "$work/out")
    call staff POST /sign-in "{\"login\":\"kim\",\"password\":\"$password\"}"
    is "staff sign in" "$status" 200
    account=$(get .account)
}
patient() {
    token=$(sed -n 's/^ *Patient .*#\/i\///p' "$work/out")
    call patient POST "/invites/$token/accept" '{"label":"test"}'
    is "patient accepts the invite" "$status" 200
    me=$(get .patient)
}
until_there() {
    told=$1
    shift
    tries=0
    until "$@" 2>/dev/null; do
        tries=$((tries + 1))
        if [ $tries -gt 200 ]; then
            is "$told came" no yes
            return 0
        fi
        sleep 0.1
    done
    is "$told came" yes yes
}
state_is() {
    call "$1" GET "$2"
    [ "$(get .state)" = "$3" ]
}
# A store may be busy for a moment, with the server or with what was here before: sqlite3 by itself gives up at once.
sqlite3() { command sqlite3 -cmd '.timeout 20000' "$@"; }
sql() { sqlite3 "$work/store.db" "$1"; }
sql_is() { [ "$(sql "$1")" = "$2" ]; }
uuid() { cat /proc/sys/kernel/random/uuid; }
now() { cat "$work/now"; }
clock() { date -u -d "$1" +%s >"$work/now.part" && mv "$work/now.part" "$work/now"; }
today() { date -u -d "@$(now)" +%F; }
instant() { date -u -d "@$(($(now) + ${1:-0}))" +%FT%T+00:00; }
# event KIND DATA [BY [AT [ID]]]
event() {
    printf '{"v":1,"id":"%s","patient":"%s","kind":"%s","at":"%s","by":"%s","data":%s}' "${5:-$(uuid)}" "$me" "$1" \
        "${4:-$(instant)}" "${3:-patient}" "$2"
}
