#!/bin/sh
# A disk that becomes full or read-only while the server runs: /healthz says what is the matter, doctor repeats it, what was read meanwhile
# gets its row of the trail when there is room, and all is well again by itself.
. tests/server/lib.sh
trap 'stop_server; umount "$work/disk" 2>/dev/null || true; rm -rf "$work"' EXIT
health() { curl -s -o "$work/health" -w '%{http_code}' "$base/healthz"; }
is_unwell() { [ "$(health)" = 503 ]; }
is_well() { [ "$(health)" = 200 ]; }
metric() { curl -s "$base/metrics" | sed -n "s/^$1 //p"; }
metric_is() { [ "$(metric "$1")" = "$2" ]; }
rows() { sqlite3 "$1" "SELECT count(*) FROM audit WHERE route = 'plan' AND status = 200"; }
note() { call patient POST "/patients/$me/events" "{\"events\":[$(event note '{"text":"x"}')]}"; }
no_secret() { # nothing of a path, a name or a sign-in
    has "no place and no name" "x$(tr '\n' ' ' <"$work/health" | grep -c -e "$work" -e '/' -e kim -e "$me")" x0
}
port_settings() { printf 'LOADWAVE_ORIGIN=http://localhost:%s\nLOADWAVE_LISTEN=127.0.0.1:%s\n' "$port" "$port" >"$work/settings"; }

mkdir "$work/disk"
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=24m,mode=700 none "$work/disk" 2>/dev/null; then
    serve --store "$work/disk/store.db"
    staff
    patient
    port_settings
    note
    is "a note" "$status" 200
    call patient GET "/patients/$me/plan?on=$(today)"
    is "a read" "$status" 200
    until_there "its row" metric_is loadwave_audit_waiting 0
    sleep 1
    before=$(rows "$work/disk/store.db")
    is "well" "$(health) $(cat "$work/health")" '200 {"status":"ok"}'

    dd if=/dev/zero of="$work/disk/fill" bs=4k 2>/dev/null || true
    tries=0
    while note && [ "$status" = 200 ] && [ $tries -lt 3000 ]; do tries=$((tries + 1)); done
    is "a write on a full disk" "$status $(get .code)" "507 LW_ERR_FULL"
    is "health" "$(health)" 503
    is "its words" "$(jq -r '.status + ": " + .reason' "$work/health")" \
        "unwell: The disk of the store is full: nothing can be stored, and the audit trail waits."
    no_secret
    for n in 1 2 3 4 5; do
        call patient GET "/patients/$me/plan?on=$(today)"
        is "a read goes on" "$status" 200
    done
    is "and stays unwell" "$(health)" 503
    code=0
    "$LOADWAVE" doctor "$work/disk/store.db" --settings "$work/settings" >"$work/said" 2>&1 || code=$?
    has "doctor says it, too" "$(tr '\n' ' ' <"$work/said" | tr -s ' ')" "is not well: The disk of the store is full"
    is "and calls for action" "$([ $code = 0 ] && echo no || echo yes)" yes

    rm "$work/disk/fill"
    until_there "well by itself" is_well
    until_there "no row waits" metric_is loadwave_audit_waiting 0
    is "no row was lost" "$(metric loadwave_audit_lost_total)" 0
    note
    is "a note is stored" "$status" 200
    stop_server
    is "each read has its row" "$(rows "$work/disk/store.db")" $((before + 5))
    "$LOADWAVE" doctor "$work/disk/store.db" >"$work/said" 2>&1 || true
    is "the trail is unbroken" "$(tr '\n' ' ' <"$work/said" | tr -s ' ' | grep -c 'Every chain is unbroken')" 1
    umount "$work/disk"
else
    echo "left out: a full disk (no mount here)"
    [ -z "${LW_STRICT:-}" ] || exit 1
fi

# A disk that becomes read-only, and rows that still wait when the server ends.
if ${CC:-cc} -shared -fPIC -o "$work/read_only.so" tests/store/read_only.c 2>"$work/said"; then
    rm -f "$work/patient" "$work/staff"
    LW_READ_ONLY=$work/flag LD_PRELOAD=$work/read_only.so ASAN_OPTIONS=verify_asan_link_order=0 TSAN_OPTIONS=ignore_noninstrumented_modules=1 serve
    patient
    is "well" "$(health)" 200
    touch "$work/flag"
    call patient GET "/patients/$me/plan?on=$(today)"
    is "a read" "$status" 200
    until_there "unwell, though nobody writes" is_unwell
    has "its words" "$(cat "$work/health")" "read-only or failing"
    no_secret
    until_there "the row waits" metric_is loadwave_audit_waiting 1
    rm "$work/flag"
    until_there "well again" is_well
    until_there "no row waits" metric_is loadwave_audit_waiting 0
    touch "$work/flag"
    call patient GET "/patients/$me/plan?on=$(today)"
    until_there "a row waits" metric_is loadwave_audit_waiting 1
    stop_server
    is "what is lost at the end is said" "$(grep -c 'a row could not be written: LW_ERR_IO' "$work/log")" 1
    rm "$work/flag"
else
    echo "no compiler: a disk that becomes read-only was not tried: $(head -1 "$work/said")"
    [ -z "${LW_STRICT:-}" ] || exit 1
fi
done_testing
