/**
 * The record on this device: an append-only set of events in IndexedDB, and what is folded from it.
 *
 * An event is stored here before anything else happens with it. Where a clinic is connected, what it has not acknowledged is
 * the outbox (sent = 0); sync.ts delivers it. Nothing is ever changed or taken out, except when the person erases everything.
 */
import Dexie, { type Table } from 'dexie'
import { dayNumber } from './clock'
import { engine, type Engine } from './engine'
import { recordText, type LogEvent } from './events'
import type { Plan } from './plan'

type Row = { id: string; at: string; line: LogEvent; sent: 0 | 1; seq: number | null }

class Base extends Dexie {
  events!: Table<Row, string>
  kept!: Table<{ name: string; value: unknown }, string>
  constructor() {
    super('loadwave')
    this.version(1).stores({ events: 'id, sent, seq', kept: 'name' })
  }
}
export const base = new Base()

export const log = $state<{ ready: boolean; patient: string | null; events: LogEvent[]; unsent: number; version: number }>({
  ready: false, patient: null, events: [], unsent: 0, version: 0,
})
let folding: Engine | undefined
let plans = new Map<string, Plan>()

/** A small setting of this device. */
export const keep = (name: string, value: unknown) => base.kept.put({ name, value })
export const kept = async <T>(name: string): Promise<T | undefined> => (await base.kept.get(name))?.value as T | undefined

/** Reads everything; call it again after another tab or a delivery changed the base. */
export async function openLog(): Promise<void> {
  folding ??= await engine(await kept<string>('protocol'))
  const rows = await base.events.toArray()
  log.patient = (await kept<string>('patient')) ?? rows[0]?.line.patient ?? null
  log.events = rows.map((row) => row.line)
  log.unsent = rows.filter((row) => row.sent === 0).length
  plans = new Map()
  log.version++
  log.ready = true
}

/**
 * Adds events made on this device. The whole record with them is read by the engine first: what it refuses is thrown as a
 * LoadwaveError, and nothing is stored.
 */
export async function add(...events: LogEvent[]): Promise<void> {
  folding ??= await engine(await kept<string>('protocol'))
  folding.plan(recordText([...log.events, ...events]), dayNumber(events[0]!.at.slice(0, 10)))
  await base.events.bulkAdd(events.map((line) => ({ id: line.id, at: line.at, line, sent: 0, seq: null })))
  await openLog()
}

/** The plan of a day from the record as it stands; kept until an event comes in. Throws a LoadwaveError (LW_ERR_NEWER …). */
export function planOn(day: string): Plan {
  void log.version
  let plan = plans.get(day)
  if (!plan) plans.set(day, (plan = folding!.planJson(recordText(log.events), day)))
  return plan
}
