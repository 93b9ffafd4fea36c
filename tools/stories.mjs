/**
 * stories.mjs: from stories a clinician can read to records and expectations.
 *
 * protocols/pht/stories/README.md describes the form. This file lays a story out as a record (deterministic: ids, times and
 * order follow from the text alone), asks the engine in WebAssembly for its plan, checks what the story expects and
 * compares the plan with golden.txt.
 *
 *     node tools/stories.mjs                 every story; exit 1 when one fails or its plan is not the golden one
 *     node tools/stories.mjs L07 L08-red     only stories whose name begins so, each with a short form of its plan
 *     node tools/stories.mjs --json L08-red  the whole plan
 *     node tools/stories.mjs --update        writes golden.txt anew; say in CHANGELOG.md why an old answer changed
 *
 * Records go to build/stories/NAME.jsonl, their list (name, day, file) to build/stories/index.txt.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { load } from '../wasm/loadwave.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
export const paths = {
  protocol: join(root, 'protocols/pht/pht.protocol'),
  stories: join(root, 'protocols/pht/stories'),
  golden: join(root, 'protocols/pht/stories/golden.txt'),
  build: join(root, 'build/stories'),
  wasm: process.env.LOADWAVE_WASM ?? join(root, 'build/loadwave.wasm'),
}

const DAY_MS = 86400000
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const CLINICIAN = new Set(['assessed', 'started', 'shockwave', 'cleared', 'limit', 'override', 'authority', 'discharged'])
const CLOCK = {
  enrolled: '08:00', screened: '08:05', assessed: '08:10', outcome: '08:20', started: '08:30', settings: '08:40',
  checkin: '07:00', tested: '07:30', accepted: '07:45', decided: '07:40', override: '07:50', shockwave: '12:00',
  adverse: '20:00', exercise: '18:00', activity: '17:00', void: '21:00', cleared: '13:00',
}
const DATA = {
  screened: { flags: [] },
  checkin: { pain_morning: 1, stiffness_min: 5, pain_worst_24h: 1, pain_test: 1, night_pain: false, rest_pain: false },
  exercise: { pain_during: 1, effort: 5 },
  shockwave: {
    side: 'left', wave: 'radial', device: 'DolorClast', pressure_bar: 3, impulses: 2000, rate_hz: 10, anaesthetic: false,
    consent: true,
  },
  cleared: { events: [], note: 'seen and examined' },
  limit: { reason: 'clinical judgement' },
  override: { reason: 'clinical judgement' },
  paused: { reason: 'holiday' },
  discharged: { reason: 'goals reached' },
  void: { reason: 'entered by mistake' },
  adverse: { serious: false },
  decided: { protocol_sha256: '0'.repeat(64), engine: '0.1.0', inputs: '0'.repeat(64), plan_sha256: '0'.repeat(64), verdict: 'hold', rules: [], items: [] },
}
const PSEUDO = new Set(['session', 'run', 'accept'])

const iso = (day) => new Date(day * DAY_MS).toISOString().slice(0, 10)
const fail = (story, text) => {
  throw new Error(`${story}: ${text}`)
}

// ---- reading -----------------------------------------------------------------------------------------------------------

const FORM = new Set(['story', 'rule', 'title', 'base', 'with', 'without', 'change', 'on', 'expect', 'not', 'about', 'start'])

/** Every story in the folder, the near misses (`not`) as stories of their own; and the bases they stand on. */
export function readStories(folder = paths.stories) {
  const read = (file) => {
    try {
      return JSON.parse(readFileSync(join(folder, file), 'utf8'))
    } catch (e) {
      throw new Error(`${file}: ${e.message}`)
    }
  }
  const bases = read('bases.json')
  const stories = []
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.json') || file === 'bases.json') continue
    for (const story of read(file)) {
      const unknown = Object.keys(story).find((k) => !FORM.has(k))
      if (unknown) fail(story.story, `unknown member "${unknown}"`)
      if (!story.story || !story.title || !story.base || story.on === undefined) fail(story.story ?? file, 'needs story, title, base and on')
      stories.push({ ...story, fires: true, file })
      if (story.not) {
        const near = story.not
        const wrong = Object.keys(near).find((k) => !FORM.has(k) || ['base', 'rule', 'story', 'start', 'not'].includes(k))
        if (wrong) fail(story.story, `"not" may not say "${wrong}"`)
        const more = (member) => [...(story[member] ?? []), ...(near[member] ?? []).map((e) => ({ ...e, near: true }))]
        stories.push({
          ...story, story: `${story.story}-not`, title: near.title ?? `${story.title}: just not`, on: near.on ?? story.on,
          with: more('with'), without: more('without'), change: more('change'), expect: near.expect ?? {}, fires: false,
        })
      }
    }
  }
  const names = new Set()
  for (const { story } of stories) {
    if (!/^[A-Za-z0-9][A-Za-z0-9-]*$/.test(story)) fail(story, 'a name has letters, digits and dashes')
    if (names.has(story)) fail(story, 'told twice')
    names.add(story)
  }
  return { bases, stories }
}

