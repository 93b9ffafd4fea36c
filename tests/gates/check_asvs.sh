#!/bin/sh
# The table of security requirements: every place and test it names is there, no id is missing or there twice, the page is what
# the table makes; the check itself is checked with faults. Then what the table says about the source as a whole.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tree/docs"
for path in src tests web fuzz packaging tools SECURITY.md; do ln -s "$PWD/$path" "$work/tree/$path"; done
for path in docs/*; do [ "$path" = docs/security ] || ln -s "$PWD/$path" "$work/tree/$path"; done
finds() {
    rm -rf "$work/tree/docs/security"
    cp -r docs/security "$work/tree/docs/security"
    sed -i "$2" "$work/tree/docs/security/asvs.txt"
    if python3 tools/gen_asvs.py --check "$work/tree" >"$work/said" || ! grep -qF "$1" "$work/said"; then
        echo "the check does not see: $1"
        cat "$work/said"
        exit 1
    fi
}
finds "V6.2.1 is out of order, or stands there twice" '/^V6\.2\.1|/p'
finds "before V8.3.3 one is missing" '/^V8\.3\.2|/d'
finds "of level 2 the standard has 183, the table 182" '/^V1\.4\.3|/d'
finds "src/server/authorize.c has no lw_authorise" 's/authorize.c:lw_authorize/authorize.c:lw_authorise/'
finds "tests/outer/totp_test.c has no a_step_is_good_twice" 's/a_step_is_good_once/a_step_is_good_twice/'
finds "there is no file tests/outer/gone_test.c" 's/outer\/router_test/outer\/gone_test/'
finds "V8.2.1 is said to be met, without place or test" 's/^\(V8\.2\.1|.*\)|tests[^|]*|/\1||/'
finds "V8.2.4 is no and does not say why" 's/^\(V8\.2\.4|.*\)|[^|]*$/\1|/'
finds "asvs.md is stale" 's/^V8\.2\.1|1|met|Functions by role/V8.2.1|1|met|Functions by their role/'
python3 tools/gen_asvs.py --check

# none NAME WHAT PATTERN PLACE…: the pattern stands nowhere there.
none() {
    name=$1 what=$2 pattern=$3
    shift 3
    if found=$(grep -rnE "$pattern" "$@"); then
        echo "$name: $what"
        echo "$found" | head -n 5
        exit 1
    fi
}
none no-exec "the server runs no command" '(^|[^a-z_])(system|popen|exec[lv]p?e?|posix_spawnp?|fork) *\(' src/server src/store
none no-eval "the pages make no code of texts" '(^|[^a-zA-Z_.])(eval|new Function) *\(' web/src --include=*.ts --include=*.svelte
none no-html "the pages show texts as texts" '\{@html|innerHTML|outerHTML|insertAdjacentHTML|document\.write' web/src --include=*.ts --include=*.svelte
none no-listener "no window listens to messages of others" "window\.addEventListener\('message'|onmessage *= *.*origin" web/src --include=*.ts --include=*.svelte
none format "format strings are constants" '(printf|lw_problem|lw__log_event|lw_buf_fmt)\([a-z_>-]*\)' src/server src/store --include=*.c
for line in User=loadwave NoNewPrivileges=yes ProtectSystem=strict CapabilityBoundingSet= 'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX'; do
    grep -qxF "$line" packaging/loadwave.service || {
        echo "unit: packaging/loadwave.service lacks $line"
        exit 1
    }
done
