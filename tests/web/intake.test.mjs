/** Files of a watch in the patient's app: seen before they are stored, known again, taken back as one step, without a network. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { axe, client, closeBrowser, device, firstAdmin, serve, shot, until } from './harness.mjs'
import { acceptInvite, newPatient, pain, sameSession } from './people.mjs'

let server, admin, rosa, phone, api
const files = mkdtempSync(join(tmpdir(), 'lw-watch-'))
const file = (name) => join(files, name)
before(async () => {
  execFileSync('python3', ['tests/watch/make_files.py', files])
  server = await serve({ at: '2026-03-13T08:00:00Z' })
  admin = await firstAdmin(server)
  rosa = await newPatient(server, admin)
  phone = await device(server)
})
after(async () => {
  await phone?.close()
  await closeBrowser()
  await server?.stop()
  rmSync(files, { recursive: true })
})

const choose = (...names) => phone.page.locator('.drop input[type=file]').setInputFiles(names.map(file))
const activities = async () => (await api.get(`/api/v1/patients/${rosa.id}/events?limit=2000`)).json.events.map((row) => row.event).filter((one) => one.kind === 'activity')

test('a run is shown, asked about and stored', async () => {
  const { page } = phone
  await acceptInvite(page, rosa.url)
  api = await sameSession(phone.context, client(server))
  await page.goto(`${server.origin}/#/mine`)
  await page.getByRole('link', { name: 'Import from a watch' }).click()
  await page.getByRole('heading', { name: 'From a watch', level: 1 }).waitFor()
  assert.deepEqual(await axe(page), [])
  await choose('run.fit')
  await page.getByText('1 activity found; new for the record: 1').waitFor()
  await page.getByText(/20 min, 3.6 km, 33 m uphill, up to 10.8 km\/h/).waitFor()
  await page.getByText(/The plan of Friday 6 March/).waitFor()
  assert.deepEqual(await axe(page), [])
  await page.getByRole('button', { name: 'Store 1 entry' }).click()
  await page.getByText(/The pain is missing/).waitFor() // nothing is stored without it
  assert.equal((await activities()).length, 0)
  await pain(page, /Worst pain at the sit bone/, 2)
  await shot(page, 'import', { fullPage: true })
  await page.getByRole('button', { name: 'Store 1 entry' }).click()
  await page.getByText('1 entry stored.').waitFor()
  const [run] = await until(async () => { const all = await activities(); return all.length === 1 ? all : null }, 'the run at the clinic')
  assert.equal(run.at, '2026-03-06T07:05:00+01:00')
  assert.deepEqual({ ...run.data, source: run.data.source.slice(0, 4) }, { type: 'run', minutes: 20, km: 3.6, ascent_m: 33, top_kmh: 10.8, run_minutes: 10, pain_during: 2, source: 'fit:' })
})

test('the same again, packed or by another program, is known', async () => {
  const { page } = phone
  await choose('run.fit.gz', 'run.gpx', 'run.tcx')
  await page.getByText('3 activities found; new for the record: 0').waitFor()
  await page.getByText('In the record already, from the same file.').waitFor()
  assert.equal(await page.getByText(/The same time as another recording/).count(), 2)
  await page.getByText('There is nothing new to store.').waitFor()
  await page.getByRole('button', { name: 'Store nothing' }).click()
})

test('what is broken or hostile says why, and stores nothing', async () => {
  const { page } = phone
  await choose('laughs.gpx', 'outside.gpx', 'cut.gpx', 'route.gpx', 'course.fit', 'nothing.txt', 'bomb.gpx.gz', 'clockless.fit')
  await page.getByText('1 activity found; new for the record: 0').waitFor()
  for (const [name, why] of [['laughs.gpx', /refers to other documents/], ['outside.gpx', /refers to other documents/], ['cut.gpx:56', /is not well formed/], ['route.gpx', /is a route/], ['course.fit', /holds no activity/], ['nothing.txt', /is no kind of file/], ['bomb.gpx.gz', /unpacks to far more|not well formed|larger or nested/]]) {
    await page.getByRole('alert').filter({ hasText: name }).filter({ hasText: why }).waitFor()
  }
  await page.getByText('The device did not know the date').waitFor()
  await shot(page, 'import-refused', { fullPage: true })
  assert.equal((await activities()).length, 1)
  await page.getByRole('button', { name: 'Store nothing' }).click()
})

test('without a network: several at once, a kind that is asked, one step back', async () => {
  const { page, context } = phone
  await page.reload() // the service worker has the pages
  await page.getByRole('heading', { name: 'From a watch', level: 1 }).waitFor()
  await page.waitForFunction(() => navigator.serviceWorker?.controller !== null)
  await context.setOffline(true)
  await choose('big-endian.fit', 'untyped.gpx', 'strength.fit')
  await page.getByText('3 activities found; new for the record: 3').waitFor()
  await page.getByText('Each set').click()
  await page.getByText('12 repetitions, 20 kg, 45 s').first().waitFor()
  await page.getByRole('combobox').first().selectOption('walk') // the newest stands first: the file without a kind
  for (const n of [0, 1, 2]) await page.getByRole('group', { name: /Worst pain/ }).nth(n).getByRole('radio', { name: '1', exact: true }).check()
  await page.getByRole('button', { name: 'Store 3 entries' }).click()
  await page.getByText('3 entries stored.').waitFor()
  await page.getByRole('heading', { name: 'Imports in the record' }).waitFor()
  await page.getByText(/3 entries, Saturday 7 March to Wednesday 11 March/).waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByText(/3 entries, Saturday/).waitFor({ state: 'detached' })
  await context.setOffline(false)
  await page.evaluate(() => dispatchEvent(new Event('online')))
  await until(async () => (await api.get(`/api/v1/patients/${rosa.id}/events?limit=2000`)).json.events.filter((row) => row.event.kind === 'void').length === 3, 'the step back at the clinic')
  await page.getByRole('button', { name: /Take back/i }).first().click() // and the first import, from the list
  await page.getByRole('heading', { name: 'Imports in the record' }).waitFor({ state: 'detached' })
})

test('sets of a watch: the exercise is offered, the person says side, pain and effort', async () => {
  const { page } = phone
  const log = async (wanted) => (await api.get(`/api/v1/patients/${rosa.id}/events?limit=2000`)).json.events.map((row) => row.event).filter(wanted)
  const ofSets = (one) => one.kind === 'exercise' && one.data.x_source
  await choose('gym.fit')
  await page.getByText('1 activity found; new for the record: 1').waitFor()
  const [deadlift, morning, squat] = [0, 1, 2].map((n) => page.locator('fieldset.group').nth(n))
  assert.equal(await deadlift.getByRole('combobox').inputValue(), 'deadlift')
  assert.equal(await morning.getByRole('combobox').inputValue(), 'good-morning')
  assert.equal(await squat.getByRole('combobox').inputValue(), '', 'a squat was guessed')
  await morning.getByRole('combobox').selectOption('rdl-single')
  await page.getByRole('group', { name: /while doing it/ }).getByRole('radio', { name: '1', exact: true }).check()
  await page.getByRole('button', { name: 'Store 3 entries' }).click()
  await page.getByText(/Side, pain and effort belong to it/).first().waitFor()
  const answer = async (group, name, n) => group.getByRole('group', { name }).getByRole('radio', { name: String(n), exact: true }).check()
  await answer(deadlift, /Worst pain/, 2)
  await answer(deadlift, /How hard/, 6)
  await answer(morning, /Worst pain/, 0)
  await answer(morning, /How hard/, 4)
  await morning.getByRole('group', { name: 'On which side?' }).getByRole('radio', { name: 'left', exact: true }).check()
  assert.deepEqual(await axe(page), [])
  await shot(page, 'import-sets', { fullPage: true })
  await page.getByRole('button', { name: 'Store 3 entries' }).click()
  await page.getByText('3 entries stored.').waitFor()
  const sets = await until(async () => { const all = await log(ofSets); return all.length === 2 ? all : null }, 'the sets at the clinic')
  assert.deepEqual(sets.map(({ data: { x_source, ...data } }) => data), [
    { exercise: 'deadlift', side: 'both', sets: Array(3).fill({ reps: 8, load_kg: 40 }), pain_during: 2, effort: 6 },
    { exercise: 'rdl-single', side: 'left', sets: Array(2).fill({ reps: 10, load_kg: 15 }), pain_during: 0, effort: 4 },
  ])
  await page.getByRole('button', { name: /Take back/i }).first().click() // all three at once
  await until(async () => (await log((one) => one.kind === 'void' && sets.some((set) => set.id === one.data.event))).length === 2, 'both taken back at the clinic')
})

/** What the program makes of a file, and the page: the same entries, but for their ids and the name of the import. */
const same = (events) => events.map(({ kind, at, data }) => ({ kind, at, data: { ...data, pain_during: undefined, source: data.source?.replace(/:[0-9a-f]{8}$/, '') } })).sort((a, b) => (a.at + a.data.source < b.at + b.data.source ? -1 : 1))
function program(...args) {
  const record = file('record.jsonl')
  writeFileSync(record, `${JSON.stringify({ v: 1, id: '0195a0c2-7b1e-7107-8000-000000000107', patient: 'p', kind: 'screened', at: '2026-01-02T08:00:00+00:00', by: 'patient', data: { flags: [] } })}\n`)
  spawnSync(process.env.LOADWAVE ?? 'build/loadwave', ['import', record, ...args, '--yes', '--partial'], { env: { ...process.env, TZ: 'Europe/London' } })
  return readFileSync(record, 'utf8').split('\n').filter((line) => line.includes('"activity"')).map((line) => JSON.parse(line))
}
const stored = async (name, count) => {
  const { page } = phone
  const before = await activities()
  await choose(name)
  if (name.endsWith('.csv')) {
    await page.getByRole('heading', { name }).waitFor()
    for (const [label, value] of [[/When it began/, 0], [/How long/, 2], [/What it was/, 1], [/How far/, 3], [/^Pain/, 4]]) await page.getByRole('combobox', { name: label }).selectOption(String(value))
    await page.getByRole('combobox', { name: 'Written as' }).first().selectOption('dmy')
    assert.deepEqual(await axe(page), [])
    await shot(page, 'import-table', { fullPage: true })
    await page.getByRole('button', { name: 'Read the table' }).click()
  }
  await page.getByRole('heading', { name: /found; new for the record/ }).waitFor()
  for (const another of await page.getByRole('button', { name: 'It is another one' }).all()) await another.click()
  for (const group of await page.getByRole('group', { name: /Worst pain at the sit bone while/ }).all()) await group.getByRole('radio', { name: '2', exact: true }).check()
  await page.getByRole('button', { name: /^Store \d/ }).click()
  await page.getByRole('heading', { name: /found; new for the record/ }).waitFor({ state: 'detached' })
  const now = await until(async () => { const all = await activities(); return all.length >= before.length + count ? all : null }, `${name} at the clinic`)
  const known = new Set(before.map((one) => one.id))
  await page.getByRole('button', { name: /Take back/i }).first().click()
  await page.getByRole('heading', { name: 'Imports in the record' }).waitFor({ state: 'detached' })
  return now.filter((one) => !known.has(one.id))
}
for (const [name, args] of [['strava.zip', []], ['export.zip', []], ['export.xml', []], ['ways.zip', []], ['lied.zip', []], ['runs.csv', ['--map', 'start=#1:dmy,minutes=#3:min,type=#2,km=#4:km,pain=#5']]]) {
  test(`${name}: the page and the program make the same entries of it`, async () => {
    const made = program(file(name), ...args)
    assert.ok(made.length > 0)
    assert.deepEqual(same(await stored(name, made.length)), same(made))
  })
}

