#!/bin/sh
# The package under a real systemd: a Debian 12 of debootstrap with Debian's kernel, booted three times by qemu (emulated, no KVM and
# no network needed). What happens inside is boot_guest.sh. Root; `make boot-test`, about 15 minutes.
# Usage: boot.sh BUILD. LW_MIRROR: a Debian mirror. BREAK=FILE: a shell script that is run inside after the upgrade, to see red.
set -eu
build=$1
scratch=$PWD/build/boot-test
mirror=${LW_MIRROR:-http://deb.debian.org/debian}
LW_OLD=${LW_OLD:-769fbb1}
base=$scratch/base
image=$scratch/disk.img
minutes=60 # for one boot at most; three to five where nothing else runs
[ "$(id -u)" = 0 ] || { echo "boot-test: debootstrap needs root" >&2; exit 77; }
for tool in debootstrap qemu-system-x86_64 mke2fs dpkg-shlibdeps; do
    PATH=$PATH:/usr/sbin command -v $tool >/dev/null || { echo "boot-test: $tool is missing (sh tools/setup.sh install)" >&2; exit 77; }
done
mkdir -p "$scratch"
machine=
clean() {
    if [ -n "$machine" ]; then
        kill "$machine" 2>/dev/null || true
    fi
    umount "$base/proc" 2>/dev/null || true
}
trap clean EXIT
trap 'exit 1' INT TERM
say() { printf '\n== %s\n' "$*"; }
inside() { chroot "$base" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }

say "the packages"
new=$(sh packaging/deb.sh "$build" "$scratch")
old=$(sh tests/install/earlier.sh "$build" "$scratch" "$LW_OLD")
echo "new: ${new##*/}"
echo "old: ${old##*/}"

# The machine has no network: what the package depends on is there before, and what the test asks with.
depends=$(for deb in "$new" "$old"; do dpkg-deb -f "$deb" Depends; done | tr ',' '\n' | sed 's/(.*//; s/|.*//; s/ //g' | sort -u)
wanted=$(printf '%s\n' "$depends" systemd systemd-sysv dbus udev kmod initramfs-tools linux-image-cloud-amd64 curl jq sqlite3 python3 | sort -u)
if [ "$(cat "$base/.done" 2>/dev/null)" != "$wanted" ]; then
    say "a clean root with Debian's kernel and systemd"
    umount "$base/proc" 2>/dev/null || true
    rm -rf "$base"
    debootstrap --variant=minbase bookworm "$base" "$mirror" >"$scratch/debootstrap.log" 2>&1 ||
        { tail -n 20 "$scratch/debootstrap.log"; exit 1; }
    cp /etc/resolv.conf "$base/etc/resolv.conf"
    for setting in /etc/apt/apt.conf.d/*proxy* /etc/apt/apt.conf; do
        [ -f "$setting" ] && cp "$setting" "$base/etc/apt/apt.conf.d/" || true
    done
    mount -t proc proc "$base/proc"
    inside apt-get -qq update
    # shellcheck disable=SC2086
    inside apt-get install -y --no-install-recommends $wanted >"$scratch/apt.log" 2>&1 || { tail -n 20 "$scratch/apt.log"; exit 1; }
    umount "$base/proc"
    rm -f "$base"/etc/apt/apt.conf.d/*proxy*
    inside apt-get clean
    printf '%s\n' "$wanted" >"$base/.done"
fi

test=$base/root/boot-test
rm -rf "$test"
mkdir -p "$test"
cp tests/install/boot_guest.sh tests/install/probe.py "$test/"
cp "$new" "$test/new.deb"
cp "$old" "$test/old.deb"
echo 1 >"$test/stage"
if [ -n "${BREAK:-}" ]; then
    cp "$BREAK" "$test/break.sh"
    chmod +x "$test/break.sh"
fi
echo loadwave-boot >"$base/etc/hostname"
echo '/dev/vda / ext4 errors=remount-ro 0 1' >"$base/etc/fstab"
mkdir -p "$base/var/log/journal"
cat >"$base/etc/systemd/system/boot-test.service" <<'U'
[Unit]
Description=What tests/install/boot_guest.sh does
After=multi-user.target loadwave.service
[Service]
Type=simple
ExecStart=/bin/sh /root/boot-test/boot_guest.sh
[Install]
WantedBy=multi-user.target
U
# After multi-user.target, which waits for it otherwise.
mkdir -p "$base/etc/systemd/system/graphical.target.wants"
ln -sf ../boot-test.service "$base/etc/systemd/system/graphical.target.wants/boot-test.service"
rm -f "$image"
PATH=$PATH:/usr/sbin mke2fs -q -t ext4 -d "$base" "$image" 2500M
kernel=$(ls "$base"/boot/vmlinuz-*)
initrd=$(ls "$base"/boot/initrd.img-*)

all=0
wrong=0
for stage in 1 2 3; do
    console=$scratch/console.$stage said=$scratch/said.$stage
    : >"$said"
    nice -n 5 timeout $((minutes * 60)) qemu-system-x86_64 -accel tcg -cpu max -smp 1 -m 1024 -display none -no-reboot -nic none \
        -drive "file=$image,format=raw,if=virtio,cache=writeback" -kernel "$kernel" -initrd "$initrd" -monitor none \
        -serial "file:$console" -serial "file:$said" \
        -append "root=/dev/vda rw console=ttyS0 quiet systemd.unit=graphical.target systemd.show_status=0 mitigations=off" \
        </dev/null >"$scratch/qemu.log" 2>&1 &
    machine=$!
    # The second boot ends by the power being cut.
    while kill -0 "$machine" 2>/dev/null; do
        sleep 2
        if { [ $stage = 2 ] && grep -q -a '^|end 2 ' "$said"; } || grep -q -a '^|a step failed' "$said"; then
            kill -9 "$(pgrep -P "$machine" || echo "$machine")" 2>/dev/null || true
        fi
    done
    wait "$machine" 2>/dev/null || true
    machine=
    tr -d '\r' <"$said" | grep -a '^|' | grep -a -v '^|end ' | sed 's/^|//' || true
    end=$(tr -d '\r' <"$said" | sed -n "s/^|end $stage //p" | tail -n 1)
    if [ -z "$end" ]; then
        echo "not as it should be: boot $stage did not come to its end; the last lines:"
        tail -n 20 "$said" "$console" "$scratch/qemu.log"
        exit 1
    fi
    all=$((all + ${end% *}))
    wrong=$((wrong + ${end#* }))
    ! grep -q -a '^|a step failed' "$said" || break
done
printf '\n%s checks, %s failed\n' "$all" "$wrong"
[ "$wrong" = 0 ]
