#!/bin/sh
# The calendar behind a secret address, as a calendar program sees it: the same bytes until the plan changes, 304 for who has them,
# numbers that rise, entries cancelled, lines as RFC 5545 wants them (read by python3-icalendar), nothing of it anywhere else.
. "$(dirname "$0")/lib.sh"
need sqlite3 python:icalendar

feed() { # feed FILE [ARG …]: status in $status
    file=$1
    shift
    : >"$work/$file"
    status=$(curl -s -o "$work/$file" -D "$work/headers" -w '%{http_code}' "$@" "$address")
}
header() { tr -d '\r' <"$work/headers" | sed -n "s/^$1: //Ip"; }
# entries FILE: "DATE UID SEQUENCE STATUS STAMP SUMMARY", after its lines were looked at
entries() {
    "$python" - "$work/$1" <<'PY'
import icalendar, sys
data = open(sys.argv[1], "rb").read()
lines = data.split(b"\r\n")
assert lines.pop() == b"" and b"\n" not in b"".join(lines), "lines end in CRLF"
for line in lines:
    assert len(line) <= 75, line
    line.decode("utf-8")  # no letter is cut in two
assert b"RRULE" not in data and b"VALARM" not in data and b"ATTENDEE" not in data and b"TZID" not in data
for event in icalendar.Calendar.from_ical(data).walk("VEVENT"):
    start = event.decoded("DTSTART")
    assert not event.errors and getattr(start, "tzinfo", None) is None
    print(start.isoformat(), str(event["UID"])[:8], event["SEQUENCE"], event["STATUS"], event.decoded("DTSTAMP").isoformat(), event["SUMMARY"])
PY
}
kept_as() { [ "W/\"$(sql 'SELECT lower(substr(hex(made_of), 1, 32)) FROM feed_edition')\"" = "$1" ]; }
until_kept_as() { until_there "what was published, stored behind the answer," kept_as "$1"; }

# A day with a change of clocks in the two weeks after it, in the patient's zone.
clock "2026-10-20 07:00"
serve
patient
call patient PATCH /me/reminders '{"zone":"Europe/Madrid","exercises":1050}'
call patient POST /me/calendar '{}'
address=$(get .url)
address=$base/calendar/${address##*/}

feed one
is "a calendar" "$status $(header Content-Type)" "200 text/calendar; charset=utf-8"
is "for this person alone" "$(header Cache-Control)" "private, no-cache"
etag=$(header ETag)
has "with a tag" "$etag" 'W/"'
entries one >"$work/list"
is "half past five on both sides of the change of clocks" "$(grep -c 'T17:30:00 .* CONFIRMED .* Exercises$' "$work/list")" "$(grep -c ' Exercises$' "$work/list")"
has "sessions after it, too" "$(cat "$work/list")" "2026-10-2"
case $(cat "$work/one") in *[Hh]amstring* | *tendin* | *[Ss]hock* | *pain*) is "no diagnosis" there none ;; esac
until_kept_as "$etag"
clock "2026-10-20 09:00"
feed two
is "two hours later" "$status" 200
is "the same bytes" "$(sha256sum <"$work/two")" "$(sha256sum <"$work/one")"
feed none -H "If-None-Match: $etag"
is "nothing for who has it" "$status $(wc -c <"$work/none")" "304 0"
is "with the tag again" "$(header ETag)" "$etag"
feed none -H 'If-None-Match: W/"0000"'
is "another tag" "$status" 200

# Titles in the patient's language, and what it is only when asked for.
sql "UPDATE account SET language = 'es' WHERE patient = '$me'; UPDATE patient SET language = 'es' WHERE id = '$me'"
feed es
entries es >"$work/list.es"
is "in Spanish" "$(grep -c ' 1 CONFIRMED .* Ejercicios$' "$work/list.es")" "$(grep -c ' Exercises$' "$work/list")"
etag=$(header ETag)
until_kept_as "$etag"
case $(cat "$work/es") in *isquio* | *tend* | *dolor* | *ondas*) is "no diagnosis" there none ;; esac

# A plan that changes.
call patient POST "/patients/$me/events" "{\"events\":[$(event symptom '{"flag":"RF02"}')]}"
is "a warning sign" "$status" 200
feed three -H "If-None-Match: $etag"
is "another calendar" "$status" 200
is "under another tag" "$([ "$(header ETag)" != "$etag" ] && echo yes)" yes
entries three >"$work/list.3"
is "no session is left" "$(grep -c 'CONFIRMED .* Ejercicios$' "$work/list.3" || true)" 0
while read -r start uid _ _ stamp _; do
    grep -q "^$start $uid 2 CANCELLED " "$work/list.3" || is "cancelled: $start" no yes
    is "and stamped anew: $start" "$(grep -c "$stamp" "$work/list.3" || true)" 0
done <"$work/list"

# Nobody else's.
whole=$address
address=$base/calendar/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.ics
feed none
is "a guess" "$status" 404
is "and no tag" "$(header ETag)" ""
address=$whole
call patient DELETE /me/calendar
feed none -H "If-None-Match: $etag"
is "an address that was ended" "$status" 404
is "no address in the log" "$(grep -c "/calendar/" "$work/log" || true)" 0
is "nor in the store" "$(sqlite3 "$work/store.db" .dump | grep -c "${whole##*/}" || true)" 0
call patient POST /me/calendar '{}'

# Erasing takes what was published.
call patient DELETE "/patients/$me?confirm=$me"
is "erased" "$status" 200
is "nothing left" "$(sql "SELECT (SELECT count(*) FROM feed) + (SELECT count(*) FROM feed_item) + (SELECT count(*) FROM feed_edition)")" 0
done_testing
