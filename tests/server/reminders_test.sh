#!/bin/sh
# Reminders from the setting to the mailbox and the browser: a real mail server (aiosmtpd), a push service that decrypts for itself,
# the server's clock in a file. What is waited for is a message, never a time: the worker looks before it sends, so a
# notification asked for afterwards (`barrier`) says that whatever was due before it has been looked at.
. tests/server/mail_lib.sh
need node
push=$work/push
mail_server "$mail"
beside "$push" node tests/server/push_service.mjs "$push"

pushes() { [ ! -f "$push/$1.got" ] && echo 0 || wc -l <"$push/$1.got"; }
push_is() { [ "$(pushes "$1")" -ge "$2" ]; }
letter() { # letter N: header lines, then the text decoded
    "$python" - "$mail/$1.eml" <<'PY'
import email, email.policy, sys
m = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
for name, value in m.items():
    print(f"{name}: {value}")
print()
print(m.get_content())
PY
}
last_push() { tail -n 1 "$push/$1.got" | jq -r "$2"; }
barrier() {
    seen=$(pushes phone)
    call patient POST /me/reminders/browsers/test '{}'
    until_there "$1: the barrier" push_is phone $((seen + 1))
    until_there "$1: what was due is sent" sql_is "SELECT count(*) FROM outbox WHERE due_s <= $(now)" 0
}
state() { call patient GET /me/reminders && get "$1"; }

day=$(date -u +%F)
clock "$day 07:00"
serve --smtp "smtp://127.0.0.1:$(cat "$mail/port")" --mail-from reminders@clinic.example --push-service "http://127.0.0.1:$(cat "$push/port")" \
    --secrets-key "$work/secrets"
patient

# ---- settings ----
call patient GET /me/reminders
is "nothing is on at first" "$(get '[.email_on,.push_on,.email_state,.can_email,.can_push]|tostring')" '[false,false,"none",true,true]'
call patient PATCH /me/reminders '{"zone":"Mars/Olympus"}'
is "a zone that is none" "$status" 422
call patient PATCH /me/reminders '{"from":600,"until":600}'
is "a window of no time" "$status $(get .member)" "422 until"
call patient PATCH /me/reminders '{"from":1320,"until":120,"exercises":1050}'
is "exercises outside of a window over midnight" "$status $(get .member)" "422 exercises"
call patient PATCH /me/reminders '{"exercises":1300}'
is "exercises outside the window" "$status" 422
call patient PATCH /me/reminders '{"email_on":true}'
is "e-mail without an address" "$status" 422
call nobody GET /me/reminders
is "not without a sign-in" "$status" 401
staff
call staff GET /me/reminders
is "not for staff" "$status" 403
call patient PATCH /me/reminders '{"zone":"UTC","from":450,"until":1260,"exercises":1050}'
is "settings" "$status" 200

# ---- an address has to be confirmed ----
for bad in 'a' 'a@b' 'a b@c.example' 'a@b.example\r\nBcc: c@d.example' 'a@b.example,c@d.example'; do
    call patient POST /me/reminders/email "{\"email\":\"$bad\"}"
    is "no address: $bad" "$status" 422
done
call patient POST /me/reminders/email '{"email":"ana@home.example"}'
is "an address waits" "$(get .email_state)" waiting
until_there "the letter to confirm" mail_is 1
text=$(letter 1)
has "it goes there" "$text" "X-To: ana@home.example"
has "from the address given" "$text" "X-From: reminders@clinic.example"
token=$(printf '%s' "$text" | sed -n 's/.*#\/confirm\/\([A-Za-z0-9_-]*\).*/\1/p')
is "a token of 43 letters" "${#token}" 43
call nobody POST /email/confirm '{"token":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}'
is "another token" "$status" 404
call nobody POST /email/confirm "{\"token\":\"$token\"}"
is "confirmed, without a sign-in" "$status" 200
call nobody POST /email/confirm "{\"token\":\"$token\"}"
is "once" "$status" 404
is "on now" "$(state '[.email_on,.email_state]|tostring')" '[true,"confirmed"]'
is "the letter is not kept" "$(sql "SELECT count(*) FROM outbox")" 0

