/** What must hold when things go wrong: a red flag at night without a network, a flare, two devices, a killed server, a lost session, another clinic. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { anotherClinic, axe, client, closeBrowser, device, firstAdmin, secure, serve, shot, tokenOf, until } from './harness.mjs'
import { acceptInvite, checkIn, checkInBy, dayOf, doSession, event, newPatient, sameSession } from './people.mjs'

let server, admin
before(async () => {
  server = await serve({ at: '2030-03-04T07:00:00Z' })
  admin = await firstAdmin(server)
})
after(async () => {
  await closeBrowser()
  await server?.stop()
})
const kinds = async (api, id) => (await api.get(`/api/v1/patients/${id}/events?limit=2000`)).json.events.map((row) => row.event.kind)
const head = async (id) => (await admin.api.get(`/api/v1/patients/${id}`)).json.head

test('a red flag at night without a network: the card at once, the clinic as soon as it can be told', async () => {
  const omar = await newPatient(server, admin, { name: 'Omar Example' })
  const phone = await device(server)
  const { page, context } = phone
  await acceptInvite(page, omar.url)
  await until(() => page.evaluate(() => navigator.serviceWorker.ready.then((one) => Boolean(one.active))), 'the worker')
  await server.setNow('2030-03-05T02:30:00Z')
  await context.setOffline(true)
  await page.reload()
  await page.getByRole('link', { name: /Help/ }).first().click()
  await page.getByRole('checkbox', { name: /breathless|chest pain/i }).check()
  await page.getByRole('button', { name: 'This applies to me' }).click()
  await page.getByText('Get help now').waitFor()
  await page.getByText('Your clinic has NOT been told yet.').waitFor()
  await page.getByText(/Nobody reads this at night/).first().waitFor()
  await shot(page, 'red-flag')
  assert.deepEqual(await axe(page), [])
  await page.getByRole('link', { name: 'Today' }).click()
  await page.getByText(/no exercises, no running, no shockwave/i).first().waitFor()
  assert.equal(await page.getByRole('link', { name: 'Start the session' }).count(), 0)
  assert.ok(!(await kinds(admin.api, omar.id)).includes('symptom'))
  // the minute to undo passes, the network comes back
  await server.setNow('2030-03-05T02:32:30Z')
  await context.setOffline(false)
  await page.reload()
  await until(async () => (await kinds(admin.api, omar.id)).includes('symptom'), 'the symptom at the clinic')
  await page.getByText(/has it since/).waitFor()
  const queue = (await admin.api.get('/api/v1/queue?responsible=all')).json
  assert.equal(queue.cards[0].patient, omar.id)
  assert.equal(queue.cards[0].cards[0].kind, 'red_flag')
  const plan = (await admin.api.get(`/api/v1/patients/${omar.id}/plan?on=2030-03-05`)).json
  assert.deepEqual([plan.status, plan.verdict, plan.session.items.length, plan.run.allowed, plan.shockwave.status], ['stopped', 'stop', 0, false, 'forbidden'])
  // only a clinician clears: the patient's own void is refused
  const api = await sameSession(context, client(server))
  const row = (await api.get(`/api/v1/patients/${omar.id}/events?limit=2000`)).json.events.find((one) => one.event.kind === 'symptom')
  await api.post(`/api/v1/patients/${omar.id}/events`, { events: [event(server, omar.id, 'void', { event: row.event.id, reason: 'I feel fine' })] })
  assert.equal((await api.get(`/api/v1/patients/${omar.id}/plan?on=2030-03-05`)).json.status, 'stopped')
  assert.deepEqual(phone.faults, [])
  await phone.close()
})

test('a flare eases everything, and says so in kind words', async () => {
  await server.setNow('2030-04-01T06:00:00Z')
  const lin = await newPatient(server, admin, { name: 'Lin Example' })
  const phone = await device(server)
  await acceptInvite(phone.page, lin.url)
  const api = await sameSession(phone.context, client(server))
  for (let i = 0; i < 16; i++) {
    await server.setNow(Date.parse('2030-04-01T06:05:00Z') + i * 86400000)
    const plan = await checkInBy(server, api, lin.id, { morning: 1, test: 1, screened: i % 7 === 0 })
    await server.setNow(server.now + 9 * 3600000)
    if (plan.session.due) await doSession(server, api, lin.id, plan, { during: i === 15 ? 7 : 1, effort: 6 })
  }
  await server.setNow('2030-04-17T06:10:00Z')
  await phone.page.reload()
  await checkIn(phone.page, { morning: 7, test: 7 })
  await phone.page.getByText(/flare/i).first().waitFor()
  const said = await phone.page.locator('main').innerText()
  assert.match(said, /Ease today|rest helps|lighter/i)
  assert.doesNotMatch(said, /regress|failed/i)
  await shot(phone.page, 'flare', { fullPage: true })
  const plan = await until(async () => {
    const got = (await api.get(`/api/v1/patients/${lin.id}/plan?on=2030-04-17`)).json
    return got.missing.includes('checkin') ? null : got
  }, 'the check-in at the clinic')
  assert.notEqual(plan.flare, 'none')
  assert.equal(plan.verdict, 'regress')
  for (const item of plan.session.items) assert.ok(item.compression_class <= 1, JSON.stringify(item))
  for (const item of plan.session.items) assert.equal(item.change, null, 'nothing rises in a flare')
  const card = (await admin.api.get('/api/v1/queue?responsible=all')).json.cards.find((one) => one.patient === lin.id)
  assert.ok(card.cards.some((one) => one.kind === 'flare'))
  await phone.close()
})

test('two devices that logged the same session are asked which one is right', async () => {
  await server.setNow('2030-05-06T07:00:00Z')
  const uma = await newPatient(server, admin, { name: 'Uma Example' })
  const one = await device(server)
  await acceptInvite(one.page, uma.url)
  const second = await admin.api.post(`/api/v1/patients/${uma.id}/invite`)
  const two = await device(server)
  await acceptInvite(two.page, second.json.url)
  const api = await sameSession(one.context, client(server))
  const plan = await checkInBy(server, api, uma.id, { morning: 1, test: 1, screened: true })
  const item = plan.session.items[0]
  assert.ok(item, 'a session is due')
  // the first device writes without a network, the second over the clinic: the same exercise twice
  await one.page.reload()
  await one.page.getByText(/Checked in at/).waitFor({ timeout: 40000 })
  await one.context.setOffline(true)
  await server.setNow('2030-05-06T18:00:00Z')
  const there = await sameSession(two.context, client(server))
  const set = item.hold_s ? { hold_s: item.hold_s } : { reps: item.reps }
  const done = (pain) => event(server, uma.id, 'exercise', { exercise: item.exercise, side: item.side, sets: [set], pain_during: pain, effort: 5 })
  await there.post(`/api/v1/patients/${uma.id}/events`, { events: [done(2)] })
  await one.page.evaluate(async (line) => {
    await new Promise((resolve, reject) => {
      const open = indexedDB.open('loadwave')
      open.onsuccess = () => {
        const write = open.result.transaction('events', 'readwrite')
        const rows = write.objectStore('events').getAll()
        rows.onsuccess = () => { write.objectStore('events').add({ ...rows.result[0], ...line }) }
        write.oncomplete = () => { open.result.close(); resolve() }
        write.onerror = () => reject(write.error)
      }
    })
  }, (() => { const line = done(1); return { id: line.id, at: line.at, line, sent: 0, seq: null, here: true, told: null } })())
  await one.context.setOffline(false)
  await one.page.goto(`${server.origin}/#/today`)
  await one.page.reload()
  await one.page.getByRole('button', { name: /this device/i }).first().waitFor()
  await shot(one.page, 'two-devices')
  await one.page.getByRole('button', { name: /this device/i }).first().click()
  await until(async () => (await kinds(api, uma.id)).includes('void'), 'the void at the clinic')
  await one.close()
  await two.close()
})

test('the server is killed while it writes: what was acknowledged is there, what was not is sent again', async () => {
  await server.setNow('2030-06-03T07:00:00Z')
  const ivo = await newPatient(server, admin, { name: 'Ivo Example' })
  const phone = await device(server)
  await acceptInvite(phone.page, ivo.url)
  const api = await sameSession(phone.context, client(server))
  const told = []
  let going = true
  const writer = (async () => {
    while (going) {
      const one = event(server, ivo.id, 'note', { text: `note ${told.length}` })
      const answer = await api.post(`/api/v1/patients/${ivo.id}/events`, { events: [one] }).catch(() => null)
      if (answer?.status === 200) told.push(one.id)
    }
  })()
  await until(() => told.length > 25, 'some notes')
  await server.kill('SIGKILL')
  going = false
  await writer
  // a check-in while the server is away stays on the phone
  await checkIn(phone.page, { morning: 2, test: 1 })
  await server.start()
  const stored = (await api.get(`/api/v1/patients/${ivo.id}/events?limit=2000`)).json.events.map((row) => row.event.id)
  for (const id of told) assert.ok(stored.includes(id), 'an acknowledged note is lost')
  assert.equal(new Set(stored).size, stored.length)
  await phone.page.reload()
  await until(async () => (await kinds(api, ivo.id)).includes('checkin'), 'the check-in after the restart', 40000)
  assert.equal((await admin.api.get('/api/v1/clinic/audit')).json.intact, true)
  await phone.close()
})

test('an expired sign-in asks to sign in again, and what was written meanwhile is kept', async () => {
  await server.setNow('2030-07-01T07:00:00Z')
  const eva = await newPatient(server, admin, { name: 'Eva Example' })
  const phone = await device(server)
  await acceptInvite(phone.page, eva.url)
  await phone.context.clearCookies()
  await phone.page.reload()
  await checkIn(phone.page, { morning: 2, test: 1 })
  await phone.page.getByText(/sign in/i).first().waitFor()
  assert.ok(!(await kinds(admin.api, eva.id)).includes('checkin'))
  const again = await admin.api.post(`/api/v1/patients/${eva.id}/invite`)
  await phone.page.goto(again.json.url)
  await phone.page.getByRole('button', { name: 'Accept the invite' }).click()
  await until(async () => (await kinds(admin.api, eva.id)).includes('checkin'), 'the check-in after signing in again')
  await phone.close()
})

test('another clinic’s patient is not there for this clinic, in the console either', async () => {
  const link = await anotherClinic(server, 'North', 'north@example.org')
  const north = client(server)
  assert.equal((await north.post(`/api/v1/invites/${tokenOf(link)}/accept`, { password: 'another quiet sentence' })).status, 200)
  await secure(server, north)
  const theirs = (await north.post('/api/v1/patients', { name: 'Not Yours' })).json.patient
  assert.equal((await admin.api.get(`/api/v1/patients/${theirs}`)).status, 404)
  const desk = await device(server, { width: 1280, height: 900 })
  await desk.context.addCookies([{ name: 'lw_session', value: admin.api.cookie().split('=')[1], url: server.origin, httpOnly: true, sameSite: 'Strict' }])
  await desk.page.goto(`${server.origin}/clinic/#/p/${theirs}`)
  await desk.page.getByText(/nothing here|not yours|no such/i).first().waitFor()
  assert.equal(await desk.page.getByText('Not Yours').count(), 0)
  await desk.close()
})

test('heads only grow', async () => {
  const list = (await admin.api.get('/api/v1/patients?limit=200')).json.patients
  for (const one of list) assert.ok((await head(one.patient)) >= one.head)
  assert.ok(dayOf(server) >= '2030-07-01')
})
