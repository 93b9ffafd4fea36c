#!/bin/sh
# The clinician's queue: the worst on top, acknowledging, putting away, paging, the burden.
. tests/server/lib.sh
serve
staff
patient
call staff GET '/queue?responsible=all'
is "the queue" "$status" 200
is "the red flag is on top" "$(get '.cards[0].patient+" "+.cards[0].cards[0].kind')" "demo-02 red_flag"
is "a patient stands there once" "$(get '[.cards[].patient]|length==(unique|length)')" true
is "by urgency" "$(get '[.cards[].cards[0].priority]|.==(sort|reverse)')" true
is "counted" "$(get '.total==(.cards|length)')" true
cards=$(get .total)

# In pages of one: the same people in the same order.
whole=$(get '[.cards[].patient]|join(" ")')
paged=
next=
while :; do
    call staff GET "/queue?responsible=all&limit=1$next"
    paged="$paged${paged:+ }$(get '.cards[0].patient')"
    [ "$(get .next)" != null ] || break
    next="&after=$(get '.next|@uri')"
done
is "page by page" "$paged" "$whole"

# Whose: nobody's patients are everybody's.
call staff GET '/queue'
is "the caller's own" "$(get .total)" "$cards"
call staff GET '/queue?responsible=00000000-0000-4000-8000-000000000000'
is "of nobody we know: only those that nobody looks after" "$(get '[.cards[].responsible]|unique|tostring')" "[null]"

# A red flag can be acknowledged, not put away.
call staff POST /queue/demo-02/snooze "{\"kind\":\"red_flag\",\"until\":\"$(date -u -d "@$(($(now) + 3 * 86400))" +%F)\",\"reason\":\"later\"}"
is "putting a red flag away" "$status $(get .code)" "403 LW_ERR_FORBIDDEN"
call staff POST /queue/demo-02/acknowledge '{"kind":"red_flag","reason":"called"}'
is "acknowledging" "$status" 200
call staff GET '/queue?responsible=all'
is "it stays, below the others" "$(get '.cards[-1].patient')" demo-02
is "with its time" "$(get '.cards[-1].cards[]|select(.kind=="red_flag").acked_s')" "$(now)"
call staff POST /queue/demo-02/acknowledge '{"kind":"nothing"}'
is "a card that is not there" "$status $(get .code)" "404 LW_ERR_NOT_FOUND"

# A second report of the same sign is news.
me=demo-02
call staff POST /patients/$me/events "{\"events\":[$(event symptom '{"flag":"RF02"}' "clinician:$account")]}"
call staff GET '/queue?responsible=all'
is "on top again" "$(get '.cards[0].patient')" demo-02

# Putting away: gone until its day.
until=$(date -u -d "@$(($(now) + 2 * 86400))" +%F)
call staff GET '/queue?responsible=all'
kinds=$(get '.cards[]|select(.patient=="demo-06").cards[].kind')
for kind in $kinds; do
    call staff POST /queue/demo-06/snooze "{\"kind\":\"$kind\",\"until\":\"$until\",\"reason\":\"seen on Monday\"}"
    is "put away $kind" "$status" 200
done
call staff GET '/queue?responsible=all'
is "gone" "$(get '[.cards[]|select(.patient=="demo-06")]|length')" 0
call staff POST /queue/demo-03/snooze "{\"kind\":\"flare\",\"until\":\"$(date -u -d "@$(($(now) + 29 * 86400))" +%F)\",\"reason\":\"x\"}"
is "too far ahead" "$status $(get .code)" "422 LW_ERR_RANGE"
call staff POST /queue/demo-03/snooze "{\"kind\":\"flare\",\"until\":\"$(today)\",\"reason\":\"x\"}"
is "today is not later" "$status $(get .code)" "422 LW_ERR_RANGE"

call staff GET /queue/burden
is "the burden" "$(get '.cards>0 and .acted>0 and .acted<=.cards and .patients==10')" true
is "by kind" "$(get '([.kinds[].cards]|add)==.cards')" true
call staff GET /clinic/usage
is "use" "$(get '.patients==10 and (.weeks|length)==12 and .store_bytes>0 and .weeks[11].checkins>0')" true
call patient GET /queue
is "no queue for patients" "$status $(get .code)" "403 LW_ERR_FORBIDDEN"
call patient POST /queue/demo-01/acknowledge '{"kind":"flare"}'
is "not the own either" "$status $(get .code)" "403 LW_ERR_FORBIDDEN"

# A day later, by the server's clock: the sweep at the start folds anew, the card that was put away is still away.
stop_server
clock "@$(($(now) + 86400))"
serve
staff
tries=0
while :; do
    call staff GET '/queue?responsible=all'
    [ "$(get '[.cards[]|select(.patient=="demo-06")]|length')" = 0 ] || break
    tries=$((tries + 1))
    [ $tries -lt 10 ] || break
    sleep 0.1
done
is "still away" "$(get '[.cards[]|select(.patient=="demo-06")]|length')" 0
stop_server
clock "@$(($(now) + 86400))"
serve
staff
back() {
    call staff GET '/queue?responsible=all'
    [ "$(get '[.cards[]|select(.patient=="demo-06")]|length')" = 1 ]
}
until_there "back on its day: it" back
done_testing
