/**
 * Bad input, hostile and clumsy: over two hundred requests that must each get a clear problem answer, store nothing and lose
 * nothing. After each group the heads of all logs are what they were, and the server answers as before.
 */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { request } from 'node:http'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { anotherClinic, client, firstAdmin, secure, serve, tokenOf } from './harness.mjs'

let server
const who = {}
const ids = { a: 'p-hostile-a', b: 'p-hostile-b', gone: 'p-hostile-gone' }
let tried = 0

const NOW = '2030-03-04T07:00:00+00:00'
const event = (more = {}, data = { pain_morning: 2 }) => ({ v: 1, id: randomUUID(), patient: ids.a, kind: 'checkin', at: NOW, by: 'patient', data, ...more })

before(async () => {
  server = await serve({ at: '2030-03-04T07:00:30Z' })
  who.admin = (await firstAdmin(server)).api
  const mine = await who.admin.get('/api/v1/me')
  who.account = mine.json.account
  const link = await anotherClinic(server, 'Other', 'other@example.org')
  who.other = client(server)
  const other = await who.other.post(`/api/v1/invites/${tokenOf(link)}/accept`, { password: 'another quiet sentence' })
  assert.equal(other.status, 200, other.text)
  await secure(server, who.other)
  for (const [key, by] of [['a', who.admin], ['b', who.other], ['gone', who.admin]]) {
    const made = await by.post('/api/v1/patients', { name: `Hostile ${key}`, patient: ids[key] })
    assert.equal(made.status, 200, made.text)
  }
  const invite = await who.admin.post(`/api/v1/patients/${ids.a}/invite`)
  who.patient = client(server)
  assert.equal((await who.patient.post(`/api/v1/invites/${invite.json.token}/accept`, { label: 'phone' })).status, 200)
  assert.equal((await who.patient.post(`/api/v1/patients/${ids.a}/events`, { events: [event({ id: '00000000-0000-4000-8000-000000000001' })] })).status, 200)
  assert.equal((await who.admin.del(`/api/v1/patients/${ids.gone}?confirm=${ids.gone}`)).status, 200)
  who.nobody = client(server)
})
after(() => server?.stop())

const heads = async () => [(await who.admin.get(`/api/v1/patients/${ids.a}`)).json.head, (await who.other.get(`/api/v1/patients/${ids.b}`)).json.head]

/** A request whose address goes over the wire as it is written here: fetch would tidy it up. */
const verbatim = (as, method, path) =>
  new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: server.port, method, path, headers: { Cookie: as.cookie(), ...(method === 'GET' ? {} : { 'X-Loadwave': '1' }) } }, (answer) => {
      let text = ''
      answer.on('data', (bytes) => (text += bytes))
      answer.on('end', () => resolve({ status: answer.statusCode, headers: { get: (name) => answer.headers[name] }, text, json: text ? JSON.parse(text) : null }))
    })
    asked.on('error', reject)
    asked.end()
  })

/** Runs a group: [title, who, method, path, body or raw text, status(es), code(s)]. */
function group(title, rows) {
  test(title, async (t) => {
    await server.setNow(server.now + 61000)
    const before_ = await heads()
    for (const [name, asked, method, path, body, statuses, codes, headers] of rows()) {
      tried++
      await t.test(name, async () => {
        const answer = /%|\/\/|\.\./.test(path) ? await verbatim(who[asked], method, path) : await who[asked].call(method, path, body, headers)
        const allowed = [statuses].flat()
        assert.ok(allowed.includes(answer.status), `${method} ${path}: ${answer.status} instead of ${allowed}: ${answer.text.slice(0, 300)}`)
        if (method !== 'HEAD') {
          assert.match(answer.headers.get('content-type') ?? '', /application\/problem\+json/)
          assert.equal(answer.json.status, answer.status)
          assert.ok(answer.json.title && answer.json.code, answer.text)
          if (codes) assert.ok([codes].flat().includes(answer.json.code), `${answer.json.code} instead of ${codes}: ${answer.json.detail}`)
          assert.doesNotMatch(answer.text, /sqlite|SELECT|libpq|\/src\/|\.c:\d/i, 'an answer tells what is inside')
        }
      })
    }
    assert.deepEqual(await heads(), before_, 'something was stored')
  })
}

