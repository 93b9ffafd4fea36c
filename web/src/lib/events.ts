/** Making events of the record (docs/format/record.md). */
import { freshId, nowText } from './clock'

/** One event as it stands on a line. data is by kind; src/generated/events.ts has the types. */
export type LogEvent = { v: 1; id: string; patient: string; kind: string; at: string; by: string; received?: string; data: Record<string, unknown> }

/** A new event, now, by `by` ("patient", "clinician:ID"). Members of data that are undefined are left out. */
export function makeEvent(patient: string, kind: string, data: Record<string, unknown>, by = 'patient', at = nowText()): LogEvent {
  return { v: 1, id: freshId(), patient, kind, at, by, data: Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined && value !== null)) }
}
export const localDay = (event: { at: string }): string => event.at.slice(0, 10)
/** Events as a record's text. */
export const recordText = (events: readonly LogEvent[]): string => events.map((event) => JSON.stringify(event) + '\n').join('')

/** Events in the record's order (instant, id), repeats dropped, voided ones and voids left out: for reading, not for folding. */
export function effective(events: readonly LogEvent[]): LogEvent[] {
  const gone = new Set(events.filter((event) => event.kind === 'void').map((event) => String(event.data.event)))
  const seen = new Set<string>()
  return events
    .filter((event) => event.kind !== 'void' && !gone.has(event.id) && !seen.has(event.id) && seen.add(event.id))
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || (a.id < b.id ? -1 : 1))
}

/** Whether a patient may take this back by a void (docs/format/record.md, `void`). */
export function voidable(event: LogEvent): boolean {
  if (event.by !== 'patient' || ['symptom', 'condition', 'medicine', 'void'].includes(event.kind)) return false
  return event.kind !== 'screened' || (event.data.flags as unknown[] | undefined)?.length === 0
}

/** Events whose red flags are open as far as can be read without the engine: what a clinic has to be told. */
export function flagEvents(events: readonly LogEvent[]): LogEvent[] {
  const all = effective(events)
  const cleared = new Set(all.filter((event) => event.kind === 'cleared').flatMap((event) => event.data.events as string[]))
  return all.filter((event) => !cleared.has(event.id) && (event.kind === 'symptom' || (event.kind === 'screened' && (event.data.flags as string[]).length > 0)))
}

/** A patient's acceptance counts only where nobody supervises: the latest start is the patient's, and no clinician wrote since. */
export function supervised(events: readonly LogEvent[]): boolean {
  const all = effective(events)
  const start = all.map((event) => event.kind).lastIndexOf('started')
  if (start < 0) return all.some((event) => event.by.startsWith('clinician:'))
  return all.slice(start).some((event) => event.by.startsWith('clinician:'))
}

export type Pair = { here: LogEvent; there: LogEvent }
/**
 * The same exercise, side and local day logged here and on another device within an hour of each other: likely one session
 * written twice. `isHere` says which events were made on this device; `settled` holds pairs the person said are both right.
 */
export function doubles(events: readonly LogEvent[], isHere: (id: string) => boolean, settled: ReadonlySet<string>): Pair[] {
  const mine = effective(events).filter((event) => event.kind === 'exercise' && event.by === 'patient' && !event.data.skip)
  const there = mine.filter((event) => !isHere(event.id))
  const used = new Set<string>()
  return mine.filter((event) => isHere(event.id)).flatMap((here) => {
    const other = there.find((one) => !used.has(one.id) && localDay(one) === localDay(here) && one.data.exercise === here.data.exercise
      && (one.data.side ?? 'both') === (here.data.side ?? 'both') && Math.abs(Date.parse(one.at) - Date.parse(here.at)) < 3600000 && !settled.has(pairKey(one.id, here.id)))
    if (!other) return []
    used.add(other.id)
    return [{ here, there: other }]
  })
}
export const pairKey = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`)
