/**
 * Files that were chosen or dropped, as activities, by the reader in loadwave-watch.wasm: the same C as the program's, so that
 * both come to the same entries. It reads in a worker, one file after the other, archives and Apple's health export a piece at a
 * time; the page ends it when it should stop. Nothing leaves the device, and places are not kept.
 */
import { FOUND, loadWatch, WatchError } from '../../../../wasm/watch.mjs'
import wasmUrl from '../../../../build/loadwave-watch.wasm?url'
import { NotRead } from './notread'
import { localText, type Ask, type Finding, type Found, type Item, type Sport, type Table, type Told, type WatchSet } from './read'
import { members, open, pieces, unpack, type Member } from './zip'

type Activity = {
  sport: string; start: number; end: number; moving: number; cm: number | null; run: number | null; stretch: number | null
  ascent: number | null; top: number | null; samples: number; sets: number; notes: number; offset: number | null
  kind: string; hash: string; index: number; floating: boolean; pain_x100: number | null; route: string
}
type Answer = { activities: Activity[]; sets: WatchSet[]; findings: { what: number; line: number; detail: string }[]; more: number; notes: number; dialect: number; over: boolean }
type Watch = {
  fit(bytes: Uint8Array): Answer; begin(sport?: string): void; feed(bytes: Uint8Array, last: boolean): Answer; fileHash(): string
  join(workout: Activity): Activity; table(map: string, bytes: Uint8Array): Answer | null
  listing(bytes: Uint8Array, member: string): { sport: string; without: number }; hash(bytes: Uint8Array): string
}

const MIB = 1024 * 1024
/** Bytes of one recording or table; of a health export; unpacked of one archive's recordings; of a listing. */
const MOST = 64 * MIB
const HEALTH = 64 * 1024 * MIB
const ARCHIVE = 4 * 1024 * MIB
const LISTING = 16 * MIB
/** Activities of one import. */
const ACTIVITIES = 20_000
const HEALTH_DIALECT = 3
/** Bits of a note, with the sentence each has. */
const NOTES: [number, string][] = [[1, 'import.note.crc'], [2, 'import.note.truncated'], [4, 'import.note.broken'], [16, 'import.note.disorder'], [32, 'import.note.jumps'], [64, 'import.note.totals'], [128, 'import.note.trailing'], [256, 'import.note.more'], [512, 'import.note.fast'], [1024, 'import.note.gaps']]
const NO_CLOCK = 8
const TOTALS = 64

const worker = self as unknown as DedicatedWorkerGlobalScope
const tell = (told: Told) => worker.postMessage(told)

/** A reading under way: what it found so far, and how far it is. */
class Reading implements Found {
  items: Item[] = []
  findings: Finding[] = []
  tables: Table[] = []
  #unpacked = 0
  #told = 0

  constructor(readonly watch: Watch, readonly now: number) {}

