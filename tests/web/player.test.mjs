/** The session player with time under control: holds, a phone that was locked during one, a lost network, undo, a sharp pain. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { axe, client, closeBrowser, device, firstAdmin, serve, shot, until } from './harness.mjs'
import { acceptInvite, checkInBy, newPatient, sameSession } from './people.mjs'

let server, admin, rui, phone, page, api
before(async () => {
  server = await serve({ at: '2030-03-04T07:00:00Z' })
  admin = await firstAdmin(server)
  rui = await newPatient(server, admin, { name: 'Rui Example' })
  phone = await device(server)
  page = phone.page
  await acceptInvite(page, rui.url)
  api = await sameSession(phone.context, client(server))
  await checkInBy(server, api, rui.id, { morning: 1, test: 1, screened: true })
})
after(async () => {
  await phone?.close()
  await closeBrowser()
  await server?.stop()
})
const logged = async () => (await api.get(`/api/v1/patients/${rui.id}/events?limit=2000`)).json.events.map((row) => row.event).filter((one) => one.kind === 'exercise')

test('a hold is timed by the wall clock; a locked phone asks what was done', async () => {
  await page.goto(`${server.origin}/#/session`)
  await page.reload()
  await page.getByRole('button', { name: 'Start session' }).waitFor()
  await shot(page, 'session')
  assert.deepEqual(await axe(page), [])
  await page.clock.install({ time: server.now })
  await page.goto(`${server.origin}/#/today`)
  await page.goto(`${server.origin}/#/session`)
  await page.reload()
  await page.getByRole('button', { name: 'Start session' }).click()
  await page.getByRole('button', { name: 'Start exercise' }).click()
  await page.getByText(/Get ready|Hold|Lower|Lift|Ready when you are/).first().waitFor()
  await page.clock.runFor(8000)
  await shot(page, 'player')
  assert.deepEqual(await axe(page), [])
  // The phone is locked: no script runs for two minutes, and the page comes back.
  const cdp = await phone.context.newCDPSession(page)
  await cdp.send('Page.setWebLifecycleState', { state: 'frozen' })
  await new Promise((resolve) => setTimeout(resolve, 300))
  await cdp.send('Page.setWebLifecycleState', { state: 'active' })
  await page.clock.fastForward(120000)
  await page.getByText(/passed while the screen was off/).waitFor()
  await page.getByRole('button', { name: /that set again/ }).click()
})

test('"it hurts": 6 or more stops this exercise; it is logged as it was, without a network too', async () => {
  await phone.context.setOffline(true)
  await page.clock.runFor(12000) // the set goes on
  await page.getByRole('button', { name: 'It hurts' }).click()
  await page.getByRole('group', { name: /sit bone now/ }).getByRole('radio', { name: '7', exact: true }).check()
  await page.getByText('Stop this exercise now.').waitFor()
  await page.getByRole('button', { name: 'Stop this exercise', exact: true }).click()
  await page.clock.runFor(1000)
  const ask = page.locator('form').last()
  await ask.getByRole('group', { name: 'Worst pain at the sit bone' }).getByRole('radio', { name: '7', exact: true }).check()
  await ask.getByRole('group', { name: 'How hard was it?' }).getByRole('radio', { name: '6', exact: true }).check()
  await ask.getByRole('button', { name: 'Save and go on' }).click()
  await page.clock.runFor(1000)
  assert.equal((await logged()).length, 0, 'nothing can have reached the clinic yet')
  await phone.context.setOffline(false)
  await page.evaluate(() => dispatchEvent(new Event('online')))
  await page.clock.runFor(60000)
  await until(async () => (await logged()).length === 1, 'the exercise at the clinic, once the network is back', 40000)
  const [one] = await logged()
  assert.equal(one.data.pain_during, 7, JSON.stringify(one))
  assert.ok(one.data.sets.length >= 1)
})

test('a sharp pain is always in reach, and opens the warning card', async () => {
  await page.goto(`${server.origin}/#/session`)
  await page.clock.runFor(500)
  const go = page.getByRole('button', { name: /Start session|Go on/ }).first()
  if (await go.count()) await go.click()
  await page.clock.runFor(500)
  await page.getByRole('button', { name: 'Pop or sudden sharp pain' }).first().click()
  await page.getByRole('heading', { name: 'Something is wrong' }).waitFor()
  assert.ok(await page.getByRole('checkbox', { name: /pop/i }).first().isChecked())
  assert.deepEqual(phone.faults, [])
})