const E = `/api/v1/patients/${ids.a}/events`
const add = (name, events, status, code) => [name, 'patient', 'POST', E, { events }, status, code]
const raw = (name, text, status, code) => [name, 'patient', 'POST', E, text, status, code]

group('an event is not what it must be', () => [
  add('v missing', [{ ...event(), v: undefined }], 422), add('v is text', [event({ v: '1' })], 422), add('v is 0', [event({ v: 0 })], 422),
  add('id missing', [{ ...event(), id: undefined }], 422), add('id is no UUID', [event({ id: 'abc' })], 422), add('id empty', [event({ id: '' })], 422), add('id a number', [event({ id: 7 })], 422),
  add('patient of somebody else', [event({ patient: ids.b })], [409, 403, 422]), add('patient missing', [{ ...event(), patient: undefined }], 422), add('patient too long', [event({ patient: 'x'.repeat(65) })], [409, 422]), add('patient empty', [event({ patient: '' })], [409, 422]),
  add('kind missing', [{ ...event(), kind: undefined }], 422), add('kind a number', [event({ kind: 5 })], 422),
  add('at missing', [{ ...event(), at: undefined }], 422), add('at without offset', [event({ at: '2030-03-04T07:00:00' })], 422), add('at with Z', [event({ at: '2030-03-04T07:00:00.5+00:00' })], 422), add('at not a day', [event({ at: '2030-02-30T07:00:00+00:00' })], 422), add('at with an hour 25', [event({ at: '2030-03-04T25:00:00+00:00' })], 422), add('at a number', [event({ at: 1898838000 })], 422), add('at an hour ahead', [event({ at: '2030-03-04T08:30:00+00:00' })], 422, 'LW_ERR_FUTURE'), add('at next year', [event({ at: '2031-03-04T07:00:00+00:00' })], 422, 'LW_ERR_FUTURE'), add('at the year 10000', [event({ at: '10000-03-02T07:00:00+00:00' })], 422),
  add('by missing', [{ ...event(), by: undefined }], 422), add('by nobody', [event({ by: '' })], 422), add('by the engine', [event({ by: 'engine' })], [403, 422]), add('by a clinician', [event({ by: `clinician:${who.account}` })], 403), add('by another word', [event({ by: 'root' })], 422), add('by clinician without id', [event({ by: 'clinician:' })], [403, 422]),
  add('data missing', [{ ...event(), data: undefined }], 422), add('data a list', [event({ data: [] })], 422), add('data null', [event({ data: null })], 422), add('data text', [event({ data: 'x' })], 422),
  add('an unknown member', [{ ...event(), extra: 1 }], 422, 'LW_ERR_UNKNOWN_MEMBER'), add('an event that is a list', [[]], 400), add('an event that is text', ['x'], 400), add('an event that is null', [null], 400), add('an event that is a number', [5], 400),
])
group('a value is out of its range', () => [
  ...[-1, 11, 10.5, 3.123, 1e3].map((pain) => add(`pain ${pain}`, [event({}, { pain_morning: pain })], 422)),
  ...['2', true, null, [], {}].map((pain) => add(`pain ${JSON.stringify(pain)}`, [event({}, { pain_morning: pain })], 422)),
  add('a check-in without pain', [event({}, {})], 422), add('a misspelt member', [event({}, { pain_mourning: 2 })], 422), add('minutes negative', [event({}, { pain_morning: 2, stiffness_min: -5 })], 422), add('pain relief unknown', [event({}, { pain_morning: 2, pain_relief: 'magic' })], 422), add('a clinician’s test named', [event({}, { pain_morning: 2, pain_test: 3, test: 'puranen_orava' })], 422),
  add('sleep of 30 hours', [event({}, { pain_morning: 2, sleep_h: 30 })], 422), add('stress 11', [event({}, { pain_morning: 2, stress: 11 })], 422),
  add('an exercise without sets', [event({ kind: 'exercise' }, { exercise: 'rdl', side: 'left', pain_during: 2 })], 422), add('sets of nothing', [event({ kind: 'exercise' }, { exercise: 'rdl', side: 'left', sets: [{}], pain_during: 2 })], 422), add('reps and hold together', [event({ kind: 'exercise' }, { exercise: 'rdl', side: 'left', sets: [{ reps: 5, hold_s: 5 }], pain_during: 2 })], 422), add('a ton', [event({ kind: 'exercise' }, { exercise: 'rdl', side: 'left', sets: [{ reps: 5, load_kg: 1000 }], pain_during: 2 })], 422), add('minus ten kilograms', [event({ kind: 'exercise' }, { exercise: 'rdl', side: 'left', sets: [{ reps: 5, load_kg: -10 }], pain_during: 2 })], 422), add('skip with sets', [event({ kind: 'exercise' }, { exercise: 'rdl', side: 'left', skip: 'pain', sets: [{ reps: 5 }], pain_during: 2 })], 422), add('a side that is none', [event({ kind: 'exercise' }, { exercise: 'rdl', side: 'middle', sets: [{ reps: 5 }], pain_during: 2 })], 422),
  add('bar and mJ/mm² together', [event({ kind: 'shockwave' }, { side: 'left', pressure_bar: 2, efd_mj_mm2: 0.1 })], 422), add('VISA-H 101', [event({ kind: 'outcome' }, { instrument: 'visa_h', score: 101 })], 422), add('TSK-11 of 5', [event({ kind: 'outcome' }, { instrument: 'tsk11', score: 5 })], 422), add('an instrument unknown', [event({ kind: 'outcome' }, { instrument: 'faces', score: 5 })], 422), add('a flag unknown', [event({ kind: 'symptom' }, { flag: 'RF99' })], 422), add('a flag twice', [event({ kind: 'screened' }, { flags: ['RF01', 'RF01'] })], 422), add('a medicine unknown', [event({ kind: 'medicine' }, { class: 'placebo', from: '2030-03-03' })], 422), add('a date that is none', [event({ kind: 'medicine' }, { class: 'nsaid', from: '2026-13-01' })], 422),
])
group('an author writes what is not theirs', () => [
  add('a patient clears a flag', [event({ kind: 'cleared' }, { events: [], note: 'fine' })], 403, 'LW_ERR_AUTHOR'), add('a patient discharges', [event({ kind: 'discharged' }, { reason: 'done' })], 403, 'LW_ERR_AUTHOR'), add('a patient overrides', [event({ kind: 'override' }, { decision: randomUUID(), action: 'progress', reason: 'more' })], 403, 'LW_ERR_AUTHOR'), add('a patient sets a limit', [event({ kind: 'limit' }, { exercise: 'rdl', max: 9, reason: 'x' })], 403, 'LW_ERR_AUTHOR'), add('a patient takes authority', [event({ kind: 'authority' }, { level: 'progress' })], [403, 422]), add('a patient ends a condition', [event({ kind: 'condition' }, { code: 'C01', present: false })], [403, 422]), add('a patient writes decided', [event({ kind: 'decided', by: 'engine' }, { on: '2030-03-04' })], [403, 422]), add('a device writes a check-in', [event({ by: 'device:watch' })], [403, 422]),
  ['a clinician as another', 'admin', 'POST', E, { events: [event({ by: `clinician:${randomUUID()}` })] }, 403], ['a clinician as the patient', 'admin', 'POST', E, { events: [event()] }, 403], ['a clinician as the engine', 'admin', 'POST', E, { events: [event({ by: 'engine' })] }, [403, 422]],
])
group('a body is not what it must be', () => [
  raw('empty', '', [400, 422]), raw('not JSON', 'hello', 400), raw('cut off', '{"events":[', 400), raw('two values', '{"events":[]}{}', 400), raw('a list', '[]', [400, 422]), raw('null', 'null', [400, 422]), raw('single quotes', "{'events':[]}", 400), raw('a comment', '{"events":[]/*x*/}', 400), raw('a trailing comma', '{"events":[],}', 400), raw('a member twice', '{"events":[],"events":[]}', [400, 422]), raw('NaN', '{"events":[NaN]}', 400), raw('deep', '{"events":' + '['.repeat(200) + ']'.repeat(200) + '}', [400, 422]), raw('a lone surrogate', '{"events":[],"plan_on":"\\ud800"}', [400, 422]), raw('NUL', '{"events":[],"plan_on":"\\u0000"}', [400, 422]), raw('a byte order mark', '\ufeff{"events":[]}', 400),
  raw('events missing', '{}', 422), raw('events an object', '{"events":{}}', 422), raw('events a number', '{"events":1}', 422), raw('an unknown member', '{"events":[],"force":true}', 422), raw('plan_on no date', '{"events":[],"plan_on":"tomorrow"}', 422), raw('plan_on a number', '{"events":[],"plan_on":5}', 422), raw('plan_on the 30th of February', '{"events":[],"plan_on":"2030-02-30"}', 422),
  ['the type is text', 'patient', 'POST', E, '{"events":[]}', 415, 'LW_ERR_MEDIA', { 'Content-Type': 'text/plain' }], ['the type is a form', 'patient', 'POST', E, 'events=1', 415, 'LW_ERR_MEDIA', { 'Content-Type': 'application/x-www-form-urlencoded' }], ['the type is multipart', 'patient', 'POST', E, '--x--', 415, 'LW_ERR_MEDIA', { 'Content-Type': 'multipart/form-data; boundary=x' }], ['the type is XML', 'patient', 'POST', E, '<events/>', 415, 'LW_ERR_MEDIA', { 'Content-Type': 'application/xml' }],
  add('too many events', Array.from({ length: 5001 }, () => event()), [413, 422]), add('a line too long', [event({ kind: 'note' }, { text: 'x'.repeat(70000) })], [413, 422]), raw('too large', '{"events":["' + 'x'.repeat(9 * 1024 * 1024) + '"]}', 413, 'LW_ERR_LIMIT'), ['a sign-in too large', 'nobody', 'POST', '/api/v1/sign-in', { login: 'x', password: 'x'.repeat(20000) }, 413],
])
group('the same again, but different', () => [
  add('an id with other content', [event({ id: '00000000-0000-4000-8000-000000000001' }, { pain_morning: 9 })], 409, 'LW_ERR_CONFLICT'), add('an id with another time', [event({ id: '00000000-0000-4000-8000-000000000001', at: '2030-03-04T06:00:00+00:00' })], 409, 'LW_ERR_CONFLICT'), add('one id twice in a delivery', [event({ id: '00000000-0000-4000-8000-000000000009' }, { pain_morning: 1 }), event({ id: '00000000-0000-4000-8000-000000000009' }, { pain_morning: 2 })], 409, 'LW_ERR_CONFLICT'), add('one bad among good', [event(), event(), event({}, { pain_morning: 99 })], 422),
])
const paths = [['GET', ''], ['GET', '/events'], ['GET', '/plan?on=2030-03-04'], ['GET', '/export'], ['POST', '/events', { events: [] }], ['POST', '/decisions', { on: '2030-03-04' }], ['POST', '/invite'], ['PATCH', '', { name: 'X' }], ['POST', '/handover', { clinic: '', reason: 'x' }]]
group('another clinic, another patient, nobody', () => [
  ...paths.map(([method, end, body]) => [`another clinic: ${method} ${end || '/'}`, 'other', method, `/api/v1/patients/${ids.a}${end}`, body ?? (method === 'GET' ? undefined : {}), 404, 'LW_ERR_NOT_FOUND']),
  ...paths.map(([method, end, body]) => [`another patient: ${method} ${end || '/'}`, 'patient', method, `/api/v1/patients/${ids.b}${end}`, body ?? (method === 'GET' ? undefined : {}), [403, 404]]),
  ...paths.map(([method, end, body]) => [`nobody: ${method} ${end || '/'}`, 'nobody', method, `/api/v1/patients/${ids.a}${end}`, body ?? (method === 'GET' ? undefined : {}), 401, 'LW_ERR_SIGN_IN']),
  ...paths.map(([method, end, body]) => [`no such patient: ${method} ${end || '/'}`, 'admin', method, `/api/v1/patients/p-none${end}`, body ?? (method === 'GET' ? undefined : {}), 404, 'LW_ERR_NOT_FOUND']),
  ['an erased patient read', 'admin', 'GET', `/api/v1/patients/${ids.gone}`, undefined, 410, 'LW_ERR_GONE'], ['an erased patient written', 'admin', 'POST', `/api/v1/patients/${ids.gone}/events`, { events: [] }, 410, 'LW_ERR_GONE'], ['an erased id used again', 'admin', 'POST', '/api/v1/patients', { name: 'New', patient: ids.gone }, [409, 410]], ['an id used twice', 'admin', 'POST', '/api/v1/patients', { name: 'New', patient: ids.a }, 409, 'LW_ERR_EXISTS'], ['an id of another clinic', 'admin', 'POST', '/api/v1/patients', { name: 'New', patient: ids.b }, 409],
])
group('a role reaches for what is not its own', () => [
  ...[['GET', '/queue'], ['GET', '/patients'], ['GET', '/clinic'], ['GET', '/clinic/people'], ['GET', '/clinic/audit'], ['GET', '/clinic/backups'], ['GET', '/clinic/usage'], ['GET', '/devices'], ['GET', '/handovers'], ['GET', '/research/0'], ['GET', '/queue/burden']].map(([method, path]) => [`a patient: ${path}`, 'patient', method, `/api/v1${path}`, undefined, 403, 'LW_ERR_FORBIDDEN']),
  ['a patient adds a patient', 'patient', 'POST', '/api/v1/patients', { name: 'X' }, 403], ['a patient makes an invite', 'patient', 'POST', `/api/v1/patients/${ids.a}/invite`, {}, 403], ['a patient publishes', 'patient', 'POST', '/api/v1/protocols', { text: 'x', note: 'x' }, 403], ['a patient changes the clinic', 'patient', 'PATCH', '/api/v1/clinic', { name: 'Mine' }, 403], ['a patient makes a backup', 'patient', 'POST', '/api/v1/clinic/backups', {}, 403], ['a patient acknowledges', 'patient', 'POST', `/api/v1/queue/${ids.a}/acknowledge`, { kind: 'flare' }, 403], ['staff without that role', 'admin', 'GET', '/api/v1/research/0', undefined, 403], ['a patient names a responsible', 'patient', 'PATCH', `/api/v1/patients/${ids.a}`, { responsible: who.account }, 403],
  ['erase without confirming', 'admin', 'DELETE', `/api/v1/patients/${ids.a}`, undefined, 422], ['erase with another id', 'admin', 'DELETE', `/api/v1/patients/${ids.a}?confirm=${ids.b}`, undefined, 422],
])
group('an address is bent', () => [
  ...['/api/v1/nothing', '/api/v1', '/api/v2/about', '/api/v1/patients/', `/api/v1/patients/${ids.a}/`, `/api/v1/patients/${ids.a}/events/`, '/api/v1/patients//events', `/api/v1//patients/${ids.a}`, `/api/v1/patients/..%2f..%2fclinic`, `/api/v1/patients/%2e%2e/clinic`, `/api/v1/patients/${ids.a}%00`, `/api/v1/patients/${ids.a}%2fevents`, '/api/v1/patients/%ff%fe', '/api/v1/patients/%zz', `/api/v1/patients/${'x'.repeat(300)}`, `/api/v1/PATIENTS/${ids.a}`, '/api/v1/protocols/../../etc/passwd', '/api/v1/sessions/%00', '/api/v1/invites/x/accept/y'].map((path) => [path.slice(0, 60), 'admin', 'GET', path, undefined, [400, 404, 405, 414, 422]]),
  ...[['PUT', '/api/v1/me'], ['DELETE', '/api/v1/queue'], ['POST', '/api/v1/about'], ['PATCH', `/api/v1/patients/${ids.a}/events`], ['POST', `/api/v1/patients/${ids.a}/plan`], ['DELETE', '/api/v1/clinic'], ['PUT', E]].map(([method, path]) => [`${method} ${path}`, 'admin', method, path, {}, 405, 'LW_ERR_METHOD']),
  ...['after=x', 'after=-1', 'after=1.5', 'limit=0', 'limit=100000', 'after=9999999999999999999999', 'what=1', 'after=1&after=2', 'limit=%00'].map((query) => [`events?${query}`, 'patient', 'GET', `${E}?${query}`, undefined, [400, 422]]),
  ...['', 'on=', 'on=today', 'on=2030-02-30', 'on=20300304', 'on=2030-03-04T00:00', 'on=2030-03-04&protocol=abc', `on=2030-03-04&protocol=${'0'.repeat(64)}`].map((query) => [`plan?${query}`, 'patient', 'GET', `/api/v1/patients/${ids.a}/plan?${query}`, undefined, [404, 422]]),
])
group('a sign-in is forced', () => [
  ['a wrong password', 'nobody', 'POST', '/api/v1/sign-in', { login: 'other@example.org', password: 'guess guess guess' }, 401], ['an unknown login', 'nobody', 'POST', '/api/v1/sign-in', { login: 'nobody@example.org', password: 'guess guess guess' }, 401], ['SQL in the login', 'nobody', 'POST', '/api/v1/sign-in', { login: "' OR 1=1 --", password: 'guess guess guess' }, 401], ['an empty password', 'nobody', 'POST', '/api/v1/sign-in', { login: 'x', password: '' }, 422], ['a password that is a list', 'nobody', 'POST', '/api/v1/sign-in', { login: 'x', password: ['x'] }, 422], ['an invite that is none', 'nobody', 'POST', `/api/v1/invites/${'A'.repeat(43)}/accept`, {}, [404, 410]], ['an invite too short', 'nobody', 'GET', '/api/v1/invites/x', undefined, 404],
  ['a passkey from nowhere', 'nobody', 'POST', '/api/v1/passkeys/sign-in', { id: 'AAAA', client_data: 'AAAA', authenticator_data: 'AAAA', signature: 'AAAA' }, [400, 401, 422]], ['a passkey not base64', 'nobody', 'POST', '/api/v1/passkeys/sign-in', { id: '***', client_data: '***', authenticator_data: '***', signature: '***' }, [400, 401, 422]], ['a challenge to add, signed out', 'nobody', 'POST', '/api/v1/passkeys/challenge', { purpose: 'add' }, 401], ['an unknown purpose', 'nobody', 'POST', '/api/v1/passkeys/challenge', { purpose: 'x' }, [422, 429]],
])
group('another site, a forged cookie, a missing header', () => [
  ['no X-Loadwave', 'patient', 'POST', E, { events: [event()] }, 403, 'LW_ERR_ORIGIN', { 'X-Loadwave': '' }], ['another Origin', 'patient', 'POST', E, { events: [event()] }, 403, 'LW_ERR_ORIGIN', { Origin: 'https://evil.example' }], ['Origin null', 'patient', 'POST', E, { events: [event()] }, 403, 'LW_ERR_ORIGIN', { Origin: 'null' }], ['Sec-Fetch-Site cross-site', 'patient', 'POST', E, { events: [event()] }, 403, 'LW_ERR_ORIGIN', { 'Sec-Fetch-Site': 'cross-site' }], ['Sec-Fetch-Site same-site', 'patient', 'POST', E, { events: [event()] }, 403, 'LW_ERR_ORIGIN', { 'Sec-Fetch-Site': 'same-site' }],
  ['a made-up cookie', 'nobody', 'GET', '/api/v1/me', undefined, 401, 'LW_ERR_SIGN_IN', { Cookie: `lw_session=${'A'.repeat(43)}` }], ['a short cookie', 'nobody', 'GET', '/api/v1/me', undefined, 401, 'LW_ERR_SIGN_IN', { Cookie: 'lw_session=x' }], ['a cookie of another name', 'nobody', 'GET', '/api/v1/me', undefined, 401, 'LW_ERR_SIGN_IN', { Cookie: 'session=1; admin=true' }], ['a huge cookie', 'nobody', 'GET', '/api/v1/me', undefined, [401, 431], undefined, { Cookie: `lw_session=${'A'.repeat(6000)}` }],
])
group('staff type it wrong', () => [
  ...[{}, { name: '' }, { name: 'x'.repeat(101) }, { name: 5 }, { name: 'X', language: 'xx' }, { name: 'X', country: 'ABC' }, { name: 'X', patient: 'a b/c' }, { name: 'X', patient: 'x'.repeat(65) }, { name: 'X', rich: true }].map((body) => [`patient ${JSON.stringify(body).slice(0, 40)}`, 'admin', 'POST', '/api/v1/patients', body, 422]),
  ...[{ name: 'D', wave: 'radial', settings: {} }, { name: 'D', wave: 'laser', settings: {} }, { name: 'D', wave: 'radial', settings: { applicators: [{ mm: 15 }], pressure_bar: { min: 4, max: 1 }, efd_mj_mm2: null, rate_hz: { min: 1, max: 15 }, impulses_max: 4000 } }, { name: 'D', wave: 'radial', settings: { applicators: [{ mm: -1 }], pressure_bar: { min: 1, max: 4 }, efd_mj_mm2: null, rate_hz: { min: 1, max: 15 }, impulses_max: 4000 } }, { name: 'D', wave: 'focused', settings: { applicators: [{ mm: 15 }], pressure_bar: { min: 1, max: 4 }, efd_mj_mm2: null, rate_hz: { min: 1, max: 15 }, impulses_max: 4000 } }].map((body, i) => [`device ${i + 1}`, 'admin', 'POST', '/api/v1/devices', body, 422]),
  ['a protocol that does not compile', 'admin', 'POST', '/api/v1/protocols', { text: 'protocol x', note: 'x' }, 422], ['an empty protocol', 'admin', 'POST', '/api/v1/protocols', { text: '', note: 'x' }, 422], ['a snooze of a red flag', 'admin', 'POST', `/api/v1/queue/${ids.a}/snooze`, { kind: 'red_flag', until: '2030-03-07', reason: 'later' }, [403, 404, 409, 422]], ['a snooze for a year', 'admin', 'POST', `/api/v1/queue/${ids.a}/snooze`, { kind: 'flare', until: '2031-03-05', reason: 'later' }, [404, 422]], ['a card that is none', 'admin', 'POST', `/api/v1/queue/${ids.a}/acknowledge`, { kind: 'weather' }, [404, 422]],
  ['the last admin steps down', 'admin', 'PATCH', `/api/v1/clinic/people/${who.account}`, { roles: ['clinician'] }, [403, 409, 422]], ['the last admin shuts themselves out', 'admin', 'PATCH', `/api/v1/clinic/people/${who.account}`, { disabled: true }, [403, 409, 422]], ['roles that are none', 'admin', 'POST', '/api/v1/clinic/people', { name: 'X', login: 'x@example.org', roles: ['king'] }, 422], ['no roles', 'admin', 'POST', '/api/v1/clinic/people', { name: 'X', login: 'x@example.org', roles: [] }, 422], ['staff as patient', 'admin', 'POST', '/api/v1/clinic/people', { name: 'X', login: 'x@example.org', roles: ['patient'] }, 422], ['a login taken', 'admin', 'POST', '/api/v1/clinic/people', { name: 'X', login: 'other@example.org', roles: ['clinician'] }, 409], ['people of another clinic', 'other', 'PATCH', `/api/v1/clinic/people/${who.account}`, { name: 'Taken' }, 404], ['a hand-over to nowhere', 'admin', 'POST', `/api/v1/patients/${ids.a}/handover`, { clinic: randomUUID(), reason: 'x' }, [404, 422]], ['a hand-over that was not offered', 'other', 'POST', `/api/v1/handovers/${ids.a}/accept`, {}, 404],
  ['a new password too short', 'admin', 'POST', '/api/v1/me/password', { old: 'a long quiet sentence', new: 'short' }, 422], ['a common password', 'admin', 'POST', '/api/v1/me/password', { old: 'a long quiet sentence', new: 'password1234' }, 422], ['the old password wrong', 'admin', 'POST', '/api/v1/me/password', { old: 'not the old sentence', new: 'a completely new sentence' }, [401, 403, 422]], ['a code without a secret', 'admin', 'POST', '/api/v1/me/totp/confirm', { code: '123456' }, [401, 404, 409, 422]],
])

