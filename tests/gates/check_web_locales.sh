#!/bin/sh
# The web's sentences: each that is named exists, in every language, and each is named. First the check itself is checked:
# a small tree passes, and each fault put into it is found.
set -eu
if ! command -v node >/dev/null; then
    echo "needs node"
    [ -n "${LW_STRICT:-}" ] && exit 1
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

tree() {
    rm -rf "$work/tree"
    mkdir -p "$work/tree/locales/web" "$work/tree/web/src"
    echo '{"side.left": "left", "ui.why": "Why"}' >"$work/tree/locales/en.json"
    echo '{"side.left": "izquierda", "ui.why": "Por qué"}' >"$work/tree/locales/es.json"
    cat >"$work/tree/locales/web/app.en.json" <<'JSON'
{
"app.days": "{n|day|days} on the {side:side}",
"app.tab.one": "One",
"app.tab.two": "Two",
"app.title": "Title 3"
}
JSON
    cat >"$work/tree/locales/web/app.es.json" <<'JSON'
{
"app.days": "{n|día|días} {n#|seguido|seguidos}, {side:side}",
"app.tab.one": "Uno",
"app.tab.two": "Dos",
"app.title": "Título 3"
}
JSON
    cat >"$work/tree/web/src/Page.svelte" <<'SVELTE'
<h1 title={t('ui.why')}>{t(tall ? 'app.title' : 'ui.why')}</h1><p>{t('app.days', { n, side: one.side })}</p>
{#each tabs as tab}<a>{t(`app.tab.${tab}`)}</a>{/each}
SVELTE
}
check() { node tools/check_web_locales.mjs "$work/tree" >"$work/said" 2>&1; }

# finds WHAT FILE SED-SCRIPT: with the fault in FILE the check fails and says WHAT.
finds() {
    tree
    sed -i "$3" "$work/tree/$2"
    if check || ! grep -qF "$1" "$work/said"; then
        echo "the check does not see: $1"
        cat "$work/said"
        exit 1
    fi
}
tree
check || { cat "$work/said"; exit 1; }
finds "names app.titel, which no locale has" web/src/Page.svelte "s/app.title/app.titel/"
finds "names ui.whi, which no locale has" web/src/Page.svelte "s/t('ui.why')/t('ui.whi')/"
finds "app.bat.*" web/src/Page.svelte 's/app.tab/app.bat/'
finds "without side" web/src/Page.svelte 's/, side: one.side//'
finds "app.title, which nothing names" web/src/Page.svelte "s/app.title/ui.why/"
finds "lacks app.title" locales/web/app.es.json 's/"app.title"/"app.titulo"/'
finds "has app.titulo" locales/web/app.es.json 's/"app.title"/"app.titulo"/'
finds "app.days does not show the arguments" locales/web/app.es.json 's/{side:side}/{side}/'
finds "bends a word by m" locales/web/app.es.json 's/{n#/{m#/'
finds "app.days holds {n|día}" locales/web/app.es.json 's/{n|día|días}/{n|día}/'
finds "app.title is empty" locales/web/app.es.json 's/Título 3//'
finds "app.title holds other numbers" locales/web/app.es.json 's/Título 3/Título 4/'
finds "app.tab.one stands there twice" locales/web/app.en.json 's/app.tab.two/app.tab.one/'
finds "side.left stands in locales/en.json, too" locales/web/app.en.json 's/app.title/side.left/'
finds "is no kind word to a patient" locales/web/app.en.json 's/"Title 3"/"You failed 3"/'

node tools/check_web_locales.mjs
