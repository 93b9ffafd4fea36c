#!/bin/sh
# The clock of the machine goes wrong: a year ahead while the server works, then back, then a year behind. Nothing is lost, record and
# audit stay in the order in which things were told, a phone stays signed in, every plan is of the day it names, and
# what was folded for the wrong day is folded again.
. tests/server/lib.sh
YEAR=$((365 * 86400))
checkin='{"pain_morning":2,"stiffness_min":5,"pain_test":2,"pain_relief":"none"}'
at_clock() { # at_clock SECONDS: the clock of the server
    echo "$1" >"$work/now"
}
restart() { # a server's first work is to fold what is due
    stop_server
    rm "$work/out"
    serve
    for try in $(seq 1 100); do
        [ "$(due)" != 0 ] || break
        sleep 0.1
    done
}
due() { sqlite3 -readonly "$work/store.db" "SELECT count(*) FROM projection WHERE recheck_day <= $(($(now) / 86400)) OR on_day > $(($(now) / 86400)) + 1"; }
folded() { sqlite3 -readonly "$work/store.db" "SELECT patient, on_day, recheck_day, priority, summary FROM projection ORDER BY patient"; }
command -v sqlite3 >/dev/null || { echo "skipped: sqlite3 is not installed"; [ -z "${LW_STRICT:-}" ] || exit 1; exit 77; }

real=$(date +%s)
at_clock "$real"
serve
staff
patient
day=$(date -u -d "@$real" +%F)
E=/patients/$me/events
call patient POST "$E" "{\"events\":[$(event checkin "$checkin")],\"plan_on\":\"$day\"}"
is "before" "$status $(get .plan.on)" "200 $day"
head=$(get .head)
restart
right=$(folded)

# A year ahead. The phone is right, the server is wrong.
at_clock $((real + YEAR))
ahead=$(date -u -d "@$(now)" +%F)
right_time=$(date -u -d "@$real" +%FT%T+00:00)
call staff GET "/queue?limit=50"
is "a session of staff has ended" "$status $(get .code)" "401 LW_ERR_SIGN_IN"
call patient POST "$E" "{\"events\":[$(event note '{"text":"ahead"}' patient "$right_time")],\"plan_on\":\"$day\"}"
is "a phone's too; it keeps what it has" "$status $(get .code)" "401 LW_ERR_SIGN_IN"
staff
call staff POST "$E" "{\"events\":[$(event note '{"text":"ahead"}' "clinician:$account" "$right_time")],\"plan_on\":\"$day\"}"
is "an event of today is taken" "$status" 200
is "its plan is of the day that was asked for, and says so" "$(get .plan.on)" "$day"
head=$(get .head)
call staff GET "/patients/$me/plan?on=$ahead"
is "one of the wrong day says that" "$(get .on)" "$ahead"
restart
is "all was folded for the wrong day" "$(sqlite3 -readonly "$work/store.db" "SELECT count(*) FROM projection WHERE on_day < $(($(now) / 86400)) - 1")" 0
has "with the silence that would have been" "$(sqlite3 -readonly "$work/store.db" "SELECT group_concat(kind) FROM card WHERE ended_s IS NULL")" silent
is "doctor of a machine whose clock is right says so" "$("$LOADWAVE" doctor "$work/store.db" | grep -c "clock of this machine is behind")" 1

# Back.
at_clock $((real + 60))
restart
is "what was folded for the wrong day is folded again" "$(folded | sed '/^demo-01/d')" "$(printf '%s\n' "$right" | sed '/^demo-01/d')"
is "for everybody" "$(due)" 0
call patient POST "$E" "{\"events\":[$(event checkin "$checkin")],\"plan_on\":\"$day\"}"
is "the day goes on" "$status $(get .plan.on)" "200 $day"
is "the log goes on" "$([ "$(get .head)" -gt "$head" ] && echo yes)" yes
call patient GET "/patients/$me/export"
cp "$work/answer" "$work/record.jsonl"
call patient GET "/patients/$me/plan?on=$day"
"$LOADWAVE" today "$work/record.jsonl" --on "$day" --json >"$work/plan"
is "the plan is that of the program on the same record" "$(cat "$work/answer")" "$(cat "$work/plan")"
is "the record is valid" "$("$LOADWAVE" log check "$work/record.jsonl" >/dev/null 2>&1; echo $?)" 0

# A year behind: what the phones know is of the future, so it is refused and kept by them, not stored at a wrong time.
at_clock $((real - YEAR))
call patient POST "$E" "{\"events\":[$(event note '{"text":"behind"}' patient "$right_time")]}"
is "from the future" "$status $(get .code)" "422 LW_ERR_FUTURE"
at_clock $((real + 120))
call patient POST "$E" "{\"events\":[$(event note '{"text":"behind"}' patient "$right_time")]}"
is "when the clock is right again" "$status" 200
stop_server
"$LOADWAVE" doctor "$work/store.db" >"$work/said" || true
has "every chain is whole, the audit's too" "$(cat "$work/said")" "Every chain is unbroken"
is "the audit is in the order in which things happened, whatever the clock said" \
    "$(sqlite3 -readonly "$work/store.db" "SELECT count(*) > 0 FROM audit a JOIN audit b ON b.seq = a.seq + 1 WHERE b.at_s < a.at_s")" 1
done_testing