/** Sends bytes as they are; what comes back until the server closes or a moment has passed. */
const wire = (bytes, wait = 1500) =>
  new Promise((resolve) => {
    let got = ''
    const socket = connect(server.port, '127.0.0.1', () => socket.write(bytes))
    socket.on('data', (data) => (got += data.toString('latin1')))
    const end = () => { socket.destroy(); resolve(got) }
    socket.on('end', end)
    socket.on('error', end)
    setTimeout(end, wait)
  })
test('bytes that are no request', async (t) => {
  const before_ = await heads()
  const cookie = `Cookie: ${who.patient.cookie()}\r\n`
  const rows = [
    ['nonsense', 'hello\r\n\r\n'], ['a method that is none', 'BREW /api/v1/about HTTP/1.1\r\nHost: x\r\n\r\n'], ['no host', 'GET /api/v1/about HTTP/1.1\r\n\r\n'], ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'], ['two lengths', `POST ${E} HTTP/1.1\r\nHost: x\r\n${cookie}X-Loadwave: 1\r\nContent-Type: application/json\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{"a":1`], ['length and chunks', `POST ${E} HTTP/1.1\r\nHost: x\r\n${cookie}X-Loadwave: 1\r\nContent-Type: application/json\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a negative length', `POST ${E} HTTP/1.1\r\nHost: x\r\n${cookie}Content-Length: -5\r\n\r\n`], ['a length of words', `POST ${E} HTTP/1.1\r\nHost: x\r\n${cookie}Content-Length: five\r\n\r\n`], ['a header without colon', 'GET /api/v1/about HTTP/1.1\r\nHost: x\r\nBroken\r\n\r\n'], ['a folded header', `GET /api/v1/me HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n 2\r\n\r\n`], ['a NUL in a header', 'GET /api/v1/me HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n'], ['a huge header', `GET /api/v1/me HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(100000)}\r\n\r\n`], ['very many headers', `GET /api/v1/me HTTP/1.1\r\nHost: x\r\n${Array.from({ length: 3000 }, (_, i) => `X-${i}: 1\r\n`).join('')}\r\n`], ['a huge address', `GET /${'a'.repeat(100000)} HTTP/1.1\r\nHost: x\r\n\r\n`], ['a space in the address', 'GET /api/v1/ me HTTP/1.1\r\nHost: x\r\n\r\n'], ['a NUL in the address', 'GET /api/v1/me\0 HTTP/1.1\r\nHost: x\r\n\r\n'], ['HTTP/3.0', 'GET /api/v1/me HTTP/3.0\r\nHost: x\r\n\r\n'], ['a body said to be too large', `POST ${E} HTTP/1.1\r\nHost: x\r\n${cookie}X-Loadwave: 1\r\nContent-Type: application/json\r\nContent-Length: 9999999999\r\n\r\n{`, /413/], ['bad chunks', `POST ${E} HTTP/1.1\r\nHost: x\r\n${cookie}X-Loadwave: 1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`],
  ]
  for (const [name, bytes, says] of rows) {
    tried++
    await t.test(name, async () => {
      const got = await wire(bytes)
      assert.doesNotMatch(got, /^HTTP\/1\.[01] 2/, got.slice(0, 200))
      if (says) assert.match(got, says)
    })
  }
  assert.deepEqual(await heads(), before_)
})

