#!/bin/sh
# Reports over HTTP: asked for, drawn behind the answer, fetched by who asked and nobody else, and in the audit trail.
. tests/server/lib.sh
serve
staff
patient

decided() { ! state_is "$1" "$2" waiting; }
# ask WHO BODY: asks for a report and waits until it is decided; its id in $report, how it stands in $state
ask() {
    call "$1" POST "/patients/$me/reports" "$2"
    is "asked: $2" "$status" 202
    report=$(get .report)
    until_there "decided: $2" decided "$1" "/patients/$me/reports/$report"
    state=$(get .state)
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

# The research files: for researchers alone, made behind the answer, and fetched as they were looked at, to the byte.
call patient POST /research '{}'
is "a patient asks for research" "$status" 403
call staff GET /me
call staff PATCH "/clinic/people/$(get .account)" '{"roles":["clinician","admin","researcher"]}'
is "a researcher" "$status" 200
staff
research() {
    call staff POST /research '{}'
    is "research files are asked for" "$status" 202
    export=$(get .export)
    until_there "research files decided" decided staff "/research/$export"
}
research
is "the demo's people" "$(get .state) $(get '.done == .of') $(get '.patients >= 5') $(get '.files | length')" "ready true true 9"
cp "$work/answer" "$work/look"
for name in $(jq -r '.files[].name' "$work/look"); do
    call staff GET "/research/$export/$name"
    is "$name" "$status" 200
    is "the bytes of $name are those that were told" "$(sha256sum <"$work/answer" | cut -d' ' -f1) $(wc -c <"$work/answer")" "$(jq -r ".files[] | select(.name == \"$name\") | .sha256 + \" \" + (.bytes | tostring)" "$work/look")"
    checks=$((checks + 1))
    if grep -q "invented\|demo-0" "$work/answer"; then
        failed=$((failed + 1))
        echo "$name names somebody"
    fi
done
call staff GET "/research/$export/patients.csv?from=5"
is "within a line" "$status" 422
call staff GET "/research/$export/store.db"
is "no file of it" "$status" 404
call patient GET "/research/$export"
is "a patient looks at research" "$status" 403
call nobody GET "/research/$export/events.jsonl"
is "nobody fetches research" "$status" 401

# Who asked, and for what, is in the audit trail: asking with the answer, fetching behind it.
audited() { [ "$(sql "SELECT count(*) FROM audit WHERE route = '$1' AND detail LIKE '$2' AND status = $3")" -gt 0 ]; }
for row in "report_ask kind=shockwave% 202" "report_file % 200" "research_ask export=$export% 202" "research_file export=$export%file=events.jsonl% 200"; do
    # shellcheck disable=SC2086
    until_there "audited: $row" audited $row
done
done_testing
