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
