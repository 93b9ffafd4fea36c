/** A letter that a person can carry to somebody who has never heard of this programme. */
import { addDays } from '../lib/clock'
import { dayLong, t } from '../lib/i18n.svelte'
import { effective, localDay, type LogEvent } from '../lib/events'
import { doseText, exerciseName } from '../lib/dose'
import type { Plan } from '../lib/plan'

export function letterText(day: string, plan: Plan | null, flags: readonly string[], events: readonly LogEvent[]): string {
  const all = effective(events)
  const last = (kind: string) => all.filter((event) => event.kind === kind).at(-1)
  const member = (kind: string, name: string) => all.filter((event) => event.kind === kind && event.data[name] !== undefined).at(-1)?.data[name]
  const lines: string[] = [t('app.letter.to'), '', t('app.letter.date', { date: dayLong(day, true) }), '', t('app.letter.intro')]
  const born = member('enrolled', 'birth_year')
  const sides = member('enrolled', 'sides') as string[] | undefined
  if (born) lines.push(t('app.letter.born', { year: String(born) }))
  if (sides) lines.push(t('app.letter.side', { side: t(`side.${sides.length > 1 ? 'both' : sides[0]}`) }))
  const weeks = member('assessed', 'weeks')
  if (weeks !== undefined) lines.push(t('app.letter.weeks', { weeks: Number(weeks) }))
  if (plan?.diagnosis) lines.push(t(`label.${plan.diagnosis.label}`))
  if (flags.length > 0) lines.push('', t('app.letter.flags'), ...flags.map((flag) => `- ${t(`flag.${flag}`)} (${flag})`))
  const checkins = all.filter((event) => event.kind === 'checkin').slice(-7)
  if (checkins.length > 0) {
    lines.push('', t('app.letter.checkins'))
    for (const one of checkins) lines.push(`- ${localDay(one)}: ${t('app.letter.checkin', { pain: Number(one.data.pain_morning), test: one.data.pain_test === undefined ? '–' : Number(one.data.pain_test) })}`)
  }
  if (plan?.stage) lines.push('', t(`stage.${plan.stage.id}`))
  const sessions = all.filter((event) => event.kind === 'exercise' && !event.data.skip)
  const lastDay = sessions.at(-1) && localDay(sessions.at(-1)!)
  if (lastDay) {
    lines.push(t('app.letter.session', { date: lastDay }))
    for (const one of sessions.filter((event) => localDay(event) === lastDay)) lines.push(`- ${doneText(one)}`)
  }
  const shock = all.filter((event) => event.kind === 'shockwave')
  if (shock.length > 0) lines.push(t('app.letter.shockwave', { n: shock.length, date: localDay(last('shockwave')!) }))
  // what nobody wrote down is said: a reader would take silence for "none"
  const medicines = all.filter((event) => event.kind === 'medicine' && (!event.data.to || String(event.data.to) >= addDays(day, -60)))
  const medicine = ({ data }: LogEvent) => t(data.to ? 'app.letter.medicine_until' : 'app.letter.medicine', { name: t(`app.medicine.${data.class}`), from: String(data.from), to: String(data.to ?? '') })
  lines.push(medicines.length > 0 ? t('app.letter.medicines', { list: medicines.map(medicine).join('; ') }) : t('app.letter.medicines_none'))
  lines.push('', t('app.letter.ask'), '', t('app.letter.foot', { protocol: plan?.protocol ?? 'pht' }))
  return lines.join('\n')
}

type Done = { reps?: number; hold_s?: number; load_kg?: number; contacts?: number; distance_m?: number }
/** What was done of an exercise, in one line. */
export function doneText(event: LogEvent): string {
  const { exercise, side, sets, pain_during, skip } = event.data as { exercise: string; side?: string; sets?: Done[]; pain_during?: number; skip?: string }
  const name = `${exerciseName(exercise)}${side && side !== 'both' ? ` (${t(`side.${side}`)})` : ''}`
  if (skip) return `${name}: ${t('app.done.skipped', { reason: t(`app.skip.${skip}`) })}`
  const first = sets?.[0] ?? {}
  const dose = doseText({ sets: sets?.length ?? 0, reps: first.reps ?? null, hold_s: first.hold_s ?? null, load_kg: first.load_kg ?? null, speed_pct: null, contacts: first.contacts ?? null, distance_m: first.distance_m ?? null, tempo: null, rest_s: null, times_a_day: 1, effort_max: null })
  return `${name}: ${dose}${pain_during === undefined ? '' : `, ${t('app.done.pain', { pain: pain_during })}`}`
}
