#!/bin/sh
# FHIR over HTTP: who sees what, searching and paging, what is refused and how, creating once only, and that all of it is in the
# trail and in the record.
. tests/server/lib.sh
serve
staff
patient

# fhir WHO METHOD PATH [BODY [CURL-ARG …]]: status in $status, answer in $work/answer, headers in $work/headers
fhir() {
    who=$1 method=$2 path=$3 body=${4-}
    shift 3
    [ $# -eq 0 ] || shift
    if [ -n "$body" ]; then
        printf '%s' "$body" >"$work/body"
        set -- -H 'Content-Type: application/fhir+json' --data-binary "@$work/body" "$@"
    fi
    : >"$work/answer" # an empty body leaves the file as it is
    status=$(curl -s -m 30 -o "$work/answer" -D "$work/headers" -w '%{http_code}' -b "$work/$who" -X "$method" \
        -H 'X-Loadwave: 1' "$@" "$base/fhir$path")
}
header() { sed -n "s/^$1: //Ip" "$work/headers" | tr -d '\r'; }
issue() { get '.issue[0]|"\(.severity) \(.code)"'; }
: >"$work/nobody"

# ---- what there is ----
fhir nobody GET /metadata
is "metadata without a sign-in" "$status $(get .resourceType) $(get .fhirVersion)" "200 CapabilityStatement 4.0.1"
is "it names what can be created" "$(get '[.rest[0].resource[]|select(.interaction[].code=="create").type]|sort|join(" ")')" "Observation QuestionnaireResponse"
types=$(get '[.rest[0].resource[].type]|join(" ")')
fhir nobody GET /metadata '' -H 'Accept: application/fhir+json; fhirVersion=5.0'
is "as R5" "$status $(get .fhirVersion)" "200 5.0.0"
has "the type says so" "$(header Content-Type)" "fhirVersion=5.0"

# ---- who sees what ----
fhir nobody GET /Patient
is "nobody" "$status $(issue)" "401 error login"
fhir patient GET /Patient
is "a patient finds the own record only" "$status $(get '[.entry[].resource.id]|join(" ")')" "200 $me"
fhir patient GET /Patient/demo-02
is "another's is not there" "$status $(issue)" "404 error not-found"
fhir patient GET '/Observation?patient=demo-02'
is "nor anything of it" "$status $(get '.entry|length')" "200 0"
fhir patient GET "/Patient/demo-02/\$everything"
is "nor all of it" "$status" 404
fhir patient GET /AuditEvent
is "the trail is the admins'" "$status $(issue)" "403 error forbidden"
fhir staff GET '/Observation?patient=nobody-here'
is "a patient who is not there" "$status $(get '.entry|length')" "200 0"
fhir staff GET /Patient/nobody-here
is "read" "$status $(issue)" "404 error not-found"
for type in $types; do
    case $type in
    AuditEvent) continue ;;
    AdverseEvent) fhir staff GET "/$type?subject=demo-01&_count=2" ;;
    Patient | Practitioner | ActivityDefinition | PlanDefinition | Questionnaire) fhir staff GET "/$type?_count=2" ;;
    *) fhir staff GET "/$type?patient=demo-01&_count=2" ;;
    esac
    is "searching $type" "$status $(get .type)" "200 searchset"
    id=$(get '.entry[0].resource.id // empty')
    if [ -n "$id" ]; then
        fhir staff GET "/$type/$id"
        is "reading $type/$id" "$status $(get '.resourceType+"/"+.id')" "200 $type/$id"
        etag=$(header ETag)
        fhir staff GET "/$type/$id" '' -H "If-None-Match: $etag"
        is "it is still the same" "$status $(wc -c <"$work/answer" | tr -d ' ')" "304 0"
        fhir staff GET "/$type/$id" '' -H 'If-None-Match: W/"0000000000000000"'
        is "another tag" "$status" 200
        fhir staff GET "/$type/$id" '' -H 'Accept: application/fhir+json; fhirVersion=5.0'
        is "as R5" "$status $(get .resourceType)" "200 $type"
    fi
