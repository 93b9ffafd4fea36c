#!/bin/sh
# The bill of materials is in step with what CMakeLists.txt links and what web/package-lock.json brings into the pages. The
# check itself is checked first: with a library or a package too few it fails.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tools" "$work/web" "$work/docs/security"
fresh() {
    cp tools/sbom.py "$work/tools/"
    cp CMakeLists.txt "$work/"
    cp web/package-lock.json "$work/web/"
    cp docs/security/sbom.cdx.json "$work/docs/security/"
}
finds() {
    fresh
    sed -i "$3" "$work/$2"
    if python3 "$work/tools/sbom.py" --check >"$work/said" || ! grep -qF "$1" "$work/said"; then
        echo "the check does not see: $1"
        cat "$work/said"
        exit 1
    fi
}
fresh
python3 "$work/tools/sbom.py" --check
finds "linked libraries" CMakeLists.txt 's/ libfido2 / libfido2 libxml2 /'
finds "dexie" docs/security/sbom.cdx.json 's|"pkg:npm/dexie|"pkg:other/dexie|'
finds "uplot" web/package-lock.json '/"node_modules\/uplot"/,/}/s/"version": "[^"]*"/"version": "9.9.9"/'
