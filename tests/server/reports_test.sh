#!/bin/sh
# Reports over HTTP: asked for, drawn behind the answer, fetched by who asked and nobody else, and in the audit trail.
. tests/server/lib.sh
serve
staff
patient

# ask WHO BODY: asks for a report and waits until it is decided; its id in $report, how it stands in $state
ask() {
    call "$1" POST "/patients/$me/reports" "$2"
    is "asked: $2" "$status" 202
    report=$(get .report) state=$(get .state) tries=0
    while [ "$state" = waiting ] && [ $tries -lt 300 ]; do
        sleep 0.1
        tries=$((tries + 1))
        call "$1" GET "/patients/$me/reports/$report"
        state=$(get .state)
    done
}

for kind in today progress shockwave; do
    ask patient "{\"kind\":\"$kind\"}"
    is "$kind is ready" "$state" ready
    call patient GET "/patients/$me/reports/$report/file"
    is "$kind" "$status" 200
    is "$kind is a PDF" "$(head -c 5 "$work/answer")" "%PDF-"
    has "its name" "$(cat "$work/headers")" "filename=\"loadwave-$kind.pdf\""
    has "its type" "$(cat "$work/headers")" "application/pdf"
    has "never kept by a browser" "$(cat "$work/headers")" "no-store"
done
pdftotext -enc UTF-8 "$work/answer" "$work/text"
call patient GET "/me"
has "the letter names the patient" "$(cat "$work/text")" "$(get .name)"

# Whom it is for: an entry of the list, or as typed.
call staff POST /providers '{"name":"Dr Öz","place":"Bilbao","wave":"radial","contact":"x"}'
provider=$(get .id)
ask patient "{\"kind\":\"shockwave\",\"provider\":\"$provider\",\"language\":\"es\"}"
call patient GET "/patients/$me/reports/$report/file"
pdftotext -enc UTF-8 "$work/answer" "$work/text"
has "the addressee" "$(cat "$work/text")" "Dr Öz, Bilbao"
call patient POST "/patients/$me/reports" '{"kind":"shockwave","provider":"00000000-0000-4000-8000-000000000000"}'
is "an entry that is gone" "$status $(get .code)" "422 LW_ERR_VALUE"

# SVG from the same drawing.
ask staff '{"kind":"today","format":"svg"}'
call staff GET "/patients/$me/reports/$report/file"
has "an SVG" "$(head -c 400 "$work/answer")" "<svg"

# Everybody's own: the patient does not see what the clinician asked for.
call patient GET "/patients/$me/reports/$report"
is "somebody else's" "$status" 404
call patient GET "/patients/$me/reports/$report/file"
is "somebody else's file" "$status" 404
call patient POST "/patients/$me/reports" '{"kind":"research"}'
is "no such report" "$status $(get .code)" "422 LW_ERR_VALUE"

# A letter at the end needs an end.
ask staff '{"kind":"discharge"}'
is "no discharge" "$state $(get .code)" "failed LW_ERR_RANGE"
call staff GET "/patients/$me/reports/$report/file"
is "nothing to fetch" "$status" 404

# Who asked, and for what, is in the audit trail.
sqlite3 "$work/store.db" "SELECT route, detail FROM audit WHERE route LIKE 'report%'" >"$work/rows"
has "asking is audited" "$(cat "$work/rows")" "report_ask|kind=shockwave"
has "fetching is audited" "$(cat "$work/rows")" "report_file"
done_testing
