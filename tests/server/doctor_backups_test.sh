#!/bin/sh
# What doctor says of backups that are there, and of whom push services are told to write to.
. tests/server/lib.sh
trap 'stop_server; umount "$work/disk" 2>/dev/null || true; rm -rf "$work"' EXIT
place=$work/place
mkdir -m 700 "$place"
store=$place/s.db
folder=$place/backups
"$LOADWAVE" clinic add "$store" --name North --login ana >/dev/null
"$LOADWAVE" backup --new-key "$place/b.key" >/dev/null
"$LOADWAVE" backup --new-key "$work/other.key" >/dev/null
settings() { printf '%s\n' "LOADWAVE_ORIGIN=${ORIGIN:-http://localhost:1}" LOADWAVE_LISTEN=127.0.0.1:0 "LOADWAVE_OPTIONS=$1" "LOADWAVE_BACKUP_KEY=$2" >"$work/settings"; }
doctor() { # doctor CODE WORDS [ARG …]
    wanted=$1 words=$2
    shift 2
    code=0
    "$LOADWAVE" doctor "$store" "$@" >"$work/said" 2>&1 || code=$?
    is "exit code for: $words" "$code" "$wanted"
    has "said" "$(tr '\n' ' ' <"$work/said" | tr -s ' ')" "$words"
}
settings "" "$place/b.key"
doctor 0 "There is no backup" --settings "$work/settings"
"$LOADWAVE" backup --settings "$work/settings" >"$work/said" 2>&1 && is "the store of the settings" "there is none" "a refusal"
"$LOADWAVE" backup "$store" --folder "$folder" --key "$place/b.key" >/dev/null
newest=$(ls "$folder"/*.lwb)
doctor 0 "The newest backup can be restored: patients: 0" --settings "$work/settings"
has "and on which disk it is" "$(tr '\n' ' ' <"$work/said" | tr -s ' ')" "stand on the disk of the store and would be lost with it"
doctor 0 "without its key it is not known"
settings "" "$work/other.key"
doctor 1 "The newest backup cannot be restored" --settings "$work/settings"
settings "--backup-key $place/b.key" ""
doctor 0 "can be restored" --settings "$work/settings"
chmod 640 "$newest"
doctor 1 "Others on this machine can open the newest backup (mode 640): chmod 600" --settings "$work/settings"
chmod 600 "$newest"
cp "$newest" "$work/whole.lwb"
printf 'x' | dd of="$newest" bs=1 seek=300 conv=notrunc 2>/dev/null
doctor 1 "damaged, changed or cut off" --settings "$work/settings"
cp "$work/whole.lwb" "$newest"
# An older one that is good does not hide a newest one that is not.
head -c 400 "$work/whole.lwb" >"$folder/newer.lwb"
chmod 600 "$folder/newer.lwb"
touch -d '1 minute ago' "$newest"
doctor 1 "The newest backup cannot be restored" --settings "$work/settings"
rm "$folder/newer.lwb"
touch -d '9 days ago' "$newest"
doctor 1 "the newest 9 days old: make one" --settings "$work/settings"
if [ "$(id -u)" = 0 ] && mkdir "$work/disk" && mount -t tmpfs -o size=8m,mode=700 none "$work/disk" 2>/dev/null; then
    printf '%s\n' "LOADWAVE_BACKUP_FOLDER=$work/disk/b" "LOADWAVE_BACKUP_KEY=$place/b.key" "LOADWAVE_OPTIONS=--store $store" >"$work/settings"
    is "a backup on another disk" "$("$LOADWAVE" backup --settings "$work/settings" | grep -c 'Kept: 1')" 1
    doctor 0 "can be restored" --settings "$work/settings"
    is "another disk" "$(grep -c 'stand on the disk' "$work/said")" 0
    umount "$work/disk"
else
    echo "left out: another disk (no mount here)"
fi
rm -rf "$folder"

# Whom push services are told to write to.
settings "" ""
doctor 0 "are told http://localhost:1; most refuse" --settings "$work/settings"
ORIGIN=http://x.example settings "" ""
doctor 1 "want to know whom to write to, mailto: or https:, and are told http://x.example" --settings "$work/settings"
ORIGIN=https://x.invalid settings "--proxy" ""
doctor 0 "Push services are told whom to write to: https://x.invalid." --settings "$work/settings"
settings "--smtp smtp://127.0.0.1:1 --mail-from clinic@north.example" ""
doctor 1 "Push services are told whom to write to: mailto:clinic@north.example." --settings "$work/settings" # 1: nobody takes mail there
settings "--smtp smtp://127.0.0.1:1 --mail-from clinic" ""
doctor 1 "mailto:clinic as whom to write to, and that is no address" --settings "$work/settings"
done_testing
