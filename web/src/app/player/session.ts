/**
 * A session as it is being done: what stands in the queue, what goes into the record, and what the next plan already says.
 * Pure but for the type of a kept state; the pages hold it and keep it on the device.
 */
import type { ExerciseData, ExerciseSet, PainRelief, Skip } from '../../generated/events'
import type { Item, Plan } from '../../lib/plan'
import type { Done } from './phases'

export type Depth = 'plan' | 'other' | 'unsure'
export type Answers = { pain: number | null; effort: number | null; depth: Depth | null; depth_deg: number; load: number | null; speed: number | null; sets: Done[] }
/** todo, doing (begun), ask (done, not answered), logged, skipped, dropped (the plan took it out after what was logged). */
export type Status = 'todo' | 'doing' | 'ask' | 'logged' | 'skipped' | 'dropped'
export type Entry = {
  item: Item; bout: number; status: Status; load: number | null
  /** Where the player was: the phase, how long each was kept up, how many phases are left of the list (null: all). */
  index: number; got: number[]; cut: number | null
  /** The worst pain told in a set; whether the plan made the dose lower on the way. */
  worst: number | null; eased: boolean
  event: string | null; answers: Answers | null; skip: Skip | null
  /** When it was last worked on: the instant it is logged with, also when it is answered the day after. */
  ended: string | null
}
export type Kept = { day: string; begun: boolean; handsFree: boolean; relief: PainRelief; at: number; queue: Entry[]; finished: boolean; flare: Plan['flare'] }

export const entry = (item: Item, bout = 1): Entry => ({ item, bout, status: 'todo', load: item.load_kg, index: 0, got: [], cut: null, worst: null, eased: false, event: null, answers: null, skip: null, ended: null })
export const fresh = (plan: Plan, relief: PainRelief): Kept => ({ day: plan.on, begun: false, handsFree: false, relief, at: 0, queue: plan.session.items.map((item) => entry(item)), finished: false, flare: plan.flare })

const SIZES = ['sets', 'reps', 'hold_s', 'load_kg', 'speed_pct', 'contacts', 'distance_m', 'hip_flexion_max_deg'] as const
/** Some of the dose is less and none of it more. */
export function isLower(now: Item, before: Item): boolean {
  const pairs = SIZES.map((size) => [now[size] as number | null, before[size] as number | null] as const)
  return pairs.some(([a, b]) => a !== null && b !== null && a < b) && pairs.every(([a, b]) => a === null || b === null || a <= b)
}

/** After something was logged: what the plan took out is dropped, what it lowered is lower. Nothing is added and nothing rises. */
export function followPlan(queue: readonly Entry[], plan: Plan): Entry[] {
  const active = plan.status === 'active'
  return queue.map((one) => {
    if (one.status !== 'todo' && one.status !== 'doing') return one
    const begun = one.got.some((ms) => ms > 0)
    const out: Entry = { ...one, status: begun ? 'ask' : 'dropped' }
    // a second bout is not in the plan any more: one done counts as done
    if (one.bout > 1) return active ? one : out
    const now = active ? plan.session.items.find((item) => item.exercise === one.item.exercise) : undefined
    if (!now) return out
    if (!isLower(now, one.item)) return one
    return begun ? out : { ...one, item: now, load: now.load_kg, eased: true, status: 'todo', index: 0, got: [], cut: null }
  })
}
/** The second bout of the day, of what stayed calm in the bouts before; empty when there is none, or a flare began. */
export function nextBout(state: Kept, plan: Plan, green: number): Entry[] {
  if (plan.status !== 'active' || (plan.flare !== state.flare && plan.flare !== 'none')) return []
  const latest = new Map<string, Entry>()
  const hurt = new Set<string>()
  for (const one of state.queue) {
    latest.set(one.item.exercise, one)
    if (one.status !== 'logged' || Math.max(one.answers?.pain ?? 10, one.worst ?? 0) > green) hurt.add(one.item.exercise)
  }
  return [...latest.values()].filter((one) => one.bout < one.item.times_a_day && !hurt.has(one.item.exercise)).map((one) => ({ ...entry(one.item, one.bout + 1), load: one.answers?.load ?? one.load }))
}

export type Measure = 'reps' | 'hold_s' | 'contacts' | 'distance_m'
export const measureOf = (item: Item): Measure => (item.hold_s !== null ? 'hold_s' : item.contacts !== null ? 'contacts' : item.distance_m !== null ? 'distance_m' : 'reps')

/**
 * What goes into the record. Done with one leg at a time and both legs sore, a set counts when both legs did it, with the lesser of
 * the two; what only one leg did is kept beside it (x_one_side) and makes no dose higher.
 */
export function exerciseData(one: Entry, answers: Answers, timed: boolean, relief: PainRelief, green: number): ExerciseData {
  const { item } = one
  const measure = measureOf(item)
  const sets: ExerciseSet[] = []
  const single: { side: string; amount: number }[] = []
  for (let set = 1; set <= Math.max(0, ...answers.sets.map((done) => done.set)); set++) {
    const parts = answers.sets.filter((done) => done.set === set && (done[measure] ?? 0) > 0)
    const amount = Math.min(...parts.map((done) => done[measure]!))
    const bothLegs = parts.some((done) => done.side === 'left') !== parts.some((done) => done.side === 'right')
    if (parts.length === 0) continue
    if (item.side === 'both' && parts.length === 1 && bothLegs && parts[0]!.side !== 'both') single.push({ side: parts[0]!.side, amount })
    else sets.push({ [measure]: amount, ...(answers.load !== null ? { load_kg: answers.load } : {}), ...(answers.speed !== null ? { speed_pct: answers.speed } : {}), ...(timed && item.tempo ? { tempo: item.tempo } : {}) })
  }
  const pain = Math.max(answers.pain ?? 0, one.worst ?? 0)
  // it hurt before one repetition or second was whole: the one that was begun is written, because only an exercise carries its pain
  if (sets.length === 0 && pain > green) sets.push({ [measure]: 1, x_begun: true })
  return {
    exercise: item.exercise, side: item.side, sets, pain_during: pain, ...(answers.effort !== null ? { effort: answers.effort } : {}),
    ...(answers.depth === 'plan' && item.hip_flexion_max_deg !== null ? { depth_deg: item.hip_flexion_max_deg } : answers.depth === 'other' ? { depth_deg: answers.depth_deg } : {}),
    ...(relief !== 'none' ? { pain_relief: relief } : {}), ...(single.length > 0 ? { x_one_side: single } : {}),
  }
}

export type Coming = { exercise: string; what: 'lower' | 'same' | 'out' }
/** What the plan of the next session already says of today's exercises. It never says that one rises: a morning decides that. */
export function comingOf(queue: readonly Entry[], next: Plan): Coming[] {
  const out = new Map<string, Coming['what']>()
  for (const one of queue) {
    const item = next.session.items.find((other) => other.exercise === one.item.exercise)
    out.set(one.item.exercise, !item ? 'out' : isLower(item, one.item) ? 'lower' : 'same')
  }
  return [...out].map(([exercise, what]) => ({ exercise, what }))
}
