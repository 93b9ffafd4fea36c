/**
 * Strength sets of a watch to entries of exercises. A watch names an exercise by two numbers at best (schema/watch_sets.json
 * offers what is the same movement by its name), and never the side, the pain or the effort: those are the person's to say,
 * and nothing is stored without them.
 */
import offers from '../../../../schema/watch_sets.json'
import { makeEvent, effective, localDay, type LogEvent } from '../../lib/events'
import { protocolText } from '../../lib/log.svelte'
import { localText, type Item, type WatchSet } from './read'

/** Sets of one entry at most, as the record has it. */
const EACH = 64
/** Sets that follow each other and are of the same exercise as far as the watch tells, with the person's answers. */
export type Group = { sets: WatchSet[]; exercise: string; side: 'left' | 'right' | 'both' | null; pain: number | null; effort: number | null }
/** An exercise that is counted in what a watch counts. */
export type Countable = { id: string; each: boolean; measure: 'reps' | 'hold_s' }

export function groups(sets: readonly WatchSet[]): Group[] {
  const list: Group[] = []
  for (const set of sets) {
    const last = list.at(-1)
    const first = last?.sets[0]
    if (last && first && last.sets.length < EACH && first.category === set.category && first.name === set.name && (first.category !== null || first.grams === set.grams)) last.sets.push(set)
    else list.push({ sets: [set], exercise: '', side: null, pain: null, effort: null })
  }
  return list
}
/** What the table offers for a group; '' where it knows nothing. */
export const offered = (group: Group, known: readonly Countable[]): string => {
  const id = offers.sets.find((one) => one.category === group.sets[0]!.category && one.name === group.sets[0]!.name)?.exercise
  return id && known.some((one) => one.id === id) ? id : ''
}

export async function countable(): Promise<Countable[]> {
  return [...(await protocolText()).matchAll(/^exercise (\S+) .*\n((?: .*\n)+)/gm)].flatMap(([, id, block]) => {
    const first = block!.match(/^ +level 1 (.*)$/m)?.[1] ?? ''
    const measure = /\bhold \d/.test(first) ? ('hold_s' as const) : /\d reps\b/.test(first) ? ('reps' as const) : null
    return measure ? [{ id: id!, each: /\beach side\b/.test(block!), measure }] : []
  })
}

/** The sets as the record has them; null when the watch did not count what the exercise is counted in. */
export function recorded(group: Group, exercise: Countable): Record<string, number>[] | null {
  const most = exercise.measure === 'hold_s' ? 600 : 200
  const list = group.sets.map((set): Record<string, number> => {
    const value = exercise.measure === 'hold_s' ? (set.ms === null ? 0 : Math.floor(set.ms / 1000)) : set.reps ?? 0
    return { [exercise.measure]: value, ...(set.grams === null ? {} : { load_kg: Math.floor((set.grams + 5) / 10) / 100 }) }
  })
  return list.every((set) => set[exercise.measure]! >= 1 && set[exercise.measure]! <= most && (set.load_kg ?? 0) <= 500) ? list : null
}
const momentOf = (item: Item, group: Group) => {
  const start = group.sets[0]!.start
  return localText(start !== null && start >= item.start && start <= item.end ? start : item.start, item.offset) // one outside its activity is no time of it
}

/** Why a group is not stored, as a sentence's id, or '' when nothing is wrong with it. A group without an exercise is shown only. */
export function wrongWith(item: Item, group: Group, known: readonly Countable[], events: readonly LogEvent[]): string {
  const exercise = known.find((one) => one.id === group.exercise)
  if (!exercise) return ''
  const day = momentOf(item, group).slice(0, 10)
  if (effective(events).some((event) => event.kind === 'exercise' && !event.data.skip && event.data.exercise === exercise.id && localDay(event) === day)) return 'import.set_known'
  return recorded(group, exercise) ? '' : 'import.set_unfit'
}
export const unanswered = (group: Group, known: readonly Countable[]): boolean => {
  const exercise = known.find((one) => one.id === group.exercise)
  return exercise !== undefined && (group.pain === null || group.effort === null || (exercise.each && group.side === null))
}
export function entry(patient: string, item: Item, group: Group, known: readonly Countable[], batch: string): LogEvent {
  const exercise = known.find((one) => one.id === group.exercise)!
  return makeEvent(patient, 'exercise', {
    exercise: exercise.id, side: exercise.each ? group.side : 'both', sets: recorded(group, exercise), pain_during: group.pain, effort: group.effort, x_source: `${item.key}:${batch}`,
  }, 'patient', momentOf(item, group))
}
