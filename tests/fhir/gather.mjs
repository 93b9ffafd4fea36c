/**
 * gather.mjs: everything that `loadwave fhir` emits for the stories' records and the examples, each shape of a resource once.
 *
 * Most resources of most stories say the same on other days. Two resources are of one shape when they differ in ids, dates and
 * fullUrls only; the first of each shape is kept, with the name of its story. What concerns a Bundle as a whole is checked here,
 * for every one of them.
 */
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { engine, paths, readStories, tell } from '../../tools/stories.mjs'
import { balp } from './balp.mjs'

const WORKERS = Number(process.env.LW_WORKERS ?? 6) // programs at once
export const root = fileURLToPath(new URL('../..', import.meta.url))
const program = process.env.LOADWAVE ?? join(root, 'build/loadwave')

/** [{name, day, file}]: every story's record, and the examples on their last day. */
export async function records(build) {
  paths.build = build
  // a few stories are about a record that is refused: there is nothing to make resources of
  const refused = new Set(tell(await engine(), readStories()).filter((answer) => answer.broken || answer.raw === null).map((answer) => answer.name))
  const list = readFileSync(join(build, 'index.txt'), 'utf8').trim().split('\n').map((line) => {
    const [name, day, ...file] = line.split(' ')
    return { name, day, file: file.join(' ') }
  }).filter((record) => !refused.has(record.name))
  for (const file of readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.jsonl'))) {
    const path = join(root, 'examples', file)
    const last = spawnSync(program, ['log', 'show', path, '--last-day'], { encoding: 'utf8' })
    if (last.status === 0 && last.stdout.trim()) list.push({ name: basename(file, '.jsonl'), day: last.stdout.trim(), file: path })
  }
  list.push({ name: 'everything', day: '2026-01-12', file: join(root, 'tests/fhir/everything.jsonl') })
  return list
}

/** The Bundle of a record; null where nothing may be made of it (an entry of a newer format). */
export function emit(record, r5) {
  const args = ['fhir', record.file, '--on', record.day, '--name', 'Anna Beispiel', ...(r5 ? ['--r5'] : [])]
  return new Promise((resolve, reject) => {
    execFile(program, args, { encoding: 'utf8', maxBuffer: 1 << 30 }, (error, stdout, stderr) => {
      if (error?.code === 3) resolve(null)
      else if (error) reject(new Error(`${record.name}: ${error.code}: ${stderr}`))
      else resolve(JSON.parse(stdout))
    })
  })
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const TIME = /\d{4}-\d{2}-\d{2}(T[0-9:]+(Z|[+-]\d{2}:\d{2}))?/g
export const shape = (resource, patient = 'p') => JSON.stringify(resource).replaceAll(`Patient/${patient}`, 'Patient/p').replace(UUID, 'u').replace(TIME, 't')

function* walk(node, at = '') {
  if (Array.isArray(node)) for (const [i, item] of node.entries()) yield* walk(item, `${at}[${i}]`)
  else if (node && typeof node === 'object') {
    yield [at, node]
    for (const [name, value] of Object.entries(node)) yield* walk(value, at ? `${at}.${name}` : name)
  }
}

/** What no validator knows: our own promises. Returns sentences. */
export function promises(bundle) {
  const wrong = []
  const there = new Set(bundle.entry.map((e) => `${e.resource.resourceType}/${e.resource.id}`))
  const canonicals = new Set(bundle.entry.map((e) => e.resource).filter((r) => r.url).map((r) => `${r.url}|${r.version}`))
  if (there.size !== bundle.entry.length) wrong.push('two resources share type and id')
  for (const { resource } of bundle.entry) {
    const where = `${resource.resourceType}/${resource.id}`
    if (!/^[A-Za-z0-9\-.]{1,64}$/.test(resource.id)) wrong.push(`${where}: no FHIR id`)
    if (resource.questionnaire && !canonicals.has(resource.questionnaire)) wrong.push(`${where}: ${resource.questionnaire} is not here`)
    const units = new Set()
    for (const [at, node] of walk(resource)) {
      if (typeof node.reference === 'string' && !there.has(node.reference)) wrong.push(`${where}: ${at} leads to ${node.reference}, which is not here`)
      if (Array.isArray(node.coding) && !node.text) wrong.push(`${where}: ${at} has codes and no text`)
      if (node.system === 'http://unitsofmeasure.org') units.add(node.code)
      const uncertain = ['http://hl7.org/fhir/sid/icd-10', 'http://hl7.org/fhir/sid/icd-10-cm', 'http://www.cms.gov/Medicare/Coding/ICD10']
      if (uncertain.includes(node.system) && node.extension?.[0]?.url !== 'urn:loadwave:fhir:code-standing') wrong.push(`${where}: ${at} is not marked as unsure`)
      if (Object.keys(node).length === 0) wrong.push(`${where}: ${at} is empty`)
    }
    if (units.has('bar') && units.has('mJ/mm2')) wrong.push(`${where}: a pressure and an energy together`)
  }
  return wrong
}

/** Doses as they stand in the record against those in the Bundle: no pressure became anything else. */
export function doses(record, bundle) {
  const wrong = []
  const events = readFileSync(record.file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line))
  const observations = new Map(bundle.entry.filter((e) => e.resource.resourceType === 'Observation').map((e) => [e.resource.id, e.resource]))
  for (const event of events.filter((e) => e.kind === 'shockwave')) {
    const found = (observations.get(`${event.id.toLowerCase()}-dose`)?.component ?? []).filter((c) => ['bar', 'mJ/mm2'].includes(c.valueQuantity?.code))
    const want = [['bar', event.data.pressure_bar], ['mJ/mm2', event.data.efd_mj_mm2]].filter(([, value]) => value !== undefined)
    if (JSON.stringify(found.map((c) => [c.valueQuantity.code, c.valueQuantity.value])) !== JSON.stringify(want)) wrong.push(`${event.id}: the dose is ${JSON.stringify(found)}, in the record ${JSON.stringify(want)}`)
  }
  return wrong
}

