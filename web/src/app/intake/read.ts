/**
 * A file that was chosen or dropped, as activities: FIT by the reader in loadwave-watch.wasm; GPX and TCX by the browser's own
 * parser, whose texts the same reader turns into numbers. Nothing leaves the device, and places are not kept.
 */
import { loadWatch, WatchError } from '../../../../wasm/watch.mjs'
import wasmUrl from '../../../../build/loadwave-watch.wasm?url'
import { nowText } from '../../lib/clock'
import { effective, localDay, type LogEvent } from '../../lib/events'

type Found = {
  activities: {
    sport: string; start: number; end: number; moving: number; cm: number | null; run: number | null; stretch: number | null
    ascent: number | null; top: number | null; samples: number; sets: number; notes: number; offset: number | null
  }[]
  sets: { activity: number; reps: number | null; grams: number | null; ms: number | null }[]
  notes: number
  routes: number
}
type Watch = { fit(bytes: Uint8Array): Found; track(lines: string): Found; hash(bytes: Uint8Array): string }

/** Bytes of one file, unpacked. */
const MOST = 64 * 1024 * 1024
export const SPORTS = ['run', 'walk', 'cycle', 'swim', 'drive', 'sit', 'sport'] as const
export type Sport = (typeof SPORTS)[number]
/** Bits of a note, with the sentence each has. */
const NOTES: [number, string][] = [[1, 'import.note.crc'], [2, 'import.note.truncated'], [4, 'import.note.broken'], [16, 'import.note.disorder'], [32, 'import.note.jumps'], [64, 'import.note.totals'], [128, 'import.note.trailing'], [256, 'import.note.more']]
const NO_CLOCK = 8

/** Why a file was not read; a sentence's id. */
export class NotRead extends Error {}

export type Item = {
  key: string
  from: string
  sport: Sport | null
  at: string
  start: number
  end: number
  minutes: number
  km: number | null
  ascent_m: number | null
  top_kmh: number | null
  /** Minutes faster than a walk, and the longest stretch of it; null when nothing tells. */
  run: number | null
  stretch: number | null
  sets: { reps: number | null; grams: number | null; ms: number | null }[]
  notes: string[]
  samples: boolean
  /** Why it is not for the record: a sentence's id and its argument. */
  out: { id: string; other: string } | null
}

let once: Promise<Watch> | undefined
const reader = () => (once ??= fetch(wasmUrl).then(async (answer) => (await loadWatch(await WebAssembly.compile(await answer.arrayBuffer()))) as Watch))

async function unpacked(file: File): Promise<Uint8Array> {
  if (file.size > MOST) throw new NotRead('import.found.limit')
  const bytes = new Uint8Array(await file.arrayBuffer())
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  if (typeof DecompressionStream === 'undefined') throw new NotRead('intake.unpack')
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')).getReader()
  const parts: Uint8Array[] = []
  let size = 0
  try {
    for (;;) {
      const { done, value } = await stream.read()
      if (done) break
      size += value.length
      if (size > MOST) throw new NotRead('import.found.packed')
      parts.push(value)
    }
  } catch (error) {
    throw error instanceof NotRead ? error : new NotRead('import.found.unreadable')
  } finally {
    stream.cancel().catch(() => undefined)
  }
  const whole = new Uint8Array(size)
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0)
  return whole
}

const flat = (text: string | null | undefined) => (text ?? '').replace(/[\t\n\r]+/g, ' ').trim()
/** The text of the first child of that name, whatever its prefix. */
const child = (parent: Element, name: string): string => {
  for (const one of parent.children) if (one.localName === name) return flat(one.textContent)
  return ''
}
const named = (parent: Document | Element, name: string): Element[] => [...parent.getElementsByTagNameNS('*', name)]

/** What is in a GPX or TCX file, as the lines that the reader takes. */
function lines(text: string): { lines: string; kind: 'gpx' | 'tcx' } {
  // a document type can hold entities that grow without end or point elsewhere: it is refused before anything is parsed
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) throw new NotRead('import.found.entity')
  const xml = new DOMParser().parseFromString(text, 'application/xml')
  if (xml.getElementsByTagName('parsererror').length > 0) throw new NotRead('import.found.broken')
  const root = xml.documentElement.localName
  const out: string[] = []
  if (root === 'gpx') {
    for (const track of named(xml, 'trk')) {
      out.push(`a\t${child(track, 'type')}`)
      for (const segment of named(track, 'trkseg')) {
        out.push('s')
        for (const point of named(segment, 'trkpt')) out.push(['p', flat(point.getAttribute('lat')), flat(point.getAttribute('lon')), child(point, 'ele'), child(point, 'time'), ''].join('\t'))
      }
    }
    return { lines: out.join('\n'), kind: 'gpx' }
  }
  if (root !== 'TrainingCenterDatabase') throw new NotRead('import.found.kind')
  for (const activity of named(xml, 'Activity')) {
    out.push(`a\t${flat(activity.getAttribute('Sport'))}`)
    for (const lap of named(activity, 'Lap')) {
      for (const point of named(lap, 'Trackpoint')) {
        const place = [...point.children].find((one) => one.localName === 'Position')
        out.push(['p', place ? child(place, 'LatitudeDegrees') : '', place ? child(place, 'LongitudeDegrees') : '', child(point, 'AltitudeMeters'), child(point, 'Time'), child(point, 'DistanceMeters')].join('\t'))
      }
      out.push(['l', flat(lap.getAttribute('StartTime')), child(lap, 'TotalTimeSeconds'), child(lap, 'DistanceMeters')].join('\t'))
    }
  }
  return { lines: out.join('\n'), kind: 'tcx' }
}

