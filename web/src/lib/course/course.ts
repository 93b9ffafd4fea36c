/**
 * One timeline of a record: what each day came to (the engine's loads), what was advised on it (the engine's plan of that
 * day), and what was written beside it (shockwave, outcomes, effects). Nothing clinical is worked out here.
 */
import type { Instrument } from '../../generated/events'
import { addDays, dayNumber, dayText } from '../clock'
import { engine, type DayLoad, type Engine } from '../engine'
import { effective, localDay, recordText, type LogEvent } from '../events'
import type { Plan, StageId } from '../plan'
import table from './important.json'

/** A change that matters, from docs/evidence/clinical.md 2.4 and 2.5. single: of a score of one item alone. reach: the score itself counts. */
export type Important = { better: 'up' | 'down'; min: number; max: number; change: number | null; single?: number; percent: number | null; reach: number | null; tag: string | null; source: string | null }
export const important = table as unknown as Record<Instrument, Important>
export const INSTRUMENTS = Object.keys(important) as Instrument[]

/** Of a shockwave session: its number in the course, and the test before and on the morning after. */
export type Shock = { number: number; side: string; before: number | null; next: number | null; nextKnown: boolean }
export type Score = { instrument: Instrument; score: number; single: boolean; at: string; id: string }
export type CourseDay = DayLoad & {
  x: number; status: Plan['status'] | null; stage: StageId | null; flare: Plan['flare']
  shock: Shock[]; scores: Score[]; adverse: { what: string; serious: boolean }[]
}
/** The most days the engine answers at once. */
export const MOST_DAYS = 1100

type Told = { status: Plan['status']; stage: StageId | null; flare: Plan['flare']; session: number | null }
let memo: { protocol: string | undefined; patient: string | undefined; days: Map<string, string>; told: Map<number, Told> } | undefined

/** What is told already of this record. A plan sees nothing of later days: what came or went since spoils only its own day and those after. */
function known(events: readonly LogEvent[], protocol: string | undefined): Map<number, Told> {
  const days = new Map(events.map((event) => [event.id, localDay(event)]))
  const patient = events[0]?.patient
  const before = memo
  memo = { protocol, patient, days, told: new Map() }
  if (before && before.protocol === protocol && before.patient === patient) {
    const spoiled = [...events.filter((event) => !before.days.has(event.id)).map(localDay), ...[...before.days].filter(([id]) => !days.has(id)).map(([, day]) => day)].sort()[0]
    for (const [day, told] of before.told) if (spoiled === undefined || day < dayNumber(spoiled)) memo.told.set(day, told)
  }
  return memo.told
}

/** Scores by time, of the events that count. */
export function scoresOf(events: readonly LogEvent[], instrument?: Instrument): Score[] {
  return effective(events)
    .filter((event) => event.kind === 'outcome' && (!instrument || event.data.instrument === instrument))
    .map((event) => ({ instrument: event.data.instrument as Instrument, score: Number(event.data.score), single: (event.data.items as unknown[] | undefined)?.length === 1, at: event.at, id: event.id }))
}

export type Judged = { change: number; passes: boolean; worse: boolean; share: number | null }
/** A change from `first` to `last` against the important difference; null where no number is known for the instrument. */
export function judge(instrument: Instrument, first: Score, last: Score): Judged | null {
  const rule = important[instrument]
  const [from, to] = [first.score, last.score]
  const least = (first.single || last.single ? rule.single : undefined) ?? rule.change
  if (rule.change === null && rule.reach === null) return null
  const change = to - from
  const better = rule.better === 'up' ? change : -change
  if (rule.reach !== null) return { change, passes: to >= rule.reach, worse: to < 0, share: null }
  const share = rule.percent !== null && from > 0 ? Math.round((better / from) * 100) : null
  const enough = (size: number) => size >= least! || (rule.percent !== null && from > 0 && size * 100 >= rule.percent * from)
  return { change, passes: better > 0 && enough(better), worse: better < 0 && enough(-better), share }
}

const breathe = () => new Promise((go) => setTimeout(go))

function tell(fold: Engine, text: string, day: number): Told {
  const plan = fold.planJson(text, day)
  return { status: plan.status, stage: plan.status === 'active' || plan.status === 'paused' ? (plan.stage?.id ?? null) : null, flare: plan.flare, session: plan.shockwave.session }
}

const AT_ONCE = 84 // days whose plans are read before they are shown

/**
 * Reads the course of `from`..`to` (days). What the days came to is shown at once; the plans of those days follow, the newest
 * first and in portions, so that the page stays alive: a day whose plan is not read yet has status null. `show` gets the days
 * each time more is known, with how far it is, 0 to 1. Throws what the engine throws; says nothing more once `stop` was aborted.
 */
export async function readCourse(events: readonly LogEvent[], protocol: string | undefined, from: string, to: string, stop: AbortSignal, show: (days: CourseDay[], share: number) => void): Promise<void> {
  const fold = await engine(protocol)
  if (stop.aborted) return
  const text = recordText(events)
  const told = known(events, protocol)
  const last = dayNumber(to)
  const first = Math.max(dayNumber(from), last - MOST_DAYS + 1)
  const loads = fold.loads(text, first, last)
  const of = new Map<string, LogEvent[]>()
  for (const event of effective(events)) of.set(localDay(event), [...(of.get(localDay(event)) ?? []), event])
  const left = loads.map((_, i) => last - i).filter((day) => !told.has(day))
  let until = performance.now() + 12
  for (const [i, day] of left.entries()) {
    if (i % AT_ONCE === 0) show(join(loads, of, told), i / left.length)
    told.set(day, tell(fold, text, day))
    if (performance.now() > until) {
      await breathe()
      if (stop.aborted) return
      until = performance.now() + 12
    }
  }
  show(join(loads, of, told), 1)
}

function join(loads: DayLoad[], of: Map<string, LogEvent[]>, told: Map<number, Told>): CourseDay[] {
  const loadOn = new Map(loads.map((day) => [day.day, day]))
  let shocks = 0
  return loads.map((day): CourseDay => {
    const plan = told.get(dayNumber(day.day))
    const here = of.get(day.day) ?? []
    const shock = here.filter((event) => event.kind === 'shockwave').map((event): Shock => {
      // the plan of a treated day names the next session
      shocks = plan?.session ? plan.session - 1 : shocks + 1
      const next = loadOn.get(addDays(day.day, 1))?.pain_test ?? null
      return { number: shocks, side: String(event.data.side), before: day.pain_test, next, nextKnown: next !== null }
    })
    return {
      ...day, x: dayNumber(day.day), status: plan?.status ?? null, stage: plan?.stage ?? null, flare: plan?.flare ?? 'none', shock,
      scores: scoresOf(here),
      adverse: here.flatMap((event) =>
        event.kind === 'adverse' ? (event.data.what as string[]).map((what) => ({ what, serious: Boolean(event.data.serious) }))
        : event.kind === 'shockwave' ? ((event.data.adverse as string[] | undefined) ?? []).map((what) => ({ what, serious: false })) : []),
    }
  })
}

/** Runs of days with the same value: [first, last, value], null values left out. */
export function bands<T>(days: readonly CourseDay[], of: (day: CourseDay) => T | null): { from: number; to: number; value: T }[] {
  const found: { from: number; to: number; value: T }[] = []
  for (const day of days) {
    const value = of(day)
    const open = found.at(-1)
    if (value === null) continue
    if (open && open.value === value && open.to === day.x - 1) open.to = day.x
    else found.push({ from: day.x, to: day.x, value })
  }
  return found
}
export { dayText }
