#!/bin/sh
# E-mail when something is wrong with the mail server: certificates that are not good, a wrong password, hours without it, refusals that
# are about us and not about the address, a crash between its "taken" and the store's. A real one (aiosmtpd) with an authority made for
# this test, under a name that is not this machine's (mail.localhost), so that TLS is demanded.
. tests/server/mail_lib.sh
need openssl

mkdir "$work/ca"
sh tests/server/make_certificates.sh "$work/ca" mail.localhost
host=
# mail_with WHAT: another mail server in place of the last: good, other, old, self (STARTTLS with that certificate), tls, plain (no TLS)
mail_with() {
    no_mail_server
    rm -f "$mail/clear" "$mail/secret"
    scheme=smtp
    case $1 in
        plain) set -- ;;
        tls) scheme=smtps && set -- kim "pass word" tls "$work/ca/good.pem" "$work/ca/good.key" ;;
        *) set -- kim "pass word" starttls "$work/ca/$1.pem" "$work/ca/$1.key" ;;
    esac
    mail_server "$mail" "$@"
    mailer=$beside_pid
    host=$scheme://mail.localhost:$(cat "$mail/port")
}
mailer=
no_mail_server() {
    if [ -n "$mailer" ]; then
        exec 3>&-
        wait "$mailer" 2>/dev/null || true
    fi
    mailer=
}
now_s=$(date -u -d "$(date -u +%F) 08:00" +%s)
ahead() { # ahead SECONDS
    now_s=$((now_s + $1))
    clock "@$now_s"
}
ahead 0
printf 'pass word\n' >"$work/password"
chmod 600 "$work/password"
begin() { # the server, with the mail server that is there now
    stop_server
    # shellcheck disable=SC2086
    serve --smtp "$host" --mail-from reminders@clinic.example --mail-user kim --mail-password-file "$work/password" --mail-ca "$work/ca/ca.pem" 3>&- # a mail server ends when nobody holds its input
}
# doctor WORDS: what doctor says of this server
doctor() {
    printf 'LOADWAVE_ORIGIN=http://localhost:8080\nLOADWAVE_LISTEN=127.0.0.1:1\nLOADWAVE_OPTIONS=--smtp %s --mail-from reminders@clinic.example --mail-user kim --mail-password-file %s --mail-ca %s\n' \
        "$host" "$work/password" "$work/ca/ca.pem" >"$work/settings"
    "$LOADWAVE" doctor "$work/store.db" --settings "$work/settings" >"$work/said" 2>&1 || true
    has "doctor" "$(tr -s ' \n' ' ' <"$work/said")" "$1"
}

# ---- certificates that are not good get nothing ----
mail_with other
begin
patient
call patient POST /me/reminders/email '{"email":"ana@home.example"}'
is "an address waits" "$status" 200
tried=0
for which in other old self plain; do
    if [ "$which" != other ]; then
        stop_server
        ahead 4000
        mail_with "$which"
        begin
    fi
    tried=$((tried + 1))
    until_there "$which: a try" sql_is "SELECT tries FROM outbox" $tried
    until_there "$which: its end" sql_is "SELECT failures FROM carrier WHERE channel = 'email'" $tried
    is "$which: nothing but a greeting was heard in clear" "$(sort -u "$mail/clear")" EHLO
    is "$which: and nothing after it" "$(cat "$mail/secret" 2>/dev/null || true)" ""
    is "$which: no letter" "$(mails)" 0
    doctor "✗ The mail server $host"
done
doctor "✗ E-mails have not gone out since"
is "it is not the address's fault" "$(sql "SELECT email_state FROM reminder")" waiting