# ---- browsers ----
call patient POST /me/reminders/browsers '{"endpoint":"https://127.0.0.1/x","p256dh":"BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","auth":"AAAAAAAAAAAAAAAAAAAAAA"}'
is "no push service" "$status" 422
call patient POST /me/reminders/browsers "$(jq -c '.p256dh="BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"' "$push/phone.json")"
is "a key that nothing can be encrypted for" "$status" 422
is "that is the key" "$(get .member)" p256dh
call patient POST /me/reminders/browsers "$(cat "$push/phone.json")"
is "a browser" "$status" 200
is "on now" "$(get '[.push_on,.browsers[0].label]|tostring')" '[true,"phone"]'
call patient POST /me/reminders/browsers "$(cat "$push/phone.json")"
is "the same again" "$(get '.browsers|length')" 1
barrier "a notification to try"
is "decrypted and verified" "$(last_push phone .wrong)" ""
is "for this push service" "$(last_push phone .aud)" "http://127.0.0.1:$(cat "$push/port")"
is "from whom" "$(last_push phone .sub)" "mailto:reminders@clinic.example"
is "with our key" "$(last_push phone .key)" "$(state .push_key)"
is "neutral" "$(last_push phone '.plain.body')" "Notifications reach this device."
is "before the window nothing was sent" "$(mails)" 1

# ---- the window opens: a check-in ----
clock "$day 07:31"
until_there "the reminder by e-mail" mail_is 2
until_there "the reminder in the browser" push_is phone 2
text=$(letter 2)
has "neutral subject" "$text" "Subject: A minute for today's check-in?"
has "one click" "$text" "List-Unsubscribe-Post: List-Unsubscribe=One-Click"
stop=$(printf '%s' "$text" | sed -n 's/^List-Unsubscribe: <http:\/\/localhost:[0-9]*\(.*\)>$/\1/p')
has "an address to stop" "$stop" "/email/stop/"
case $text in *[Hh]amstring* | *tendin* | *[Ss]hockwave* | *pain*) is "no diagnosis" there none ;; esac
is "in the browser" "$(last_push phone '[.plain.kind,.plain.body,.plain.later]|tostring')" '["checkin","A minute for today'"'"'s check-in?","Later"]'
barrier "once is enough"
is "no second one" "$(mails)" 2

# ---- the hour of exercises ----
clock "$day 17:31"
until_there "exercises by e-mail" mail_is 3
has "exercises" "$(letter 3)" "Subject: Today's exercises are waiting"

# ---- later ----
call patient POST /me/reminders/later '{"minutes":60}'
is "later" "$status" 200
barrier "not at once"
is "nothing yet" "$(mails)" 3
clock "$day 18:32"
until_there "later it comes again" mail_is 4
has "of both, as both are left" "$(letter 4)" "Check-in and exercises are waiting"

# ---- done is done ----
call patient POST /me/reminders/later '{"minutes":30}'
call patient GET "/patients/$me/plan?on=$day"
items=$(get '[.session.items[]|{exercise,side,skip:"time"}]')
{
    printf '{"events":['
    event checkin '{"pain_morning":1,"pain_test":1}'
    printf '%s' "$items" | jq -c '.[]' | while read -r one; do
        printf ','
        event exercise "$one"
    done
    printf ']}'
} >"$work/events"
call patient POST "/patients/$me/events" "$(cat "$work/events")"
is "check-in and session" "$status" 200
clock "$day 19:10"
barrier "after it is done"
is "none after it is done" "$(mails)" 4

# ---- put off by the mail server, then taken ----
next=$(date -u -d "$day + 1 day" +%F)
echo grey >"$mail/does"
clock "$next 07:31"
until_there "a first try" grep -q . "$mail/rcpt"
until_there "it waits" sql_is "SELECT count(*) FROM outbox WHERE tries = 1" 1
is "not taken yet" "$(mails)" 4
clock "$next 07:33"
until_there "taken at the second try" mail_is 5
until_there "nothing waits" sql_is "SELECT count(*) FROM outbox" 0

# ---- given up at the end of the window ----
echo later >"$mail/does"
clock "$next 17:31"
until_there "it waits" sql_is "SELECT max(tries) FROM outbox" 1
clock "$next 21:01"
barrier "the window is over"
is "given up" "$(sql "SELECT count(*) FROM outbox")" 0
is "never sent" "$(mails)" 5
echo take >"$mail/does"

# ---- a message that is not taken, a server that is away ----
echo policy >"$mail/does"
call patient POST /me/reminders/later '{"minutes":5}'
third=$(date -u -d "$day + 2 days" +%F)
clock "$third 07:31"
until_there "a refusal is written down" grep -q 'not taken: the mail server refused it (DATA: 554' "$work/log"
until_there "and not tried again" sql_is "SELECT count(*) FROM outbox" 0
is "never sent" "$(mails)" 5
echo take >"$mail/does"