done
fhir staff GET '/Patient?name=ALVA'
is "by name, folded" "$(get '[.entry[].resource.id]|join(" ")')" demo-01
fhir staff GET '/Patient?identifier=urn:loadwave:fhir:patient%7Cdemo-03'
is "by identifier" "$(get '[.entry[].resource.id]|join(" ")')" demo-03
fhir staff GET '/Patient?_count=2'
paged=
pages=0
while :; do
    paged="$paged $(get '[.entry[].resource.id]|join(" ")')"
    pages=$((pages + 1))
    next=$(get '.link[]|select(.relation=="next").url')
    [ -n "$next" ] && [ $pages -lt 20 ] || break
    fhir staff GET "/${next#*/fhir/}"
done
fhir staff GET '/Patient?_total=accurate'
is "patients page by page" "$(echo $paged)" "$(get '[.entry[].resource.id]|join(" ")')"
is "counted" "$(get .total)" "$(echo $paged | wc -w | tr -d ' ')"

# ---- searching one record ----
fhir staff GET '/Observation?patient=demo-01&code=72514-3&_count=500&_total=accurate'
all=$(get '[.entry[].resource.id]|join(" ")')
is "all at once" "$(get .total)" "$(get '.entry|length')"
fhir staff GET '/Observation?patient=demo-01'
is "no total unless it is asked for" "$(get .total)" null
paged=
fhir staff GET '/Observation?patient=demo-01&code=72514-3&_count=17'
while :; do
    paged="$paged $(get '[.entry[].resource.id]|join(" ")')"
    next=$(get '.link[]|select(.relation=="next").url')
    [ -n "$next" ] || break
    fhir staff GET "/${next#*/fhir/}"
done
is "page by page" "$(echo $paged)" "$all"
fhir staff GET '/Observation?patient=demo-01&_sort=-date&_count=500'
is "the latest first" "$(get '[.entry[].resource|.effectiveDateTime // .effectivePeriod.start]|map(.[0:19])|.==(sort|reverse)')" true
fhir staff GET '/Observation?patient=demo-01&code=http://loinc.org%7C72514-3&value-quantity=gt3&_count=500'
is "code and quantity" "$(get '[.entry[].resource.valueQuantity.value>3]|all')" true
day=$(get '.entry[0].resource.effectiveDateTime[0:10]')
fhir staff GET "/Observation?patient=demo-01&date=$day&_count=500"
is "a day" "$(get '[.entry[].resource.effectiveDateTime[0:10]]|unique|join(" ")')" "$day"
fhir staff GET "/Procedure?patient=demo-01&_include=Procedure:subject&_revinclude=Observation:part-of"
is "a dose comes with its procedure" "$(get '[.entry[]|select(.search.mode=="include").resource.resourceType]|unique|join(" ")')" "Observation Patient"
is "no pressure became an energy" "$(jq '[.. | objects | select(.code? == "mJ/mm2")] | length' "$work/answer")" 0
fhir staff GET '/Observation?patient=demo-01&code=72514-3&_summary=count'
is "only counted" "$(get .total) $(get '.entry|length')" "$(echo $all | wc -w | tr -d ' ') 0"
fhir staff GET '/CarePlan?patient=demo-01&_summary=true'
is "a summary says that it is one" "$(get '.entry[0].resource|"\(.meta.tag[-1].code) \(has("activity"))"')" "SUBSETTED false"
status=$(curl -s -o "$work/answer" -w '%{http_code}' -b "$work/staff" --data 'patient=demo-01&_count=3' "$base/fhir/Observation/_search")
is "with its parameters in the body" "$status $(get '.entry|length')" "200 3"
fhir staff GET '/Patient/demo-01/$everything'
is "everything" "$status $(get .type) $(get '.total==(.entry|length)')" "200 searchset true"
fhir patient GET /Practitioner
is "a patient sees who wrote in the own record" "$(get '[.entry[].resource.id]|tojson')" "[\"$account\"]"
call staff POST /clinic/people '{"name":"Never Wrote","login":"never","roles":["clinician"]}'
colleague=$(get .account)
fhir patient GET /Practitioner
is "and nobody else" "$(get '[.entry[].resource.id]|tojson')" "[\"$account\"]"
fhir patient GET "/Practitioner/$colleague"
is "not by an id either" "$status" 404
fhir staff GET "/Practitioner/$colleague"
is "a colleague does" "$status" 200
call staff POST /patients '{"name":"Long Record"}'
long=$(get .patient)
list=$(awk -v patient="$long" -v by="clinician:$account" -v at="$(instant -60)" 'BEGIN {
    for (i = 0; i <= 3000; i++) printf "%s{\"v\":1,\"id\":\"01a00000-0000-7000-8000-%012x\",\"patient\":\"%s\",\"kind\":\"note\",\"at\":\"%s\",\"by\":\"%s\",\"data\":{\"text\":\"x\"}}", i ? "," : "", i, patient, at, by }')
