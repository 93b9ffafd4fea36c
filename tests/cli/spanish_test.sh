#!/bin/sh
# In Spanish every page is Spanish: what the environment asks for is what is read, and nothing English is left over.
. tests/cli/lib.sh
unset LOADWAVE_LANG LC_ALL LC_MESSAGES
export LANG=es_ES.UTF-8

# No word that Spanish does not have, and no piece of an English sentence. Titles of sources are quoted as they are.
cat >"$work/leftovers.py" <<'PYTHON'
import json, re, sys
page = open(sys.argv[1], encoding="utf-8").read()
page = re.sub(r"(?m)^      S\d+: .*\n(?:        .*\n)*", "", page)
flat = " ".join(page.split())
spanish = " ".join(json.load(open("locales/es.json", encoding="utf-8")).values())
found = set()
for text in json.load(open("locales/en.json", encoding="utf-8")).values():
    for piece in re.split(r"\{[^}]*\}", text):
        piece = piece.strip(" .:,")
        if len(piece) > 8 and piece in flat and piece not in spanish:
            found.add(piece)
plain = re.sub(r"loadwave \w+|--\w+", "", flat)
words = r"the|and|of|with|your|you|is|are|not|for|from|day|days|pain|left|right|sets|rest|yes|positive|negative|" \
        r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:[a-z]*day)?|January|February|March|August|Jan|Aug|Dec"
found |= set(re.findall(rf"\b(?:{words})\b", plain))
print(*sorted(found), sep="\n", end="\n" if found else "")
sys.exit(1 if found else 0)
PYTHON
no_english() {
    checks=$((checks + 1))
    python3 "$work/leftovers.py" "$work/out" >"$work/found" || fail "$1: English is left: $(tr '\n' ';' <"$work/found")"
}

run 0 today "$record" --on 2026-01-07
says "Plan para el miércoles, 7 de enero de 2026"
says "Etapa 1: calmar el dolor"
says "Puente isométrico, una pierna"
says "descanso 2 min"
says "lun 19 ene: "
says "Correr     Todavía no."
says "Conviene saber"
says "esto lo decidió"
silent_about "{"
no_english "today"

for example in runner-combined desk-flare red-flag messy simulated-runner; do
    for day in 2026-01-06 2026-01-20 2026-02-12 2026-03-05 2026-03-10 2026-03-20 2026-04-12 2026-05-30; do
        run 0 explain "examples/$example.jsonl" --on "$day"
        no_english "explain of $example on $day"
    done
done

# The words of help are those of help: what it is, how soon, whom to see.
run 0 today examples/red-flag.jsonl --on 2026-03-12
says "SEÑAL DE ALARMA: hoy"
says "Que te vea un médico hoy."
says "ALTO: ni ejercicios, ni correr, ni ondas de choque."
silent_about "regres"
silent_about "fracas"
no_english "the card"

# Questions are asked and answered in Spanish; what is written are the record's own words.
me=$work/me.jsonl
answer 0 'p-7\n1986\nizquierda\n4\ncorrer\n' init "$me" --at 2026-03-02T08:00:00+01:00
says "1 izquierda, 2 derecha, 3 ambos"
grep -q '"sides":\["left"\],"goal":"run","sport":"running"' "$me" || fail "the answers were not understood"
answer 0 '0\n12\n2\n1\n\nsí\nNo\n\n\n\nnada\nq\n7\n\n' checkin "$me" --at 2026-03-03T07:00:00+01:00
says "Intro para saltar"
says "Un número entero de 0 a 10, por favor."
says "Escrito: señales de alarma, registro de la mañana."
grep -q '"night_pain":true,"rest_pain":false,"pain_relief":"none","sleep_h":7' "$me" || fail "the check-in is not what was answered"
no_english "the check-in"

# The course and the difference of two days; what was logged is quoted in the record's own words.
run 0 replay "$record"
says "mañana sig."
says "▽ suave"
says "del 2026-01-05 al 2026-04-27 · 113 días"
no_english "replay"
run 1 diff "$record" 2026-03-02 2026-03-05
says "Brote: sin brote → un brote grande"
says "Anotado entre medias"
sed -i '/^Anotado/,$d' "$work/out"
no_english "diff"

# A record of a newer version keeps the help.
sed 's/^{"v":1,/{"v":9,/;q' "$record" >"$work/newer.jsonl"
run 3 today "$work/newer.jsonl" --on 2026-01-07
says "los genitales o el ano"
no_english "the newer record"

# Decimals with a comma in the text, with a point in the plan.
run 0 today examples/simulated-runner.jsonl --on 2026-05-11
says "como mucho 2,52 km"
run 0 today "$record" --on 2026-02-20 --json
cp "$work/out" "$work/es.json"
export LOADWAVE_LANG=en
run 0 today "$record" --on 2026-02-20 --json
unset LOADWAVE_LANG
same "$work/out" "$work/es.json" "the plan depends on the language"

# Which setting counts.
export LC_ALL=C
run 0 today "$record" --on 2026-01-07
says "Plan for Wednesday 7 January 2026"
export LOADWAVE_LANG=es
run 0 today "$record" --on 2026-01-07
says "Plan para el miércoles"
unset LC_ALL LOADWAVE_LANG
export LANG=de_DE.UTF-8
run 0 today "$record" --on 2026-01-07
says "Plan for"
export LANG=es_ES.UTF-8

# It fits, accents counted as the one column they take.
for width in 40 60 100; do
    COLUMNS=$width "$LOADWAVE" explain "$record" --on 2026-03-10 >"$work/out" || fail "explain at width $width"
    [ $width -lt 60 ] || COLUMNS=$width "$LOADWAVE" replay "$record" >>"$work/out" || fail "replay at width $width"
    python3 - "$work/out" "$width" <<'PYTHON' || fail "wider than $width"
import sys
wide = [line for line in open(sys.argv[1], encoding="utf-8").read().splitlines() if len(line) > int(sys.argv[2])]
print("\n".join(wide[:3]), end="")
sys.exit(1 if wide else 0)
PYTHON
    checks=$((checks + 1))
done
finish
