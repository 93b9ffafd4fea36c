/**
 * One patient as the console holds them: what the clinic knows (name, responsible …), the whole log, and the engine with the
 * patient's own version of the protocol. Everything shown is folded here; writing goes to the server, all or nothing.
 */
import * as api from '../../generated/api'
import { ApiProblem, type EventsAddAnswer, type Patient } from '../../generated/api'
import type { DataOf, Kind } from '../../generated/events'
import { dayNumber } from '../../lib/clock'
import { engine, LoadwaveError, type Engine } from '../../lib/engine'
import { makeEvent, recordText, type LogEvent } from '../../lib/events'
import type { Plan } from '../../lib/plan'
import { ask, session } from '../session.svelte'

export type Draft = { [K in Kind]: { kind: K; data: DataOf[K]; at?: string } }[Kind]
const PAGE = 2000

export class PatientFile {
  readonly id: string
  info = $state.raw<Patient>()!
  /** In the order they were stored. */
  events = $state.raw<LogEvent[]>([])
  hash = $state('')
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
      this.engine = await engine(builtin ? undefined : await ask(() => api.protocolText(info.protocol_sha256)))
      this.plans.clear()
    }
    this.info = info
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
  planWith(drafts: readonly LogEvent[], day: string, without: readonly string[] = []): Plan {
    return this.engine.planJson(recordText([...this.events.filter((event) => !without.includes(event.id)), ...drafts]), day)
  }

  /** Events as the signed-in clinician would write them now. */
  draft(...drafts: Draft[]): LogEvent[] {
    return drafts.map((draft) => makeEvent(this.id, draft.kind, draft.data as unknown as Record<string, unknown>, `clinician:${session.me!.account}`, draft.at))
  }

  /**
   * Writes events: all or none. The engine here reads the record with them first, so that what it refuses never leaves the page.
   * On any failure nothing is stored and the caller keeps what was typed.
   */
  async write(events: readonly LogEvent[], planOn?: string): Promise<EventsAddAnswer> {
    this.engine.plan(recordText([...this.events, ...events]), dayNumber(events[0]!.at.slice(0, 10)))
    const answer = await ask(() => api.eventsAdd(this.id, { events, plan_on: planOn }))
    await this.reload()
    return answer
  }
}

/** Whether a failure means that somebody wrote in between: read again and look before a second try. */
export const movedOn = (problem: unknown): boolean => problem instanceof ApiProblem && ['LW_ERR_HEAD', 'LW_ERR_CONFLICT'].includes(problem.code)
/** Whether the log holds events that this version does not understand. */
export const newer = (problem: unknown): boolean => problem instanceof LoadwaveError && (problem as { name: string }).name === 'LW_ERR_NEWER'