/** A base with everything its own bases bring; later changes stand after earlier ones. */
function flatten(bases, name, depth = 0) {
  const base = bases[name]
  if (!base || depth > 8) throw new Error(`no base "${name}"`)
  const under = base.base ? flatten(bases, base.base, depth + 1) : { with: [], without: [], change: [] }
  return {
    start: base.start ?? under.start,
    with: [...under.with, ...(base.with ?? [])],
    without: [...under.without, ...(base.without ?? [])],
    change: [...under.change, ...(base.change ?? [])],
  }
}

// ---- days --------------------------------------------------------------------------------------------------------------

/** 12, "on", "on-3", "2026-03-05" as a day number. */
function dayOf(text, start, on, story) {
  if (Number.isInteger(text)) return start + text
  const m = /^(on|start)?([+-]?\d+)?$/.exec(text)
  if (m && text !== '') return (m[1] === 'on' ? on : start) + Number(m[2] ?? 0)
  const at = Date.parse(`${text}T00:00:00Z`)
  if (Number.isNaN(at)) fail(story, `"${text}" is no day`)
  return at / DAY_MS
}

/** All days an entry means: one day, a list, "from..to", "from..to/2", "from..to mon wed fri". None said: every day. */
function daysOf(entry, start, on, story) {
  const said = entry.day ?? entry.days
  if (said === undefined) return null
  const days = new Set()
  for (const part of [said].flat()) {
    const range = typeof part === 'string' && /^(\S+?)\.\.(\S+?)(?:\/(\d+))?((?: [a-z]{3})*)$/.exec(part)
    if (!range) {
      days.add(dayOf(part, start, on, story))
      continue
    }
    const [, from, to, step, weekdays] = range
    const wanted = weekdays.trim() ? weekdays.trim().split(' ') : null
    const last = dayOf(to, start, on, story)
    for (let day = dayOf(from, start, on, story); day <= last; day += Number(step ?? 1)) {
      if (!wanted || wanted.includes(WEEKDAYS[new Date(day * DAY_MS).getUTCDay()])) days.add(day)
    }
  }
  return days
}

// ---- events ------------------------------------------------------------------------------------------------------------

/** "3x8@20kg", "3x30s", "4x20m", "3x10c": sets of repetitions, seconds, metres or contacts, with a load. */
function setsOf(text, story) {
  if (Array.isArray(text)) return text
  const m = /^(\d+)x(\d+)(s|m|c)?(?:@([\d.]+)kg)?(?: (\d+)%)?$/.exec(text)
  if (!m) fail(story, `sets "${text}": write 3x8, 3x30s, 4x20m, 3x10c, 3x8@20kg`)
  const one = { [{ s: 'hold_s', m: 'distance_m', c: 'contacts' }[m[3]] ?? 'reps']: Number(m[2]) }
  if (m[4]) one.load_kg = Number(m[4])
  if (m[5]) one.speed_pct = Number(m[5])
  return Array.from({ length: Number(m[1]) }, () => ({ ...one }))
}

/** One exercise event that does what an item of the plan asks. */
function asPlanned(item) {
  const set = {}
  for (const member of ['reps', 'hold_s', 'contacts', 'distance_m', 'load_kg', 'speed_pct', 'tempo']) {
    if (item[member] != null) set[member] = item[member]
  }
  if (item.choose_load) set.load_kg = 20
  const sets = Array.from({ length: item.sets }, () => ({ ...set }))
  return { exercise: item.exercise, side: item.side, sets, depth_deg: item.hip_flexion_max_deg }
}

const matches = (selector, event) =>
  (!selector.kind || selector.kind === event.kind) && (!selector.by || selector.by === event.by) &&
  Object.entries(selector.where ?? {}).every(([k, v]) => JSON.stringify(event.data[k]) === JSON.stringify(v))

