#!/bin/sh
# The backups that nobody asks for: one more, read again, and only then the oldest gone; what somebody made by hand stays, and what cannot
# be read again takes the place of nothing.
. tests/server/lib.sh
store=$work/place/s.db
folder=$work/place/backups
mkdir -m 700 "$work/place"
"$LOADWAVE" clinic add "$store" --name North --login ana --origin http://localhost:1 >"$work/clinic"
start --store "$store"
call ana POST "/invites/$(sed -n 's/.*#\/i\///p' "$work/clinic")/accept" '{"password":"a quiet boat of wet paper"}'
is "a row in the trail" "$status" 200
stop_server
"$LOADWAVE" backup --new-key "$work/place/b.key" >/dev/null
"$LOADWAVE" backup --new-key "$work/place/other.key" >/dev/null
export LW_TEST_NOW_FILE="$work/now"
day() { date -u -d "2026-03-0$1 06:05:00" +%s >"$work/now"; }
rotate() { # rotate CODE WORDS [ARG …]
    wanted=$1 words=$2
    shift 2
    code=0
    "$LOADWAVE" backup "$@" >"$work/said" 2>&1 || code=$?
    is "exit code for: $words" "$code" "$wanted"
    has "said" "$(tr '\n' ' ' <"$work/said")" "$words"
}
files() { LC_ALL=C ls -A "$folder" | tr '\n' ' '; }
auto() { printf 'loadwave-2026-03-0%sT060500Z-auto.%s ' "$1" "${2:-lwb}"; }
key="--key $work/place/b.key"

# Day by day, three are kept.
for n in 1 2 3; do
    day $n
    rotate 0 "encrypted, and read again" "$store" --folder "$folder" --keep 3 $key
done
is "three" "$(files)" "$(auto 1)$(auto 2)$(auto 3)"
is "the folder is its owner's alone" "$(stat -c %a "$folder")" 700
is "and so is what is in it" "$(stat -c %a "$folder"/* | sort -u)" 600
cp "$folder/loadwave-2026-03-01T060500Z-auto.lwb" "$folder/loadwave-2026-03-01T060501Z.lwb" # as the console names its own
cp "$store" "$folder/before-the-move.sqlite"
echo "no backup" >"$folder/loadwave-2026-02-01T060500Z-auto.lwb"
ln -s "$store" "$folder/loadwave-2026-02-02T060500Z-auto.sqlite"
theirs=$(cd "$folder" && echo before-the-move.sqlite loadwave-2026-02-01T060500Z-auto.lwb loadwave-2026-02-02T060500Z-auto.sqlite)" "
day 4
rotate 0 "Kept: 3. Removed: 1." "$store" --folder "$folder" --keep 3 $key
is "the oldest went, and nothing of somebody else's" "$(files)" "${theirs}loadwave-2026-03-01T060501Z.lwb $(auto 2)$(auto 3)$(auto 4)"
has "the newest restores" "$("$LOADWAVE" restore "$folder/loadwave-2026-03-04T060500Z-auto.lwb" --check $key)" "Opened and read again"
(cd "$folder" && rm -f $theirs loadwave-2026-03-01T060501Z.lwb)
rotate 2 "there is something already" "$store" --folder "$folder" --keep 3 $key
is "the same moment twice takes nothing away" "$(files)" "$(auto 2)$(auto 3)$(auto 4)"

# A clock that was ahead: what it made neither counts nor goes.
day 9
rotate 0 "Kept: 3" "$store" --folder "$folder" --keep 3 $key
day 5
rotate 0 "Kept: 3. Removed: 0." "$store" --folder "$folder" --keep 3 $key
is "from a clock that was ahead" "$(files)" "$(auto 3)$(auto 4)$(auto 5)$(auto 9)"
rm "$folder/loadwave-2026-03-09T060500Z-auto.lwb"

# What cannot be made or read again.
day 6
rotate 4 "cannot be read" "$store" --folder "$folder" --key "$work/none.key"
rotate 2 "No such file" "$work/place/none.db" --folder "$folder" $key
rotate 2 "1 to 1000" "$store" --folder "$folder" --keep 0 $key
rotate 2 "1 to 1000" "$store" --folder "$folder" --keep 3x $key
rotate 2 "are needed" "$store" --keep 3
is "nothing went" "$(files)" "$(auto 3)$(auto 4)$(auto 5)"
(
    exec 9<"$folder"
    flock 9
    rotate 4 "another program is making a backup" "$store" --folder "$folder" --keep 3 $key
    [ "$failed" = 0 ]
) || failed=$((failed + 1))
cp "$store" "$work/place/sound.db"
sqlite3 "$store" "UPDATE audit SET detail = 'x' WHERE seq = 1"
rotate 2 "no older one was removed" "$store" --folder "$folder" --keep 1 $key
is "set aside" "$(files)" "$(auto 3)$(auto 4)$(auto 5)loadwave-unverified.lwb "
day 7
rotate 2 "no older one was removed" "$store" --folder "$folder" --keep 1 $key
is "one at most" "$(files)" "$(auto 3)$(auto 4)$(auto 5)loadwave-unverified.lwb "
rm "$folder/loadwave-unverified.lwb"
mv "$work/place/sound.db" "$store"

# A full disk: nothing is left of the new one, and nothing went.
if [ "$(id -u)" = 0 ] && mkdir "$work/small" && mount -t tmpfs -o size=1m,mode=700 none "$work/small" 2>/dev/null; then
    trap 'stop_server; umount "$work/small" 2>/dev/null || true; rm -rf "$work"' EXIT
    cp "$folder/loadwave-2026-03-05T060500Z-auto.lwb" "$work/small/" 
    dd if=/dev/zero of="$work/small/fill" bs=4k 2>/dev/null || true
    rotate 4 "full" "$store" --folder "$work/small" --keep 1 $key
    is "on a full disk" "$(ls -A "$work/small" | tr '\n' ' ')" "fill $(auto 5)"
    umount "$work/small"
else
    echo "left out: a full disk (no mount here)"
fi

# As the installed service: all from the settings; the server's own folder and key where there are no others.
set_file() { printf '%s\n' "LOADWAVE_OPTIONS=\"--store $store $1\"" "$2" "$3" "$4" >"$work/settings"; }
set_file "" "LOADWAVE_BACKUP_FOLDER=$folder" "LOADWAVE_BACKUP_KEEP=1" "LOADWAVE_BACKUP_KEY=$work/place/other.key"
rotate 0 "Kept: 1. Removed: 3." --settings "$work/settings"
is "by the settings" "$(files)" "$(auto 7)"
has "with their key" "$("$LOADWAVE" restore "$folder/loadwave-2026-03-07T060500Z-auto.lwb" --check --key "$work/place/other.key")" "Opened"
day 8
set_file "--backups $folder --backup-key $work/place/b.key" "" "" "LOADWAVE_BACKUP_KEY="
rotate 0 "Kept: 2. Removed: 0." --settings "$work/settings"
has "with the server's key" "$("$LOADWAVE" restore "$folder/loadwave-2026-03-08T060500Z-auto.lwb" --check $key)" "Opened"
day 9
set_file "--backups $folder" "" "" ""
rotate 0 "not encrypted, and read again" --settings "$work/settings"
is "without a key it says so by its name" "$(files)" "$(auto 7)$(auto 8)$(auto 9 sqlite)"
set_file "--backups $folder" "LOADWAVE_BACKUP_KEEP=many" "" ""
rotate 2 "LOADWAVE_BACKUP_KEEP is a number" --settings "$work/settings"
rotate 4 "cannot be read" --settings "$work/no-settings"
done_testing