  #find(from: string, id: string, line = 0, detail = ''): void {
    if (this.findings.length < 256) this.findings.push({ from, id, line, detail })
  }
  #caught(from: string, error: unknown): void {
    if (error instanceof NotRead) this.#find(from, error.id, error.line, error.detail)
    else this.#find(from, error instanceof RangeError || error instanceof WatchError ? 'import.found.memory' : 'import.found.unreadable')
  }
  #said(from: string, answer: Answer): void {
    for (const one of answer.findings) this.#find(from, `import.found.${FOUND[one.what] ?? 'unreadable'}`, one.line, one.detail)
  }
  /** Tells how far it is, five times a second at most. */
  #step(done: number, of: number): void {
    if (performance.now() - this.#told < 200) return
    this.#told = performance.now()
    tell({ done, of, found: this.items.length })
  }

  #take(from: string, one: Activity, hash: string, sets: WatchSet[]): void {
    if (this.items.length === ACTIVITIES) throw new NotRead('import.found.limit', String(ACTIVITIES))
    const minutes = Math.floor((one.moving + 30) / 60)
    const offset = one.floating ? -new Date(new Date(one.start * 1000).toISOString().slice(0, 19)).getTimezoneOffset() : one.offset
    const start = one.floating ? one.start - offset! * 60 : one.start // a local clock: the instant that it shows here
    const out = (one.notes & NO_CLOCK) !== 0 ? 'import.out.no_clock' : start > this.now / 1000 + 600 ? 'import.out.future' : minutes === 0 ? 'import.out.short' : minutes > 1440 ? 'import.out.long' : null
    this.items.push({
      key: `${one.kind}:${(one.hash || hash).slice(0, 16)}:${one.index}`, from, sport: (one.sport || null) as Sport | null, at: localText(start, offset), start, end: start + one.end - one.start, offset, minutes,
      km: one.cm === null ? null : Math.floor(one.cm / 1000) / 100, ascent_m: one.ascent, top_kmh: one.top === null ? null : Math.floor((one.top * 36) / 100) / 100,
      pain: one.pain_x100 === null ? null : one.pain_x100 / 100,
      run: one.run === null ? null : Math.floor(one.run / 60), stretch: one.stretch === null ? null : Math.floor(one.stretch / 60),
      sets, notes: NOTES.filter(([bit]) => (one.notes & bit) !== 0).map(([, id]) => id), samples: (one.notes & TOTALS) === 0,
      out: out === null ? null : { id: out, other: '' },
    })
  }

  /** GPX, TCX or a health export, from its first bytes on. Answers the workouts of a health export, which wait for their ways. */
  async #xml(from: string, first: Uint8Array, rest: AsyncGenerator<Uint8Array>, size: number, sport = ''): Promise<{ activities: Activity[]; health: boolean; hash: string }> {
    const activities: Activity[] = []
    const held: Uint8Array[] = [first]
    let length = first.length
    let fed = 0
    let answer: Answer | undefined
    const feed = (last: boolean) => {
      const whole = joined(held.splice(0), length)
      fed += length
      length = 0
      answer = this.watch.feed(whole, last)
      activities.push(...answer.activities)
      this.#said(from, answer)
      if (activities.length > ACTIVITIES) throw new NotRead('import.found.limit', String(ACTIVITIES))
      if (answer.dialect !== HEALTH_DIALECT && fed > MOST) throw new NotRead('import.found.limit')
    }
    this.watch.begin(sport)
    for await (const piece of rest) {
      held.push(piece)
      length += piece.length
      this.#step(fed + length, size)
      if (length >= 256 * 1024) feed(false)
      if (answer?.over) break
    }
    if (!answer?.over) feed(true)
    return { activities, health: answer!.dialect === HEALTH_DIALECT, hash: this.watch.fileHash() }
  }

  /** One stream of bytes, by its first ones. `packed` says that it came out of gzip, which may not hold gzip again. */
  async #stream(from: string, stream: ReadableStream<Uint8Array>, size: number, most: number, packed: boolean, sport = '', of = size): Promise<Activity[]> {
    const all = pieces(stream, size, most)
    let first = new Uint8Array(0)
    while (first.length < 64) {
      const { done, value } = await all.next()
      if (done) break
      first = joined([first, value], first.length + value.length)
    }
    const text = new TextDecoder().decode(first.subarray(0, 64))
    if (first.length >= 12 && text.slice(8, 12) === '.FIT') {
      const bytes = await whole(first, all, MOST)
      let found: Answer
      try {
        found = this.watch.fit(bytes)
      } catch (error) {
        throw new NotRead(error instanceof WatchError && error.answer && (error.answer.notes & 6) !== 0 ? 'import.found.broken' : 'import.found.no_activity')
      }
      const hash = this.watch.hash(bytes)
      for (const [at, one] of found.activities.entries()) this.#take(from, { ...one, sport: one.sport || sport }, hash, found.sets.filter((set) => set.activity === at))
      return []
    }
    if (first[0] === 0x1f && first[1] === 0x8b && !packed) {
      const bytes = await whole(first, all, most)
      return this.#stream(from, unpack(new Blob([bytes as BlobPart]), 'gzip'), bytes.length, most, true, sport)
    }
    if (/^\uFEFF?\s*</.test(text)) {
      const { activities, health, hash } = await this.#xml(from, first, all, of)
      if (health) return activities
      for (const one of activities) this.#take(from, { ...one, sport: one.sport || sport }, hash, [])
      return []
    }
    throw new NotRead('import.found.kind')
  }

  /** Takes workouts of a health export, each joined with the file of its way where `way` finds one. */
  async #workouts(from: string, list: Activity[], way?: (path: string, sport: string) => Promise<boolean>): Promise<void> {
    for (const [at, one] of list.entries()) {
      this.#step(at, list.length)
      const told = one.route && way ? await way(one.route, one.sport) : false
      this.#take(from, told ? this.watch.join(one) : one, '', [])
    }
  }

  /** A zip: a health export with its ways, or recordings, with the kinds of a Strava listing where they do not say theirs. */
  async #archive(file: File): Promise<void> {
    const list = await members(file)
    const names = new Map(list.map((one) => [one.name, one]))
    const exports = list.filter((one) => /(^|\/)export\.xml$|\/exportar\.xml$/.test(one.name))
    const stream = async (member: Member, most: number) => pieces((await open(file, member)).stream, member.packed, most)
    for (const member of exports) {
      try {
        const { stream: bytes, packed } = await open(file, member)
        const folder = member.name.slice(0, member.name.lastIndexOf('/') + 1)
        await this.#workouts(member.name, await this.#stream(member.name, bytes, packed, HEALTH, false, '', member.claims), async (path, sport) => {
          const at = names.get(folder + path.replace(/^\//, ''))
          if (!at) return false
          try {
            const all = await stream(at, MOST)
            const { activities } = await this.#xml(at.name, new Uint8Array(0), all, at.packed, sport)
            return activities.length === 1
          } catch (error) {
            this.#caught(at.name, error)
            return false
          }
        })
      } catch (error) {
        this.#caught(member.name, error)
      }
    }
    if (exports.length > 0) return
    const listed = list.find((one) => /(^|\/)activities\.csv$/.test(one.name))
    const listing = listed ? await whole(new Uint8Array(0), await stream(listed, LISTING), LISTING) : null
    const recordings = list.filter((one) => /\.(fit|gpx|tcx)(\.gz)?$/.test(one.name))
    for (const [at, member] of recordings.entries()) {
      try {
        this.#step(at, recordings.length)
        const short = member.name.slice(Math.max(0, member.name.indexOf('activities/')))
        const sport = listing && member.name.includes('activities/') ? this.watch.listing(listing, short).sport : ''
        const { stream: bytes, packed } = await open(file, member)
        this.#unpacked += packed
        if (this.#unpacked > ARCHIVE) throw new NotRead('import.found.packed')
        await this.#stream(member.name, bytes, packed, MOST, false, sport)
      } catch (error) {
        this.#caught(member.name, error)
      }
    }
    const without = listing ? this.watch.listing(listing, '').without : 0
    if (without > 0) this.#find(file.name, 'import.found.no_file', 0, String(without))
    if (recordings.length === 0) this.#find(file.name, 'import.found.no_activity')
  }

  /** Reads one file. */
  async file(file: File): Promise<void> {
    try {
      const head = new Uint8Array(await file.slice(0, 64).arrayBuffer())
      const start = new TextDecoder().decode(head)
      if (start.startsWith('PK\u0003\u0004')) await this.#archive(file)
      else if (head.length > 0 && !/^\uFEFF?\s*</.test(start) && !head.includes(0) && head[0]! >= 32 && head[0] !== 0x1f) this.tables.push(await peek(file))
      else await this.#workouts(file.name, await this.#stream(file.name, file.stream(), Math.max(file.size, 1), head[0] === 0x3c || start.startsWith('\uFEFF') ? HEALTH : MOST, false))
    } catch (error) {
      this.#caught(file.name, error)
    }
  }

  /** A table, now that its columns are named. */
  async table(file: File, map: string): Promise<void> {
    try {
      const bytes = new Uint8Array(await file.arrayBuffer())
      const answer = this.watch.table(map, bytes)
      if (!answer) throw new NotRead('import.found.map')
      this.#said(file.name, answer)
      for (const one of answer.activities) this.#take(file.name, one, '', [])
    } catch (error) {
      this.#caught(file.name, error)
    }
  }
}