call staff POST "/patients/$long/events" "{\"events\":[$list]}"
is "a record of 3,001 entries" "$status" 200
fhir staff GET "/Patient/$long/\$everything"
is "is too long for one answer" "$status $(issue)" "400 error too-costly"
fhir staff GET '/Patient/demo-01/$everything'
is "each once" "$(get '[.entry[].fullUrl]|length==(unique|length)')" true
is "who did not write in it is not in it" "$(get '[.entry[].resource|select(.resourceType=="Practitioner")]|length<=1')" true

# ---- what is not done ----
fhir staff GET '/Observation?patient=demo-01&nonsense=1'
is "an unknown parameter" "$status $(issue) $(get '.issue[0].expression[0]')" "400 error not-supported http.nonsense"
fhir staff GET '/Observation?patient=demo-01&nonsense=1&_count=1' '' -H 'Prefer: handling=lenient'
is "leniently" "$status $(get '.entry[-1]|.search.mode+" "+.resource.issue[0].severity')" "200 outcome warning"
is "and the self link does not claim it" "$(get '.link[0].url|contains("nonsense")')" false
fhir staff GET '/Observation?patient=demo-01&date=soon' '' -H 'Prefer: handling=lenient'
is "what cannot be read is an error all the same" "$status $(issue)" "400 error value"
fhir staff GET /Observation
is "all records at once" "$status $(issue)" "400 error too-costly"
fhir staff GET /Medication
is "another type" "$status $(issue)" "404 error not-supported"
fhir staff GET /Patient/demo-01 '' -H 'Accept: application/fhir+xml'
is "XML" "$status $(issue)" "406 error not-supported"
fhir staff GET '/Patient/demo-01?_format=xml'
is "XML by parameter" "$status" 406
fhir staff GET /Patient/demo-01 '' -H 'Accept: application/fhir+json; fhirVersion=3.0'
is "R3" "$status" 406
for it in "PUT /Patient/demo-01" "DELETE /Patient/demo-01" "PATCH /Observation/1"; do
    fhir staff ${it% *} "${it#* }"
    is "$it" "$status $(issue)" "405 error not-supported"
done
fhir staff POST '' '{"resourceType":"Bundle","type":"transaction"}'
is "a transaction" "$status $(issue)" "404 error not-supported"
fhir staff GET /Patient/demo-01/_history
is "history" "$status $(issue)" "404 error not-supported"

# ---- creating ----
pain() { # VALUE [AT [MORE]]
    printf '{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"72514-3"}]},"subject":{"reference":"Patient/%s"},"effectiveDateTime":"%s","valueQuantity":{"value":%s,"unit":"score","system":"http://unitsofmeasure.org","code":"{score}"}%s}' \
        "$me" "${2:-$(instant -60)}" "$1" "${3-}"
}
fhir patient POST /Observation "$(pain 3)"
is "pain" "$status $(get '.resourceType+" "+(.valueQuantity.value|tostring)')" "201 Observation 3"
location=$(header Location)
has "it says where it is" "$location" "/fhir/Observation/"
fhir patient GET "/Observation/${location##*/}"
is "it is there" "$status $(get .valueQuantity.value)" "200 3"
call patient GET "/patients/$me/events?limit=500"
is "as an event of the record" "$(get '[.events[].event|select(.kind=="outcome")][-1]|"\(.by) \(.data.instrument) \(.data.score)"')" "patient nprs 3"
refused() { # WHAT TYPE BODY STATUS EXPRESSION
    fhir patient POST "/$2" "$3"
    is "$1" "$status $(get '.issue[0].expression[0]')" "$4 $5"
}
refused "too much pain" Observation "$(pain 11)" 422 Observation.value
refused "half a number too many" Observation "$(pain 3.123)" 422 Observation.value
refused "a day is no time" Observation "$(pain 3 "$(today)")" 422 Observation.effectiveDateTime
refused "tomorrow" Observation "$(pain 3 "$(instant 86400)")" 422 Observation.effective
refused "what would be lost" Observation "$(pain 3 "$(instant)" ',"bodySite":{"text":"knee"}')" 422 Observation.bodySite
refused "in kilograms" Observation "$(pain 3 | sed 's/{score}/kg/')" 422 Observation.value
refused "a code that is not taken" Observation "$(pain 3 | sed 's/72514-3/8867-4/')" 422 Observation.code
refused "preliminary" Observation "$(pain 3 | sed 's/final/preliminary/')" 422 Observation.status
refused "for somebody else" Observation "$(pain 3 | sed "s#Patient/$me#Patient/demo-02#")" 404 Observation.subject
refused "written by somebody else" Observation "$(pain 3 "$(instant)" ',"performer":[{"reference":"Practitioner/x"}]')" 422 Observation.performer
refused "another type than the address" Observation '{"resourceType":"Patient"}' 400 resourceType
fhir patient POST /Condition '{"resourceType":"Condition"}'
is "what cannot be created" "$status $(issue)" "405 error not-supported"
fhir patient POST /Observation '{"resourceType":"Observation",'
is "broken" "$status $(issue)" "400 error structure"
fhir patient POST /Observation '' -H 'Content-Type: application/fhir+xml' --data '<Observation/>'
is "as XML" "$status $(issue)" "415 error not-supported"
fhir patient POST /Observation "$(pain 2)" -H 'Prefer: return=minimal'
is "the answer may be left out" "$status $(wc -c <"$work/answer" | tr -d ' ')" "201 0"
call patient GET "/patients/$me/events?limit=500"
is "nothing of what was refused is stored" "$(get '[.events[].event|select(.kind=="outcome" and .data.instrument=="nprs")][-2:]|map(.data.score)|tostring')" "[3,2]"

