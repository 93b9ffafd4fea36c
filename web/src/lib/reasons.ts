/** The reasons of a plan in words: the same sentences as the command line's (src/cli/render_why.c). */
import { has, number, t } from './i18n.svelte'
import type { Plan, Why } from './plan'
import { ownText, ruleTitle, sameRule } from './protocol.svelte'

/** The sentence of a rule that spoke, or of what a rule waits for. */
export function ruleText(why: Why): string {
  const ending = why.fired ? '' : '.wait'
  const key = [`rule.${why.rule}.${why.variant}${ending}`, `rule.${why.rule}.${why.action}${ending}`, `rule.${why.rule}${ending}`].find(has)
  if (key && sameRule(why.rule, why.variant)) return t(key)
  return t(why.fired ? 'ui.rule_title' : 'ui.not_today', { text: ruleTitle(why.rule, why.variant) ?? why.rule })
}
/** The reasons with these rule ids, in the plan's order; all without. */
export const reasonsOf = (plan: Plan, rules?: readonly string[]): Why[] => (rules ? plan.why.filter((why) => rules.includes(why.rule)) : plan.why)

type Input = Why['inputs'][number]
/** "morning test: 2 of 10", and how old it is. */
export function inputText(input: Input): string {
  const { name, value, age_d } = input
  let words: string
  if (name.startsWith('tests.')) words = t('input.tests', { name: name.slice(6), value: value ?? t('ui.unknown') })
  else if (!has(`input.${name}`)) words = `${name}: ${value === null ? t('ui.unknown') : number(value)}`
  else if (value !== null) words = t(`input.${name}`, { value })
  else words = t(`input.${name}`, { value: '\u0000' }).replace(/\u0000.*$/s, '') + t('ui.unknown')
  const age = age_d === null || age_d === 0 ? '' : age_d === 1 ? t('ui.age_yesterday') : t('ui.age_days', { n: age_d })
  return age ? `${words} (${age})` : words
}
export const wouldText = (why: Why): string => (why.would_change.id ? t(`would.${why.would_change.id}`, why.would_change.args) : '')
/** How sure: grade and tag in words. */
export function sureText(why: Why): string {
  const parts: string[] = []
  if (why.grade && !(why.tag === 'D' && why.grade === 'D')) parts.push(`${t(`grade.${why.grade}`)} (${why.grade})`)
  if (why.tag) parts.push(t(`tag.${why.tag}`))
  return parts.join('; ')
}
/** A piece of advice: a sentence of ours, or the protocol's own text. */
export const adviceText = (id: string): string => (has(`advice.${id}`) ? t(`advice.${id}`) : (ownText(id) ?? id))
