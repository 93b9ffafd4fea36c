/** Another version of the protocol: published by the clinic, and a patient moved to it by the event that says so. */
import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { client, firstAdmin, root, serve, tokenOf } from './harness.mjs'

let server, admin
before(async () => {
  server = await serve({ at: '2030-03-04T07:00:00Z' })
  admin = await firstAdmin(server)
})
after(() => server?.stop())

const text = readFileSync(join(root, 'protocols', 'pht', 'pht.protocol'), 'utf8')
const version = (number) => text.replace(/^version 1\.0\.0$/m, `version ${number}`)
const sha = (what) => createHash('sha256').update(what).digest('hex')
const event = (patient, kind, by, at, data) => ({ v: 1, id: randomUUID(), patient, kind, at, by, data })

test('a patient is moved by the event, and by nothing less', async () => {
  const { api, me } = admin
  const doctor = `clinician:${me.account}`
  const { patient } = (await api.post('/api/v1/patients', { name: 'Cas Example' })).json
  const add = (who, ...events) => who.post(`/api/v1/patients/${patient}/events`, { events })
  const row = async () => (await api.get(`/api/v1/patients/${patient}`)).json
  const started = (name, text, by = doctor, at = '2030-03-04T07:00:00+00:00') =>
    event(patient, 'started', by, at, { protocol: `pht@${name}`, protocol_sha256: sha(text), authority: 'suggest', days: ['mon', 'wed', 'fri'], equipment: ['mat'] })

  const enrolled = event(patient, 'enrolled', doctor, '2030-03-04T06:59:00+00:00', { birth_year: 1990, sides: ['left'], goal: 'run' })
  assert.equal((await add(api, enrolled, started('1.0.0', text))).status, 200)

  const next = version('1.0.1')
  // Not published yet: refused, nothing stored.
  const early = await add(api, started('1.0.1', next, doctor, '2030-03-04T07:00:01+00:00'))
  assert.equal(early.status, 409)
  assert.equal(early.json.code, 'LW_ERR_PROTOCOL')
  assert.equal((await row()).head, 2)

  const published = await api.post('/api/v1/protocols', { text: next, note: 'Calmer' })
  assert.equal(published.status, 200, published.text)
  assert.equal(published.json.sha256, sha(next))
  // The route for those who have not started says what to do instead.
  const route = await api.post(`/api/v1/patients/${patient}/protocol`, { sha256: sha(next), reason: 'calmer' })
  assert.equal(route.json.code, 'LW_ERR_PROTOCOL')
  assert.match(route.json.hint, /started/)
  // The preview: the plan of the same record under the other version is not there before it is started.
  const before = (await api.get(`/api/v1/patients/${patient}/plan?on=2030-03-04`)).json
  assert.equal(before.protocol, 'pht@1.0.0')

  // The patient's own word does not move the patient.
  const invite = (await api.post(`/api/v1/patients/${patient}/invite`)).json
  const phone = client(server)
  await phone.post(`/api/v1/invites/${tokenOf(invite.url)}/accept`)
  assert.equal((await add(phone, started('1.0.1', next, 'patient', '2030-03-04T07:00:02+00:00'))).status, 409)

  const moved = await add(api, started('1.0.1', next, doctor, '2030-03-04T07:00:03+00:00'))
  assert.equal(moved.status, 200, moved.text)
  assert.equal((await row()).protocol_sha256, sha(next))
  const plan = (await api.get(`/api/v1/patients/${patient}/plan?on=2030-03-04`)).json
  assert.equal(plan.protocol, 'pht@1.0.1')
  // An older move that comes late does not turn it back.
  assert.equal((await add(api, started('1.0.0', text, doctor, '2030-03-04T07:00:02+00:00'))).status, 409)
  assert.equal((await row()).protocol_sha256, sha(next))
  // And back, by a new one.
  assert.equal((await add(api, started('1.0.0', text, doctor, '2030-03-04T07:00:04+00:00'))).status, 200)
  assert.equal((await row()).protocol_sha256, sha(text))

  // Somebody who has not started is put on it directly, with the reason in the record.
  const fresh = (await api.post('/api/v1/patients', { name: 'Dee Example' })).json.patient
  const put = await api.post(`/api/v1/patients/${fresh}/protocol`, { sha256: sha(next), reason: 'as agreed' })
  assert.equal(put.status, 200, put.text)
  assert.equal(put.json.protocol_sha256, sha(next))
  const log = (await api.get(`/api/v1/patients/${fresh}/events`)).json.events
  assert.deepEqual(log.map((one) => [one.event.kind, one.event.data.text]), [['note', 'as agreed']])
})

test('what does not compile comes back with every place', async () => {
  const bad = await admin.api.post('/api/v1/protocols', { note: 'x', text: text.replace('version 1.0.0', 'version 1.0.9').replace(/^stage /m, 'stag ') })
  assert.equal(bad.status, 422)
  assert.equal(bad.headers.get('content-type'), 'application/problem+json')
  assert.equal(bad.json.member, 'text')
  assert.ok(bad.json.diagnostics.length >= 1 && bad.json.diagnostics.every((one) => one.message) && bad.json.diagnostics.some((one) => one.line > 0 && one.column > 0))
})
