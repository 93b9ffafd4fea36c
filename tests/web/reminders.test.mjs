/**
 * Reminders and the calendar by hand: notifications turned on by a touch (the push service and what it decrypts stand in
 * tests/server/push_service.mjs), "later" on the notification, an address confirmed and stopped from the mail, the secret calendar made, read and ended.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { axe, client, closeBrowser, device, firstAdmin, root, serve, shot, until } from './harness.mjs'
import { acceptInvite, checkInBy, newPatient, sameSession } from './people.mjs'

const python = '/usr/bin/python3'
const folder = mkdtempSync(join(tmpdir(), 'loadwave-remind-'))
const mail = join(folder, 'mail'), push = join(folder, 'push')
const helpers = []
async function helper(program, args, home) {
  mkdirSync(home)
  const child = spawn(program, [...args, home], { stdio: ['pipe', 'inherit', 'inherit'] })
  helpers.push(child)
  await until(() => existsSync(join(home, 'port')), `${args[0]}`)
  return readFileSync(join(home, 'port'), 'utf8')
}
const got = (name) => (existsSync(join(push, `${name}.got`)) ? readFileSync(join(push, `${name}.got`), 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line)) : [])
const letter = (n) => until(() => existsSync(join(mail, `${n}.eml`)) && readFileSync(join(mail, `${n}.eml`), 'utf8').replaceAll('=\r\n', '').replaceAll('=3D', '='), `letter ${n}`)

let server, admin, ana, phone, api
before(async () => {
  const smtp = await helper(python, [join(root, 'tests/server/mail_server.py')], mail)
  const service = await helper(process.execPath, [join(root, 'tests/server/push_service.mjs')], push)
  server = await serve({ at: '2030-03-04T07:00:00Z', args: ['--smtp', `smtp://127.0.0.1:${smtp}`, '--mail-from', 'reminders@clinic.example', '--push-service', `http://127.0.0.1:${service}`] })
  admin = await firstAdmin(server)
  ana = await newPatient(server, admin, { name: 'Ana Example' })
  phone = await device(server, { permissions: ['notifications', 'clipboard-read', 'clipboard-write'] })
  // The browser's own push service is out of reach here: what it would answer stands in phone.json.
  await phone.context.addInitScript((answer) => {
    let on = null
    const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0)).buffer
    PushManager.prototype.getSubscription = async () => on
    PushManager.prototype.subscribe = async (options) => {
      window.asked = (window.asked ?? 0) + 1
      return (on = { endpoint: answer.endpoint, options, getKey: (name) => bytes(answer[name]), unsubscribe: async () => { on = null; return true } })
    }
  }, JSON.parse(readFileSync(join(push, 'phone.json'), 'utf8')))
  await acceptInvite(phone.page, ana.url)
  api = await sameSession(phone.context, client(server))
})
after(async () => {
  await phone?.close()
  await closeBrowser()
  await server?.stop()
  for (const child of helpers) child.stdin.end()
  rmSync(folder, { recursive: true, force: true })
})

const open = async (page, route = 'reminders') => {
  await page.goto(`${server.origin}/#/${route}`)
  await page.reload()
  await page.getByRole('heading', { level: 1 }).waitFor()
}

test('from Mine to the page; nothing was asked of the browser by opening it', async () => {
  const { page } = phone
  await open(page, 'mine')
  await page.getByRole('link', { name: 'Reminders and calendar' }).click()
  await page.getByRole('heading', { name: 'Notifications' }).waitFor()
  assert.equal(await page.evaluate(() => window.asked ?? 0), 0)
  await shot(page, 'reminders', { fullPage: true })
})

test('hours are kept, and hours that do not fit are not', async () => {
  const { page } = phone
  await page.getByLabel('Exercises at').fill('18:15')
  await page.getByText('Saved.').first().waitFor()
  const kept = (await api.get('/api/v1/me/reminders')).json
  assert.deepEqual([kept.exercises, kept.zone], [18 * 60 + 15, 'Europe/London'])
  await page.getByLabel('None after').fill('17:00')
  await page.getByRole('alert').filter({ hasText: 'do not fit' }).waitFor()
  await until(async () => (await page.getByLabel('None after').inputValue()) === '21:00', 'the hour that holds')
})

test('a touch turns notifications on; one to try arrives, decrypted and signed', async () => {
  const { page } = phone
  await page.getByRole('button', { name: 'Turn on in this browser' }).click()
  await page.getByText('This browser is on.').waitFor()
  assert.equal(await page.evaluate(() => window.asked), 1)
  await page.getByRole('button', { name: 'Send one to try' }).click()
  const [first] = await until(() => got('phone').length > 0 && got('phone'), 'a notification')
  assert.equal(first.wrong, '')
  assert.equal(first.plain.body, 'Notifications reach this device.')
  assert.deepEqual(await axe(page), [])
})

test('the worker shows what came; "later" on it asks the server for later', async () => {
  const { page, context } = phone
  const sent = got('phone').length
  await server.setNow('2030-03-04T07:31:00Z')
  const all = await until(() => got('phone').length > sent && got('phone'), 'the morning reminder')
  const told = all.at(-1).plain
  assert.deepEqual([told.kind, told.body, told.later], ['checkin', "A minute for today's check-in?", 'Later'])
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'))
  const shown = await worker.evaluate(async (plain) => {
    const event = new PushEvent('push', { data: JSON.stringify(plain) })
    self.dispatchEvent(event)
    for (let i = 0; i < 100; i++) {
      const [note] = await self.registration.getNotifications({ tag: 'checkin' })
      if (note) return { title: note.title, body: note.body, actions: note.actions.map((one) => one.title) }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    return null
  }, told)
  assert.deepEqual(shown, { title: 'Loadwave', body: told.body, actions: ['Open', 'Later'] })
  await worker.evaluate(async () => {
    const [notification] = await self.registration.getNotifications({ tag: 'checkin' })
    self.dispatchEvent(new NotificationEvent('notificationclick', { notification, action: 'later' }))
  })
  await until(() => server.output.includes('"route":"reminders_later","status":200'), 'the touch at the server')
  await server.setNow('2030-03-04T08:32:00Z')
  const again = await until(() => got('phone').length > all.length && got('phone'), 'an hour later')
  assert.equal(again.at(-1).plain.kind, 'checkin')
  // and by the page's own button, but not once it is done
  await page.getByRole('button', { name: 'In an hour' }).click()
  await page.getByText(/You will hear again at/).waitFor()
  await checkInBy(server, api, ana.id, { morning: 2, test: 1 })
  await server.setNow('2030-03-04T09:33:00Z')
  await page.getByRole('button', { name: 'Send one to try' }).click()
  const last = await until(() => got('phone').length > again.length && got('phone'), 'one to try')
  assert.deepEqual(last.slice(again.length).map((one) => one.plain.kind), ['test'])
})

test('an address is confirmed from its letter, and stopped from a later one, without a sign-in', async () => {
  const { page } = phone
  await page.getByLabel('Your address').fill('ana@home.example')
  await page.getByRole('button', { name: 'Send me the link to confirm' }).press('Enter')
  await page.getByText('A link went to ana@home.example').waitFor()
  const link = /http\S+#\/confirm\/\S+/.exec(await letter(1))[0]
  const other = await device(server)
  await other.page.goto(link)
  await other.page.getByRole('button', { name: 'Yes, it is mine' }).click()
  await other.page.getByText('Confirmed.').waitFor()
  assert.deepEqual(await axe(other.page), [])
  await open(page)
  assert.equal(await page.getByLabel('E-mail me at ana@home.example').isChecked(), true)
  await shot(page, 'reminders-on', { fullPage: true })
  await server.setNow('2030-03-04T18:16:00Z')
  const stop = /^List-Unsubscribe: <(\S+)>/m.exec(await letter(2))[1]
  await other.page.goto(stop)
  await other.page.getByRole('heading', { name: 'Stop the e-mails' }).waitFor()
  assert.equal((await api.get('/api/v1/me/reminders')).json.email_on, true)
  await shot(other.page, 'reminders-stop')
  await other.page.getByRole('button', { name: 'Stop them' }).click()
  await other.page.getByText('They are stopped.').waitFor()
  assert.equal((await api.get('/api/v1/me/reminders')).json.email_on, false)
  assert.deepEqual(other.faults, [])
  await other.close()
})

test('the calendar: its address is made, copied, read, renewed and ended', async () => {
  const { page } = phone
  await open(page)
  await page.getByRole('button', { name: 'Make an address' }).click()
  const address = await page.getByLabel('The address, shown this once').inputValue()
  await page.getByRole('button', { name: 'Copy' }).click()
  await page.getByText('Copied.').waitFor()
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), address)
  assert.equal(await page.getByRole('link', { name: 'Open in my calendar' }).getAttribute('href'), address.replace('http:', 'webcal:'))
  const read = async () => fetch(address.replace('localhost', '127.0.0.1'), { headers: { 'User-Agent': 'a calendar' } })
  let text = await (await read()).text()
  assert.match(text, /^BEGIN:VCALENDAR\r\n/)
  assert.match(text, /T181500\r\n/) // the hour that was set
  assert.doesNotMatch(text, /shock|hamstring|bridge/i)
  await page.getByLabel(/Titles may say what it is/).check()
  await page.getByText('Saved.').first().waitFor()
  text = await (await read()).text()
  assert.match(text, /SEQUENCE:1\r\n/)
  assert.match(text, /SUMMARY:Loadwave: exercises/)
  assert.deepEqual(await axe(page), [])
  await open(page)
  await page.getByText('There has been an address since').waitFor()
  await page.getByRole('button', { name: 'End the address' }).click()
  await page.getByText('The address is ended.').waitFor()
  assert.equal((await read()).status, 404)
})

test('forgetting a browser; Spanish, 320 px, dark, by keyboard', async () => {
  const { page } = phone
  await page.setViewportSize({ width: 320, height: 700 })
  await page.emulateMedia({ colorScheme: 'dark' })
  const forget = page.getByRole('button', { name: /^Forget/ })
  await forget.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Turn on in this browser' }).waitFor()
  await open(page, 'mine')
  await page.getByRole('radio', { name: 'Español' }).check()
  await page.getByRole('link', { name: 'Recordatorios y calendario' }).click()
  await page.getByRole('heading', { name: 'Notificaciones' }).waitFor()
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth) <= 1)
  assert.doesNotMatch(await page.evaluate(() => document.body.innerText), /\bremind\./)
  assert.deepEqual(await axe(page), [])
  await shot(page, 'reminders-320-dark-es', { fullPage: true })
  assert.deepEqual(phone.faults, [])
})
