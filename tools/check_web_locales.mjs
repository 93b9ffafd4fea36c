#!/usr/bin/env node
/*
 * check_web_locales.mjs [ROOT]: the web's sentences against its sources. Prints what is wrong, one line each; exit 1 then.
 *
 * Sentences stand in locales/en.json and es.json (shared with the command line, checked by gen_locales.py) and in
 * locales/web/AREA.LANGUAGE.json. Checked here:
 *
 *   - every sentence that web/src names exists: t('key'), has('key'), someKey="key", and any quoted text that begins as the
 *     areas' keys do. Of t(`cap.${x}`) at least one key must begin so; where a key is put together out of sight, a comment
 *     in the same file says which it may become: "keys: prefix.*" (several with blanks between);
 *   - t('key') and t('key', { … }) give every argument that the sentence shows;
 *   - every area's sentence is named by somebody (the shared ones need not be), and none stands in two files or twice;
 *   - every sentence is there in every language, not empty, well formed, and shows the same arguments and numbers;
 *   - nothing that a patient reads speaks of failing or of going back.
 *
 * Sources are read as text, not parsed: a key is recognised by its shape between quotes. That errs on the side of seeing a
 * use too many, never on that of missing a key that is spelt wrong inside t(…).
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..')
const LANGUAGES = ['en', 'es']
const PATIENT_AREAS = /^(app|common|learn|player|progress|run|outcomes|mine)$/
const UNKIND = { en: /\bregress|\bfail(ed|s|ing|ure)?\b/i, es: /\bregresi(ó|o)n|\bretroce[ds]|\bfracas/i }

const found = new Set()
const wrong = (text) => found.add(text)
const show = (path) => relative(root, path)

// ---- sentences -------------------------------------------------------------------------------------------------------

function readTexts(path) {
  const source = readFileSync(path, 'utf8')
  let texts
  try {
    texts = JSON.parse(source)
  } catch (error) {
    wrong(`${show(path)}: ${error.message}`)
    return {}
  }
  const seen = new Set()
  for (const [, quoted] of source.matchAll(/("(?:[^"\\]|\\.)*")\s*:\s*"(?:[^"\\]|\\.)*"/g)) {
    const key = JSON.parse(quoted)
    if (seen.has(key)) wrong(`${show(path)}: ${key} stands there twice`)
    seen.add(key)
  }
  for (const [key, text] of Object.entries(texts)) {
    if (typeof text !== 'string' || text.trim() === '') {
      wrong(`${show(path)}: ${key} is ${typeof text === 'string' ? 'empty' : 'not a text'}`)
      texts[key] = ''
    }
  }
  return texts
}

/** What a sentence shows: arguments with their family, sorted; the words that bend; the families it asks. */
function places(text) {
  const shown = [], bends = [], families = [], bad = []
  for (const [whole, body] of text.matchAll(/\{([^{}]*)\}/g)) {
    const part = /^([a-z_]+)(?::([a-z_]+)|(#?)\|([^|]+)\|([^|]+))?$/i.exec(body)
    if (!part) bad.push(whole)
    else if (part[3]) bends.push(part[1])
    else {
      shown.push(part[2] ? `${part[1]}:${part[2]}` : part[1])
      if (part[2]) families.push(part[2])
    }
  }
  if (/[{}]/.test(text.replace(/\{[^{}]*\}/g, ''))) bad.push('a brace without its partner')
  return { shown: shown.sort(), bends, families, bad }
}
const numbers = (text) => (text.match(/\d+/g) ?? []).sort().join()
const names = (text) => new Set(places(text).shown.map((one) => one.split(':')[0]))

const shared = {}, areas = {}, area_of = {}
for (const language of LANGUAGES) {
  const path = join(root, 'locales', `${language}.json`)
  shared[language] = existsSync(path) ? readTexts(path) : {}
}
const folder = join(root, 'locales', 'web')
for (const file of existsSync(folder) ? readdirSync(folder).sort() : []) {
  const [, area, language] = /^([a-z]+)\.([a-z]+)\.json$/.exec(file) ?? []
  if (!LANGUAGES.includes(language)) {
    wrong(`locales/web/${file}: a name is AREA.LANGUAGE.json, the languages are ${LANGUAGES.join(' and ')}`)
    continue
  }
  areas[area] ??= Object.fromEntries(LANGUAGES.map((one) => [one, {}]))
  areas[area][language] = readTexts(join(folder, file))
}
for (const [area, texts] of Object.entries(areas)) {
  for (const key of Object.keys(texts.en)) {
    if (key in shared.en) wrong(`locales/web/${area}.en.json: ${key} stands in locales/en.json, too`)
    if (area_of[key]) wrong(`locales/web/${area}.en.json: ${key} stands in ${area_of[key]}.en.json, too`)
    area_of[key] ??= area
  }
  for (const language of LANGUAGES) {
    const where = `locales/web/${area}.${language}.json`
    for (const key of Object.keys(texts.en)) if (!(key in texts[language])) wrong(`${where} lacks ${key}`)
    for (const [key, text] of Object.entries(texts[language])) {
      if (!(key in texts.en)) wrong(`${where} has ${key}, which English does not have`)
      const { shown, bends, bad } = places(text)
      for (const part of bad) wrong(`${where}: ${key} holds ${part}`)
      if (shown.join() !== places(texts.en[key] ?? text).shown.join()) wrong(`${where}: ${key} does not show the arguments that English shows`)
      if (numbers(text) !== numbers(texts.en[key] ?? text)) wrong(`${where}: ${key} holds other numbers than English`)
      for (const name of bends) if (!names(text).has(name)) wrong(`${where}: ${key} bends a word by ${name}, which it does not show`)
      if (PATIENT_AREAS.test(area) && UNKIND[language].test(text)) wrong(`${where}: ${key} is no kind word to a patient`)
    }
  }
}
const english = { ...shared.en, ...Object.assign({}, ...Object.values(areas).map((texts) => texts.en)) }
const keys = Object.keys(english)
const prefixes = new Set(Object.keys(area_of).map((key) => key.split('.')[0]))

// ---- sources ---------------------------------------------------------------------------------------------------------

const KEY = '[a-z][a-z0-9_]*(?:\\.[A-Za-z0-9_-]+)+'
const used = new Set()

function* sources(path) {
  if (!existsSync(path)) return
  for (const name of readdirSync(path).sort()) {
    const inside = join(path, name)
    if (statSync(inside).isDirectory()) {
      if (name !== 'node_modules' && name !== 'generated') yield* sources(inside)
    } else if (/\.(ts|svelte)$/.test(name) && !/\.d\.ts$|^i18n\./.test(name)) yield inside // i18n is what fills sentences in
  }
}

function useKey(key, where) {
  if (key in english) used.add(key)
  else wrong(`${where} names ${key}, which no locale has`)
}

/** Marks what `pattern` may become; "*" stands for anything. False when no key fits. */
function usePattern(pattern) {
  const shape = new RegExp('^' + pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.+') + '$')
  const fit = keys.filter((key) => shape.test(key))
  fit.forEach((key) => used.add(key))
  return fit.length > 0
}

/** The arguments of a call whose bracket opens right before `from`, as source texts. */
function callArguments(text, from) {
  const parts = []
  let depth = 0, quote = '', start = from
  for (let at = from; at < text.length; at++) {
    const c = text[at]
    if (quote) {
      if (c === '\\') at++
      else if (c === quote) quote = ''
      else if (quote === '`' && c === '$' && text[at + 1] === '{') at = text.indexOf('}', at) // one level is all we write
      if (at < 0) return parts
    } else if (c === "'" || c === '"' || c === '`') quote = c
    else if ('([{'.includes(c)) depth++
    else if (')]}'.includes(c)) {
      if (depth-- === 0) {
        parts.push(text.slice(start, at).trim())
        return parts
      }
    } else if (c === ',' && depth === 0) {
      parts.push(text.slice(start, at).trim())
      start = at + 1
    }
  }
  return parts
}

/** The names that an object literal gives, or null when that cannot be seen. */
function given(literal) {
  if (!/^\{[\s\S]*\}$/.test(literal) || literal.includes('...')) return null
  return new Set(callArguments(literal.slice(1, -1) + ')', 0).map((part) => /^['"]?([A-Za-z_]+)/.exec(part)?.[1] ?? ''))
}

let files = 0
for (const path of sources(join(root, 'web', 'src'))) {
  files++
  const text = readFileSync(path, 'utf8')
  const at = (index) => `${show(path)}:${text.slice(0, index).split('\n').length}`

  for (const { 1: list, index } of text.matchAll(/\bkeys: ((?:[a-z][\w.*-]*\.[\w.*-]+ ?)+)/g)) {
    for (const pattern of list.trim().split(' ')) if (!usePattern(pattern)) wrong(`${at(index)} declares ${pattern}, which no locale has`)
  }
  for (const { 2: key, index } of text.matchAll(new RegExp(`(?<!\\b(?:keep|kept)(?:<[^>]*>)?\\()(['"\`])(${KEY})\\1`, 'g'))) { // keep and kept name what the device stores
    if (key in english) used.add(key)
    else if (keys.some((one) => one.startsWith(`${key}.`))) usePattern(`${key}.*`) // a family, its word is added later
    else if (prefixes.has(key.split('.')[0]) && key.split('.')[0] in areas && !/\.(ts|svelte|css|json|js|html|wasm|svg|png)$/.test(key)) useKey(key, at(index))
  }
  for (const { 1: template } of text.matchAll(/`([a-z][a-z0-9_]*\.(?:[A-Za-z0-9_.-]|\$\{[^{}`]*\})*)`/g)) {
    if (template.includes('${')) usePattern(template.replace(/\$\{[^}]*\}/g, '*'))
  }
  for (const { 2: key, index } of text.matchAll(new RegExp(`\\b\\w*[kK]ey=(["'])(${KEY})\\1`, 'g'))) useKey(key, at(index))
  for (const match of text.matchAll(/(?<![\w.$])(?:t|has)\(/g)) {
    const where = at(match.index)
    const [first = '', second] = callArguments(text, match.index + match[0].length)
    const plain = /^(['"])([^'"]*)\1$/.exec(first)
    if (plain) {
      const key = plain[2]
      useKey(key, where)
      const has = second === undefined ? new Set() : given(second)
      const missing = match[0] === 't(' && key in english && has ? [...names(english[key])].filter((name) => !has.has(name)) : []
      if (missing.length > 0) wrong(`${where} shows ${key} without ${missing.join(' and ')}`)
      continue
    }
    for (const [, , key] of first.matchAll(new RegExp(`(['"])(${KEY})\\1`, 'g'))) if (/^[\s\S]*\?[\s\S]*:/.test(first)) useKey(key, where)
    for (const [, template] of first.matchAll(/`([^`]*)`/g)) {
      if (!template.includes('${')) useKey(template, where)
      else {
        const pattern = template.replace(/\$\{[^}]*\}/g, '*')
        if (pattern.startsWith('*') ? !/\bkeys: /.test(text) : !usePattern(pattern)) {
          wrong(`${where} puts a key together, ${pattern}, that no locale has and no comment declares (keys: prefix.*)`)
        }
      }
    }
    if (/['"]\s*\+/.test(first) && !/\bkeys: /.test(text)) wrong(`${where} puts a key together: declare what it may become (keys: prefix.*)`)
  }
}

const family_names = new Set(keys.map((key) => key.split('.')[0]))
for (const [key, text] of Object.entries(english)) {
  for (const family of places(text).families) {
    if (!family_names.has(family)) wrong(`${key} asks for a word of the family ${family}, which no locale has`)
    usePattern(`${family}.*`)
  }
}
for (const [key, area] of Object.entries(area_of)) if (!used.has(key)) wrong(`locales/web/${area}.en.json has ${key}, which nothing names`)

found.forEach((line) => console.log(line))
if (found.size === 0) console.log(`${Object.keys(area_of).length} sentences of ${Object.keys(areas).length} areas, in ${LANGUAGES.length} languages, against ${files} sources`)
process.exit(found.size > 0 ? 1 : 0)