/** Lays out a story as a record: its lines in order, and the day asked about. */
export function materialise(story, bases, lw) {
  const name = story.story
  const base = flatten(bases, story.base)
  const start = dayOf(story.start ?? base.start, 0, 0, name)
  const on = dayOf(story.on, start, start, name)
  // layers: the base, the story, its near miss; a removal reaches its own layer and those below
  const own = (list, mine) => [...list.map((e) => ({ ...e, layer: 0 })), ...(mine ?? []).map((e) => ({ ...e, layer: e.near ? 2 : 1 }))].map((e) => ({ ...e, on: daysOf(e, start, on, name) }))
  const entries = own(base.with, story.with)
  const without = own(base.without, story.without)
  const changes = own(base.change, story.change)
  const used = new Set()
  const lines = []
  const labels = new Map()
  const counts = new Map()

  const idOf = (day) => {
    const n = (counts.get(day) ?? 0) + 1
    counts.set(day, n)
    return `00000000-0000-7000-8000-${((day + 100000) * 1000 + n).toString(16).padStart(12, '0')}`
  }
  const resolve = (value) => {
    if (typeof value === 'string' && value.startsWith('$')) return labels.get(value.slice(1)) ?? fail(name, `nothing is called "${value}" yet`)
    if (typeof value === 'string' && /^@/.test(value)) return iso(dayOf(value.slice(1), start, on, name))
    if (Array.isArray(value)) return value.map(resolve)
    if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, resolve(v)]))
    return value
  }
  const here = (list, day) => list.filter((e) => (e.on ? e.on.has(day) : true))
  const changed = (day, event) => {
    for (const change of here(changes, day)) {
      if (!matches(change, event)) continue
      used.add(change)
      event.data = { ...event.data, ...change.data }
      if (change.to) Object.assign(event, change.to)
    }
    for (const [k, v] of Object.entries(event.data)) if (v === null) delete event.data[k]
    return event
  }
  const put = (day, event, entry) => {
    for (const selector of here(without, day)) {
      if (selector.layer >= entry.layer && matches(selector, event)) {
        used.add(selector)
        return
      }
    }
    changed(day, event)
    if (event.data.sets !== undefined) event.data.sets = setsOf(event.data.sets, name)
    if (event.data.skip) {
      delete event.data.sets
      delete event.data.pain_during
      delete event.data.effort
    }
    const id = idOf(day)
    if (entry.id) labels.set(entry.id, id)
    const second = String((counts.get(day) - 1) % 60).padStart(2, '0')
    lines.push(JSON.stringify({
      v: entry.v ?? 1, id, patient: 'story', kind: event.kind, at: `${iso(day)}T${event.at}:${second}${entry.zone ?? '+00:00'}`,
      by: event.by, data: resolve(event.data),
    }))
  }
  const event = (kind, entry, data) => ({
    kind, at: entry.at ?? CLOCK[kind] ?? '09:00', by: entry.by ?? (kind === 'decided' ? 'engine' : CLINICIAN.has(kind) ? 'clinician:a' : 'patient'),
    data: { ...(entry.bare ? {} : DATA[kind]), ...data, ...entry.data },
  })
  const planNow = (day) => lw.planJson(lines.join('\n') + '\n', iso(day))

  const first = Math.min(...entries.flatMap((e) => [...(e.on ?? fail(name, `an event of "with" needs a day`))]))
  const last = Math.max(...entries.flatMap((e) => [...e.on]))
  for (let day = first; day <= last; day++) {
    // in the order of the clock; the engine sees a day as far as it has come
    const today = here(entries, day).map((entry) => ({ entry, at: entry.at ?? CLOCK[{ session: 'exercise', run: 'activity', accept: 'accepted' }[entry.kind] ?? entry.kind] ?? '09:00' }))
    today.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
    for (const { entry } of today) {
      if (!entry.kind) fail(name, 'an event needs a kind')
      if (!PSEUDO.has(entry.kind)) {
        put(day, event(entry.kind, entry, {}), entry)
        continue
      }
      const plan = planNow(day)
      if (entry.kind === 'session') {
        for (const item of plan.session.items) {
          if (entry.only && !entry.only.includes(item.exercise)) continue
          put(day, event('exercise', entry, asPlanned(item)), { layer: entry.layer })
        }
      } else if (entry.kind === 'run') {
        if (!plan.run.allowed || plan.run.level === 0 || (plan.run.next_on && plan.run.next_on > iso(day))) continue
        const repeats = plan.run.repeats ?? 1
        const running = plan.run.run_min * repeats
        const minutes = running + (plan.run.walk_min ?? 0) * repeats
        const data = { type: 'run', minutes, run_minutes: running, run_level: plan.run.level, km: Math.round(running * 1.5) / 10, pain_during: 0 }
        if (plan.run.max_km !== null && data.km > plan.run.max_km) data.km = plan.run.max_km
        put(day, event('activity', entry, data), { layer: entry.layer })
      } else {
        const proposals = plan.session.items.filter((i) => i.proposal).map((i) => ({ exercise: i.exercise, variable: i.proposal.variable, to: i.proposal.to }))
        if (plan.stage.proposal) proposals.push({ what: 'stage', variable: 'stage', to: plan.stage.proposal.to })
        if (plan.run.proposal) proposals.push({ what: 'run', variable: 'level', to: plan.run.proposal.to })
        for (const p of proposals) put(day, event('accepted', entry, p), { layer: entry.layer })
      }
    }
  }
  const idle = [...changes.slice(base.change.length), ...without.slice(base.without.length)].find((c) => !used.has(c))
  if (idle) fail(name, `nothing matches ${JSON.stringify({ ...idle, on: undefined, layer: undefined, near: undefined })}`)
  return { name, day: on, on: iso(on), text: lines.join('\n') + (lines.length ? '\n' : ''), story }
}

