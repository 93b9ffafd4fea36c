/**
 * The record on this device: an append-only set of events in IndexedDB, and what is folded from it.
 *
 * An event is stored here before anything else happens with it. Where a clinic is connected, what it has not acknowledged is
 * the outbox (sent 0); sync.svelte.ts delivers it. What the clinic refused (sent 2) stays, with the reason. Nothing is ever
 * changed or taken out, except when the person erases everything.
 *
 * A warning sign cannot be voided by a patient. So that a slip of the thumb can be undone, such an event is held for a minute
 * (`addSoon`): it counts for the plan at once, and is written for good when the minute is over or the app is opened again.
 */
import Dexie, { type Table } from 'dexie'
import { dayNumber, freshId } from './clock'
import { builtinProtocol, engine, LoadwaveError, type Engine } from './engine'
import { recordText, type LogEvent } from './events'
import type { Plan } from './plan'

export type Refusal = { code: string; detail: string }
/** here: made on this device. told: when the clinic had it, ms since 1970. refused: why it did not take it. */
export type Row = { id: string; at: string; line: LogEvent; sent: 0 | 1 | 2; seq: number | null; here?: boolean; told?: number; refused?: Refusal }
type Held = { line: LogEvent; until: number }
/** Why there is no plan. newer: update first. protocol: the clinic's protocol does not compile here. engine: it did not load. stale: it is of an earlier day. */
export type Problem = 'newer' | 'record' | 'protocol' | 'engine' | 'storage' | 'stale'

class Base extends Dexie {
  events!: Table<Row, string>
  kept!: Table<{ name: string; value: unknown }, string>
  constructor() {
    super('loadwave')
    this.version(1).stores({ events: 'id, sent, seq', kept: 'name' })
  }
}
export const base = new Base()
export const HOLD_MS = 60000

class Log {
  ready = $state(false)
  patient = $state<string | null>(null)
  /** All events, held ones too, in no order. */
  events = $state.raw<LogEvent[]>([])
  rows = $state.raw<ReadonlyMap<string, Row>>(new Map())
  held = $state.raw<Held[]>([])
  unsent = $state(0)
  refused = $state(0)
  version = $state(0)
  problem = $state<Problem | null>(null)
}
export const log = new Log()

let folding: Engine | undefined
let foldingText: string | undefined
let text = ''
let plans = new Map<string, { plan: Plan | null; error: unknown }>()
/** Told after an event was stored here: the outbox has work. */
export const afterAdd = new Set<() => void>()
const others = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('loadwave')
others?.addEventListener('message', () => void openLog())
/** Says to other tabs that the base changed. */
export const tellOthers = () => others?.postMessage('changed')

/** A small setting of this device. */
export const keep = (name: string, value: unknown) => base.kept.put({ name, value })
export const kept = async <T>(name: string): Promise<T | undefined> => (await base.kept.get(name))?.value as T | undefined

async function fold(): Promise<Engine> {
  const own = await kept<string>('protocol').catch(() => undefined)
  if (!folding || own !== foldingText) {
    folding = await engine(own)
    foldingText = own
  }
  return folding
}
/** The protocol that this device folds with. */
export const protocolText = async (): Promise<string> => (await kept<string>('protocol')) ?? (await builtinProtocol())

let commitTimer: ReturnType<typeof setTimeout> | undefined

/** Writes held events whose minute is over. */
async function commitHeld(): Promise<void> {
  let wrote = false
  await base.transaction('rw', base.events, base.kept, async () => {
    const held = (await kept<Held[]>('held')) ?? []
    const due = held.filter((one) => one.until <= Date.now() || one.until > Date.now() + 2 * HOLD_MS)
    if (due.length === 0) return
    await base.events.bulkPut(due.map(({ line }): Row => ({ id: line.id, at: line.at, line, sent: 0, seq: null, here: true })))
    await keep('held', held.filter((one) => !due.includes(one)))
    wrote = true
  })
  if (wrote) {
    tellOthers()
    afterAdd.forEach((run) => run())
  }
}

/** Reads everything; call it again after another tab or a delivery changed the base. Never throws: log.problem says why. */
export async function openLog(): Promise<void> {
  let problem: Problem | null = null
  try {
    await commitHeld()
    const [rows, patient, held] = await Promise.all([base.events.toArray(), kept<string>('patient'), kept<Held[]>('held')])
    log.rows = new Map(rows.map((row) => [row.id, row]))
    log.held = held ?? []
    log.events = [...rows.map((row) => row.line), ...log.held.map((one) => one.line)]
    log.patient = patient ?? log.events[0]?.patient ?? null
    log.unsent = rows.filter((row) => row.sent === 0).length + log.held.length
    log.refused = rows.filter((row) => row.sent === 2).length
    clearTimeout(commitTimer)
    const next = Math.min(...log.held.map((one) => one.until))
    if (log.held.length > 0) commitTimer = setTimeout(openLog, Math.max(0, next - Date.now()) + 50)
  } catch {
    problem = 'storage'
  }
  text = recordText(log.events)
  plans = new Map()
  if (log.events.length === 0) log.ready = true // a first visit has nothing to fold: its page need not wait for the engine
  try {
    await fold()
  } catch (error) {
    problem ??= error instanceof LoadwaveError ? 'protocol' : 'engine'
  }
  log.problem = problem
  log.version++
  log.ready = true
}

