/**
 * What a person likes on this device: text size, units, sounds, country, reminders. Kept beside the record, never in it; the
 * record itself is always in kg and km.
 */
import type { Language } from './i18n.svelte'
import { keep, kept } from './log.svelte'

export type Prefs = {
  language: Language | null
  /** 1, 1.15, 1.3 or 1.5. */
  textScale: number
  weight: 'kg' | 'lb'
  distance: 'km' | 'mi'
  sounds: boolean
  speech: boolean
  vibration: boolean
  /** Two letters, or empty when not known: decides the emergency number. */
  country: string
  reminders: { on: boolean; checkin: string; session: string; until: string }
}

export const prefs = $state<Prefs>({
  language: null, textScale: 1, weight: 'kg', distance: 'km', sounds: true, speech: true, vibration: true, country: '',
  reminders: { on: false, checkin: '07:30', session: '17:30', until: '21:00' },
})

/** Reads what was kept; pages may be shown before it. */
export async function loadPrefs(): Promise<void> {
  Object.assign(prefs, (await kept<Partial<Prefs>>('prefs')) ?? {})
  applyTextSize()
}
export async function savePrefs(change: Partial<Prefs>): Promise<void> {
  Object.assign(prefs, change)
  applyTextSize()
  await keep('prefs', $state.snapshot(prefs))
}
function applyTextSize(): void {
  document.documentElement.style.setProperty('--text-scale', String(prefs.textScale))
}

const KG_OF_LB = 0.45359237
const KM_OF_MI = 1.609344
const round = (value: number, places: number) => Number(value.toFixed(places))
/** kg of the record as a number in the person's unit, and what was entered as kg with at most two decimals. */
export const shownWeight = (kg: number): number => (prefs.weight === 'lb' ? round(kg / KG_OF_LB, 1) : kg)
export const enteredWeight = (value: number): number => round(prefs.weight === 'lb' ? value * KG_OF_LB : value, 2)
export const shownDistance = (km: number): number => (prefs.distance === 'mi' ? round(km / KM_OF_MI, 2) : km)
export const enteredDistance = (value: number): number => round(prefs.distance === 'mi' ? value * KM_OF_MI : value, 2)
