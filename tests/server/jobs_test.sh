#!/bin/sh
# Reports and research files when it goes wrong: queues that are full, and a server that is killed amid its work. A report is held amid
# its drawing by fonts that do not come (fontconfig's configuration is a pipe that nobody writes to); research files take long because a
# record is large.
. tests/server/lib.sh
mkfifo "$work/fonts"
mkdir "$work/tmp"
export TMPDIR="$work/tmp" # where what has no name is written

begin() { # begin [fonts]: with "fonts" no report gets further than its letters
    if [ $# -gt 0 ]; then
        FONTCONFIG_FILE="$work/fonts" serve
    else
        serve
    fi
}
begin fonts
staff
call staff PATCH "/clinic/people/$account" '{"roles":["clinician","admin","researcher"]}'
is "a researcher" "$status" 200
staff
patient

# A record of 30,000 entries, a run a minute.
for part in 0 1 2 3 4 5; do
    jq -n -c --arg me "$me" --argjson now "$(now)" --argjson from $((part * 5000)) '{events: [range($from; $from + 5000) | {v: 1,
        id: ("0195a0c2-7b1e-7000-8000-" + ("00000000000" + tostring)[-12:]), patient: $me, kind: "activity", by: "patient",
        at: ($now - 3600 - 60 * . | strftime("%Y-%m-%dT%H:%M:%S+00:00")), data: {type: "run", minutes: (20 + . % 7)}}]}' >"$work/large"
    status=$(curl -s -m 60 -o "$work/answer" -w '%{http_code}' -b "$work/patient" -H 'X-Loadwave: 1' -H 'Content-Type: application/json' \
        --data-binary "@$work/large" "$base/api/v1/patients/$me/events")
    is "part $part of a large record" "$status" 200
done
head=$(get .head)

taken=0 # asked for and answered with 202
ask_report() { # ask_report WHO: its id in $report
    call "$1" POST "/patients/$me/reports" '{"kind":"progress"}'
    [ "$status" != 202 ] || taken=$((taken + 1))
    report=$(get .report)
}
ask_research() {
    call staff POST /research '{}'
    [ "$status" != 202 ] || taken=$((taken + 1))
}
# A quick machine is through with it between two looks: what comes too late asks once more.
# It has begun: its first patients are in files.
amid() {
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        call staff GET "/research/$export"
        case $(get 'if .state == "waiting" then .done >= 1 else .state end') in
        true) return 0 ;;
        ready) begin_research ;;
        esac
    done
    return 1
}
begin_research() {
    ask_research
    [ "$status" != 202 ] || export=$(get .export)
}
# While one is made another is asked for, and refused.
refused() {
    ask_research
    [ "$status" = 503 ] || { export=$(get .export) && return 1; }
}
# Amid it the server stands still, to be looked at.
held() {
    amid || return 1
    kill -STOP "$pid"
    files=$(ls -l "/proc/$pid/fd")
    case $files in *"$work/tmp/loadwave-"*) return 0 ;; esac
    kill -CONT "$pid"
    return 1
}

# ---- two kinds at once: a report that stands still keeps no research waiting ----
ask_report patient
is "a report is asked for" "$status" 202
first=$report
# opening it to write succeeds once somebody reads it; held open, with nothing in it, whoever reads it waits on
exec 9<>"$work/fonts"
until_there "it is being drawn" sh -c "ls -l /proc/$pid/fd | grep -q '$work/fonts'"
begin_research
is "research files are asked for" "$status" 202
until_there "another is not begun beside it" refused
is "one at a time" "$status $(get .code) $(get .retryable)" "503 LW_ERR_BUSY true"
has "and when to ask again" "$(tr 'A-Z' 'a-z' <"$work/headers")" "retry-after: 10"
until_there "research files are ready beside it" state_is staff "/research/$export" ready

# ---- full: four of one account, none of them decided ----
for _ in 2 3 4; do
    ask_report patient
    is "one more report" "$status" 202
done
ask_report patient
is "a fifth" "$status $(get .code) $(get .retryable)" "503 LW_ERR_BUSY true"
has "and when to ask again" "$(tr 'A-Z' 'a-z' <"$work/headers")" "retry-after: 10"
ask_report staff
is "somebody else's is taken" "$status" 202
call staff GET "/patients/$me/reports/$first"
is "and does not see it" "$status" 404

# ---- kill -9 amid both ----
begin_research
until_there "amid research" amid
call staff GET "/research/$export/events.jsonl"
got=$status
call staff GET "/research/$export"
case "$got $(get .state)" in "404 waiting" | *" ready") half=no ;; *) half=yes ;; esac
is "no half of a file" $half no
call patient GET "/patients/$me/reports/$first/file"
is "no half of a report" "$status" 404
call patient GET "/patients/$me/reports/$first"
is "amid a report" "$(get .state)" waiting
until_there "ready by now" state_is staff "/research/$export" ready
begin_research
until_there "what is made is in files without a name" held
kill -KILL "$pid"
wait "$pid" 2>/dev/null || true
pid=
is "and nothing is left of them" "$(ls -A "$work/tmp")" ""
said=0
"$LOADWAVE" doctor "$work/store.db" >"$work/said" 2>&1 || said=$?
is "the store is whole" "$said $(tail -n 1 "$work/said")" "0 All is well."
is "as it was" "$(sql "SELECT max(seq) FROM event WHERE patient = '$me'")" "$head"

exec 9>&-
begin
call patient GET "/patients/$me/reports/$first/file"
is "a restart forgets a report" "$status" 404
call staff GET "/research/$export/events.jsonl"
is "and research" "$status" 404
ask_report patient
until_there "asked again: a report" state_is patient "/patients/$me/reports/$report" ready
call patient GET "/patients/$me/reports/$report/file"
is "the whole of it" "$status $(head -c 5 "$work/answer") $(tail -c 6 "$work/answer" | tr -d '\n')" "200 %PDF- %%EOF"
begin_research
until_there "asked again: research" state_is staff "/research/$export" ready
cp "$work/answer" "$work/look"
call staff GET "/research/$export/patients.csv"
is "the whole of it" "$(sha256sum <"$work/answer" | cut -d' ' -f1)" "$(jq -r '.files[] | select(.name == "patients.csv") | .sha256' "$work/look")"
asked() { sql_is "SELECT count(*) FROM audit WHERE route IN ('report_ask', 'research_ask') AND status = 202" "$taken"; }
until_there "what was asked before the end is in the audit trail" asked
done_testing
