#!/bin/sh
# A server that was given a key makes encrypted backups, which restore; one that was given something else does not start.
. tests/server/lib.sh
fails() { # fails WHAT WORDS COMMAND …
    what=$1 words=$2
    shift 2
    "$@" >"$work/said" 2>&1 && is "$what" "it goes on" "a refusal"
    has "$what" "$(cat "$work/said")" "$words"
}
"$LOADWAVE" backup --new-key "$work/backup.key" >"$work/said"
(umask 077 && echo something >"$work/store.txt")
fails "no such key" "cannot be read" "$LOADWAVE" serve --store "$work/x.db" --listen 127.0.0.1:0 --backup-key "$work/none"
fails "not a key" "is not a key" "$LOADWAVE" serve --store "$work/x.db" --listen 127.0.0.1:0 --backup-key "$work/store.txt"
chmod 604 "$work/backup.key"
fails "everybody's key" "chmod 600" "$LOADWAVE" serve --store "$work/x.db" --listen 127.0.0.1:0 --backup-key "$work/backup.key"
chmod 600 "$work/backup.key"

serve --backup-key "$work/backup.key"
staff
call staff POST /clinic/backups
is "a backup is asked for" "$status" 202
file=$work/backups/$(get .file)
for try in $(seq 1 100); do
    [ ! -e "$file" ] || break
    sleep 0.1
done
is "its name says what it is" "${file##*.}" lwb
call staff GET /clinic/backups
is "it is in the list" "$(get '.backups[0].file')" "${file##*/}"
is "the folder holds nothing else" "$(ls -A "$work/backups")" "${file##*/}"
is "nobody reads it without the key" "$(grep -c -e SQLite -e 'Demo clinic' "$file")" 0
is "doctor is content, while the server runs" "$("$LOADWAVE" doctor "$work/store.db" | tail -1)" "All is well."
has "it can be restored" "$("$LOADWAVE" restore "$file" --check --key "$work/backup.key" 2>&1)" "Opened and read again: 10 patients"
has "and is" "$("$LOADWAVE" restore "$file" "$work/again.db" --key "$work/backup.key" 2>&1)" "Restored and read again: 10 patients"
done_testing
