/**
 * An exercise, or a run, as a list of phases: what happens, for how long, and what is heard at its beginning. Pure. Who plays the
 * list needs only the moment it began (clockwork.svelte.ts); nothing here looks at a clock.
 */
import type { Item, Plan } from '../../lib/plan'

export type Side = 'left' | 'right' | 'both'
export type Kind = 'ready' | 'hold' | 'down' | 'pause' | 'up' | 'do' | 'rest' | 'warm' | 'walk' | 'run'
export type Cue = 'none' | 'start' | 'down' | 'pause' | 'up' | 'rest' | 'switch' | 'walk' | 'run'
export type Phase = {
  kind: Kind
  /** From the beginning of the list; a phase without length counts as nothing. */
  start_ms: number
  /** null: until the person says it is done. */
  length_ms: number | null
  cue: Cue
  set: number; sets: number; rep: number; reps: number; side: Side
  /** Waits for a touch before it begins, unless hands-free. */
  gate: boolean
}
export const WORK: readonly Kind[] = ['hold', 'down', 'pause', 'up', 'do', 'warm', 'walk', 'run']
export const isWork = (phase: Phase | undefined): boolean => phase !== undefined && WORK.includes(phase.kind)

/** Seconds to get into place, before the first set and before the others: how the player moves, no dose. */
const READY_FIRST_S = 8, READY_S = 5, SWITCH_S = 10

/** Those that begin at the bottom: they go up first, and pause at the top. */
const UP_FIRST = new Set(['glute-bridge', 'hip-thrust', 'leg-curl-prone', 'hip-extension-prone', 'cable-extension', 'deadlift', 'step-up', 'calf-raise'])

export type Tempo = { down: number; pause: number; up: number }
export function tempoOf(text: string | null): Tempo | null {
  const found = text?.match(/^(\d+)-(\d+)-(\d+)$/)
  return found ? { down: Number(found[1]), pause: Number(found[2]), up: Number(found[3]) } : null
}

type Draft = Omit<Phase, 'start_ms'>
function timed(drafts: Draft[]): Phase[] {
  let at = 0
  return drafts.map((draft) => {
    const phase = { ...draft, start_ms: at }
    at += draft.length_ms ?? 0
    return phase
  })
}

/**
 * The phases of one bout of an item. eachSide: the exercise is done with one leg at a time, so that side "both" means left, then
 * right, in every set.
 */
export function phases(item: Item, eachSide = false): Phase[] {
  const sides: Side[] = item.side === 'both' && eachSide ? ['left', 'right'] : [item.side]
  const tempo = item.hold_s === null && item.contacts === null && item.distance_m === null ? tempoOf(item.tempo) : null
  const reps = item.reps ?? 1
  const out: Draft[] = []
  for (let set = 1; set <= item.sets; set++) {
    sides.forEach((side, nth) => {
      const base = { set, sets: item.sets, reps, side, rep: 0, gate: false }
      const first = set === 1 && nth === 0
      const ready_s = first ? READY_FIRST_S : nth > 0 ? SWITCH_S : Math.min(READY_S, item.rest_s ?? READY_S)
      out.push({ ...base, kind: 'ready', length_ms: ready_s * 1000, cue: nth > 0 ? 'switch' : 'none', gate: !first && nth === 0 })
      if (item.hold_s !== null) out.push({ ...base, kind: 'hold', length_ms: item.hold_s * 1000, cue: 'start' })
      else if (tempo) {
        const order: ('down' | 'pause' | 'up')[] = UP_FIRST.has(item.exercise) ? ['up', 'pause', 'down'] : ['down', 'pause', 'up']
        for (let rep = 1; rep <= reps; rep++) {
          order.forEach((kind) => { if (tempo[kind] > 0) out.push({ ...base, kind, rep, length_ms: tempo[kind] * 1000, cue: kind }) })
        }
      } else out.push({ ...base, kind: 'do', length_ms: null, cue: 'start' })
      const last = nth === sides.length - 1
      if (last && set < item.sets && item.rest_s) {
        // getting ready is the end of the rest
        const rest_s = item.rest_s - Math.min(READY_S, item.rest_s)
        if (rest_s > 0) out.push({ ...base, kind: 'rest', length_ms: rest_s * 1000, cue: 'rest' })
      }
    })
  }
  return timed(out)
}

