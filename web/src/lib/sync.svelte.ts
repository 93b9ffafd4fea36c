/**
 * The record here and the clinic's: a union of two event sets. Pull pages after the last sequence number, push the outbox in
 * batches, again and again until both are equal; deliveries may repeat, the clinic ignores what it has. One tab at a time
 * does it (Web Locks); live changes come as server-sent events while the page is seen.
 *
 * An event that the clinic refuses must not stop the others: a refused batch is halved until the one is alone, and that one
 * stays on this device with the reason (sent 2).
 */
import { ApiProblem, about, events as fetchEvents, eventsAdd, live, patient as fetchPatient, protocolText, signOut as apiSignOut, type Me } from '../generated/api'
import { today } from './clock'
import { builtinProtocol } from './engine'
import type { LogEvent } from './events'
import { afterAdd, base, eraseHere, keep, kept, log, openLog, tellOthers, type Row } from './log.svelte'

/** The clinic that this device belongs to, as kept. */
export type Link = { patient: string; account: string; name: string; clinic: string; clinicId: string; country: string }
/** idle: all is delivered. waiting: another try later. signed_out: the sign-in is over, work goes on here. ended: the clinic no longer has this record. */
export type State = 'idle' | 'busy' | 'waiting' | 'signed_out' | 'ended'

export const sync = $state<{
  link: Link | null; state: State; online: boolean; lastMs: number | null; skewMs: number | null; nextTryMs: number | null; problem: string | null
}>({ link: null, state: 'idle', online: navigator.onLine, lastMs: null, skewMs: null, nextTryMs: null, problem: null })

const BATCH = 200
const BATCH_CHARS = 400000
const SKEW_EVERY = 15 * 60000
let timer: ReturnType<typeof setTimeout> | undefined
let tries = 0
let again = false
let running = false
let stream: EventSource | null = null
let lookedAt = 0

const linkOf = (me: Me, country: string): Link => ({ patient: me.patient!, account: me.account, name: me.name, clinic: me.clinic?.name ?? '', clinicId: me.clinic?.id ?? '', country: me.clinic?.country || country })

export class OtherRecord extends Error {}

/** Connects this device with what a sign-in says. Throws OtherRecord when the record here is another clinic patient's. */
export async function connect(me: Me): Promise<void> {
  if (!me.patient) throw new OtherRecord()
  const old = await kept<Link>('link')
  if (log.events.some((event) => event.patient !== me.patient)) throw new OtherRecord()
  await keep('link', linkOf(me, old?.country ?? ''))
  await keep('patient', me.patient)
  await keep('signedOut', false)
  sync.link = linkOf(me, old?.country ?? '')
  sync.state = 'waiting'
  await openLog()
  await run()
}

/** Moves a record that was only on this device into the clinic's: facts go along, what starts or steers a programme does not. */
export async function takeAlong(patient: string): Promise<void> {
  const leave = ['started', 'settings', 'accepted', 'authority', 'override', 'decided']
  await base.transaction('rw', base.events, async () => {
    const rows = await base.events.toArray()
    await base.events.clear()
    await base.events.bulkPut(rows.filter((row) => !leave.includes(row.line.kind) && row.line.by === 'patient')
      .map((row) => ({ ...row, line: { ...row.line, patient }, sent: 0 as const, seq: null })))
  })
  await keep('patient', patient)
  await keep('head', 0)
}

/** Starts delivering; call once. */
export async function startSync(): Promise<void> {
  sync.link = (await kept<Link>('link').catch(() => undefined)) ?? null
  sync.lastMs = (await kept<number>('syncedMs').catch(() => undefined)) ?? null
  if (await kept<boolean>('signedOut').catch(() => false)) sync.state = 'signed_out'
  addEventListener('online', () => { sync.online = true; tries = 0; soon(300) })
  addEventListener('offline', () => { sync.online = false; closeStream() })
  document.addEventListener('visibilitychange', () => (document.visibilityState === 'visible' ? soon(200) : closeStream()))
  addEventListener('pagehide', lastWords)
  afterAdd.add(() => { tries = 0; soon(50) })
  setInterval(() => { if (document.visibilityState === 'visible') soon(0) }, 60000)
  soon(0)
}