test('archives that are bombs, cut off, encrypted or lie', async () => {
  const { page } = phone
  await choose('bomb.zip', 'cut.zip', 'encrypted.zip')
  for (const [name, why] of [['activities/1.gpx', /unpacks to far more/], ['cut.zip', /not well formed|cannot be read/], ['activities/1.gpx', /cannot be read/]]) {
    await page.getByRole('alert').filter({ hasText: name }).filter({ hasText: why }).first().waitFor()
  }
})

test('a long reading is the worker\'s: the page answers meanwhile, stops it, and says when it died', async () => {
  const { page } = phone
  const big = openSync(file('big.xml'), 'w')
  execFileSync('python3', ['tests/watch/make_files.py', '--health', String(400 << 20)], { stdio: ['ignore', big, 'inherit'] })
  closeSync(big)
  await page.reload()
  await page.getByRole('heading', { name: 'From a watch', level: 1 }).waitFor()
  const stop = page.getByRole('button', { name: 'Stop', exact: true })
  const reader = () => page.workers().filter((one) => /import\.worker/.test(one.url()))
  // every key is counted while the reading goes on; those after it are not
  await page.evaluate(() => {
    window.keys = 0
    window.far = 0
    const bar = () => document.querySelector('progress')
    addEventListener('keydown', () => { if (bar()) window.keys++ })
    new MutationObserver(() => { if (bar()) window.far++ }).observe(document.querySelector('main'), { subtree: true, attributes: true, attributeFilter: ['value'] })
  })
  await choose('big.xml')
  await stop.waitFor()
  for (let n = 0; n < 10; n++) await page.keyboard.press('Shift')
  assert.equal(await page.evaluate(() => window.keys), 10, 'keys were not heard while a file was read')
  await page.waitForFunction(() => window.far >= 2) // it tells how far it is
  assert.equal(reader().length, 1)
  assert.equal(await page.evaluate(() => performance.getEntriesByType('resource').filter((one) => /loadwave-watch/.test(one.name)).length), 0, 'the page reads by itself')
  await stop.click()
  await stop.waitFor({ state: 'detached' })
  await until(() => reader().length === 0, 'the end of a worker that was stopped')
  assert.equal(await page.getByRole('heading', { name: /found; new for/ }).count(), 0)
  assert.equal(await page.getByText('ended by itself').count(), 0, 'a reading that was stopped is no fault')

  // ended amid the reading as a browser ends it that wants its memory: without a word
  const dies = page.waitForEvent('worker').then((worker) => worker.evaluate(() => {
    const say = self.postMessage.bind(self)
    let told = 0
    self.postMessage = (what) => { say(what); if (typeof what === 'object' && ++told === 2) close() }
  }))
  await choose('big.xml')
  await dies
  await page.getByRole('alert').filter({ hasText: 'ended by itself' }).waitFor()
  await choose('run.gpx') // and the next one reads again
  await page.getByRole('heading', { name: /1 activity found/ }).waitFor()
  await page.getByRole('button', { name: 'Store nothing' }).click()
})

