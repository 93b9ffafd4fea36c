/**
 * One patient as the console holds them: what the clinic knows (name, responsible …), the whole log, and the engine with the
 * patient's own version of the protocol. Everything shown is folded here; writing goes to the server, all or nothing.
 */
import * as api from '../../generated/api'
import { ApiProblem, type EventsAddAnswer, type Patient } from '../../generated/api'
import type { DataOf, Kind } from '../../generated/events'
import { dayNumber, freshId } from '../../lib/clock'
import { builtinProtocol, engine, LoadwaveError, type Engine } from '../../lib/engine'
import { makeEvent, recordText, type LogEvent } from '../../lib/events'
import type { Plan } from '../../lib/plan'
import { exerciseIds, nameProtocol } from '../../lib/protocol.svelte'
import { ask, may, session } from '../session.svelte'

export type Draft = { [K in Kind]: { kind: K; data: DataOf[K]; at?: string } }[Kind]
const PAGE = 2000

export class PatientFile {
  readonly id: string
  info = $state.raw<Patient>()!
  /** In the order they were stored. */
  events = $state.raw<LogEvent[]>([])
  hash = $state('')
  /** The server's plan of the last writing was another than the one folded here. */
  differs = $state(false)
  /** The text of the patient's version; undefined for the built-in one. */
  protocol: string | undefined
  private last = 0
  private engine!: Engine
  private plans = new Map<string, Plan>()

  private constructor(id: string) {
    this.id = id
  }

  static async open(id: string): Promise<PatientFile> {
    const file = new PatientFile(id)
    await file.reload()
    return file
  }

  /** Reads what is new: the patient's row, a moved protocol, events after the last one known. */
  async reload(): Promise<void> {
    const before = this.info?.protocol_sha256
    const info = await ask(() => api.patient(this.id))
    if (info.protocol_sha256 !== before || !this.engine) {
      const builtin = session.about?.protocol_sha256 === info.protocol_sha256
      this.protocol = builtin ? undefined : await ask(() => api.protocolText(info.protocol_sha256))
      this.engine = await engine(this.protocol)
      await nameProtocol(this.protocol ?? (await builtinProtocol()))
      this.plans.clear()
    }
    this.info = info
    // The log is for clinicians; an administrator sees the person only.
    if (!may('clinician')) return
    for (let more = true; more; ) {
      const page = await ask(() => api.events(this.id, { after: this.last, limit: PAGE }))
      const known = new Set(this.events.map((event) => event.id))
      const fresh = page.events.map(({ event, received }) => ({ ...(event as unknown as LogEvent), received })).filter((event) => !known.has(event.id))
      if (fresh.length > 0) {
        this.events = [...this.events, ...fresh]
        this.plans.clear()
      }
      this.last = page.last
      this.hash = page.hash
      more = page.more
    }
  }

  /** The plan of a day, from the log as it stands. Throws a LoadwaveError (LW_ERR_NEWER …). */
  planOn(day: string): Plan {
    const events = this.events
    let plan = this.plans.get(day)
    if (!plan) this.plans.set(day, (plan = this.engine.planJson(recordText(events), day, { hash: true })))
    return plan
  }

  /** The plan of a day if these events were in the log as well. Nothing is stored. */
  planWith(drafts: readonly LogEvent[], day: string): Plan {
    return this.engine.planJson(recordText([...this.events, ...drafts]), day)
  }
  /** The red flags that this event raises by itself. */
  alone(event: LogEvent, day: string): string[] {
    return this.engine.planJson(recordText([event]), day).referral?.flags ?? []
  }
  /** Ids of the exercises of the patient's protocol. */
  exercises(): string[] {
    return exerciseIds()
  }
  /** The SHA-256 of a day's plan as the server writes it into `decided`. */
  async planHash(day: string): Promise<string> {
    const bytes = this.engine.plan(recordText(this.events), day, { hash: true })
    return [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as BufferSource))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  }

  /** Events as the signed-in clinician would write them now. Their ids rise in the order given, which is the record's order within a second. */
  draft(...drafts: Draft[]): LogEvent[] {
    const now = Date.now()
    return drafts.map((draft, i) => ({ ...makeEvent(this.id, draft.kind, draft.data as unknown as Record<string, unknown>, `clinician:${session.me!.account}`, draft.at), id: freshId(now + i) }))
  }

  /**
   * Writes events: all or none. The engine here reads the record with them first, so that what it refuses never leaves the page.
   * On any failure nothing is stored and the caller keeps what was typed.
   */
  async write(events: readonly LogEvent[], planOn?: string): Promise<EventsAddAnswer> {
    try {
      this.engine.plan(recordText([...this.events, ...events]), dayNumber(events[0]!.at.slice(0, 10)))
    } catch (problem) {
      // A log of a newer format can still be added to: notes, flags, a referral.
      if (!newer(problem)) throw problem
    }
    try {
      const answer = await ask(() => api.eventsAdd(this.id, { events, plan_on: planOn }))
      await this.reload()
      // Both fold the same bytes with the same code: a difference is a fault that somebody must hear of.
      this.differs = !!answer.plan && answer.plan.record_sha256 === this.planOn(answer.plan.on).record_sha256 && JSON.stringify({ ...answer.plan, engine: '' }) !== JSON.stringify({ ...this.planOn(answer.plan.on), engine: '' })
      return answer
    } catch (problem) {
      if (movedOn(problem)) await this.reload()
      throw problem
    }
  }
}

/** Whether a failure means that somebody wrote in between: read again and look before a second try. */
export const movedOn = (problem: unknown): boolean => problem instanceof ApiProblem && ['LW_ERR_HEAD', 'LW_ERR_CONFLICT'].includes(problem.code)
/** Whether the log holds events that this version does not understand. */
export const newer = (problem: unknown): boolean => problem instanceof LoadwaveError && (problem as { name: string }).name === 'LW_ERR_NEWER'
