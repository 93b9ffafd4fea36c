/** Events of the record in words: what kind, by whom, and each member as "label: value". */
import { MEMBER_INFO, type Kind } from '../../generated/events'
import { exerciseName } from '../../lib/dose'
import type { LogEvent } from '../../lib/events'
import { dayShort, has, number, t } from '../../lib/i18n.svelte'

export const kindWord = (kind: string): string => (has(`console.event.${kind}`) ? t(`console.event.${kind}`) : kind)
export const memberWord = (name: string): string => (has(`console.m.${name}`) ? t(`console.m.${name}`) : name.replace(/_/g, ' '))

/** The same with a capital, for a field's label. */
export const memberLabel = (name: string): string => memberWord(name).replace(/^./, (first) => first.toUpperCase())

/** Where the words of a member's values stand. */
// keys: flag.* contra.* test.* side.* goal.* sport.* sex.* onset.* imaging.* imaging_result.* loading_response.* verdict.* due.* console.authority.*
const FAMILY: Record<string, string> = {
  flag: 'flag', flags: 'flag', code: 'contra', codes: 'contra', contraindications: 'contra', test: 'test', side: 'side', sides: 'side', goal: 'goal', sport: 'sport', sex: 'sex',
  onset: 'onset', imaging: 'imaging', imaging_result: 'imaging_result', loading_response: 'loading_response', verdict: 'verdict', action: 'verdict', instrument: 'due', authority: 'console.authority',
}

const SET_UNIT: Record<string, string> = { load_kg: ' kg', hold_s: ' s', distance_m: ' m', speed_pct: ' %' }
/** One value of a member in words. */
export function word(kind: string, name: string, value: unknown): string {
  if (value === true) return t('yn.1')
  if (value === false) return t('yn.0')
  if (Array.isArray(value)) return value.length === 0 ? t('console.w.none') : value.map((one) => word(kind, name, one)).join(name === 'sets' ? '; ' : ', ')
  if (value !== null && typeof value === 'object') {
    return Object.entries(value).map(([inner, one]) => {
      if (name === 'tests') return `${t(`test.${inner}`)} ${word(kind, inner, one)}`
      if (name === 'sets') return `${inner === 'reps' ? '× ' : ['load_kg', 'hold_s', 'distance_m'].includes(inner) ? '' : `${memberWord(inner)} `}${word(kind, inner, one)}${SET_UNIT[inner] ?? ''}`
      if (name === 'loads') return `${word(kind, 'equipment', inner)}: ${Array.isArray(one) ? one.map((kg) => number(Number(kg))).join('/') : Object.entries(one as object).map(([at, kg]) => `${memberWord(at)} ${kg}`).join(' ')} kg`
      return `${has(`side.${inner}`) ? t(`side.${inner}`) : memberWord(inner)} ${word(kind, inner, one)}`
    }).join(', ')
  }
  const text = String(value)
  if (name === 'exercise') return exerciseName(text)
  if (name === 'level' && kind === 'authority') return t(`console.authority.${text}`)
  if (name === 'to' && has(`stage_short.${text}`)) return t(`stage_short.${text}`)
  if (name === 'variable' && has(`change.${text}`)) return t(`change.${text}`)
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return dayShort(text)
  const family = FAMILY[name]
  if (family && has(`${family}.${text}`)) return family === 'flag' || family === 'contra' ? `${text}: ${t(`${family}.${text}`)}` : t(`${family}.${text}`)
  if (typeof value === 'number') {
    const unit = (MEMBER_INFO as Record<string, Record<string, { unit?: string }>>)[kind]?.[name]?.unit
    return `${number(value)}${unit && !['year', 'weeks'].includes(unit) ? ` ${unit === 'deg' ? '°' : unit}` : ''}`
  }
  return has(`console.w.${text}`) ? t(`console.w.${text}`) : text
}

const HIDDEN: Record<string, string[]> = { decided: ['protocol_sha256', 'inputs', 'plan_sha256', 'items', 'rules', 'engine'], started: ['protocol_sha256'], cleared: [], override: ['decision'], void: ['event'] }
/** The members of an event that a reader wants, in the order they were written. */
export function memberLines(event: LogEvent, without: readonly string[] = []): { label: string; value: string }[] {
  return Object.entries(event.data)
    .filter(([name]) => !(HIDDEN[event.kind] ?? []).includes(name) && !without.includes(name))
    .map(([name, value]) => ({ label: memberWord(name), value: name === 'events' ? String((value as unknown[]).length) : word(event.kind, name, value) }))
}
/** Kinds that name no member when written as text: the value says it all. */
export const plainKind = (kind: Kind | string): boolean => ['note', 'symptom', 'screened', 'paused', 'discharged'].includes(kind)
