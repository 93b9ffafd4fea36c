#!/bin/sh
# Installs what is missing, and says what. Usage: setup.sh run|all|prove|fhir|install
# Nothing is touched when nothing is missing. apt is the only source; root or sudo is needed to install.
set -eu

want=${1:-all}
missing=""
need() { missing="$missing $1"; }
have() { command -v "$1" >/dev/null 2>&1; }

# What building and running the program needs.
have cc || need gcc
have cmake || need cmake
have ninja || need ninja-build
printf '#include <string.h>\n' | cc -E - >/dev/null 2>&1 || need libc6-dev
have clang-14 || need clang-14
have wasm-ld-14 || have wasm-ld || need lld-14
[ -e /usr/include/wasm32-wasi/string.h ] || need wasi-libc
builtins=$(find /usr/lib/llvm-14 -name 'libclang_rt.builtins-wasm32.a' 2>/dev/null | head -n 1)
[ -n "$builtins" ] || need libclang-rt-14-dev-wasm32

# Store and server, and the web pages that the program carries.
header() { # header FILE PACKAGE
    [ -e "/usr/include/$1" ] || [ -e "/usr/include/$(gcc -print-multiarch 2>/dev/null || echo x86_64-linux-gnu)/$1" ] || need "$2"
}
have pkg-config || need pkg-config
header microhttpd.h libmicrohttpd-dev
header sqlite3.h libsqlite3-dev
header postgresql/libpq-fe.h libpq-dev
header sodium.h libsodium-dev
header openssl/evp.h libssl-dev
header fido.h libfido2-dev
header liboath/oath.h liboath-dev
header zlib.h zlib1g-dev
header cairo/cairo-pdf.h libcairo2-dev
header pango-1.0/pango/pangocairo.h libpango1.0-dev
[ -d /usr/share/fonts/truetype/lato ] || need fonts-lato
header expat.h libexpat1-dev
header zip.h libzip-dev
header libical/ical.h libical-dev
header curl/curl.h libcurl4-openssl-dev
have node || need nodejs
have npm || need npm

# What the tests need on top.
if [ "$want" = all ]; then
    have gcc || need gcc
    sanitizers=$(find /usr/lib/llvm-14 -name 'libclang_rt.asan*.a' 2>/dev/null | head -n 1)
    [ -n "$sanitizers" ] || need libclang-rt-14-dev
    [ -e /usr/include/cmocka.h ] || need libcmocka-dev
    have gcovr || need gcovr
    have clang-format-14 || need clang-format-14
    have llvm-symbolizer-14 || have llvm-symbolizer || need llvm-14
    have python3 || need python3
    have chromium || need chromium
    [ -x /usr/lib/postgresql/15/bin/initdb ] || need postgresql-15
    have sqlite3 || need sqlite3
    have curl || need curl
    have jq || need jq
    have wrk || need wrk
    have gpsbabel || need gpsbabel
    have pdftotext || need poppler-utils
    [ -e /usr/lib/python3/dist-packages/aiosmtpd/__init__.py ] || need python3-aiosmtpd
    [ -e /usr/lib/python3/dist-packages/icalendar/__init__.py ] || need python3-icalendar
fi

# What the proofs need on top: of the C (Frama-C, Z3) and of the protocol's machine (SPIN).
if [ "$want" = prove ]; then
    have gcc || need gcc
    have frama-c || need frama-c-base
    have why3 || need why3
    have z3 || need z3
    have spin || need spin
fi

# What the tests of the package need on top: clean roots, a machine to boot, the example proxies.
if [ "$want" = install ]; then
    PATH=$PATH:/usr/sbin
    have dpkg-shlibdeps || need dpkg-dev
    have debootstrap || need debootstrap
    have mke2fs || need e2fsprogs
    have qemu-system-x86_64 || need qemu-system-x86
    have curl || need curl
    have jq || need jq
    have sqlite3 || need sqlite3
    have strace || need strace
    have python3 || need python3
    have openssl || need openssl
    have ss || need iproute2
    have lintian || need lintian
    have mandoc || need mandoc
    have nginx || need nginx-light
    have caddy || need caddy
fi

# What the official FHIR validator needs on top.
if [ "$want" = fhir ]; then
    have java || need openjdk-17-jre-headless
fi

if [ -z "$missing" ]; then
    echo "setup: nothing is missing"
    exit 0
fi
missing=$(printf '%s\n' $missing | sort -u | tr '\n' ' ')
echo "setup: missing: $missing"

if ! have apt-get; then
    echo "setup: this is not Debian; please install the packages above by other means" >&2
    exit 4
fi
root=""
if [ "$(id -u)" != 0 ]; then
    if have sudo; then
        root=sudo
    else
        echo "setup: installing needs root; as root: apt-get install $missing" >&2
        exit 4
    fi
fi

# shellcheck disable=SC2086
if ! $root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; then
    echo "setup: asking for fresh package lists"
    $root apt-get update
    $root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
fi
# A proxy that is here for a test alone does not run on its own.
for proxy in nginx caddy; do
    case $missing in
    *$proxy*) [ ! -d /run/systemd/system ] || $root systemctl disable --now $proxy ;;
    esac
done
echo "setup: installed: $missing"
