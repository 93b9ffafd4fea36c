/**
 * Every screen, light and dark, at the width of a phone and of a desk: axe finds nothing, no text runs out at 320 px, a check-in
 * is done by keyboard alone, and the console's and the app's Spanish has no id showing. LW_SHOTS keeps the pictures.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { axe, client, closeBrowser, device, firstAdmin, root, serve, shot } from './harness.mjs'
import { acceptInvite, checkInBy, doSession, newPatient, sameSession } from './people.mjs'

let server, admin, ana
before(async () => {
  server = await serve({ at: '2030-03-04T07:00:00Z' })
  admin = await firstAdmin(server)
  ana = await newPatient(server, admin, { name: 'Ana Example' })
})
after(async () => {
  await closeBrowser()
  await server?.stop()
})
const APP = ['today', 'session', 'run', 'progress', 'outcomes', 'learn', 'learn/shockwave', 'learn/hazards/HZ-14', 'mine', 'reminders', 'confirm/x', 'stop/x', 'help', 'changed']
const CONSOLE = ['queue', 'patients', 'playground', 'clinic/people', 'clinic/devices', 'clinic/providers', 'clinic/usage', 'clinic/audit', 'clinic/backups', 'clinic/settings', 'clinic/hazards/HZ-18', 'me']
const PATIENT = ['course', 'plan', 'decisions', 'log', 'shockwave', 'paper', 'person', 'assess', 'letter']

const settle = async (page) => {
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await page.waitForFunction(() => !document.querySelector('main [role=status]')?.textContent?.match(/Loading|Cargando|moment/))
  await page.waitForTimeout(150)
}
async function look(page, name, found) {
  await settle(page)
  await shot(page, name, { fullPage: true })
  for (const one of await axe(page)) found.push(`${name}: ${one}`)
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  if (wide > 1) found.push(`${name}: runs ${wide} px out of the screen`)
  const bare = await page.evaluate(() => document.body.innerText.match(/\b(app|common|player|run|progress|outcomes|learn|console|clinic|play|shock|hazards|rule|ui|headline)\.[a-z][a-z_.]+\b/g))
  if (bare) found.push(`${name}: an id instead of a sentence: ${[...new Set(bare)].slice(0, 5).join(', ')}`)
}

let phone
test('the app: axe, light and dark, 320 to 1280 px', async () => {
  phone = await device(server)
  await acceptInvite(phone.page, ana.url)
  const api = await sameSession(phone.context, client(server))
  for (let i = 0; i < 12; i++) {
    await server.setNow(Date.parse('2030-03-04T07:00:00Z') + i * 86400000)
    const plan = await checkInBy(server, api, ana.id, { morning: 2, test: 1, screened: i % 7 === 0 })
    if (plan.session.due && i < 11) await doSession(server, api, ana.id, plan)
  }
  await phone.page.reload()
  const found = []
  for (const [scheme, width] of [['light', 390], ['dark', 320], ['light', 768], ['dark', 1280]]) {
    await phone.page.emulateMedia({ colorScheme: scheme })
    await phone.page.setViewportSize({ width, height: 844 })
    for (const route of APP) {
      await phone.page.goto(`${server.origin}/#/${route}`)
      await look(phone.page, `app-${route.replaceAll('/', '-')}-${width}-${scheme}`, found)
    }
  }
  assert.deepEqual(found, [])
  assert.deepEqual(phone.faults, [])
})

test('the first start, without any clinic, and in Spanish', async () => {
  const found = []
  for (const locale of ['en-GB', 'es-ES']) {
    const fresh = await device(server, { locale, width: 360 })
    await fresh.page.goto(server.origin)
    await look(fresh.page, `start-${locale}`, found)
    await fresh.page.getByRole('button').nth(1).click()
    await look(fresh.page, `start-alone-${locale}`, found)
    await fresh.close()
  }
  await phone.page.emulateMedia({ colorScheme: 'light' })
  await phone.page.setViewportSize({ width: 390, height: 844 })
  const spanish = await device(server, { locale: 'es-ES' })
  const again = await admin.api.post(`/api/v1/patients/${ana.id}/invite`)
  await spanish.page.goto(again.json.url)
  await spanish.page.getByRole('button').last().click()
  await spanish.page.waitForTimeout(1500)
  for (const route of APP) {
    await spanish.page.goto(`${server.origin}/#/${route}`)
    await look(spanish.page, `app-${route.replaceAll('/', '-')}-es`, found)
  }
  assert.deepEqual(found, [])
  await spanish.close()
})

test('the hazards: filtered by what remains, with how it is known, reached from an anomaly; nothing of it in Today', async () => {
  const fresh = await device(server, { width: 320 })
  const { page } = fresh
  const asked = []
  page.on('request', (one) => asked.push(one.url()))
  await page.goto(`${server.origin}/#/learn`)
  await page.getByRole('link', { name: 'What can go wrong with this program' }).waitFor()
  assert.ok(!asked.some((url) => /Hazards-|hazards\./.test(url)), 'fetched before it was opened')
  await page.getByRole('link', { name: 'What can go wrong with this program' }).click()
  const all = page.locator('details.hazard')
  await all.first().waitFor()
  const { hazards, matrix } = JSON.parse(readFileSync(join(root, 'docs', 'risk', 'hazards.json'), 'utf8'))
  const low = hazards.filter((one) => matrix[one.after][Number(one.severity[1]) - 1] === 'low')
  assert.equal(await all.count(), hazards.length)
  await page.locator('input[name="hz-level"][value="low"]').check()
  assert.equal(await all.count(), low.length)
  await page.locator('input[name="hz-level"][value="all"]').check()
  await page.evaluate(() => document.querySelectorAll('#HZ-01, #HZ-01 details').forEach((one) => { one.open = true }))
  assert.deepEqual(await axe(page), [])
  const [link] = hazards[0].controls.flatMap((one) => one.evidence).filter((one) => one.startsWith('test:'))
  await page.getByText(link.slice(5, link.indexOf('#'))).first().waitFor()
  await page.getByRole('link', { name: /^Belongs to HZ-/ }).first().click()
  await page.waitForFunction(() => document.activeElement.closest('details')?.id === location.hash.split('/').at(-1))
  assert.deepEqual(fresh.faults, [])
  await fresh.close()
})

test('the console: axe, light and dark, 360 to 1280 px', async () => {
  const desk = await device(server, { width: 1280, height: 900 })
  const me = await admin.api.get('/api/v1/me')
  assert.equal(me.status, 200)
  await desk.context.addCookies([{ name: 'lw_session', value: admin.api.cookie().split('=')[1], url: server.origin, httpOnly: true, sameSite: 'Strict' }])
  const found = []
  for (const [scheme, width] of [['light', 1280], ['dark', 360], ['light', 768], ['dark', 1280]]) {
    await desk.page.emulateMedia({ colorScheme: scheme })
    await desk.page.setViewportSize({ width, height: 900 })
    for (const route of [...CONSOLE, ...PATIENT.map((part) => `p/${ana.id}/${part}`)]) {
      await admin.api.get('/api/v1/me')
      await desk.page.goto(`${server.origin}/clinic/#/${route}`)
      await look(desk.page, `console-${route.replace(`p/${ana.id}`, 'patient').replaceAll('/', '-')}-${width}-${scheme}`, found)
    }
  }
  assert.deepEqual(found, [])
  assert.deepEqual(desk.faults, [])
  await desk.close()
})

test('by keyboard alone: a check-in from the first tab to the answer; nothing moves, no target is small', async () => {
  await server.setNow('2030-03-16T07:00:00Z')
  const { page } = phone
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.goto(`${server.origin}/#/today`)
  await page.reload()
  await settle(page)
  const focused = () => page.evaluate(() => {
    const el = document.activeElement
    return { tag: el.tagName, name: el.name ?? '', type: el.type ?? '', text: (el.innerText ?? el.getAttribute('aria-label') ?? '').trim().slice(0, 60) }
  })
  const seen = []
  let stage = 0
  for (let i = 0; i < 160 && stage < 3; i++) {
    await page.keyboard.press('Tab')
    const at = await focused()
    seen.push(`${at.tag} ${at.name} ${at.text}`)
    if (stage === 0 && at.name === 'pain_morning') { await page.keyboard.press('Space'); await page.keyboard.press('ArrowRight'); stage = 1 }
    else if (stage === 1 && at.name === 'pain_test') { await page.keyboard.press('Space'); stage = 2 }
    else if (stage === 2 && /Save the check-in/.test(at.text)) { await page.keyboard.press('Enter'); stage = 3 }
  }
  assert.equal(stage, 3, `the check-in was not reached by keyboard: ${seen.join(' | ')}`)
  await page.getByText(/Checked in at/).waitFor()
  const animated = await page.evaluate(() => [...document.querySelectorAll('*')].filter((el) => { const style = getComputedStyle(el); return style.animationName !== 'none' && parseFloat(style.animationDuration) > 0 }).length)
  assert.equal(animated, 0, 'something moves though less motion was asked for')
  const small = await page.evaluate(() => [...document.querySelectorAll('button, a.button, nav a, summary')].filter((el) => el.offsetParent !== null && el.getBoundingClientRect().height > 0 && el.getBoundingClientRect().height < 43.5).map((el) => el.innerText.slice(0, 40)))
  assert.deepEqual(small, [], 'touch targets under 44 px')
})