/** Walking and running by turns; warm_min of walking before, where wanted. */
export function runPhases(run: Plan['run'], warm_min = 0): Phase[] {
  const repeats = run.repeats ?? 1
  const base = { sets: repeats, reps: 1, rep: 0, side: 'both' as const, gate: false }
  const out: Draft[] = [{ ...base, kind: 'ready', set: 1, length_ms: READY_FIRST_S * 1000, cue: 'none' }]
  if (warm_min > 0) out.push({ ...base, kind: 'warm', set: 1, length_ms: warm_min * 60000, cue: 'walk' })
  for (let set = 1; set <= repeats; set++) {
    if (run.walk_min) out.push({ ...base, kind: 'walk', set, length_ms: run.walk_min * 60000, cue: 'walk' })
    if (run.run_min) out.push({ ...base, kind: 'run', set, length_ms: run.run_min * 60000, cue: 'run' })
  }
  return timed(out)
}

/** About how long it takes in ms; what has no length is guessed. */
const DO_MS = 45000
export const lengthOf = (list: Phase[]): number => list.reduce((sum, phase) => sum + (phase.length_ms ?? DO_MS), 0)

/** Where one is, `since` the phase `index` began, at `now`: the list is walked, never counted. `stop` says where to wait. */
export function walk(list: Phase[], index: number, since: number, now: number, stop: (phase: Phase) => boolean): { index: number; since: number; waiting: boolean } {
  while (index < list.length) {
    const length = list[index]!.length_ms
    if (length === null || now - since < length) break
    since += length
    index++
    if (index < list.length && stop(list[index]!)) return { index, since, waiting: true }
  }
  return { index, since, waiting: false }
}

export type Done = { set: number; side: Side; hold_s?: number; reps?: number; contacts?: number; distance_m?: number }
/**
 * What was done, from how long each phase was kept up (got, ms; for a phase without length 1 when it was said to be done).
 * A repetition counts when all of it was done, a hold for its whole seconds; a set of nothing is none.
 */
export function doneOf(item: Item, list: Phase[], got: readonly number[]): Done[] {
  const out = new Map<string, Done>()
  list.forEach((phase, at) => {
    if (!isWork(phase)) return
    const key = `${phase.set}/${phase.side}`
    const one: Done = out.get(key) ?? { set: phase.set, side: phase.side }
    const ms = got[at] ?? 0
    if (phase.kind === 'hold') one.hold_s = Math.floor(ms / 1000)
    else if (phase.kind === 'do') {
      if (ms > 0 && item.contacts !== null) one.contacts = item.contacts
      else if (ms > 0 && item.distance_m !== null) one.distance_m = item.distance_m
      else if (ms > 0) one.reps = item.reps ?? 1
    } else {
      const lastOfRep = list[at + 1]?.rep !== phase.rep || list[at + 1]?.set !== phase.set || list[at + 1]?.side !== phase.side || !isWork(list[at + 1])
      if (lastOfRep) {
        let whole = true
        for (let back = at; back >= 0 && isWork(list[back]) && list[back]!.rep === phase.rep && list[back]!.set === phase.set && list[back]!.side === phase.side; back--) whole &&= (got[back] ?? 0) >= list[back]!.length_ms!
        if (whole) one.reps = (one.reps ?? 0) + 1
      }
    }
    out.set(key, one)
  })
  return [...out.values()].filter((one) => (one.hold_s ?? one.reps ?? one.contacts ?? one.distance_m ?? 0) > 0)
}
/** How far the movement is: 0 to 1 out, 1 to 2 back; for the figure. */
export function movementAt(phase: Phase | undefined, into_ms: number, exercise: string): number {
  if (!phase || phase.length_ms === null) return phase ? 1 : 0
  const share = Math.min(1, Math.max(0, into_ms / phase.length_ms))
  const first = UP_FIRST.has(exercise) ? 'up' : 'down'
  if (phase.kind === 'hold' || phase.kind === 'pause') return 1
  if (phase.kind === 'down' || phase.kind === 'up') return phase.kind === first ? share : 1 + share
  return 0
}