// ---- expectations --------------------------------------------------------------------------------------------------------

/** "session.items[hip-thrust].sets": lists by number or by the exercise, rule, id or what of an element. */
function valueAt(plan, path) {
  let value = plan
  for (const step of path.replaceAll('[', '.[').split('.')) {
    if (value === null || value === undefined) return undefined
    const key = step.startsWith('[') ? step.slice(1, -1) : step
    if (!Array.isArray(value)) value = value[key]
    else if (key === 'length') value = value.length
    else if (/^\d+$/.test(key)) value = value[Number(key)]
    else value = value.find((e) => e === key || e.exercise === key || e.rule === key || e.id === key || e.what === key)
  }
  return value
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b)

function holds(value, wanted) {
  const ops = ['at_most', 'at_least', 'not', 'has', 'without']
  if (wanted === null || typeof wanted !== 'object' || !Object.keys(wanted).some((k) => ops.includes(k))) return same(value ?? null, wanted)
  return Object.entries(wanted).every(([op, v]) => {
    switch (op) {
      case 'at_most': return typeof value === 'number' && value <= v
      case 'at_least': return typeof value === 'number' && value >= v
      case 'not': return !same(value ?? null, v)
      case 'has': return [v].flat().every((one) => (value ?? []).some((e) => e === one || e.exercise === one || e.what === one || e.id === one || e.rule === one))
      case 'without': return [v].flat().every((one) => !(value ?? []).some((e) => e === one || e.exercise === one || e.what === one || e.id === one || e.rule === one))
      default: throw new Error(`expectation "${op}" is not known`)
    }
  })
}

/** What a story expects and the plan does not say. */
export function unmet(story, plan) {
  const found = []
  const expect = { ...story.expect }
  if (plan.error) {
    return plan.error === expect.error ? [] : [`error ${plan.error}${plan.detail ? ` (${plan.detail})` : ''}`]
  }
  if (expect.error) return [`expected ${expect.error}, got a plan`]
  const rules = plan.why.map((w) => w.rule)
  const why = [...(expect.why ?? []), ...(story.rule && story.fires ? [story.rule] : [])]
  const not = [...(expect.not_why ?? []), ...(story.rule && !story.fires && !why.includes(story.rule) ? [story.rule] : [])]
  for (const rule of new Set(why)) if (!rules.includes(rule)) found.push(`why lacks ${rule}`)
  for (const rule of new Set(not)) if (rules.includes(rule)) found.push(`why has ${rule}`)
  const binding = plan.why.find((w) => w.binding)?.rule
  if (expect.binding && binding !== expect.binding) found.push(`binding is ${binding}, expected ${expect.binding}`)
  for (const [path, wanted] of Object.entries(expect)) {
    if (['why', 'not_why', 'binding'].includes(path)) continue
    const value = valueAt(plan, path)
    if (!holds(value, wanted)) found.push(`${path} is ${JSON.stringify(value ?? null)}, expected ${JSON.stringify(wanted)}`)
  }
  return found
}