function joined(parts: Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(size)
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0)
  return all
}
async function whole(first: Uint8Array, rest: AsyncGenerator<Uint8Array>, most: number): Promise<Uint8Array> {
  const parts = [first]
  let size = first.length
  for await (const part of rest) {
    parts.push(part)
    size += part.length
    if (size > most) throw new NotRead('import.found.limit')
  }
  return joined(parts, size)
}

/** The header of a table and its first rows, to be shown beside the question which column is what. */
async function peek(file: File): Promise<Table> {
  if (file.size > MOST) throw new NotRead('import.found.limit')
  const text = (await file.slice(0, 65536).text()).replace(/^\uFEFF/, '')
  const line = text.split(/[\r\n]/, 1)[0]!
  const many = (c: string) => line.split(c).length
  const by = many(';') > many(',') && many(';') >= many('\t') ? ';' : many('\t') > many(',') ? '\t' : ','
  const rows: string[][] = [[]]
  for (const [, quoted, plain, end] of text.matchAll(new RegExp(`(?:"((?:[^"]|"")*)"|([^${by}\\r\\n]*))(${by}|\\r\\n|\\r|\\n|$)`, 'g'))) {
    rows.at(-1)!.push((quoted?.replace(/""/g, '"') ?? plain ?? '').slice(0, 40))
    if (end !== by) { if (rows.length === 4 || end === '') break; rows.push([]) }
  }
  const [header = [], ...more] = rows
  if (header.length < 2) throw new NotRead('import.found.kind')
  return { file, header: header.slice(0, 256), rows: more.filter((row) => row.length > 1) }
}

worker.addEventListener('message', async ({ data: { files, map, now, life } }: MessageEvent<Ask>) => {
  try {
    // held as long as this worker lives: the page is given it when the worker has died, which browsers do not tell otherwise
    if (navigator.locks) await new Promise<void>((held) => void navigator.locks.request(life, () => (held(), new Promise(() => undefined))))
    tell('alive')
    const reading = new Reading((await loadWatch(await (await fetch(wasmUrl)).arrayBuffer())) as Watch, now)
    for (const file of files) await (map === undefined ? reading.file(file) : reading.table(file, map))
    tell({ items: reading.items, findings: reading.findings, tables: reading.tables })
  } catch {
    tell('failed')
  }
})