test('races: two at once', async () => {
  const one = event()
  const answers = await Promise.all(Array.from({ length: 12 }, () => who.patient.post(E, { events: [one] })))
  assert.ok(answers.every((answer) => answer.status === 200), answers.map((answer) => answer.text).join())
  assert.equal(answers.reduce((sum, answer) => sum + answer.json.added, 0) >= 1, true)
  const log = await who.patient.get(`${E}?limit=2000`)
  assert.equal(log.json.events.filter((row) => row.event.id === one.id).length, 1)
  // Twenty deliveries to one log: who loses the race too often is told to try again, and in the end each is there once.
  let open = Array.from({ length: 20 }, () => event())
  const wanted = open.map((one) => one.id)
  for (let round = 0; open.length > 0 && round < 20; round++) {
    const said = await Promise.all(open.map((each) => who.patient.post(E, { events: [each] })))
    for (const answer of said) assert.ok(answer.status === 200 || answer.json.retryable === true, answer.text)
    open = open.filter((_, i) => said[i].status !== 200)
  }
  assert.equal(open.length, 0)
  const stored = (await who.patient.get(`${E}?limit=2000`)).json.events.map((each) => each.event.id)
  for (const id of wanted) assert.equal(stored.filter((each) => each === id).length, 1)
  const invite = await who.admin.post(`/api/v1/patients/${ids.a}/invite`)
  const takers = await Promise.all(Array.from({ length: 4 }, () => client(server).post(`/api/v1/invites/${invite.json.token}/accept`, {})))
  assert.equal(takers.filter((answer) => answer.status === 200).length, 1, 'an invite works once')
})

test('guessing is slowed down, and nobody else is', async () => {
  const guesser = client(server)
  const answers = []
  for (let i = 0; i < 30; i++) answers.push((await guesser.post('/api/v1/sign-in', { login: 'other@example.org', password: `guess number ${i} ...` })).status)
  assert.ok(answers.includes(429), answers.join())
  assert.ok(answers.every((status) => status === 401 || status === 429))
  assert.equal((await who.admin.get('/api/v1/me')).status, 200)
})

test('after all this the server is well', async () => {
  assert.ok(tried >= 200, `only ${tried} tried`)
  console.log(`${tried} hostile or clumsy requests`)
  const health = await fetch(`http://127.0.0.1:${server.port}/healthz`)
  assert.equal(health.status, 200)
  const audit = await who.admin.get('/api/v1/clinic/audit')
  assert.equal(audit.json.intact, true)
  const output = server.output
  for (const secret of ['Hostile a', ids.a, 'other@example.org', who.patient.cookie().split('=')[1]]) assert.ok(!output.split('\n').filter((line) => line.startsWith('{')).join().includes(secret), `the log tells ${secret.slice(0, 6)}…`)
})