# Once only, also for many at a time.
once="$(pain 4 "$(instant -30)" ',"identifier":[{"system":"urn:test","value":"diary 7"}]')"
i=0
printf '%s' "$once" >"$work/once"
pids=
while [ $i -lt 12 ]; do
    curl -s -m 30 -o "$work/race$i" -w '%{http_code}\n' -b "$work/patient" -X POST -H 'X-Loadwave: 1' \
        -H 'Content-Type: application/fhir+json' -H 'If-None-Exist: identifier=urn:test%7Cdiary%207' \
        --data-binary "@$work/once" "$base/fhir/Observation" >"$work/code$i" &
    pids="$pids $!"
    i=$((i + 1))
done
wait $pids
is "one of twelve creates it" "$(cat "$work"/code* | sort | uniq -c | tr -s ' \n' ' ')" " 11 200 1 201 "
is "all are told the same" "$(cat "$work"/race* | jq -r .id | sort -u | wc -l | tr -d ' ')" 1
fhir patient GET '/Observation?identifier=urn:test%7Cdiary%207'
is "found by its identifier, once" "$(get '.entry|length') $(get '.entry[0].resource.identifier[0].value')" "1 diary 7"
fhir patient POST /Observation "$once" -H 'If-None-Exist: code=72514-3'
is "another condition" "$status $(issue)" "412 error not-supported"

