/** Twelve weeks of a patient: from the invite on a phone to the strength stage, with check-ins by hand, and the clock moved day by day. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { axe, client, closeBrowser, device, firstAdmin, serve, shot, until } from './harness.mjs'
import { acceptInvite, checkIn, checkInBy, dayOf, doSession, event, newPatient, sameSession } from './people.mjs'

let server, admin, rosa, phone, api
before(async () => {
  server = await serve({ at: '2030-03-04T07:00:00Z' })
  admin = await firstAdmin(server)
  rosa = await newPatient(server, admin)
  phone = await device(server)
})
after(async () => {
  await phone?.close()
  await closeBrowser()
  await server?.stop()
})

const DAY = 86400000
const start = Date.parse('2030-03-04T07:05:00Z')
const plans = []

test('the invite binds the phone, once', async () => {
  const { page } = phone
  await acceptInvite(page, rosa.url)
  await page.getByRole('heading', { name: /Monday 4 March/ }).waitFor()
  await shot(page, 'invite-accepted')
  const again = await device(server)
  await again.page.goto(rosa.url)
  await again.page.getByRole('alert').waitFor()
  await again.close()
  api = await sameSession(phone.context, client(server))
})

test('a morning in three touches, and the plan with its reasons', async () => {
  const { page } = phone
  await checkIn(page, { morning: 3, test: 2 })
  await page.locator('#headline').waitFor()
  await page.getByRole('button', { name: 'Close' }).first().click()
  await shot(page, 'today')
  await page.locator('summary', { hasText: /^Why/ }).first().click()
  await page.getByText(/would change/i).first().waitFor()
  await shot(page, 'today-why', { fullPage: true })
  assert.deepEqual(await axe(page), [])
  await until(async () => (await api.get(`/api/v1/patients/${rosa.id}/events?limit=2000`)).json.events.some((row) => row.event.kind === 'checkin'), 'the check-in at the clinic')
  const mine = await page.evaluate(() => document.body.innerText)
  assert.doesNotMatch(mine, /regress|failed/i)
})

test('the load ladder goes on after 3, and ends at the first rung that hurts 4', async () => {
  const { page } = phone
  await page.goto(`${server.origin}/#/retest`)
  const rung = (name) => page.getByRole('group', { name })
  await rung('bridge on both legs').getByRole('radio', { name: '3', exact: true }).check()
  await rung('bridge on one leg').getByRole('radio', { name: '4', exact: true }).check()
  await page.getByText(/That is enough/).waitFor()
  assert.equal(await rung(/long bridge/).count(), 0)
  await page.goto(`${server.origin}/#/today`)
})

test('twelve weeks: the phone and the clinic see the same plan, and it goes forward', async () => {
  const { page } = phone
  for (let i = 1; i < 84; i++) {
    await server.setNow(start + i * DAY)
    const day = dayOf(server)
    const morning = i < 20 ? 2 : i < 50 ? 1 : 0
    if (i % 14 === 3) {
      // by hand, and looked at
      await page.reload()
      const weekly = page.getByRole('button', { name: 'None of these' })
      await checkIn(page, { morning, test: morning })
      if (await weekly.count()) await weekly.first().click()
    } else {
      await checkInBy(server, api, rosa.id, { morning, test: morning, screened: i % 7 === 0 })
    }
    const plan = (await until(async () => {
      const got = await api.get(`/api/v1/patients/${rosa.id}/plan?on=${day}`)
      return got.json?.missing?.includes('checkin') ? null : got
    }, `the check-in of ${day}`)).json
    plans.push(plan)
    if (i % 14 === 0) {
      const tests = Object.fromEntries(['bridge_double', 'bridge_single', 'bridge_long_lever', 'arabesque', 'rdl', 'lunge', 'drop_lunge', 'hop'].map((name) => [name, morning]))
      const sent = await admin.api.post(`/api/v1/patients/${rosa.id}/events`, { events: [event(server, rosa.id, 'tested', { tests, bridge_reps: { left: 20 + Math.floor(i / 14), right: 22 + Math.floor(i / 14) }, curl_10rm_kg: { left: 14, right: 15 }, sitting_min: 30 + i, rest_pain: false }, `clinician:${admin.me.account}`), event(server, rosa.id, 'activity', { type: 'walk', minutes: 40, pain_during: 0 }, `clinician:${admin.me.account}`)] })
      assert.equal(sent.status, 200, sent.text)
    }
    if (plan.session.due) {
      await server.setNow(start + i * DAY + 10 * 3600000)
      await doSession(server, api, rosa.id, plan, { during: morning, effort: 5 })
    }
  }
  const stages = plans.map((plan) => plan.stage?.id)
  const way = [...new Set(stages)].join(' → ')
  assert.match(way, /^isometric → eccentric → strength/, way)
  assert.ok(plans.some((plan) => plan.verdict === 'progress'))
  // the phone folds the same bytes
  await page.reload()
  await page.getByRole('heading', { level: 1 }).waitFor()
  const stage = { strength: /Stage 3/, plyometric: /Stage 4/, maintenance: /Maintenance/ }[stages.at(-1)]
  await until(async () => stage.test(await page.locator('main').innerText()), 'the stage on the phone')
  await shot(page, 'today-week-12', { fullPage: true })
})

test('progress shows the weeks, as a picture and as numbers', async () => {
  const { page } = phone
  await page.getByRole('link', { name: 'Progress' }).click()
  await page.getByRole('heading', { name: 'Progress', level: 1 }).waitFor()
  await page.getByRole('button', { name: '12 weeks' }).click()
  await page.locator('canvas').first().waitFor()
  await shot(page, 'progress', { fullPage: true, clip: { x: 0, y: 0, width: 390, height: 1500 } })
  assert.deepEqual(await axe(page), [])
  await page.getByRole('button', { name: 'As a table' }).click()
  await page.getByRole('table').first().waitFor()
})

test('the record can be taken along, and read by the command line', async () => {
  const { page } = phone
  await page.goto(`${server.origin}/#/mine`)
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /Save the record|Export|Save my record/i }).first().click()])
  const { readFileSync } = await import('node:fs')
  const lines = readFileSync(await file.path(), 'utf8').trim().split('\n')
  assert.ok(lines.length > 200, `${lines.length} lines`)
  assert.ok(lines.every((line) => JSON.parse(line).patient === rosa.id))
})

test('nothing was asked of another place, and no script failed', () => assert.deepEqual(phone.faults, []))
