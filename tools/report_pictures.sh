#!/bin/sh
# The pictures of docs/reports.md: sh tools/report_pictures.sh [PROGRAM], default build/loadwave. Needs pdftoppm (poppler-utils).
set -eu
cd "$(dirname "$0")/.."
program=${1:-build/loadwave}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
picture() { # KIND DATE, options of loadwave report
    kind=$1 day=$2
    shift 2
    "$program" report "$kind" examples/runner-combined.jsonl --on "$day" --lang en --output "$work/$kind.pdf" "$@" >"$work/said"
    pdftoppm -r 72 -l 1 -png "$work/$kind.pdf" "$work/$kind"
    for page in "$work/$kind"-*.png; do
        cp "$page" "docs/screens/report-${page##*/}"
    done
}
picture today 2026-01-10
picture progress 2026-03-10
picture shockwave 2026-03-10 --to "Dr Example, Sports Clinic"