# ---- browsers that are gone or busy ----
call patient POST /me/reminders/browsers "$(cat "$push/gone.json")"
call patient POST /me/reminders/browsers "$(cat "$push/busy.json")"
is "three browsers" "$(get '.browsers|length')" 3
clock "$third 17:31"
until_there "a try at the busy one" push_is busy 1
until_there "the one that is gone is forgotten" sql_is "SELECT count(*) FROM push" 2
until_there "it waits" sql_is "SELECT tries FROM outbox" 1
is "as long as it was asked to" "$(($(sql "SELECT due_s FROM outbox") - $(now)))" 600
clock "$third 17:42"
until_there "then it takes it" push_is busy 2
is "decrypted there, too" "$(last_push busy .wrong)" ""
id=$(state '.browsers[]|select(.label=="busy").id')
call patient DELETE "/me/reminders/browsers/$id"
is "forgotten by hand" "$(get '.browsers|length')" 1
call patient DELETE "/me/reminders/browsers/$id"
is "once" "$status" 404

for one in many large elsewhere; do
    call patient POST /me/reminders/browsers "$(cat "$push/$one.json")"
done
call patient POST /me/reminders/later '{"minutes":5}'
clock "$third 17:50"
until_there "a try at each" sh -c "[ -s '$push/many.got' ] && [ -s '$push/large.got' ] && [ -s '$push/elsewhere.got' ]"
until_there "one waits, as long as it was asked to, told as a date" sql_is "SELECT count(*) FROM outbox WHERE tries = 1 AND due_s - $(now) BETWEEN 1100 AND 1200" 1
is "too large and sent elsewhere: given up" "$(sql "SELECT count(*) FROM outbox")" 1
is "and nowhere else" "$(pushes inside)" 0
is "for as long as the window lasts, and replaced by what comes later" "$(last_push many '[.ttl <= 11400, .urgency, .topic]|tostring')" '[true,"normal","loadwave"]'
is "signed for half a day" "$(last_push many "(.exp - $(now)) <= 43200 and (.exp - $(now)) > 0")" true
for one in many large elsewhere; do
    id=$(state ".browsers[]|select(.label==\"$one\").id")
    call patient DELETE "/me/reminders/browsers/$id"
done

# ---- a window over midnight: 22:00 to 02:00 ----
fourth=$(date -u -d "$day + 3 days" +%F)
clock "$third 21:30"
call patient PATCH /me/reminders '{"from":1320,"until":120,"exercises":1350}'
is "a window over midnight" "$(get '[.from,.until,.exercises]|tostring')" "[1320,120,1350]"
call patient POST /me/reminders/later '{"minutes":20}'
clock "$third 21:55"
before=$(pushes phone)
barrier "before it opens"
is "nothing before it opens" "$(pushes phone)" $((before + 1))
clock "$third 22:01"
until_there "a check-in in the evening" push_is phone $((before + 2))
is "of that day" "$(last_push phone .plain.kind)" checkin
clock "$third 22:31"
until_there "exercises at their hour" push_is phone $((before + 3))
is "of that day" "$(last_push phone .plain.kind)" session
call patient POST /me/reminders/later '{"minutes":120}'
clock "$fourth 00:05"
barrier "midnight alone"
is "asks for nothing more" "$(pushes phone)" $((before + 4))
clock "$fourth 00:32"
until_there "put off over midnight, it comes" push_is phone $((before + 5))
is "and asks for no check-in: its morning is still to come" "$(last_push phone .plain.kind)" session
is "until the last hour" "$(last_push phone '.ttl <= 5280')" true
clock "$fourth 01:30"
call patient POST /me/reminders/later '{"minutes":60}'
clock "$fourth 02:31"
barrier "the window is over"
is "nothing after its end" "$(pushes phone)" $((before + 6))
call patient PATCH /me/reminders '{"from":450,"until":1260,"exercises":1050}'
is "by day again" "$status" 200

# ---- stopped by a warning sign: nothing is asked ----
before=$(mails)
call patient POST "/patients/$me/events" "{\"events\":[$(event symptom '{"flag":"RF02"}')]}"
is "a warning sign" "$status" 200
clock "$fourth 17:31"
barrier "stopped"
is "no reminder while stopped" "$(mails)" "$before"

