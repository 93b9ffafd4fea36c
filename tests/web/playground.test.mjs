/** The protocol playground and the hand-over: text judged as it is typed, a virtual patient, publishing; a patient offered to another clinic and taken. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { anotherClinic, axe, client, closeBrowser, device, firstAdmin, secure, serve, shot, tokenOf, until } from './harness.mjs'
import { newPatient } from './people.mjs'

let server, admin, north, desk, page, pia
const signIn = (where, api) => where.context.addCookies([{ name: 'lw_session', value: api.cookie().split('=')[1], url: server.origin, httpOnly: true, sameSite: 'Strict' }])
before(async () => {
  server = await serve({ at: '2030-03-04T08:00:00Z' })
  const link = await (async () => {
    admin = await firstAdmin(server)
    return anotherClinic(server, 'North', 'north@example.org')
  })()
  north = client(server)
  assert.equal((await north.post(`/api/v1/invites/${tokenOf(link)}/accept`, { password: 'another quiet sentence' })).status, 200)
  await secure(server, north)
  pia = await newPatient(server, admin, { name: 'Pia Example' })
  desk = await device(server, { width: 1280, height: 1000 })
  page = desk.page
  await signIn(desk, admin.api)
})
after(async () => {
  await desk?.close()
  await closeBrowser()
  await server?.stop()
})
const area = () => page.getByRole('textbox', { name: 'Text of the protocol' })
const change = async (from, to) => area().evaluate((el, [a, b]) => { el.value = el.value.replace(a, b); el.dispatchEvent(new Event('input', { bubbles: true })) }, [from, to])

test('a wrong unit is said with line, column and what to do, as it is typed', async () => {
  await page.goto(`${server.origin}/clinic/#/playground`)
  await page.getByText('compiles, and nothing stands out').waitFor()
  await change('set pain green at most 3 NPRS', 'set pain green at most 3 kg')
  await page.getByText(/thing to mend/).waitFor()
  const finding = page.getByRole('button', { name: /Line 16/ })
  await finding.waitFor()
  assert.match(await finding.innerText(), /NPRS/)
  await finding.click()
  assert.equal(await area().evaluate((el) => el.value.slice(el.selectionStart, el.selectionEnd)), 'kg')
  await page.getByRole('button', { name: 'Virtual patient' }).click()
  await page.getByText('First mend what is wrong').waitFor()
  await page.getByRole('button', { name: 'Text', exact: true }).click()
  await change('set pain green at most 3 kg', 'set pain green at most 2 NPRS')
  await change('version 1.0.0', 'version 1.1.0')
  await page.getByText(/pht@1.1.0 compiles/).waitFor()
})

test('the difference to the clinic’s version, and a virtual patient through twelve weeks', async () => {
  await page.getByRole('button', { name: 'What changed' }).click()
  const diff = page.getByRole('region', { name: 'What changed' })
  assert.match(await diff.innerText(), /set pain green at most 2 NPRS/)
  assert.match(await diff.innerText(), /version 1.1.0/)
  await page.getByRole('button', { name: 'Virtual patient' }).click()
  await page.getByRole('button', { name: 'Next day' }).click()
  await page.getByText(/2 days so far/).waitFor()
  await page.getByText('What they will say tomorrow morning').click()
  await page.getByRole('group', { name: 'Morning test' }).getByRole('radio', { name: '8', exact: true }).check()
  await page.getByRole('button', { name: 'Next day' }).click()
  await page.getByText(/3 days so far/).waitFor()
  await page.getByRole('button', { name: 'Twelve weeks' }).click()
  await page.getByText(/87 days so far/).waitFor({ timeout: 60000 })
  const rows = await page.getByRole('region', { name: /All days/ }).getByRole('row').count()
  assert.equal(rows, 88)
  await shot(page, 'console-virtual')
  assert.deepEqual(await axe(page), [])
})

test('it is published; nobody is moved by that', async () => {
  await page.getByRole('button', { name: 'Publish', exact: true }).click()
  await page.getByRole('textbox', { name: 'What changed, and why' }).fill('Green ends at 2: more careful.')
  await page.getByRole('button', { name: 'Publish pht@1.1.0' }).click()
  await page.getByText(/pht@1.1.0 is published/).waitFor()
  const versions = (await admin.api.get('/api/v1/protocols')).json.protocols
  assert.equal(versions.length, 2)
  assert.equal((await admin.api.get(`/api/v1/patients/${pia.id}/plan?on=2030-03-04`)).json.protocol, 'pht@1.0.0')
  assert.equal((await north.get('/api/v1/protocols')).json.protocols.length, 1, 'another clinic keeps its own')
})

test('a patient is offered to another clinic, and moves only when it is taken', async () => {
  const clinics = (await admin.api.get('/api/v1/clinics')).json.clinics
  const offered = await admin.api.post(`/api/v1/patients/${pia.id}/handover`, { clinic: clinics.find((one) => one.name === 'North').id, reason: 'moved house' })
  assert.equal(offered.status, 200, offered.text)
  assert.equal((await north.get(`/api/v1/patients/${pia.id}`)).status, 404, 'not theirs before they take it')
  const other = await device(server, { width: 1280, height: 900 })
  await signIn(other, north)
  await other.page.goto(`${server.origin}/clinic/#/patients`)
  await other.page.getByText('Pia Example').first().waitFor()
  await other.page.getByRole('button', { name: /Take this patient/ }).first().click()
  await until(async () => (await north.get(`/api/v1/patients/${pia.id}`)).status === 200, 'the patient at the other clinic')
  assert.equal((await admin.api.get(`/api/v1/patients/${pia.id}`)).status, 404)
  const log = (await north.get(`/api/v1/patients/${pia.id}/events?limit=2000`)).json
  assert.ok(log.events.length >= 5)
  await other.close()
  assert.deepEqual(desk.faults, [])
})
