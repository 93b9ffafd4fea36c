/**
 * learn_pages.mjs: the texts that claim something. Every paragraph of Learn has its sentence in each language, a grade, a tag and
 * sources that exist; titles are the protocol's; the honest texts are the protocol's word for word. The important changes
 * name every questionnaire, and the VISA-H table adds up to its hundred.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const text = (path) => readFileSync(join(root, path), 'utf8')
const json = (path) => JSON.parse(text(path))
const protocol = text('protocols/pht/pht.protocol')
const pages = json('web/src/app/learn/pages.json')
const sources = json('web/src/app/learn/sources.json')
const languages = ['en', 'es']
const learn = Object.fromEntries(languages.map((one) => [one, json(`locales/web/learn.${one}.json`)]))
const plan = Object.fromEntries(languages.map((one) => [one, json(`locales/${one}.json`)]))
const claims = pages.flatMap((page) => page.parts.filter((part) => !part.kind))

for (const page of pages) {
  for (const one of languages) assert.ok(learn[one][`learn.${page.id}.title`], `${page.id} has no title in ${one}`)
  for (const id of page.related) assert.ok(pages.some((other) => other.id === id), `${page.id} leads to ${id}, which is not there`)
}
for (const claim of claims) {
  for (const one of languages) assert.ok(learn[one][claim.text] ?? plan[one][claim.text], `${claim.text} is not said in ${one}`)
  assert.ok(['A', 'B', 'C', 'S', 'D', null].includes(claim.grade), `${claim.text}: grade ${claim.grade}`)
  assert.ok(['V', 'V2', 'calc', 'M', 'D', null].includes(claim.tag), `${claim.text}: tag ${claim.tag}`)
  for (const key of claim.sources) assert.ok(sources[key], `${claim.text}: source ${key} has no title`)
  if (['V', 'V2', 'calc'].includes(claim.tag)) assert.ok(claim.sources.length > 0, `${claim.text} is said to be read and names no source`)
}
const said = new Set(claims.map((claim) => claim.text))
for (const one of languages) {
  for (const key of Object.keys(learn[one])) {
    if (/^learn\.[a-z]+\.\d+$/.test(key)) assert.ok(said.has(key), `${key} (${one}) is on no page`)
  }
}
for (const [, key, title] of protocol.matchAll(/^source (S\d+) "([^"]+)"/gm)) {
  if (sources[key]) assert.equal(sources[key], title, `${key} has another title than in the protocol`)
}
for (const key of Object.keys(sources)) assert.ok(claims.some((claim) => claim.sources.includes(key)), `${key} is used nowhere`)
for (const [, id, words] of protocol.matchAll(/^text (H-\d) "([^"]+)"/gm)) assert.equal(plan.en[`advice.${id}`], words, `${id} is not word for word`)
assert.ok(said.has('advice.H-1') && said.has('advice.H-2') && said.has('advice.H-3') && said.has('advice.H-4'))

const important = json('web/src/lib/course/important.json')
assert.deepEqual(Object.keys(important).sort(), [...json('schema/events.json').enums.instrument.words].sort())
for (const [id, rule] of Object.entries(important)) {
  assert.ok(rule.min < rule.max && ['up', 'down'].includes(rule.better), id)
  if (rule.tag === 'V') assert.match(protocol, new RegExp(`^source ${rule.source} `, 'm'), `${id}: ${rule.source}`)
}
const visa = json('web/src/app/outcomes/visa_h.json')
const best = visa.points.items * visa.points.max + Math.max(...visa.sport.points) + Math.max(...visa.train.branches.flatMap((branch) => branch.points))
assert.equal(best, important.visa_h.max)
for (const branch of visa.train.branches) assert.deepEqual([...branch.points].sort((a, b) => a - b), branch.points)

const progress = languages.map((one) => Object.keys(json(`locales/web/progress.${one}.json`)))
assert.deepEqual(progress[0], progress[1])
console.log(`${pages.length} pages, ${claims.length} claims, ${Object.keys(sources).length} sources`)