const build = process.env.LW_BUILD ?? join(root, 'build/dev')
/** Where tests/fhir/clients leaves what a running server said: one file for each shape, .r4.json or .r5.json. */
export const said = join(build, 'fhir-server')
/** Likewise a few resources that only a server emits, as tests/outer/fhir_render_test.c leaves them. */
export const samples = join(build, 'scratch/fhir_render_test')

/**
 * Runs over records (every nth), calls back with each new shape, and with each whole Bundle; then over what only a server
 * emits, out of that folder. Returns {shapes, resources, bundles, server, wrong}.
 */
export async function gather({ build, r5 = false, every = 1, server: folder, each, whole = () => {} }) {
  const seen = new Set(), wrong = []
  let resources = 0, bundles = 0
  const list = (await records(build)).filter((_, i, all) => i % every === 0 || i >= all.length - 5)
  const ahead = list.slice(0, WORKERS).map((record) => emit(record, r5))
  for (const [i, record] of list.entries()) {
    const bundle = await ahead[i]
    ahead[i] = null
    if (i + WORKERS < list.length) ahead.push(emit(list[i + WORKERS], r5))
    if (!bundle) continue
    bundles++
    whole(bundle, record)
    wrong.push(...[...promises(bundle), ...doses(record, bundle)].map((text) => `${record.name}: ${text}`))
    const patient = bundle.entry.find((e) => e.resource.resourceType === 'Patient').resource.id
    for (const { resource } of bundle.entry) {
      resources++
      const key = shape(resource, patient)
      if (seen.has(key)) continue
      seen.add(key)
      each(resource, record)
    }
  }
  let server = 0
  for (const name of existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(r5 ? '.r5.json' : '.r4.json')) : []) {
    const resource = JSON.parse(readFileSync(join(folder, name), 'utf8'))
    server++
    resources++
    seen.add(name)
    for (const one of [resource, ...(resource.entry ?? []).map((e) => e.resource)]) {
      if (one?.resourceType === 'AuditEvent' && !r5) wrong.push(...balp(one).map((text) => `${name}: ${text}`))
    }
    each(resource, { name })
  }
  return { shapes: seen.size, resources, bundles, server, wrong }
}

export const ready = () => existsSync(program) && existsSync(paths.wasm)