function soon(ms: number): void {
  clearTimeout(timer)
  sync.nextTryMs = Date.now() + ms
  timer = setTimeout(() => void run(), ms)
}

/** Delivers and fetches now; afterwards the base is up to date or sync.state says why not. */
export async function run(): Promise<void> {
  if (running) { again = true; return }
  if (!navigator.onLine) { sync.online = false; return }
  running = true
  try {
    await lookAtClock()
    if (sync.link && sync.state !== 'signed_out' && sync.state !== 'ended') await oneTab(deliver)
  } finally {
    running = false
    if (again) { again = false; soon(50) }
  }
}
/** Tries again now, also after signing in. */
export async function retry(): Promise<void> {
  tries = 0
  if (sync.state === 'ended') sync.state = 'waiting'
  await base.events.where('sent').equals(2).modify({ sent: 0 })
  await openLog()
  await run()
}

async function oneTab(work: () => Promise<void>): Promise<void> {
  if (!navigator.locks) return work()
  await navigator.locks.request('loadwave-sync', { ifAvailable: true }, async (lock) => {
    if (lock) await work()
    else soon(2000) // another tab is at it, perhaps with what stood there before this one's
  })
}

async function deliver(): Promise<void> {
  sync.state = 'busy'
  let changed = false
  try {
    await useClinicProtocol()
    changed = (await pull()) || changed
    const refused = await base.events.where('sent').equals(2).filter((row) => row.refused?.code === 'LW_ERR_FUTURE').toArray()
    if (refused.length > 0) await base.events.bulkPut(refused.map((row) => ({ ...row, sent: 0 as const })))
    const waiting = (await base.events.where('sent').equals(0).toArray()).sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
    if (waiting.length > 0) {
      changed = true
      for (const batch of batches(waiting)) await push(batch)
      await pull()
    }
    tries = 0
    sync.state = 'idle'
    sync.problem = null
    sync.nextTryMs = null
    sync.lastMs = Date.now()
    await keep('syncedMs', sync.lastMs)
    openStream()
  } catch (error) {
    const problem = error instanceof ApiProblem ? error : null
    if (problem?.status === 401) {
      sync.state = 'signed_out'
      closeStream()
    } else if (problem && (problem.status === 410 || problem.status === 404)) {
      sync.state = 'ended'
      closeStream()
    } else {
      sync.state = 'waiting'
      const wait = Math.min(300, 2 ** Math.min(tries++, 8)) * (0.75 + Math.random() / 2)
      soon(Math.max(problem?.retryAfter ?? 0, wait) * 1000)
    }
    sync.problem = problem ? problem.code : 'LW_ERR_IO'
  }
  await openLog()
  if (changed) tellOthers()
}

/** Whether anything came. */
async function pull(): Promise<boolean> {
  let came = false
  let last = (await kept<number>('head')) ?? 0
  for (;;) {
    const page = await fetchEvents(sync.link!.patient, { after: last, limit: 500 })
    const rows: Row[] = []
    const known = await base.events.bulkGet(page.events.map((one) => String(one.event.id)))
    for (const [at, one] of page.events.entries()) {
      const line = one.event as unknown as LogEvent
      const old = known[at]
      rows.push({ id: line.id, at: line.at, line: old?.line ?? line, sent: 1, seq: one.seq, here: old?.here ?? false, told: old?.told ?? (Date.parse(one.received) || Date.now()) })
      came ||= !old || old.sent !== 1
    }
    last = Math.max(last, page.last)
    await base.transaction('rw', base.events, base.kept, async () => {
      await base.events.bulkPut(rows)
      await keep('head', last)
    })
    if (!page.more || page.events.length === 0) return came
  }
}

function* batches(rows: readonly Row[]): Generator<Row[]> {
  let batch: Row[] = []
  let size = 0
  for (const row of rows) {
    const length = JSON.stringify(row.line).length
    if (batch.length > 0 && (batch.length >= BATCH || size + length > BATCH_CHARS)) {
      yield batch
      batch = []
      size = 0
    }
    batch.push(row)
    size += length
  }
  if (batch.length > 0) yield batch
}

