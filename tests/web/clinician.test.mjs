/** A clinician from the invite to a patient's discharge: second factor, passkey, assessment, decisions, a shockwave course with a contraindication. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { axe, client, closeBrowser, device, firstAdmin, serve, shot, totp, until } from './harness.mjs'
import { checkInBy, dayOf, doSession, event, sameSession } from './people.mjs'

let server, admin, desk, page, url, patient, api, account
before(async () => {
  server = await serve({ at: '2030-03-04T08:00:00Z' })
  admin = await firstAdmin(server)
  const made = await admin.api.post('/api/v1/clinic/people', { name: 'Mira Clinician', login: 'mira@example.org', roles: ['clinician'] })
  url = made.json.url
  account = made.json.account
  desk = await device(server, { width: 1280, height: 900 })
  page = desk.page
})
after(async () => {
  await desk?.close()
  await closeBrowser()
  await server?.stop()
})
let secret
const password = 'seven green quiet rivers'

test('the invite: a password, then a second factor before anything opens', async () => {
  await page.goto(url)
  await page.getByLabel('New password').fill(password)
  await page.getByLabel('The same again').fill(password)
  await page.getByRole('button', { name: 'Accept the invite' }).click()
  await page.getByRole('button', { name: /authenticator/i }).click()
  secret = (await page.locator('code.secret').innerText()).replace(/\s/g, '')
  assert.deepEqual(await axe(page), [])
  await page.getByLabel(/digits/i).fill(totp(secret, server.now))
  await page.getByRole('button', { name: /confirm|switch|use/i }).first().click()
  await page.goto(`${server.origin}/clinic/#/queue`)
  await page.getByRole('heading', { name: 'Queue', level: 1 }).waitFor()
})

test('a passkey signs in without a password', async () => {
  const cdp = await desk.context.newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  await cdp.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } })
  await page.goto(`${server.origin}/clinic/#/me`)
  await page.getByRole('button', { name: /add a passkey|passkey/i }).first().click()
  await page.getByLabel(/call/i).last().fill('desk')
  await page.getByRole('button', { name: /make/i }).click()
  await page.getByText('desk').first().waitFor()
  await page.getByRole('button', { name: 'Sign out' }).first().click()
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await until(async () => (await page.getByRole('link', { name: 'Queue' }).count()) > 0, 'the console after the passkey')
})

test('a wrong code is refused, the right one opens; a used one does not open again', async () => {
  const other = client(server)
  await server.setNow(server.now + 120000)
  assert.equal((await other.post('/api/v1/sign-in', { login: 'mira@example.org', password, code: '000000' })).status, 401)
  const code = totp(secret, server.now)
  assert.equal((await other.post('/api/v1/sign-in', { login: 'mira@example.org', password, code })).status, 200)
  assert.equal((await client(server).post('/api/v1/sign-in', { login: 'mira@example.org', password, code })).status, 401)
})

test('a patient is added, and the phone gets a link', async () => {
  await page.goto(`${server.origin}/clinic/#/patients`)
  await page.getByRole('button', { name: 'Add a patient' }).click()
  await page.getByLabel('Name', { exact: false }).first().fill('Nora Example')
  await page.getByRole('button', { name: 'Add and invite' }).click()
  await page.getByText('Nora Example is added').waitFor()
  await page.getByRole('img', { name: /QR code/ }).waitFor()
  await shot(page, 'console-invite')
  const list = (await admin.api.get('/api/v1/patients?q=nora')).json.patients
  assert.equal(list.length, 1)
  patient = list[0].patient
})

test('the assessment: red flags first, and a proposed start from the engine before anything is stored', async () => {
  await page.goto(`${server.origin}/clinic/#/p/${patient}/assess`)
  await page.getByRole('button', { name: 'All asked, none present: write it' }).click()
  await page.getByText('Written into the record.').waitFor()
  await page.getByRole('button', { name: 'Next: History' }).click()
  await page.getByLabel(/year of birth/i).fill('1988')
  await page.getByRole('checkbox', { name: 'left' }).or(page.getByRole('radio', { name: 'left' })).first().check()
  await page.getByRole('radio', { name: /gradual/i }).first().check()
  await page.getByLabel(/weeks/i).first().fill('40')
  await page.getByRole('button', { name: /^Next/ }).click()
  assert.deepEqual(await axe(page), [])
  for (const step of ['What else it could be', 'Load ladder and strength', "Clinician's tests and imaging", 'Matters for shockwave', 'Baseline outcomes', 'Goal, days, equipment']) {
    await page.getByRole('button', { name: `Next: ${step}` }).click()
    await page.getByRole('heading', { name: step }).waitFor()
    if (step.startsWith('Load ladder')) await page.getByRole('group', { name: /bridge on both legs/i }).getByRole('radio', { name: '1', exact: true }).check()
    if (step.startsWith('Matters')) await page.getByRole('checkbox', { name: /All of them were asked/ }).check()
    await shot(page, `console-assess-${step.split(' ')[0].toLowerCase()}`)
  }
  await page.locator('input[name="aim-goal"][value="run"]').check()
  for (const day of ['Mon', 'Wed', 'Fri']) {
    const box = page.getByRole('checkbox', { name: new RegExp(`^${day}`, 'i') })
    if (await box.count()) await box.first().check()
  }
  await page.getByRole('radio', { name: /^progress/ }).check()
  // a reload loses nothing
  await page.reload()
  await page.getByRole('button', { name: 'Next: Proposed start' }).click()
  await page.getByText('Entry stage').waitFor()
  await shot(page, 'console-assess-start', { fullPage: true })
  assert.deepEqual(await axe(page), [])
  await page.getByRole('button', { name: 'Start the programme' }).click()
  await until(async () => (await admin.api.get(`/api/v1/patients/${patient}/plan?on=${dayOf(server)}`)).json?.status === 'active', 'an active programme')
  await page.waitForURL(/\/plan$/)
})

test('the patient comes along; a proposal, a limit, an override with its reason', async () => {
  const invite = await admin.api.post(`/api/v1/patients/${patient}/invite`)
  api = client(server)
  assert.equal((await api.post(`/api/v1/invites/${invite.json.token}/accept`, {})).status, 200)
  const plan = await checkInBy(server, api, patient, { morning: 1, test: 1 })
  await doSession(server, api, patient, plan, { during: 1 })
  await page.goto(`${server.origin}/clinic/#/p/${patient}/decisions`)
  const limits = page.locator('section', { has: page.getByRole('heading', { name: 'Limits' }) })
  await limits.waitFor()
  await shot(page, 'console-decisions', { fullPage: true })
  await limits.getByRole('radio', { name: 'one exercise' }).check()
  await limits.locator('select').first().selectOption({ index: 1 })
  await limits.getByLabel('Sets at most').fill('1')
  await limits.getByLabel(/reason/i).fill('sore after the weekend')
  await limits.getByRole('button', { name: 'Set the limit' }).click()
  await until(async () => (await api.get(`/api/v1/patients/${patient}/events?limit=2000`)).json.events.some((row) => row.event.kind === 'limit'), 'the limit')
  const override = page.locator('section', { has: page.getByRole('heading', { name: 'Override for today' }) })
  await override.getByRole('radio', { name: 'same' }).check()
  await override.getByLabel(/reason/i).fill('wants to wait a day')
  await override.getByRole('button', { name: 'Override today' }).click()
  const kinds = await until(async () => {
    const rows = (await api.get(`/api/v1/patients/${patient}/events?limit=2000`)).json.events.map((row) => row.event)
    return rows.some((one) => one.kind === 'override') ? rows : null
  }, 'the override')
  const one = kinds.find((each) => each.kind === 'override')
  assert.equal(kinds.find((each) => each.id === one.data.decision)?.kind, 'decided', 'an override names a decision')
  assert.equal(one.by, `clinician:${account}`)
})

test('shockwave: a contraindication closes it, the gate opens it, the session is recorded in one unit', async () => {
  await admin.api.post('/api/v1/devices', { name: 'Radial One', wave: 'radial', settings: { applicators: [{ mm: 15 }], pressure_bar: { min: 1, max: 4 }, efd_mj_mm2: null, rate_hz: { min: 1, max: 15 }, impulses_max: 3000 } })
  const by = `clinician:${account}`
  const mira = await sameSession(desk.context, client(server))
  const sent = await mira.post(`/api/v1/patients/${patient}/events`, { events: [event(server, patient, 'assessed', { onset: 'gradual', weeks: 40, localised: true, loading_weeks: 12, loading_response: 'none', contraindications: ['C06'], imaging: 'ultrasound', tear: 'none' }, by), event(server, patient, 'outcome', { instrument: 'visa_h', score: 41 }, by)] })
  assert.equal(sent.status, 200, sent.text)
  assert.equal((await mira.get(`/api/v1/patients/${patient}/plan?on=${dayOf(server)}`)).json.shockwave.status, 'needs_clinician')
  await server.setNow(server.now + 60000)
  await page.goto(`${server.origin}/clinic/#/p/${patient}/shockwave`)
  await page.reload()
  await page.getByRole('button', { name: 'Ask the safety questions' }).click()
  for (let n = 1; n <= 14; n++) {
    const code = `C${String(n).padStart(2, '0')}`
    await page.locator(`input[name="${code}"][value="${code === 'C06' ? 'yes' : 'no'}"]`).check()
  }
  await page.getByRole('checkbox', { name: /I have weighed this/ }).check()
  await page.getByLabel('Note').fill('low dose, stable, agreed with the prescriber')
  assert.deepEqual(await axe(page), [])
  await shot(page, 'console-shockwave-gate', { fullPage: true })
  await page.getByRole('button', { name: 'Record the answers' }).click()
  await page.getByText('The answers are in the record.').waitFor()
  const opened = (await mira.get(`/api/v1/patients/${patient}/plan?on=${dayOf(server)}`)).json
  assert.ok(['option', 'due'].includes(opened.shockwave.status), JSON.stringify([opened.shockwave, opened.why.filter((one) => one.rule.startsWith('E'))]))
  await page.getByText('What the evidence says:').first().waitFor()
  await page.getByRole('button', { name: 'Treat today' }).click()
  const form = page.locator('form', { has: page.getByRole('heading', { name: 'Treat today' }) })
  await form.getByRole('checkbox', { name: /text above was read/ }).check()
  await form.getByRole('checkbox', { name: /agrees to shockwave/ }).check()
  await form.getByLabel(/Strength, bar/).fill('9')
  await form.getByText(/this device allows 1 to 4/).waitFor()
  await form.getByLabel(/Strength, bar/).fill('2.5')
  await form.getByLabel('Impulses').fill('2000')
  await form.getByRole('radio', { name: '5', exact: true }).check()
  await shot(page, 'console-shockwave', { fullPage: true, clip: { x: 0, y: 0, width: 1280, height: 1500 } })
  assert.deepEqual(await axe(page), [])
  await form.getByRole('button', { name: 'Record the session' }).click()
  await page.getByText('The session is in the record.').waitFor()
  const log = (await mira.get(`/api/v1/patients/${patient}/events?limit=2000`)).json.events.map((row) => row.event).find((one) => one.kind === 'shockwave')
  assert.equal(log.data.pressure_bar, 2.5)
  assert.ok(!('efd_mj_mm2' in log.data))
  assert.equal((await mira.get(`/api/v1/patients/${patient}/plan?on=${dayOf(server)}`)).json.shockwave.status, 'quiet')
  // in the middle of the course a pregnancy closes it at once
  assert.equal((await api.post(`/api/v1/patients/${patient}/events`, { events: [event(server, patient, 'condition', { code: 'C01', present: true })] })).status, 200)
  assert.equal((await mira.get(`/api/v1/patients/${patient}/plan?on=${dayOf(server)}`)).json.shockwave.status, 'forbidden')
})

test('the queue, a letter, and the discharge', async () => {
  await page.goto(`${server.origin}/clinic/#/queue`)
  await page.reload()
  await page.getByRole('link', { name: 'Nora Example', exact: true }).waitFor()
  await shot(page, 'console-queue')
  assert.deepEqual(await axe(page), [])
  await page.getByRole('link', { name: /Letter/ }).first().click()
  await page.getByText(/Nora Example/).first().waitFor()
  await page.goto(`${server.origin}/clinic/#/p/${patient}/decisions`)
  await page.getByRole('button', { name: /Discharge/ }).first().click()
  await page.locator('dialog[open]').getByLabel(/reason/i).fill('moved to the pregnancy service')
  await page.locator('dialog[open]').getByRole('button', { name: /Discharge/ }).click()
  await until(async () => (await api.get(`/api/v1/patients/${patient}/events?limit=2000`)).json.events.some((row) => row.event.kind === 'discharged'), 'the discharge')
  const rows = (await admin.api.get(`/api/v1/clinic/audit?patient=${patient}&limit=500`)).json
  assert.ok(rows.intact && rows.rows.length > 10)
  assert.deepEqual(desk.faults, [])
})