// ---- golden --------------------------------------------------------------------------------------------------------------

/** The bytes that golden hashes cover: `engine` and the hashes left out. */
export const comparable = (bytes) =>
  Buffer.from(bytes).toString('utf8').replace(/"engine":"[^"]*"/, '"engine":""').replace(/"(protocol|record)_sha256":(null|"[0-9a-f]*")/g, '"$1_sha256":null')

const sha = (text) => createHash('sha256').update(text).digest('hex').slice(0, 16)
const or = (value, unit = '') => (value === null || value === undefined ? '' : `${value}${unit}`)

/** A plan in a few short lines: what golden.txt keeps, so that a change can be read. */
export function digest(plan) {
  if (plan.error) return [`error ${plan.error}`]
  const arrow = (c) => (c ? `${c.variable} ${c.from}→${c.to}` : '')
  const item = (i) =>
    `  ${i.exercise} ${i.side} level ${i.level}: ${i.sets}×${or(i.reps ?? i.contacts ?? i.distance_m) || or(i.hold_s, ' s')}` +
    `${or(i.load_kg ?? null) && ` ${i.load_kg} kg`}${or(i.speed_pct) && ` ${i.speed_pct} %`} class ${i.compression_class}` +
    `${i.change ? ` change ${arrow(i.change)}` : ''}${i.proposal ? ` proposal ${arrow(i.proposal)}` : ''}${i.cap ? ` cap ${i.cap}` : ''}`
  const more = []
  if (plan.flare !== 'none') more.push(`flare ${plan.flare}`)
  if (plan.deload) more.push(`deload ${plan.deload.cause} until ${plan.deload.until}`)
  if (plan.stage.proposal) more.push(`stage proposal ${plan.stage.proposal.to}`)
  if (plan.referral) more.push(`referral ${plan.referral.urgency} ${plan.referral.flags.join(' ')}`)
  if (plan.review) more.push(`review ${plan.review.urgency} ${plan.review.why.join(' ')}`)
  if (plan.missing.length) more.push(`missing ${plan.missing.join(' ')}`)
  const run = plan.run.allowed ? `run level ${plan.run.level} ${or(plan.run.max_min, ' min')} ${or(plan.run.max_km, ' km')}${plan.run.proposal ? ' proposal' : ''}` : 'no run'
  return [
    `${plan.status} ${plan.verdict} ${plan.stage.id} day ${or(plan.stage.day)} ${plan.irritability}; ${run}; shockwave ${plan.shockwave.status}${or(plan.shockwave.session) && ` ${plan.shockwave.session}`}`,
    ...(more.length ? [more.join('; ')] : []),
    ...plan.session.items.map(item),
    `why ${plan.why.map((w) => w.rule).join(' ')}`,
  ]
}

const goldenText = (answers) => answers.map((a) => `${a.name} ${a.on} ${sha(a.bytes)}\n${digest(a.plan).map((l) => `  ${l}\n`).join('')}`).join('')

function readGolden() {
  const golden = new Map()
  if (!existsSync(paths.golden)) return golden
  for (const line of readFileSync(paths.golden, 'utf8').split('\n')) {
    if (line.startsWith('  ')) golden.get([...golden.keys()].at(-1)).lines.push(line.slice(2))
    else if (line) {
      const [name, on, hash] = line.split(' ')
      golden.set(name, { on, hash, lines: [] })
    }
  }
  return golden
}

// ---- all of it -------------------------------------------------------------------------------------------------------------

/** The engine with the protocol compiled. */
export async function engine() {
  const lw = await load(readFileSync(paths.wasm))
  lw.compile(readFileSync(paths.protocol))
  return lw
}

export function answer(lw, text, on) {
  try {
    const bytes = lw.plan(text, on)
    return { raw: bytes, bytes: comparable(bytes), plan: JSON.parse(Buffer.from(bytes).toString('utf8')) }
  } catch (e) {
    if (!e.err) throw e
    return { raw: null, bytes: e.name, plan: { error: e.name, detail: e.message } }
  }
}