# ---- the wrong password, then hours without a server, then a good one ----
stop_server
ahead 4000
mail_with good
echo "wrong" >"$work/password"
begin
until_there "a wrong password is a try" sql_is "SELECT tries FROM outbox" 5
until_there "and said" sql_is "SELECT why LIKE '%(AUTH: 535%' FROM carrier WHERE channel = 'email'" 1
doctor "refused it (AUTH: 535"
is "no letter" "$(mails)" 0
printf 'pass word\n' >"$work/password"
stop_server
no_mail_server
begin
for hour in 1 2 3; do
    ahead 3660
    until_there "hour $hour without a server" sql_is "SELECT tries FROM outbox" $((5 + hour))
    begin # the rest after a try without an answer is a real half minute
done
stop_server
mail_with good
begin
ahead 3660
until_there "then it goes" mail_is 1
until_there "and waits no more" sql_is "SELECT count(*) FROM outbox" 0
is "over TLS alone" "$(sort -u "$mail/clear")" EHLO
is "what went wrong is over" "$(sql "SELECT failed_s || why FROM carrier WHERE channel = 'email'")" 0
doctor "✓ The mail server $host takes mail from here"
token=$("$python" -c 'import email,email.policy,sys,re; print(re.search(r"#/confirm/([\w-]+)", email.message_from_binary_file(open(sys.argv[1],"rb"), policy=email.policy.default).get_content()).group(1))' "$mail/1.eml")
call nobody POST /email/confirm "{\"token\":\"$token\"}"
is "confirmed" "$status" 200

# ---- implicit TLS ----
call patient PATCH /me/reminders '{"zone":"UTC","from":1,"until":1440,"exercises":1,"email_on":true}'
stop_server
mail_with tls
begin
doctor "✓ The mail server $host takes mail from here"
# A reminder of the next day, as this test's clock is anywhere in its day.
day() { now_s=$((now_s - now_s % 86400 + 86400 + 8 * 3600)) && ahead 0; }
day
until_there "by smtps, too" mail_is 2
until_there "and waits no more" sql_is "SELECT count(*) FROM outbox" 0

# ---- refusals that are not about the address ----
echo relay >"$mail/does"
day
until_there "no relaying is a try" sql_is "SELECT tries FROM outbox" 1
until_there "and said" sql_is "SELECT why LIKE '%(RCPT: 550 5.7.1%' FROM carrier WHERE channel = 'email'" 1
is "and waits for who can mend it" "$(sql "SELECT email_state FROM reminder")" confirmed
echo take >"$mail/does"
ahead 70
until_there "mended, it goes" mail_is 3
echo full >"$mail/does"
day
until_there "a full box gives up this one" sql_is "SELECT given_up FROM carrier WHERE channel = 'email'" 1
is "but not the address" "$(sql "SELECT email_state || email_on FROM reminder")" confirmed1
echo refuse >"$mail/does"
for time in 1 2 3; do
    is "not refused yet ($time)" "$(sql "SELECT email_state FROM reminder")" confirmed
    day
    until_there "refused ($time)" sql_is "SELECT times FROM refusal" $time
done
until_there "three times in a row end it" sql_is "SELECT email_state || email_on FROM reminder" refused0
staff
call staff GET /clinic/post
is "the clinic is told whose" "$(get '.refused|length')" 1
is "and how mail is taken" "$(get '.email.given_up')" 1
call patient GET /clinic/post
is "not for patients" "$status" 403

# ---- killed between the server's "taken" and the store's ----
echo stall >"$mail/does"
rm -f "$mail"/*.eml
call patient POST /me/reminders/email '{"email":"eva@home.example"}'
until_there "the letter is there" mail_is 1
{
    kill -9 "$pid"
    wait "$pid" || true
} 2>/dev/null
pid=
echo take >"$mail/does"
begin
is "it is not sent again at once" "$(mails)" 1
ahead 61
until_there "but once more" mail_is 2
until_there "and then no more" sql_is "SELECT count(*) FROM outbox" 0
is "under the same name" "$(cat "$mail"/*.eml | grep -ci '^message-id' || true)$(cat "$mail"/*.eml | grep -i '^message-id' | sort -u | wc -l)" 21
ahead 4000
begin
is "twice is all" "$(mails)" 2
stop_server
no_mail_server
done_testing