# A response, checked against its questionnaire.
fhir patient GET '/Questionnaire?_count=10'
checkin=$(get '.entry[].resource|select(.id=="loadwave-checkin")|.url+"|"+.version')
visa=$(get '.entry[].resource|select(.id=="loadwave-visa-h")|.url+"|"+.version')
options=$(get '.entry[].resource|select(.id=="loadwave-visa-h").item[]|select(.linkId=="q7").answerOption[0].valueCoding.system')
response() { # FORM ITEM …
    form=$1
    shift
    list=
    for item in "$@"; do
        case $item in
        *=#*) value="\"valueCoding\":{\"system\":\"$options\",\"code\":\"${item#*=#}\"}" ;;
        *=true | *=false) value="\"valueBoolean\":${item#*=}" ;;
        *_min=*) value="\"valueInteger\":${item#*=}" ;;
        *) value="\"valueDecimal\":${item#*=}" ;;
        esac
        list="$list${list:+,}{\"linkId\":\"${item%%=*}\",\"answer\":[{$value}]}"
    done
    printf '{"resourceType":"QuestionnaireResponse","questionnaire":"%s","status":"completed","subject":{"reference":"Patient/%s"},"authored":"%s","item":[%s]}' \
        "$form" "$me" "$(instant -20)" "$list"
}
fhir patient POST /QuestionnaireResponse "$(response "$checkin" pain_morning=2 stiffness_min=5 pain_test=1.5 night_pain=false)"
is "a check-in" "$status $(get '[.item[].linkId]|join(" ")')" "201 pain_morning stiffness_min pain_test night_pain"
call patient GET "/patients/$me/events?limit=500"
is "is the record's check-in" "$(get '[.events[].event|select(.kind=="checkin")][-1].data|tojson')" '{"pain_morning":2,"stiffness_min":5,"pain_test":1.5,"night_pain":false}'
is "and the plan that it changed is decided" "$(get '.events[-1].event.kind')" decided
six="q1=7 q2=8 q3=6 q4=5 q5=9 q6=4"
fhir patient POST /QuestionnaireResponse "$(response "$visa" $six 'q7=#7' 'q8=#2' q8b=14)"
is "VISA-H" "$status" 201
fhir patient GET '/Observation?code=visa-h-score,visa-h&_sort=-date&_count=1'
call patient GET "/patients/$me/events?limit=500"
is "its score is the sum of its points" "$(get '[.events[].event|select(.data.instrument?=="visa_h")][-1].data|tojson')" '{"instrument":"visa_h","score":60,"items":[7,8,6,5,9,4,7,2,14]}'
fhir patient POST /QuestionnaireResponse "$(response "$visa" $six 'q7=#10' 'q8=#3' q8c=3.5 total=52.5)"
is "a total that a form's filler worked out" "$status $(get '.item[-1]|"\(.linkId) \(.answer[0].valueDecimal)"')" "201 total 52.5"
qr="QuestionnaireResponse"
refused "a question that was not asked" $qr "$(response "$visa" $six 'q7=#7' 'q8=#2' q8a=14 q8b=3)" 422 $qr.item
refused "one that has to be answered" $qr "$(response "$visa" $six 'q7=#7' 'q8=#2')" 422 $qr.item
refused "no option" $qr "$(response "$visa" $six 'q7=#5' 'q8=#2' q8b=14)" 422 "$qr.item[6].answer"
refused "a total that is not the sum" $qr "$(response "$visa" $six 'q7=#7' 'q8=#2' q8b=14 total=61)" 422 $qr.item
refused "more than the most" $qr "$(response "$visa" $six 'q7=#7' 'q8=#3' q8c=11)" 422 "$qr.item[8].answer"
refused "less than the least" $qr "$(response "$checkin" pain_morning=-1)" 422 "$qr.item[0].answer"
refused "another type of answer" $qr "$(response "$checkin" pain_morning=true)" 422 "$qr.item[0].answer"
refused "an unknown question" $qr "$(response "$checkin" pain_morning=2 mood=3)" 422 "$qr.item[1].linkId"
refused "answered twice" $qr "$(response "$checkin" pain_morning=2 pain_morning=3)" 422 "$qr.item[1]"
refused "another version" $qr "$(response "${checkin%|*}|99" pain_morning=2)" 422 $qr.questionnaire
refused "no version" $qr "$(response "${checkin%|*}" pain_morning=2)" 422 $qr.questionnaire
refused "not completed" $qr "$(response "$checkin" pain_morning=2 | sed 's/completed/in-progress/')" 422 $qr.status

# What stands inside of the parts counts, too.
part() { pain 3 | sed "$1"; }
refused "kilograms in words" Observation "$(part 's/,"system".*{score}"}/,"unit":"kg"}/;s/"unit":"score",//')" 422 Observation.value
refused "a unit of no system that is known" Observation "$(part 's#http://unitsofmeasure.org#urn:x#')" 422 Observation.value
refused "a value that is said to be unknown" Observation "$(part 's/"valueQuantity":{/&"extension":[],/')" 422 Observation.valueQuantity.extension
refused "a code that is turned round" Observation "$(part 's/"code":{/&"modifierExtension":[],/')" 422 Observation.code.modifierExtension
refused "two meanings" Observation "$(part 's/"coding":\[/&{"system":"urn:loadwave:fhir:code","code":"visa-h"},/')" 422 Observation.code
refused "half a whole number" Observation "$(part 's/"valueQuantity":{.*}/"valueInteger":3.5/;s/$/}/')" 422 Observation.value
refused "two subjects" Observation "$(part 's/"subject":{/&"identifier":{"value":"demo-02"},/')" 422 Observation.subject.identifier
refused "a label of tests" Observation "$(pain 3 "$(instant)" ',"meta":{"tag":[{"code":"HTEST"}]}')" 422 Observation.meta.tag
fhir patient POST /Observation "$(pain 3 "$(instant)" ',"identifier":[{"system":"urn:test","value":"twice"}]')"
first=$(header Location)
fhir patient POST /Observation "$(pain 3 "$(instant)" ',"identifier":[{"system":"urn:test","value":"twice"}]')" -H 'If-None-Exist: identifier=urn:test%7Ctwice'
is "once only finds what came without the condition" "$status $(get .id)" "200 ${first##*/}"

