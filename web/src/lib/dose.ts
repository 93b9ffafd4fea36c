/** Exercises, doses and what changes in them, in words: the same sentences as the command line's (src/words/dose_words.c). */
import { dayShort, has, t } from './i18n.svelte'
import type { Change, Item, Plan } from './plan'
import { prefs, shownDistance, shownWeight } from './prefs.svelte'
import { exerciseTitle } from './protocol.svelte'

export const exerciseName = (id: string): string => (has(`ex.${id}`) ? t(`ex.${id}`) : (exerciseTitle(id) ?? id))

type Dosed = Pick<Item, 'sets' | 'reps' | 'hold_s' | 'load_kg' | 'speed_pct' | 'contacts' | 'distance_m' | 'tempo' | 'rest_s' | 'times_a_day' | 'effort_max'> & { choose_load?: boolean }

/** "with 12 kg", or in pounds where the person wants them. */
export function loadWords(kg: number): string {
  return prefs.weight === 'lb' ? t('common.dose.load_lb', { load_lb: shownWeight(kg) }) : t('dose.load', { load_kg: kg })
}
/** "12 kg" or "26.5 lb"; "5 km" or "3.1 mi". */
export const weightText = (kg: number): string => t(`common.unit.${prefs.weight}`, { value: shownWeight(kg) })
export const distanceText = (km: number): string => t(`common.unit.${prefs.distance}`, { value: shownDistance(km) })

/** The parts of a dose, the most important first: "4 × 30 s hold", "with 12 kg", … */
export function doseParts(item: Dosed): string[] {
  const parts: string[] = []
  const { sets, reps, hold_s, contacts } = item
  if (hold_s !== null) parts.push(t('dose.sets_hold', { sets, hold_s }))
  else if (contacts !== null) parts.push(t('dose.sets_contacts', { sets, contacts }))
  else if (reps !== null) parts.push(t('dose.sets_reps', { sets, reps }))
  else parts.push(t('dose.sets', { sets }))
  if (item.load_kg) parts.push(loadWords(item.load_kg))
  else if (item.choose_load) parts.push(t('dose.load_choose'))
  if (item.distance_m !== null) parts.push(t('dose.distance', { distance_m: item.distance_m }))
  if (item.speed_pct !== null) parts.push(t('dose.speed', { speed_pct: item.speed_pct }))
  const tempo = item.tempo?.match(/^(\d+)-(\d+)-(\d+)$/)
  if (tempo) parts.push(t('dose.tempo', { down: tempo[1], pause: tempo[2], up: tempo[3] }))
  if (item.rest_s && sets !== 1) parts.push(item.rest_s % 60 === 0 ? t('dose.rest_min', { rest: item.rest_s / 60 }) : t('dose.rest_s', { rest_s: item.rest_s }))
  if (item.times_a_day > 1) parts.push(item.times_a_day === 2 ? t('dose.twice') : t('dose.times', { n: item.times_a_day }))
  if (item.effort_max !== null) parts.push(t('dose.effort', { effort: item.effort_max }))
  return parts
}
export const doseText = (item: Dosed): string => doseParts(item).join(', ')

const UNITS: Record<string, string> = { load: ' kg', hold: ' s', depth: '°', speed: ' %', distance: ' m' }
/** One end of a step: a number with its unit, or the name of an exercise. */
export function stepText(variable: string, value: string | number | null): string {
  if (value === null) return t('ui.unknown')
  if (variable === 'exercise') return exerciseName(String(value))
  if (variable === 'load') return weightText(Number(value))
  return `${value}${UNITS[variable] ?? ''}`
}
export const changeText = (key: 'change_line' | 'proposal_line' | 'ask.accept', change: Change): string =>
  t(key, { variable: change.variable, from: stepText(change.variable, change.from), to: stepText(change.variable, change.to) })

/** What changed in a dose and what bound it, a sentence each. */
export function doseNotes(item: Item): string[] {
  const notes: string[] = []
  if (item.change) notes.push(changeText('change_line', item.change))
  if (item.lowered.length > 0) notes.push(t('lowered_line', { list: item.lowered.map((one) => t(`lowered.${one.variable}`)).join(', ') }))
  if (item.cap) notes.push(t('cap_line', { cap: item.cap }))
  return notes
}

/** The sentence of the day. */
export function headlineKey(plan: Plan): string {
  if (plan.status !== 'active') return `headline.${plan.status === 'stopped' ? 'stop' : plan.status}`
  const items = plan.session.items.length > 0
  const irritated = plan.flare !== 'none' || plan.deload !== null
  if (plan.verdict === 'hold' && !items) return 'headline.hold_rest'
  if (plan.verdict === 'regress' && !irritated) return 'headline.regress_lighter'
  if (plan.verdict === 'regress' && !items) return 'headline.regress_rest'
  return `headline.${plan.verdict}`
}

/** What running is allowed, in one sentence. */
export function runText(run: Plan['run']): string {
  if (!run.allowed) return t(run.level > 0 ? 'run.not_today' : 'run.not_allowed')
  const parts: string[] = []
  if (run.walk_min && run.run_min !== null && run.repeats !== null) parts.push(t('run.walk_run', { repeats: run.repeats, walk_min: run.walk_min, run_min: run.run_min }))
  else if (run.run_min !== null) parts.push(t('run.continuous', { run_min: run.run_min }))
  if (run.max_km !== null) parts.push(prefs.distance === 'mi' ? t('common.run.max_mi', { max_mi: shownDistance(run.max_km) }) : t('run.max_km', { max_km: run.max_km }))
  if (run.max_min !== null) parts.push(t('run.max_min', { max_min: run.max_min }))
  parts.push(t(run.hills ? 'run.hills' : 'run.no_hills'))
  if (run.speed_pct_max !== null) parts.push(t('run.speed', { speed_pct_max: run.speed_pct_max }))
  if (run.next_on) parts.push(t('run.next_on', { date: dayShort(run.next_on) }))
  return parts.join(', ')
}
export function sittingText(sitting: Plan['sitting']): string {
  return [
    sitting.limit_min !== null ? t('sitting.limit', { limit_min: sitting.limit_min }) : '',
    sitting.break_every_min !== null ? t('sitting.break', { break_every_min: sitting.break_every_min }) : '',
  ].filter(Boolean).join(' ')
}
export function shockwaveText(sw: Plan['shockwave']): string {
  if (sw.status === 'none') return ''
  const due = sw.status === 'due'
  const date = sw.status === 'quiet' ? sw.quiet_until : sw.next_on
  const words = t(`shockwave.${sw.status}${due && (sw.session === null || sw.next_on === null) ? '_nodate' : ''}`, { date: date ? dayShort(date) : t('ui.unknown'), n: sw.session ?? 1 })
  return !due && sw.next_on ? `${words} ${t('shockwave_next', { date: dayShort(sw.next_on) })}` : words
}
/** What a gate still needs, each thing once. */
export const needWords = (needs: readonly string[]): string[] => [...new Set(needs.map((one) => (has(`need.${one}`) ? t(`need.${one}`) : one)))]
