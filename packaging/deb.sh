#!/bin/sh
# The Debian package, from a build that is there. Usage: deb.sh BUILD FOLDER [VERSION PROGRAM]
# What is installed is what `make install` installs; this adds what only Debian needs. With VERSION and PROGRAM another program goes
# into the package, and with LW_PACKAGING the units, settings and scripts of that folder instead of today's: how tests/install makes the package of
# an earlier commit.
set -eu
build=$1 folder=$2
packaging=${LW_PACKAGING:-packaging}
version=${3:-$(sed -n 's/^#define LW_VERSION "\(.*\)"$/\1/p' include/loadwave/base.h)}
for tool in dpkg-deb dpkg-shlibdeps; do
    command -v $tool >/dev/null || { echo "deb: $tool is missing (apt install dpkg-dev)" >&2; exit 4; }
done
arch=$(dpkg --print-architecture)
mkdir -p "$folder"
work=$(mktemp -d "$folder/deb.XXXXXX")
trap 'rm -rf "$work"' EXIT
root=$work/root
umask 022
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)
    export SOURCE_DATE_EPOCH
fi

DESTDIR=$root cmake --install "$build" --prefix /usr >/dev/null
if [ $# -ge 4 ]; then
    install -m 0755 "$4" "$root/usr/bin/loadwave"
fi
if [ "$packaging" != packaging ]; then
    rm "$root"/usr/lib/systemd/system/*
    install -m 0644 "$packaging"/*.service "$root/usr/lib/systemd/system/"
    install -m 0644 "$packaging/loadwave.default" "$root/etc/default/loadwave"
fi
strip --remove-section=.comment --remove-section=.note "$root/usr/bin/loadwave"
rm -rf "$root/usr/lib/sysusers.d" # postinst does it with adduser, on systems without systemd, too
# Where Debian's own tools look for units.
mkdir -p "$root/lib"
mv "$root/usr/lib/systemd" "$root/lib/systemd"
find "$root/usr/lib" -type d -empty -delete
doc=$root/usr/share/doc/loadwave
mv "$doc/LICENSE" "$work/" # named in copyright, and on every Debian
install -m 0644 packaging/debian/copyright "$doc/copyright"
{
    printf 'loadwave (%s) unstable; urgency=medium\n\n  * What changed: CHANGELOG.md.\n\n' "$version"
    printf ' -- Loadwave maintainers <maintainers@users.noreply.r-seed-81276669.example>  %s\n' \
        "$(date -R -u -d "@$SOURCE_DATE_EPOCH")"
} >"$doc/changelog"
gzip -9n "$doc/changelog" "$root"/usr/share/man/man1/*.1
install -D -m 0644 packaging/debian/lintian-overrides "$root/usr/share/lintian/overrides/loadwave"

mkdir -p "$root/DEBIAN" "$work/debian"
echo "Source: loadwave" >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O root/usr/bin/loadwave 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
[ -n "$depends" ] || { echo "deb: dpkg-shlibdeps found no libraries" >&2; exit 1; }
echo /etc/default/loadwave >"$root/DEBIAN/conffiles"
for script in postinst prerm postrm; do
    install -m 0755 "$packaging/debian/$script" "$root/DEBIAN/$script"
done
size=$(du -k -s --apparent-size "$root" | cut -f1)
sed -e "s/@VERSION@/$version/; s/@ARCH@/$arch/; s/@SIZE@/$size/; s/@DEPENDS@/$depends/" packaging/debian/control.in \
    >"$root/DEBIAN/control"
(cd "$root" && find usr lib etc -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
chmod 0644 "$root/DEBIAN/control" "$root/DEBIAN/conffiles" "$root/DEBIAN/md5sums"
find "$root" -newermt "@$SOURCE_DATE_EPOCH" -print0 | xargs -0 touch -h -d "@$SOURCE_DATE_EPOCH"
file=$folder/loadwave_${version}_$arch.deb
dpkg-deb --root-owner-group -Zxz --build "$root" "$file" >/dev/null
echo "$file"