# A clinician writes in the own name.
fhir staff POST /Observation "$(pain 5)"
is "a clinician's" "$status $(get '.performer[0].reference')" "201 Practitioner/$account"

# A day is the patient's: an instant becomes a time of the record's own offset, so an evening is not the next morning.
west=$(TZ=Etc/GMT+8 date -d "@$(now)" +%FT%T-08:00)
call patient POST "/patients/$me/events" "{\"events\":[$(event note '{"text":"travelling"}' patient "$west")]}"
is "eight hours west" "$status" 200
fhir patient POST /QuestionnaireResponse "$(response "$checkin" pain_morning=2 | sed "s/\"authored\":\"[^\"]*\"/\"authored\":\"$(date -u -d "@$(now)" +%FT%TZ)\"/")"
is "an instant" "$status" 201
call patient GET "/patients/$me/events?limit=500"
is "is in the record's time" "$(get '[.events[].event|select(.kind=="checkin")][-1].at')" "$west"
refused "the time of Greenwich there" Observation "$(pain 3 "$(instant)")" 422 Observation.effectiveDateTime

# ---- the trail ----
call staff GET '/clinic/audit?limit=200'
if [ "$status" = 200 ]; then
    is "reads are in the trail" "$(get '[.rows[]|select(.route=="fhir_read" and .patient=="demo-01")]|length>0')" true
    is "searches too" "$(get '[.rows[]|select(.route=="fhir_search" and .patient=="demo-01")]|length>0')" true
    is "and what was refused" "$(get '[.rows[]|select(.route=="fhir_everything" and .status==404)]|length')" 1
    is "and what was written" "$(get "[.rows[]|select(.route==\"fhir_create\" and .patient==\"$me\" and .status==201)]|length>0")" true
    is "with nothing that was typed" "$(get '[.rows[].detail|contains("=")]|any')" "$(get '[.rows[]|select(.route|startswith("fhir")|not).detail|contains("=")]|any')"
    fhir staff GET '/AuditEvent?_count=5'
    is "the trail as FHIR" "$status $(get '[.entry[].resource.resourceType]|unique|join(" ")')" "200 AuditEvent"
    fhir staff GET '/AuditEvent?patient=demo-01&_count=100'
    is "whose record it was" "$(get '[.entry[].resource.entity[0].what.reference]|unique|join(" ")')" "Patient/demo-01"
    is "and whose the search was" "$(get '[.entry[].resource|select(.action=="E" and .outcome=="0").entity[1].query|@base64d]|any(test("^Observation\\?patient=demo-01$"))')" true
    fhir staff GET "/AuditEvent/$(get '.entry[0].resource.id')"
    is "one row" "$status $(get '.agent|length>=2')" "200 true"
    for id in audit-0 audit-999999 audit-1x demo-01; do
        fhir staff GET "/AuditEvent/$id"
        is "no row $id" "$status" 404
    done
    for wrong in _sort=date _sort=_id _include=AuditEvent:agent; do
        fhir staff GET "/AuditEvent?$wrong"
        is "the trail has one order, and comes alone: $wrong" "$status $(issue)" "400 error not-supported"
    done

    # Rows far beyond one stretch of the trail (the store's own, written many times over): each once, the newest first, to the first of all.
    if command -v sqlite3 >/dev/null; then
        sql "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
            INSERT INTO audit SELECT 1000000 + i, at_s, clinic, account, route, patient, status, detail, hash FROM n, audit WHERE seq = (
            SELECT max(seq) FROM audit WHERE route = 'fhir_read' AND patient = 'demo-01' AND seq < 1000000)"
        sql "SELECT 'audit-' || seq FROM audit WHERE clinic = (SELECT clinic FROM audit WHERE seq = 1000001) AND seq <= 1001200 ORDER BY seq DESC" >"$work/rows"
        page="/AuditEvent?_count=333&_sort=-date"
        : >"$work/paged"
        pages=0
        while [ -n "$page" ] && [ "$pages" -lt 40 ]; do
            fhir staff GET "$page"
            get '.entry[]?.resource.id' >>"$work/paged"
            page=$(get '.link[]|select(.relation=="next").url' | sed 's|.*/fhir||')
            pages=$((pages + 1))
        done
        grep -vE 'audit-(100120[1-9]|10012[1-9]|1001[3-9])' "$work/paged" >"$work/known"
        head -n "$(wc -l <"$work/known")" "$work/rows" >"$work/expected"
        is "every row once, newest first" "$(cmp "$work/known" "$work/expected" && tail -n 1 "$work/paged")" audit-1
        fhir staff GET '/AuditEvent?outcome=4&_count=500'
        is "a search of few goes through all" "$(get '[.entry[].resource.outcome]|unique|join(" ")') $(get '.link[]|select(.relation=="next").url')" "4 "
        fhir staff GET '/AuditEvent?_summary=count'
        is "and counts them" "$status $(get '.total>1200')" "200 true"
    fi
fi

# ---- whose day: last, because it is many requests ----
# One hour from Greenwich, a client that writes UTC as +00:00 (or another zone's time) would move what is near midnight to another day.
last=$(($(date -u -d "@$(now)" +%Y) - 1))
sent() { # WHAT AT STORED: a check-in's time as it is sent, and as the record has it, or "refused"
    fhir staff POST /QuestionnaireResponse "$(response "$checkin" pain_morning=2 | sed "s/\"authored\":\"[^\"]*\"/\"authored\":\"$last-$2\"/")"
    if [ "$3" = refused ]; then
        is "$1" "$status $(get '.issue[0]|"\(.code) \(.expression[0])"')" "422 business-rule QuestionnaireResponse.authored"
        has "$1: what to send instead" "$(get '.issue[0].diagnostics')" "send Z"
    else
        is "$1" "$status $(get .authored)" "201 $last-$3"
    fi
}
someone() { # OFFSET-IN-WINTER OFFSET-IN-SUMMER
    call staff POST /patients '{"name":"Near Greenwich"}'
    me=$(get .patient)
    call staff POST "/patients/$me/events" "{\"events\":[$(event note '{"text":"winter"}' "clinician:$account" "$last-01-10T12:00:00$1"),$(event note '{"text":"summer"}' "clinician:$account" "$last-07-10T12:00:00$2")]}"
    is "an entry in each half of the year" "$status" 200
}
someone -01:00 +00:00 # the Azores
sent "an evening in the west, as UTC, winter" 01-12T00:30:00+00:00 refused
sent "another zone's evening" 01-12T01:30:00+01:00 refused
sent "the same as an instant" 01-12T00:30:00Z 01-11T23:30:00-01:00
sent "a morning in the west, as UTC, winter" 01-13T08:00:00+00:00 01-13T07:00:00-01:00
sent "and that has taught the record nothing" 01-14T00:30:00+00:00 refused
sent "the patient's own evening" 01-13T23:30:00-01:00 01-13T23:30:00-01:00
sent "an evening there in summer, which is UTC" 07-12T23:30:00+00:00 07-12T23:30:00+00:00
sent "winter's offset in summer's night" 07-13T23:30:00-01:00 refused
someone +01:00 +02:00 # Madrid
sent "a night in the east, as UTC, winter" 01-11T23:30:00+00:00 refused
sent "an evening in the east, as UTC, winter" 01-11T21:30:00+00:00 01-11T22:30:00+01:00
sent "a morning in the east, as UTC, winter" 01-12T06:30:00+00:00 01-12T07:30:00+01:00
sent "the patient's own night" 01-13T00:30:00+01:00 01-13T00:30:00+01:00
sent "a night in the east, in winter's offset, summer" 07-11T23:30:00+01:00 refused
sent "a morning in the east, in winter's offset, summer" 07-12T06:30:00+01:00 07-12T07:30:00+02:00
sent "a morning in the east, as UTC, summer: two hours are no slip" 07-12T06:30:00+00:00 refused
sent "the patient's own summer" 07-13T00:30:00+02:00 07-13T00:30:00+02:00
call staff GET "/patients/$me/events?limit=500"
is "nothing of what was refused is stored" "$(get '[.events[].event|select(.kind=="checkin")]|length')" 5
done_testing
