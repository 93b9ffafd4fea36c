/** The hours of this device's own reminders, case by case: web/src/lib/hours.ts by itself, without a browser. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { transformSync } = createRequire(join(root, 'web/package.json'))('esbuild')
const { code } = transformSync(readFileSync(join(root, 'web/src/lib/hours.ts'), 'utf8'), { loader: 'ts' })
const { overMidnight, spans, within } = await import(`data:text/javascript,${encodeURIComponent(code)}`)

test('within and over midnight', () => {
  for (const [time, from, until, inside] of [['07:29', '07:30', '21:00', false], ['07:30', '07:30', '21:00', true], ['21:00', '07:30', '21:00', false], ['21:59', '22:00', '02:00', false], ['22:00', '22:00', '02:00', true], ['00:00', '22:00', '02:00', true], ['01:59', '22:00', '02:00', true], ['02:00', '22:00', '02:00', false]])
    assert.equal(within(time, from, until), inside, `${time} in ${from} to ${until}`)
  assert.equal(within(1439, 0, 1440), true)
  assert.equal(overMidnight(1320, 120), true)
  assert.equal(overMidnight(450, 1440), false)
})

test('what is asked for when', () => {
  const asked = (time, hours) => {
    const of = spans(hours)
    return ['checkin', 'session'].filter((what) => time >= of[what].from && time < of[what].until).join(' ')
  }
  const day = { checkin: '07:30', session: '17:30', until: '21:00' }
  const evening = { checkin: '22:00', session: '22:30', until: '02:00' }
  const night = { checkin: '22:00', session: '00:30', until: '02:00' }
  const early = { checkin: '22:00', session: '17:30', until: '02:00' }
  const midnight = { checkin: '07:30', session: '17:30', until: '00:00' }
  for (const [hours, time, what] of [
    [day, '07:29', ''], [day, '07:30', 'checkin'], [day, '17:30', 'checkin session'], [day, '21:00', ''],
    [evening, '21:59', ''], [evening, '22:00', 'checkin'], [evening, '23:59', 'checkin session'], [evening, '00:00', ''], [evening, '01:59', ''],
    [night, '22:00', 'checkin'], [night, '23:59', 'checkin'], [night, '00:29', ''], [night, '00:30', 'session'], [night, '01:59', 'session'], [night, '02:00', ''],
    [early, '17:30', 'session'], [early, '22:00', 'checkin session'], [early, '00:10', ''],
    [midnight, '23:59', 'checkin session'], [midnight, '00:00', ''],
  ]) assert.equal(asked(time, hours), what, `${JSON.stringify(hours)} at ${time}`)
  assert.deepEqual([day, evening, night].map((hours) => spans(hours).night), [false, false, true])
})
