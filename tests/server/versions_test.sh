#!/bin/sh
# Two versions over one store: a store with the tables of the earlier one is opened, grows what is missing and loses nothing; and what
# the earlier one asks of a store is all there afterwards, column by column, so that it can be gone back to. The two programs
# themselves, as packages: make install-test.
. tests/server/lib.sh
# lost BEFORE AFTER: lines that are not there any more.
lost() {
    LC_ALL=C sort "$1" >"$1.sorted"
    LC_ALL=C sort "$2" >"$2.sorted"
    LC_ALL=C comm -23 "$1.sorted" "$2.sorted" | wc -l
}
serve
patient
me=demo-01
call patient POST "/patients/$me/events" "{\"events\":[$(event note '{"text":"from before"}')]}"
is "a note" "$status" 200
stop_server
sqlite3 "$work/store.db" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null

# The earlier store: its own tables, filled with the rows.
older=$work/older.db
sqlite3 "$older" 'PRAGMA journal_mode=WAL' >/dev/null
sed '1d' tests/store/older_schema.sql | sqlite3 "$older"
tables=$(sqlite3 "$older" "SELECT name FROM sqlite_master WHERE type='table' ORDER BY name")
columns() { for table in $tables; do sqlite3 "$1" "SELECT '$table', name, type, pk FROM pragma_table_info('$table') ORDER BY cid"; done; }
columns "$older" >"$work/columns.older"
{
    echo "ATTACH '$work/store.db' AS now; BEGIN;"
    for table in $tables; do
        names=$(sqlite3 "$older" "SELECT group_concat('\"' || name || '\"') FROM pragma_table_info('$table')")
        echo "INSERT INTO main.$table ($names) SELECT $names FROM now.$table;"
    done
    echo "COMMIT;"
} >"$work/fill.sql"
sqlite3 -bail "$older" <"$work/fill.sql"
rows() { for table in clinic account patient event protocol tombstone; do sqlite3 "$1" "SELECT '$table', * FROM $table ORDER BY 1, 2, 3"; done; }
rows "$older" >"$work/rows.older"
is "it is full" "$([ "$(wc -l <"$work/rows.older")" -gt 300 ] && echo yes)" yes
chmod 600 "$older"
cp "$work/store.db.demo-sign-in.txt" "$older.demo-sign-in.txt"
end=$(sqlite3 "$older" 'SELECT MAX(seq) FROM audit')
sqlite3 "$older" "SELECT seq, hex(hash) FROM audit ORDER BY seq" >"$work/audit.older"

# The later version opens it.
rm -f "$work/patient"
export LW_TEST_NOW_FILE="$work/now" LW_TEST_RATES=off
start --demo --store "$older"
patient
call patient GET "/patients/$me/events?after=0"
is "the earlier note is read" "$(get '[.events[].event|select(.kind=="note")|.data.text]|last')" "from before"
call patient GET /me/reminders
is "what is new works on it" "$status" 200
stop_server
unset LW_TEST_NOW_FILE LW_TEST_RATES
rows "$older" >"$work/rows.later"
is "every row is as it was" "$(lost "$work/rows.older" "$work/rows.later")" 0
sqlite3 "$older" "SELECT seq, hex(hash) FROM audit WHERE seq <= $end ORDER BY seq" >"$work/audit.later"
is "the trail goes on where it was" "$(cmp "$work/audit.older" "$work/audit.later" && echo same)" same
is "doctor is content" "$("$LOADWAVE" doctor "$older" | tail -n 1)" "All is well."

# Going back.
columns "$older" >"$work/columns.later"
is "the earlier tables have the earlier columns" "$(diff "$work/columns.older" "$work/columns.later" && echo same)" same
columns "$work/store.db" >"$work/columns.new"
is "a new store, too" "$(diff "$work/columns.older" "$work/columns.new" && echo same)" same
done_testing