/** Lays out and answers stories; writes build/stories. An entry that cannot be laid out has `broken`. */
export function tell(lw, { bases, stories }) {
  rmSync(paths.build, { recursive: true, force: true })
  mkdirSync(paths.build, { recursive: true })
  const answers = []
  for (const story of stories) {
    try {
      const record = materialise(story, bases, lw)
      writeFileSync(join(paths.build, `${record.name}.jsonl`), record.text)
      answers.push({ ...record, ...answer(lw, record.text, record.on) })
    } catch (e) {
      answers.push({ name: story.story, story, broken: e.message })
    }
  }
  const whole = answers.filter((a) => !a.broken)
  writeFileSync(join(paths.build, 'index.txt'), whole.map((a) => `${a.name} ${a.on} ${join(paths.build, `${a.name}.jsonl`)}\n`).join(''))
  return answers
}

/** Failures of the answers against expectations and golden.txt, as lines of text. */
export function judge(answers, { golden = true, whole = true } = {}) {
  const failures = []
  const known = readGolden()
  for (const a of answers) {
    if (a.broken) {
      failures.push({ name: a.name, lines: [a.broken] })
      continue
    }
    const lines = unmet(a.story, a.plan)
    if (golden) {
      const old = known.get(a.name)
      if (!old) lines.push('not in golden.txt yet (node tools/stories.mjs --update)')
      else if (old.hash !== sha(a.bytes)) {
        const now = digest(a.plan)
        const gone = old.lines.filter((l) => !now.includes(l)).map((l) => `- ${l}`)
        const come = now.filter((l) => !old.lines.includes(l)).map((l) => `+ ${l}`)
        lines.push('the plan is not the golden one:', ...(gone.length + come.length ? [...gone, ...come] : ['differs in a part that golden.txt does not spell out']))
      }
    }
    if (lines.length) failures.push({ name: a.name, lines })
  }
  if (golden && whole) {
    for (const name of known.keys()) if (!answers.some((a) => a.name === name)) failures.push({ name, lines: ['in golden.txt, but no story tells it any more'] })
  }
  return failures
}

/** Rule ids that no plan names, and those that every plan names. */
export function coverage(answers) {
  // a rule that only says what is fine stands under `ok`, never under `why`
  const speaks = (block) => !/^ +fine /m.test(block)
  const blocks = readFileSync(paths.protocol, 'utf8').split(/^(?=rule )/m).slice(1)
  const ids = new Set(blocks.filter(speaks).map((block) => block.split(' ')[1]))
  const plans = answers.filter((a) => a.plan && !a.plan.error).map((a) => new Set(a.plan.why.map((w) => w.rule)))
  return {
    rules: ids.size,
    never: [...ids].filter((id) => !plans.some((p) => p.has(id))).sort(),
    always: [...ids].filter((id) => plans.length > 0 && plans.every((p) => p.has(id))).sort(),
  }
}

async function main(args) {
  const update = args.includes('--update')
  const json = args.includes('--json')
  const wanted = args.filter((a) => !a.startsWith('--'))
  const lw = await engine()
  const told = readStories()
  if (wanted.length) told.stories = told.stories.filter((s) => wanted.some((w) => s.story.startsWith(w)))
  const answers = tell(lw, told)
  if (update && !wanted.length) writeFileSync(paths.golden, goldenText(answers.filter((a) => !a.broken)))
  const failures = judge(answers, { golden: !wanted.length, whole: !wanted.length })
  if (wanted.length) {
    for (const a of answers.filter((one) => !one.broken)) {
      console.log(`${a.name} on ${a.on}: ${a.story.title}`)
      console.log(json ? JSON.stringify(a.plan, null, 1) : digest(a.plan).map((l) => `  ${l}`).join('\n'))
    }
  }
  for (const f of failures) console.log(`FAILED ${f.name}\n${f.lines.map((l) => `    ${l}`).join('\n')}`)
  const { rules, never, always } = coverage(answers)
  if (!wanted.length) {
    if (never.length) console.log(`in no story's why: ${never.join(' ')}`)
    if (always.length) console.log(`in every story's why: ${always.join(' ')}`)
    console.log(`${rules - never.length} of ${rules} rules have a story`)
  }
  console.log(`${answers.length - failures.length} passed, ${failures.length} failed`)
  return failures.length ? 1 : 0
}

if (process.argv[1] && basename(process.argv[1]) === 'stories.mjs' && fileURLToPath(import.meta.url) === process.argv[1]) {
  process.exitCode = await main(process.argv.slice(2))
}
