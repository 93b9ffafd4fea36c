#!/bin/sh
# A disk that cannot be written to: at the start the server says so and ends; while it runs, writes are refused with a problem, reads
# go on, and when the disk is back so is everything.
. tests/server/lib.sh
refuses() { # refuses WHAT WORDS COMMAND …
    what=$1 words=$2
    shift 2
    code=0
    timeout 10 "$@" >"$work/said" 2>&1 || code=$?
    is "$what: exit code" "$code" 4
    has "$what" "$(cat "$work/said")" "$words"
}
as=
if [ "$(id -u)" = 0 ]; then
    as="setpriv --reuid=65534 --regid=65534 --clear-groups" # for root no file is read-only
    chmod 755 "$work"
fi
cp "$LOADWAVE" "$work/loadwave" # where nobody may run it
chmod 755 "$work/loadwave"
mkdir "$work/clinic"
serve --store "$work/clinic/store.db"
stop_server
[ -z "$as" ] || chown -R 65534:65534 "$work/clinic"
chmod 400 "$work/clinic/store.db"
refuses "a read-only file" "store.db: the file cannot be written to: Permission denied" $as "$work/loadwave" serve --store "$work/clinic/store.db" --listen 127.0.0.1:0
chmod 600 "$work/clinic/store.db"
chmod 500 "$work/clinic"
refuses "a read-only folder" "folder cannot be written to" $as "$work/loadwave" serve --store "$work/clinic/store.db" --listen 127.0.0.1:0
refuses "a new file in a read-only folder" "new.db: Permission denied" $as "$work/loadwave" serve --store "$work/clinic/new.db" --listen 127.0.0.1:0
rm -f "$work/clinic/store.db-shm" "$work/clinic/store.db-wal"
refuses "doctor in a read-only folder" "Copy the file" $as "$work/loadwave" doctor "$work/clinic/store.db"
chmod 700 "$work/clinic"
mkdir "$work/place"
chmod 555 "$work/place"
refuses "a backup into a read-only folder" "Permission denied" $as "$work/loadwave" backup "$work/clinic/store.db" "$work/place/copy.db"
is "nothing is left of it" "$(ls -A "$work/place")" ""
rm -rf "$work/clinic"

# While it runs.
if ! ${CC:-cc} -shared -fPIC -o "$work/read_only.so" tests/store/read_only.c 2>"$work/said"; then
    echo "no compiler: a disk that becomes read-only was not tried: $(head -1 "$work/said")"
    [ -z "${LW_STRICT:-}" ] || exit 1
    done_testing
    exit 0
fi
LW_READ_ONLY=$work/flag LD_PRELOAD=$work/read_only.so ASAN_OPTIONS=verify_asan_link_order=0 TSAN_OPTIONS=ignore_noninstrumented_modules=1 serve
staff
patient
note() { call patient POST "/patients/$me/events" "{\"events\":[$1]}"; }
note "$(event note '{"text":"before"}')"
is "before" "$status" 200
touch "$work/flag"
kept=$(event note '{"text":"while"}')
for try in 1 2 3; do
    note "$kept"
    is "a write" "$status $(get .code) $(get .retryable)" "503 LW_ERR_IO true"
    call patient GET "/patients/$me/plan?on=$(today)"
    is "a read" "$status" 200
    call staff GET "/queue?limit=5"
    is "the queue" "$status" 200
done
rm "$work/flag"
note "$kept"
is "when the disk is back" "$status $(get .added)" "200 1"
stop_server
is "nothing twice, nothing lost" "$("$LOADWAVE" doctor "$work/store.db" | tail -1)" "All is well."
done_testing