const two = (value: number) => String(value).padStart(2, '0')
/** RFC 3339 of an instant in a zone so many minutes ahead; this device's own zone when the file names none. */
function localText(second: number, offset: number | null): string {
  if (offset === null) return nowText(new Date(second * 1000))
  const size = Math.abs(offset)
  return `${new Date((second + offset * 60) * 1000).toISOString().slice(0, 19)}${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}

/** Reads one file. Throws NotRead with a sentence's id. */
export async function readFile(file: File): Promise<Item[]> {
  const [bytes, watch] = await Promise.all([unpacked(file), reader()])
  let found: Found
  let kind = 'fit'
  if (bytes.length >= 12 && String.fromCharCode(...bytes.subarray(8, 12)) === '.FIT') {
    try {
      found = watch.fit(bytes)
    } catch (error) {
      throw new NotRead(error instanceof WatchError && error.answer && (error.answer.notes & 6) !== 0 ? 'import.found.broken' : 'import.found.no_activity')
    }
  } else {
    const text = new TextDecoder().decode(bytes)
    if (!/^\s*</.test(text)) throw new NotRead('intake.kind')
    const read = lines(text)
    kind = read.kind
    found = watch.track(read.lines)
    if (found.activities.length === 0) throw new NotRead(found.routes > 0 ? 'import.found.no_time' : 'import.found.no_activity')
  }
  const hash = watch.hash(bytes).slice(0, 16)
  return found.activities.map((one, at): Item => {
    const minutes = Math.floor((one.moving + 30) / 60)
    const out = (one.notes & NO_CLOCK) !== 0 ? 'import.out.no_clock' : one.start > Date.now() / 1000 + 600 ? 'import.out.future' : minutes === 0 ? 'import.out.short' : minutes > 1440 ? 'import.out.long' : null
    return {
      key: `${kind}:${hash}:${at}`, from: file.name, sport: (one.sport || null) as Sport | null, at: localText(one.start, one.offset), start: one.start, end: one.end, minutes,
      km: one.cm === null ? null : Math.floor(one.cm / 1000) / 100, ascent_m: one.ascent, top_kmh: one.top === null ? null : Math.floor((one.top * 36) / 100) / 100,
      run: one.run === null ? null : Math.floor(one.run / 60), stretch: one.stretch === null ? null : Math.floor(one.stretch / 60),
      sets: found.sets.filter((set) => set.activity === at), notes: NOTES.filter(([bit]) => (one.notes & bit) !== 0).map(([, id]) => id), samples: one.samples > 0,
      out: out === null ? null : { id: out, other: '' },
    }
  })
}

const span = (event: LogEvent): [number, number] => [Date.parse(event.at) / 1000, Date.parse(event.at) / 1000 + Number(event.data.minutes ?? 0) * 60]
/** Whether two spans share half of the shorter or more. */
const overlap = ([a, aEnd]: [number, number], [b, bEnd]: [number, number]): boolean => {
  const shared = Math.min(aEnd, bEnd) - Math.max(a, b)
  return shared > 0 && 2 * shared >= Math.min(aEnd - a, bEnd - b)
}

/** Minutes of an entry of that day and kind that was made by hand, where there is one. */
export function byHand(item: Item, events: readonly LogEvent[]): string | null {
  const found = effective(events).find((event) => event.kind === 'activity' && !event.data.source && localDay(event) === item.at.slice(0, 10) && event.data.type === item.sport)
  return found ? String(found.data.minutes) : null
}

/** Marks what the record holds already, and of two recordings of one time the one that knows less. The newest first. */
export function compare(items: Item[], events: readonly LogEvent[]): Item[] {
  const known = effective(events).filter((event) => event.kind === 'activity')
  const sorted = [...items].sort((a, b) => a.start - b.start)
  for (const [at, item] of sorted.entries()) {
    if (item.out) continue
    for (const event of known) {
      const source = event.data.source as string | undefined
      if (source?.startsWith(`${item.key}:`)) item.out = { id: 'import.out.same', other: '' }
      else if (source && overlap([item.start, item.end], span(event))) item.out = { id: 'import.out.overlap', other: source }
      if (item.out) break
    }
    const other = item.out ? null : byHand(item, events)
    if (other !== null) item.out = { id: 'intake.by_hand', other }
    const worth = (one: Item) => (one.samples ? 2 : 0) + (one.km !== null ? 1 : 0)
    for (const before of sorted.slice(0, at)) {
      if (item.out || before.out) continue
      const same = before.key === item.key
      if (!same && !overlap([item.start, item.end], [before.start, before.end])) continue
      const [loser, winner] = !same && worth(item) > worth(before) ? [before, item] : [item, before]
      loser.out = { id: same ? 'import.out.same' : 'import.out.overlap', other: winner.from }
    }
  }
  return sorted.reverse()
}

/** The import that an entry came with: the last part of its source. */
export const importOf = (event: LogEvent): string | null => {
  const parts = String(event.data.source ?? '').split(':')
  return event.kind === 'activity' && parts.length === 4 && parts[3]!.length === 8 ? parts[3]! : null
}
