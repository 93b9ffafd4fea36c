/** Pages and letters with a finger: the patient's three, the clinic's four, the list of providers, the research files. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { axe, closeBrowser, device, firstAdmin, serve, shot } from './harness.mjs'
import { acceptInvite, newPatient } from './people.mjs'

let server, admin, rosa, phone, desk
before(async () => {
  server = await serve({ at: '2030-03-04T07:00:00Z' })
  admin = await firstAdmin(server)
  rosa = await newPatient(server, admin)
  phone = await device(server)
  desk = await device(server, { width: 1280, height: 900 })
  await desk.context.addCookies([{ name: 'lw_session', value: admin.api.cookie().split('=')[1], url: server.origin, httpOnly: true, sameSite: 'Strict' }])
})
after(async () => {
  await phone?.close()
  await desk?.close()
  await closeBrowser()
  await server?.stop()
})

const heading = (page, name) => page.getByRole('heading', { name, level: 2 })
async function fetched(page, kind) {
  const coming = page.waitForEvent('download')
  await page.getByRole('button', { name: new RegExp(`^Make it ?: ${kind}`) }).click()
  const file = await coming
  await page.getByText(`${kind} is ready and was saved.`).waitFor()
  assert.match(await page.evaluate(() => document.activeElement.textContent), new RegExp(`^Make it: ${kind}`)) // the focus stays
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) }
}

test('the clinic keeps a list of who gives shockwave', async () => {
  const { page } = desk
  await page.goto(`${server.origin}/clinic/#/clinic/providers`)
  await page.getByRole('button', { name: 'Add a practice' }).click()
  await page.getByLabel('Practice or person').fill('Praxis Öz')
  await page.getByLabel('Town').fill('Łódź')
  await page.getByRole('radio', { name: 'focused', exact: true }).check()
  await page.getByLabel(/Telephone/).fill('+48 42 000')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Praxis Öz is saved.').waitFor()
  assert.deepEqual(await axe(page), [])
  await shot(page, 'console-providers', { fullPage: true })
})

test('the patient makes a page and a letter to somebody of the list', async () => {
  const { page } = phone
  await acceptInvite(page, rosa.url)
  await page.getByRole('link', { name: 'Print this plan' }).click()
  await heading(page, 'Letter to a shockwave provider').waitFor()
  assert.deepEqual(await axe(page), [])
  const plan = await fetched(page, "Today's plan")
  assert.equal(plan.name, 'loadwave-today.pdf')
  assert.equal(plan.bytes.subarray(0, 5).toString(), '%PDF-')
  await page.getByLabel('Who the letter is for').selectOption({ label: 'Praxis Öz, Łódź (focused)' })
  await page.getByText('Contact: +48 42 000.').waitFor()
  await shot(page, 'paper', { fullPage: true })
  assert.equal((await fetched(page, 'Letter to a shockwave provider')).name, 'loadwave-shockwave.pdf')
  assert.deepEqual(phone.faults, [])
})

test('the clinic makes all four; the last one needs an end', async () => {
  const { page } = desk
  await page.goto(`${server.origin}/clinic/#/p/${rosa.id}/paper`)
  await heading(page, 'Letter at the end').waitFor()
  assert.deepEqual(await axe(page), [])
  assert.equal((await fetched(page, 'Progress')).name, 'loadwave-progress.pdf')
  await page.getByRole('button', { name: /Make it ?: Letter at the end/ }).click()
  await page.getByText('The programme has not ended').waitFor()
})

test('a researcher sees every byte before one is saved, and what is saved is what was seen', async () => {
  const { page } = desk
  const me = await admin.api.patch(`/api/v1/clinic/people/${admin.me.account}`, { roles: ['clinician', 'admin', 'researcher'] })
  assert.equal(me.status, 200)
  for (const name of ['Ana Secret', 'Bo Secret', 'Cy Secret', 'Di Secret', 'Ed Secret']) await newPatient(server, admin, { name })
  await page.goto(`${server.origin}/clinic/#/clinic/research`)
  await page.reload() // who one is was asked before there was the role
  await page.getByRole('button', { name: 'Show what would leave' }).click()
  await page.getByText('6 people.').waitFor()
  await page.waitForFunction(() => document.activeElement.textContent.startsWith('6 people.'))
  assert.deepEqual(await axe(page), [])
  await page.getByRole('button', { name: 'patients.csv', exact: true }).click()
  await heading(page, 'patients.csv').waitFor()
  const seen = await page.locator('pre').textContent()
  const told = (await page.getByText('SHA-256, checked:').textContent()).split(' ').pop()
  const coming = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save patients.csv' }).click()
  const bytes = readFileSync(await (await coming).path())
  assert.equal(bytes.toString(), `${seen}\n`)
  assert.equal(createHash('sha256').update(bytes).digest('hex'), told)
  assert.equal(seen.split('\n').length, 7)
  assert.ok(!seen.includes('Secret'))
  await shot(page, 'console-research', { fullPage: true })
  // what does not arrive as it was made is neither shown nor saved
  await page.route('**/api/v1/research/*/outcomes.csv*', (route) => (route.request().url().includes('from=0') ? route.fulfill({ contentType: 'text/csv', body: 'patient,score\n' }) : route.fulfill({ contentType: 'text/csv', body: '' })))
  await page.getByRole('button', { name: 'Save outcomes.csv' }).click()
  await page.getByText('outcomes.csv did not arrive as it was made.').waitFor()
  await page.unroute('**/api/v1/research/*/outcomes.csv*')
})