/** What belongs to one event, not to the connection or the sign-in. */
const isRefusal = (problem: ApiProblem) =>
  problem.status >= 400 && problem.status < 500 && !problem.retryable && ![401, 404, 408, 410, 429].includes(problem.status) && !['LW_ERR_FORBIDDEN', 'LW_ERR_ORIGIN', 'LW_ERR_SECOND_FACTOR'].includes(problem.code)

async function push(batch: readonly Row[]): Promise<void> {
  const queue: Row[][] = [[...batch]]
  while (queue.length > 0) {
    const rows = queue.shift()!
    const lines = rows.map((row) => row.line)
    const wanted = lines.some((line) => line.kind === 'checkin' && line.at.startsWith(today())) ? today() : undefined
    try {
      try {
        await eventsAdd(sync.link!.patient, { events: lines, plan_on: wanted })
      } catch (error) {
        if (!wanted || !(error instanceof ApiProblem) || !isRefusal(error)) throw error
        await eventsAdd(sync.link!.patient, { events: lines })
      }
      const told = Date.now()
      await base.events.bulkPut(rows.map(({ refused: _, ...row }) => ({ ...row, sent: 1 as const, told })))
    } catch (error) {
      if (!(error instanceof ApiProblem) || !isRefusal(error)) throw error
      if (rows.length === 1) {
        await base.events.put({ ...rows[0]!, sent: 2, refused: { code: error.code, detail: error.detail } })
      } else {
        const half = Math.ceil(rows.length / 2)
        queue.unshift(rows.slice(0, half), rows.slice(half))
      }
    }
  }
}

/** The last try of a page that goes away: delivering twice does no harm. */
function lastWords(): void {
  closeStream()
  if (!sync.link || sync.state === 'signed_out' || sync.state === 'ended' || !navigator.onLine || log.unsent === 0) return
  const lines = [...log.rows.values()].filter((row) => row.sent === 0).slice(0, 40).map((row) => row.line)
  if (lines.length > 0) eventsAdd(sync.link.patient, { events: lines }, { keepalive: true }).catch(() => undefined)
}

/** The protocol version that the clinic treats this person by. */
async function useClinicProtocol(): Promise<void> {
  const about_ = await fetchPatient(sync.link!.patient)
  const own = await kept<string>('protocolSha')
  if (about_.country && about_.country !== sync.link!.country) {
    sync.link = { ...sync.link!, country: about_.country }
    await keep('link', $state.snapshot(sync.link))
  }
  if (!about_.protocol_sha256 || about_.protocol_sha256 === own) return
  const builtin = await digest(await builtinProtocol())
  await keep('protocol', builtin === about_.protocol_sha256 ? undefined : await protocolText(about_.protocol_sha256))
  await keep('protocolSha', about_.protocol_sha256)
}
async function digest(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** How far this device's clock is from the server's: looked at now and then, also without a clinic. */
async function lookAtClock(): Promise<void> {
  if (Date.now() - lookedAt < SKEW_EVERY && Date.now() >= lookedAt) return
  try {
    const before = Date.now()
    const answer = await about()
    const after = Date.now()
    lookedAt = after
    sync.online = true
    sync.skewMs = (before + after) / 2 - answer.now_s * 1000
  } catch (error) {
    sync.online = navigator.onLine && !(error instanceof ApiProblem && error.status === 0)
  }
}

function openStream(): void {
  if (stream || document.visibilityState !== 'visible') return
  stream = live((change) => { if (change.patient === sync.link?.patient) soon(150) })
  stream.onerror = () => { if (stream?.readyState === EventSource.CLOSED) stream = null }
}
function closeStream(): void {
  stream?.close()
  stream = null
}

/** Ends the sign-in here. keepHere: the record stays on this device; else it is erased. */
export async function signOut(keepHere: boolean): Promise<void> {
  closeStream()
  await apiSignOut().catch(() => undefined)
  if (keepHere) {
    await keep('signedOut', true)
    sync.state = 'signed_out'
  } else {
    await eraseHere()
    sync.link = null
    sync.state = 'idle'
  }
}
/** Cuts the tie to a clinic that no longer has this record; it goes on on this device only. */
export async function disconnect(): Promise<void> {
  closeStream()
  await base.kept.bulkDelete(['link', 'head', 'signedOut', 'protocol', 'protocolSha'])
  sync.link = null
  sync.state = 'idle'
  await openLog()
}
