#!/bin/sh
# No secret and nothing of a person in what the server writes beside its store: standard output and error, /metrics, problems,
# the audit trail. Everything that is secret here is noted in $work/secrets while it is used, rightly and wrongly, in bodies,
# in addresses and in headers; at the end each is looked for, as it is, percent-encoded and in hexadecimal.
# What the first start prints (the demo's sign-ins, on standard output, for whoever starts it) is kept apart: there they belong.
. tests/server/lib.sh
LC_ALL=C
export LC_ALL
serve --secrets-key "$work/secrets.key"
: >"$work/secrets"
: >"$work/said"
secret() { printf '%s\n' "$1" >>"$work/secrets"; }
# Like call, and what a refusal says is kept.
try() {
    call "$@"
    [ "$status" -lt 400 ] || {
        cat "$work/answer" "$work/headers" >>"$work/said"
        echo >>"$work/said"
    }
}
raw() {
    curl -s -m 10 -o "$work/answer" -D "$work/headers" --path-as-is "$@" || true
    cat "$work/answer" "$work/headers" >>"$work/said"
}
cookie_of() { sed -n 's/.*lw_session[[:space:]]*//p' "$work/$1"; }
digits() {
    python3 -c '
import base64, hashlib, hmac, struct, sys
mac = hmac.new(base64.b32decode(sys.argv[1]), struct.pack(">Q", int(sys.argv[2]) // 30), hashlib.sha1).digest()
at = mac[-1] & 15
print("%06d" % ((struct.unpack(">I", mac[at:at + 4])[0] & 0x7FFFFFFF) % 1000000))' "$1" "$(now)"
}

secret "$(sed -n "s/^loadwave-secrets-key-1 //p" "$work/secrets.key")"

# The demo is on standard output up to here; all after it is for everybody's eyes.
before=$(wc -c <"$work/out")

# Passwords: right, wrong, in place of a name, in an address, in a query, in headers.
staff
secret "$password"
secret "$(cookie_of staff)"
for wrong in 'canary wrong password one' 'canary wrong password two'; do
    secret "$wrong"
    try nobody POST /sign-in "{\"login\":\"kim\",\"password\":\"$wrong\"}"
    is "a wrong password" "$status" 401
done
try nobody POST /sign-in "{\"login\":\"canary wrong password two\",\"password\":\"$password\"}"
is "typed into the wrong field" "$status" 401
try nobody POST /sign-in "{\"login\":\"kim\",\"password\":\"$password\",\"pass\":\"canary wrong password one\"}"
is "one name too many" "$status" 422
try nobody POST /sign-in "{\"login\":\"kim\",\"password\":\"$password\""
is "half a body" "$status" 400
try nobody POST /sign-in "{\"login\":\"kim\",\"password\":[\"$password\"]}"
is "of another type" "$status" 422
secret canary-in-the-query
secret canary-in-the-path
secret canary-in-a-header
try staff GET '/queue?token=canary-in-the-query'
is "a secret in the query" "$status" 422
raw -b "$work/staff" "$base/api/v1/patients/canary-in-the-path/plan?on=$(today)&key=canary-in-the-query"
raw "$base/canary-in-the-path?canary-in-the-query"
raw "$base/api/v1/canary-in-the-path%zz"
raw -H 'Authorization: Bearer canary-in-a-header' -H 'X-Api-Key: canary-in-a-header' "$base/api/v1/me"
raw -H 'Cookie: lw_session=canary-in-a-header' "$base/api/v1/me"
raw -H 'Host: canary-in-a-header.example' "$base/api/v1/me"
raw -H 'Origin: https://canary-in-a-header.example' "$base/api/v1/me"
raw -H 'User-Agent: canary-in-a-header' -H 'Referer: http://localhost/?canary-in-the-query' "$base/"
raw -X CANARY-IN-A-HEADER "$base/api/v1/me"
raw -H 'X-Request-Id: canary-in-a-header' "$base/api/v1/about"

# Bytes that are no request, with a cookie in them, and one so large that it is refused before anybody reads it.
python3 - "$port" "$(cookie_of staff)" >>"$work/said" <<'P'
import socket, sys
port, cookie = int(sys.argv[1]), sys.argv[2].encode()
for bytes_ in (b"GET / canary-in-the-path HTTP/9.9\r\n\r\n", b"GET /canary-in-the-path HTTP/1.1\r\nCookie lw_session=" + cookie + b"\r\n\r\n",
               b"GET / HTTP/1.1\r\nHost: localhost:%d\r\nCookie: lw_session=%s; x=%s\r\n\r\n" % (port, cookie, b"a" * 70000),
               b"\x16\x03\x01canary-in-a-header\r\n\r\n",
               b"POST /api/v1/sign-in HTTP/1.1\r\nHost: localhost:%d\r\nContent-Length: 99\r\n\r\n{\"password\":\"canary wrong password one" % port):
    s = socket.create_connection(("127.0.0.1", port), 5)
    s.settimeout(2)
    try:
        s.sendall(bytes_)
        s.shutdown(socket.SHUT_WR)
        while True:
            got = s.recv(65536)
            if not got:
                break
            sys.stdout.write(got.decode("latin-1"))
    except OSError:
        pass
    s.close()
P

# Line breaks and control characters: a log has one line a request, whatever is asked.
raw "$base/api/v1/me%0a%7b%22level%22%3a%22error%22%7d%0d%0a"
try nobody POST /sign-in '{"login":"kim\n{\"level\":\"error\"}","password":"canary wrong password one"}'

# An authenticator: begun, confirmed with a wrong and the right code, used, used twice.
try staff POST /me/totp
is "an authenticator begins" "$status" 200
seed=$(get .secret)
secret "$seed"
secret "$(printf %s "$seed" | base32 -d | od -An -v -tx1 | tr -d ' \n')"
code=$(digits "$seed")
# Six digits may stand in any number; in a log line they would stand between quotes, as every text does.
secret "\"$code\""
try staff POST /me/totp/confirm '{"code":"canary"}'
[ "$status" -ge 400 ] || is "a wrong code" "$status" "a refusal"
try staff POST /me/totp/confirm "{\"code\":\"$code\"}"
is "the right one" "$status" 200
try nobody POST /sign-in "{\"login\":\"kim\",\"password\":\"$password\"}"
is "the code is asked for" "$status $(get .code)" "401 LW_ERR_SECOND_FACTOR"
try nobody POST /sign-in "{\"login\":\"kim\",\"password\":\"$password\",\"code\":\"$code\"}"
is "a used one is refused" "$status" 401
clock "@$(($(now) + 60))"
code=$(digits "$seed")
secret "\"$code\""
try staff POST /sign-in "{\"login\":\"kim\",\"password\":\"$password\",\"code\":\"$code\"}"
is "a fresh one opens" "$status" 200
secret "$(cookie_of staff)"

# A passkey: challenge and an answer that is none. (One that is right needs a browser: tests/outer/passkey_test.c.)
try nobody POST /passkeys/challenge '{"purpose":"sign_in"}'
challenge=$(get .challenge)
secret "$challenge"
try nobody POST /passkeys/sign-in "{\"id\":\"$challenge\",\"client_data\":\"$challenge\",\"authenticator_data\":\"$challenge\",\"signature\":\"$challenge\"}"
[ "$status" -ge 400 ] || is "no passkey" "$status" "a refusal"

# Invites: made, looked at, used, used again, wrong.
try staff POST /patients '{"name":"Zqx Canaryname","language":"en","country":"GB"}'
secret Canaryname
if [ "$status" = 200 ] || [ "$status" = 201 ]; then
    them=$(get '.patient // .id')
    try staff POST "/patients/$them/invite"
    is "an invite is made" "$status" 200
    link=$(get .token)
    secret "$link"
    try nobody GET "/invites/$link"
    is "it is looked at" "$status" 200
else
    is "a patient is added" "$status" 200
fi
patient
secret "$token"
secret "$(cookie_of patient)"
try nobody POST "/invites/$token/accept" '{}'
is "an invite is used once" "$status" 404
try nobody GET "/invites/$token"
try nobody GET "/invites/${token}x"
try nobody POST "/invites/$token/accept" '{"password":"canary wrong password one"}'

# Free text: in an event that is taken, in one that is refused; a search for a name.
secret canaryfreetext
try patient POST "/patients/$me/events" "{\"events\":[$(event note '{"text":"canaryfreetext hurts"}')]}"
is "a note is taken" "$status" 200
try patient POST "/patients/$me/events" "{\"events\":[$(event note '{"text":7,"canaryfreetext":"canaryfreetext"}')]}"
[ "$status" -ge 400 ] || is "a note that is none" "$status" "a refusal"
try patient POST "/patients/$me/events" "{\"events\":[$(event checkin '{"pain_morning":"canaryfreetext"}')]}"
try staff GET '/patients?search=Canaryname'
try staff GET "/patients/$me/events"
try staff GET "/patients/$me/export"
is "an export" "$status" 200

# Another password, and out.
fresh='canary brand new sentence'
secret "$fresh"
try staff POST /me/password "{\"old\":\"canary wrong password two\",\"new\":\"$fresh\"}"
is "the old one wrong" "$status" 422
try staff POST /me/password "{\"old\":\"$password\",\"new\":\"$fresh\"}"
is "the password changes" "$status" 200

# The audit trail as an admin sees it, the numbers, and what the program said when it was stopped and started anew.
try staff GET /clinic/audit
[ "$status" = 403 ] || cat "$work/answer" >>"$work/said"
try staff GET /clinic/audit/export
[ "$status" = 403 ] || cat "$work/answer" >>"$work/said"
curl -s "$base/metrics" >>"$work/said"
try staff POST /sign-out
cp "$work/log" "$work/logs"
tail -c +$((before + 1)) "$work/out" >>"$work/logs"
sql 'SELECT seq, account, route, patient, detail, status FROM audit' >>"$work/said"
# Nor does the store have an authenticator as it is.
sql "SELECT hex(totp) FROM account WHERE totp IS NOT NULL" >>"$work/said"
is "an authenticator is kept" "$(sql "SELECT COUNT(*) FROM account WHERE length(totp) > 20")" 1
is "the trail is there" "$(sql 'SELECT COUNT(*) > 10 FROM audit')" 1

# A store that breaks under a handler: 500 or 503, and still not a word of what was asked.
clock "@$(($(now) + 60))"
code=$(digits "$seed")
secret "\"$code\""
sql 'ALTER TABLE session RENAME TO session_gone'
try nobody POST /sign-in "{\"login\":\"kim\",\"password\":\"$fresh\",\"code\":\"$code\"}"
is "a broken store" "$([ "$status" -ge 500 ] && echo broken)" broken
sql 'ALTER TABLE session_gone RENAME TO session'
stop_server
cat "$work/log" >>"$work/logs"

is "every line is JSON" "$(jq -c . "$work/log" | wc -l | tr -d ' ')" "$(wc -l <"$work/log" | tr -d ' ')"
[ "$(wc -l <"$work/secrets")" -ge 20 ] || is "secrets to look for" "$(wc -l <"$work/secrets")" "20 or more"
# The search is checked too: what is put there on purpose is found.
printf 'x %s y\n' "$(printf 'a planted secret' | od -An -v -tx1 | tr -d ' \n')" >>"$work/planted"
finds() {
    hex=$(printf %s "$1" | od -An -v -tx1 | tr -d ' \n')
    encoded=$(jq -rn --arg s "$1" '$s | @uri')
    shift
    grep -iFl -e "$one" -e "$hex" -e "$encoded" "$@" 2>/dev/null || true
}
one='a planted secret'
is "what is planted is found" "$(finds "$one" "$work/planted")" "$work/planted"
while IFS= read -r one; do
    checks=$((checks + 1))
    found=$(finds "$one" "$work/logs" "$work/said")
    if [ -n "$found" ]; then
        failed=$((failed + 1))
        echo "\"$one\" stands in: $found"
        grep -iF -e "$one" -e "$hex" -e "$encoded" $found | head -n 3 | cut -c1-300
    fi
done <"$work/secrets"
done_testing
