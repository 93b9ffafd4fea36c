/** A queue card's reason in words, and the short facts of a patient's summary, as lists show them. */
import { addDays, dayNumber, today } from '../lib/clock'
import { dayShort, has, t } from '../lib/i18n.svelte'
import type { Change, Urgency } from '../lib/plan'

export type Summary = {
  status?: string | null; verdict?: string | null; stage?: { id: string; day: number } | null; flare?: string | null; irritability?: string | null
  deload?: { cause: string; until: string | null } | null; referral?: { urgency: Urgency; flags: string[] } | null; review?: { urgency: Urgency; why: string[] } | null
  shockwave?: { status: string | null; session: number | null; next_on: string | null; quiet_until: string | null } | null
  last_checkin_day?: string | null; last_session_day?: string | null; pain_morning?: number | null; pain_during?: number | null
  due?: { what: string; by: string }[] | null; proposals?: { exercise?: string; side?: string; what?: string; proposal: Change }[] | null
  enrolled?: { sides: string[]; goal: string; sport: string | null; birth_year: number } | null
}
/** Kinds of cards, the worst first; the server sorts, this only orders the small tags' legend. */
export const KINDS = ['red_flag', 'review', 'flare', 'newer_format', 'not_settled', 'silent', 'shockwave_blocked', 'shockwave_due', 'proposal', 'outcome_due', 'not_started'] as const

/** The sentence of a rule; the rule's own id where there is none. */
export function ruleText(rule: string, action = 'review', variant = 1): string {
  const key = [`rule.${rule}.${variant}`, `rule.${rule}.${action}`, `rule.${rule}`].find(has)
  return key ? t(key) : rule
}
export const exerciseName = (id: string): string => (has(`ex.${id}`) ? t(`ex.${id}`) : id)

/** "more weight (10 → 12 kg)" of a proposal, with what it is about. */
export function proposalText(proposal: Change, about: { exercise?: string | null; side?: string | null; what?: string | null }): string {
  if (about.what === 'stage') return t('console.proposal.stage', { to: t(`stage_short.${proposal.to}`) })
  if (about.what === 'run') return t('console.proposal.run', { to: proposal.to })
  const unit = { load: ' kg', hold: ' s', depth: '°', speed: ' %', distance: ' m' }[proposal.variable] ?? ''
  const end = (value: Change['from']) => (value === null ? t('ui.unknown') : proposal.variable === 'exercise' ? exerciseName(String(value)) : `${value}${unit}`)
  const name = exerciseName(about.exercise ?? '')
  return t('console.proposal.item', { exercise: about.side && about.side !== 'both' ? `${name} (${t(`side.${about.side}`)})` : name, variable: proposal.variable, from: end(proposal.from), to: end(proposal.to) })
}

const silentDays = (summary: Summary): number | null => {
  const last = [summary.last_checkin_day, summary.last_session_day].filter((day): day is string => !!day).sort().at(-1)
  return last ? dayNumber(today()) - dayNumber(last) : null
}

/** Why the card is there, one sentence a line. */
export function reasons(kind: string, summary: Summary): string[] {
  switch (kind) {
    case 'red_flag':
      return (summary.referral?.flags ?? []).map((flag) => `${flag}: ${t(`flag.${flag}`)}`)
    case 'review':
      return (summary.review?.why ?? []).map((rule) => ruleText(rule))
    case 'flare':
      return [t('console.reason.flare', { flare: t(`flare.${summary.flare ?? 'minor'}`), pain: summary.pain_morning ?? '–' })]
    case 'not_settled':
      return [summary.deload ? t('console.reason.not_settled_because', { cause: t(`deload.${summary.deload.cause}`) }) : t('console.reason.not_settled')]
    case 'silent': {
      const days = silentDays(summary)
      return [days === null ? t('console.reason.silent_always') : t('console.reason.silent', { n: days })]
    }
    case 'shockwave_due':
      return [summary.shockwave?.next_on ? t('shockwave.due', { n: summary.shockwave.session ?? 1, date: dayShort(summary.shockwave.next_on) }) : t('shockwave.due_nodate')]
    case 'shockwave_blocked':
      return [t('console.reason.shockwave_blocked')]
    case 'proposal':
      return (summary.proposals ?? []).map((one) => proposalText(one.proposal, one))
    case 'outcome_due':
      return (summary.due ?? []).filter((one) => one.by < today()).map((one) => t('due_late', { date: dayShort(one.by), what: t(`due.${one.what}`) }))
    case 'newer_format':
      return [t('console.reason.newer_format')]
    case 'not_started':
      return [t('console.reason.not_started')]
    default:
      return [kind]
  }
}
export const kindName = (kind: string): string => (has(`console.kind.${kind}`) ? t(`console.kind.${kind}`) : kind)

/** The first and last day a card may be put away until. */
export const snoozeRange = (): [string, string] => [addDays(today(), 1), addDays(today(), 28)]