/** Reads the whole record with `events` in it: what the engine refuses is thrown. Signs and notes pass when it cannot read. */
async function examine(events: readonly LogEvent[]): Promise<void> {
  const day = dayNumber(events[0]!.at.slice(0, 10))
  const cautious = events.every((one) => CAUTIOUS.includes(one.kind))
  try {
    const reader = await fold()
    try {
      reader.plan(text + recordText(events), day)
    } catch (error) {
      if (!cautious) throw error
      reader.plan(recordText(events), day)
    }
  } catch (error) {
    if (error instanceof LoadwaveError ? error.name !== 'LW_ERR_PROTOCOL' || !cautious : !cautious) throw error
  }
}
const CAUTIOUS = ['symptom', 'adverse', 'note', 'condition', 'medicine', 'paused', 'screened']

/**
 * Adds events made on this device. The whole record with them is read by the engine first: what it refuses is thrown as a
 * LoadwaveError, and nothing is stored.
 */
export async function add(...events: LogEvent[]): Promise<void> {
  if (events.length === 0) return
  await examine(events)
  await base.events.bulkAdd(events.map((line): Row => ({ id: line.id, at: line.at, line, sent: 0, seq: null, here: true })))
  await openLog()
  tellOthers()
  afterAdd.forEach((run) => run())
}

/** Like add, for what a patient cannot void: counts at once, is written after a minute, may be taken back until then. */
export async function addSoon(...events: LogEvent[]): Promise<void> {
  if (events.length === 0) return
  await examine(events)
  const until = Date.now() + HOLD_MS
  await base.transaction('rw', base.kept, async () => {
    await keep('held', [...((await kept<Held[]>('held')) ?? []), ...events.map((line) => ({ line, until }))])
  })
  await openLog()
  tellOthers()
}
/** Drops held events again; false when their minute is over. */
export async function takeBackHeld(...ids: string[]): Promise<boolean> {
  let dropped = false
  await base.transaction('rw', base.kept, async () => {
    const held = (await kept<Held[]>('held')) ?? []
    const left = held.filter((one) => !ids.includes(one.line.id))
    dropped = left.length < held.length
    await keep('held', left)
  })
  await openLog()
  tellOthers()
  return dropped
}

/** The plan of a day from the record as it stands; kept until an event comes in. Throws a LoadwaveError (LW_ERR_NEWER …). */
export function planOn(day: string): Plan {
  const { plan, error } = tried(day)
  if (!plan) throw error
  return plan
}
function tried(day: string): { plan: Plan | null; error: unknown } {
  void log.version
  let found = plans.get(day)
  if (!found) {
    try {
      if (!folding) throw new Error('no engine')
      found = { plan: folding.planJson(text, day), error: null }
    } catch (error) {
      found = { plan: null, error }
    }
    plans.set(day, found)
  }
  return found
}
/** The plan of a day, or why there is none. Never throws. */
export function planOrWhy(day: string): { plan: Plan | null; problem: Problem | null; detail: string } {
  const { plan, error } = tried(day)
  const detail = error instanceof Error ? error.message : ''
  if (log.problem === 'storage') return { plan: null, problem: 'storage', detail }
  if (plan) return plan.valid_until < day ? { plan: null, problem: 'stale', detail: '' } : { plan, problem: null, detail: '' }
  if (log.problem) return { plan: null, problem: log.problem, detail }
  return { plan: null, problem: error instanceof LoadwaveError && error.name === 'LW_ERR_NEWER' ? 'newer' : 'record', detail }
}

/** Begins an empty record on this device, for a person without a clinic. */
export async function beginRecord(patient = `local-${freshId().slice(-12)}`): Promise<string> {
  await keep('patient', patient)
  await openLog()
  tellOthers()
  return patient
}
/** Takes the events of a record file in. Throws when they are of another person or cannot be read; then nothing is stored. */
export async function importRecord(file: string): Promise<number> {
  const lines = file.replace(/^\uFEFF/, '').split('\n').filter((line) => line.trim() !== '')
  const events = lines.map((line, at) => {
    try {
      const event = JSON.parse(line) as LogEvent
      if (typeof event.id !== 'string' || typeof event.at !== 'string' || typeof event.patient !== 'string') throw new Error()
      return { ...event, id: event.id.toLowerCase() }
    } catch {
      throw new LineError(at + 1)
    }
  })
  const reader = await fold()
  const patient = (await kept<string>('patient')) ?? log.events[0]?.patient
  if (events.length === 0) return 0
  if (patient && log.events.length > 0 && events.some((one) => one.patient !== patient)) throw new OtherPerson()
  try {
    reader.plan(text + recordText(events), dayNumber(events[0]!.at.slice(0, 10)))
  } catch (error) {
    if (!(error instanceof LoadwaveError && error.name === 'LW_ERR_NEWER')) throw error
  }
  const fresh = [...new Map(events.map((one) => [one.id, one])).values()].filter((one) => !log.rows.has(one.id))
  if (log.events.length === 0) await keep('patient', events[0]!.patient)
  await base.events.bulkPut(fresh.map((line): Row => ({ id: line.id, at: line.at, line, sent: 0, seq: null })))
  await openLog()
  tellOthers()
  afterAdd.forEach((run) => run())
  return fresh.length
}
export class LineError extends Error { constructor(readonly line: number) { super(`line ${line}`) } }
export class OtherPerson extends Error {}

/** Removes everything from this device. */
export async function eraseHere(): Promise<void> {
  clearTimeout(commitTimer)
  await base.transaction('rw', base.events, base.kept, async () => {
    await base.events.clear()
    await base.kept.clear()
  })
  folding = undefined
  await openLog()
  tellOthers()
}