test('a file dropped on the page; Spanish; 320 pixels; the keyboard alone', async () => {
  const { page } = phone
  await page.setViewportSize({ width: 320, height: 640 })
  const bytes = readFileSync(file('run.gpx')).toString('base64')
  await page.evaluate((data) => {
    const transfer = new DataTransfer()
    transfer.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], 'run.gpx'))
    document.querySelector('.drop').dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }))
  }, bytes)
  await page.getByText('1 activity found; new for the record: 1').waitFor()
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320), 'the page is wider than the screen')
  await page.getByRole('checkbox').first().focus()
  await page.keyboard.press('Space')
  await page.getByText('There is nothing new to store.').waitFor()
  await page.keyboard.press('Space')
  await page.getByRole('radio', { name: '0', exact: true }).focus()
  await page.keyboard.press('Space')
  await page.getByRole('button', { name: 'Store 1 entry' }).focus()
  await page.keyboard.press('Enter')
  await page.getByText('1 entry stored.').waitFor()
  await page.goto(`${server.origin}/#/mine`)
  await page.getByRole('radio', { name: 'Español' }).check()
  await page.getByRole('link', { name: 'Importar desde un reloj' }).click()
  await page.getByRole('heading', { name: 'Desde un reloj' }).waitFor()
  await choose('strength.fit')
  await page.getByText('1 actividad encontrada; nuevas para el registro: 1').waitFor()
  assert.deepEqual(await axe(page), [])
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320), 'the Spanish page is wider than the screen')
  await shot(page, 'import-es', { fullPage: true })
  assert.deepEqual(phone.faults, [])
})
