/** What a reading finds, and what the record holds of it already. The page and its worker (import.worker.ts) share it. */
import { nowText } from '../../lib/clock'
import { effective, localDay, type LogEvent } from '../../lib/events'

export type WatchSet = { activity: number; reps: number | null; grams: number | null; ms: number | null; start: number | null; category: number | null; name: number | null }
export const SPORTS = ['run', 'walk', 'cycle', 'swim', 'drive', 'sit', 'sport'] as const
export type Sport = (typeof SPORTS)[number]
export type Item = {
  key: string
  from: string
  sport: Sport | null
  at: string
  start: number
  end: number
  offset: number | null
  minutes: number
  km: number | null
  ascent_m: number | null
  top_kmh: number | null
  pain: number | null
  /** Minutes faster than a walk, and the longest stretch of it; null when nothing tells. */
  run: number | null
  stretch: number | null
  sets: WatchSet[]
  notes: string[]
  samples: boolean
  /** Why it is not for the record: a sentence's id and its argument. */
  out: { id: string; other: string } | null
}
export type Finding = { from: string; id: string; line: number; detail: string }
/** A table whose columns have to be named first. */
export type Table = { file: File; header: string[]; rows: string[][] }

export type Found = { items: Item[]; findings: Finding[]; tables: Table[] }
/** What the worker is told: files, or one table with the names of its columns; now, in ms; and the name of the lock that it holds as long as it lives. */
export type Ask = { files: File[]; map?: string; now: number; life: string }
export type Progress = { done: number; of: number; found: number }
/** What it tells: that it holds its lock, how far it is, all that it found, or that it cannot. */
export type Told = 'alive' | 'failed' | Progress | Found

const two = (value: number) => String(value).padStart(2, '0')
/** RFC 3339 of an instant in a zone so many minutes ahead; this device's own zone when the file names none. */
export function localText(second: number, offset: number | null): string {
  if (offset === null) return nowText(new Date(second * 1000))
  const size = Math.abs(offset)
  return `${new Date((second + offset * 60) * 1000).toISOString().slice(0, 19)}${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}

const span = (event: LogEvent): [number, number] => [Date.parse(event.at) / 1000, Date.parse(event.at) / 1000 + Number(event.data.minutes ?? 0) * 60]
/** Whether two spans share half of the shorter or more. */
const overlap = ([a, aEnd]: [number, number], [b, bEnd]: [number, number]): boolean => {
  const shared = Math.min(aEnd, bEnd) - Math.max(a, b)
  return shared > 0 && 2 * shared >= Math.min(aEnd - a, bEnd - b)
}

/** Minutes of an entry of that day and kind that was made by hand, where there is one. */
export function byHand(item: Item, known: readonly LogEvent[]): string | null {
  const found = known.find((event) => event.kind === 'activity' && !event.data.source && localDay(event) === item.at.slice(0, 10) && event.data.type === item.sport)
  return found ? String(found.data.minutes) : null
}

/** Marks what the record holds already, and of two recordings of one time the one that knows less. known: effective events. The newest first. */
export function compare(items: Item[], known: readonly LogEvent[]): Item[] {
  const imported = known.flatMap((event) => (event.kind === 'activity' && event.data.source ? [{ source: String(event.data.source), span: span(event) }] : []))
  const days = new Map<string, LogEvent[]>()
  for (const event of known) if (event.kind === 'activity' && !event.data.source) days.set(localDay(event), [...(days.get(localDay(event)) ?? []), event])
  const sorted = [...items].sort((a, b) => a.start - b.start)
  const worth = (one: Item) => (one.samples ? 2 : 0) + (one.km !== null ? 1 : 0)
  let open: Item[] = [] // earlier ones that are not over yet
  for (const item of sorted) {
    open = open.filter((before) => before.end > item.start)
    if (item.out) continue
    const held = imported.find(({ source, span }) => source.startsWith(`${item.key}:`) || overlap([item.start, item.end], span))
    if (held) item.out = held.source.startsWith(`${item.key}:`) ? { id: 'import.out.same', other: '' } : { id: 'import.out.overlap', other: held.source }
    const other = item.out ? null : byHand(item, days.get(item.at.slice(0, 10)) ?? [])
    if (other !== null) item.out = { id: 'intake.by_hand', other }
    for (const before of open) {
      if (item.out || before.out) continue
      const same = before.key === item.key
      if (!same && !overlap([item.start, item.end], [before.start, before.end])) continue
      const [loser, winner] = !same && worth(item) > worth(before) ? [before, item] : [item, before]
      loser.out = { id: same ? 'import.out.same' : 'import.out.overlap', other: winner.from }
    }
    if (!item.out) open.push(item)
  }
  return sorted.reverse()
}

/** What an entry was read from, where it came with an import: the rest of its source, after it, names the import. */
const sourceOf = (event: LogEvent): string => String((event.kind === 'activity' ? event.data.source : event.kind === 'exercise' ? event.data.x_source : '') ?? '')
/** The import that an entry came with: the last part of its source. */
export const importOf = (event: LogEvent): string | null => {
  const parts = sourceOf(event).split(':')
  return parts.length === 4 && parts[3]!.length === 8 ? parts[3]! : null
}