# ---- one click, from anywhere ----
code=$(curl -s -o "$work/answer" -D "$work/headers" -w '%{http_code}' "$base$stop")
is "looking stops nothing" "$code" 303
has "it leads to the page" "$(cat "$work/headers")" "/#/stop/"
is "still on" "$(state .email_on)" true
code=$(curl -s -o "$work/answer" -w '%{http_code}' -H 'Origin: https://mail.example' -H 'Sec-Fetch-Site: cross-site' -d 'List-Unsubscribe=One-Click' "$base$stop")
is "one click" "$code" 200
is "off" "$(state .email_on)" false
code=$(curl -s -o "$work/answer" -w '%{http_code}' -X POST "$base/email/stop/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
is "another token" "$code" 404
call patient PATCH /me/reminders '{"email_on":true}'
is "on again by hand" "$(get '[.email_on,.zone]|tostring')" '[true,"UTC"]'

# ---- an address that is refused for good ----
clock "$fourth 18:00"
echo refuse >"$mail/does"
call patient POST /me/reminders/email '{"email":"nobody@home.example"}'
until_there "it is known as refused" sql_is "SELECT email_state FROM reminder" refused
call patient POST /me/reminders/email '{"email":""}'
is "no address any more" "$(get '[.email,.email_state]|tostring')" '[null,"none"]'

# ---- nothing of anybody in log lines; the key stays, and is sealed ----
is "no address in the log" "$(grep -c 'home.example\|127.0.0.1:[0-9]*/phone' "$work/log" || true)" 0
is "the key is sealed" "$(sql "SELECT length(value) FROM vault")" 73
key=$(state .push_key)
stop_server
serve --secrets-key "$work/secrets"
is "the same key after a restart" "$(state .push_key)" "$key"
is "no mail server, no e-mail" "$(get .can_email)" false

# ---- a mail server that wants a sign-in ----
stop_server
mail_server "$work/auth" kim "a secret, with spaces"
refused() { # refused WHAT ARG …
    told=$1
    shift
    code=0
    "$LOADWAVE" serve --store "$work/other.db" --listen 127.0.0.1:0 "$@" >"$work/said" 2>&1 || code=$?
    is "$told" "$code" 2
}
with="--smtp smtp://127.0.0.1:$(cat "$work/auth/port")"
# shellcheck disable=SC2086
{
    refused "no address to come from" $with
    refused "an address without a server" --mail-from a@b.example
    refused "a name without a password" $with --mail-from a@b.example --mail-user kim
    : >"$work/password"
    refused "an empty password" $with --mail-from a@b.example --mail-user kim --mail-password-file "$work/password"
    refused "no mail server" --smtp http://127.0.0.1 --mail-from a@b.example
}
echo "wrong" >"$work/password"
# shellcheck disable=SC2086
serve --secrets-key "$work/secrets" $with --mail-from reminders@clinic.example --mail-user kim --mail-password-file "$work/password"
call patient POST /me/reminders/email '{"email":"ana@home.example"}'
until_there "a wrong password waits for who runs it" sql_is "SELECT tries FROM outbox" 1
stop_server
printf 'a secret, with spaces\nsecond line\n' >"$work/password"
clock "$fourth 18:05"
# shellcheck disable=SC2086
serve --secrets-key "$work/secrets" $with --mail-from reminders@clinic.example --mail-user kim --mail-password-file "$work/password"
until_there "the right one, after a restart, with what waited" test -f "$work/auth/1.eml"
is "the password is nowhere" "$(cat "$work/log" "$work/out" | grep -c 'a secret' || true)" 0
stop_server
rm "$work/secrets"
sql "UPDATE account SET totp = NULL, totp_on = 0"
serve --secrets-key "$work/secrets"
is "a key that is lost is made anew" "$([ "$(state .push_key)" != "$key" ] && echo anew)" anew
is "and subscriptions end" "$(get '[.push_on,(.browsers|length)]|tostring')" '[false,0]'
has "it is said" "$(cat "$work/log")" "turns them on again"

# ---- erasing takes all of it ----
call patient POST /me/calendar '{}'
call patient DELETE "/patients/$me?confirm=$me"
is "erased" "$status" 200
is "nothing left" "$(sql "SELECT (SELECT count(*) FROM reminder) + (SELECT count(*) FROM push) + (SELECT count(*) FROM outbox) + (SELECT count(*) FROM feed)")" 0
done_testing
