/**
 * Sentences by id. They stand in locales/: en.json and es.json (the plan's words, shared with the command line) and
 * web/AREA.LANGUAGE.json (the pages'). An area is loaded with the page that needs it.
 *
 * A sentence may hold {name}, {name:family} (the sentence family.VALUE), {name|one|many} (the number and the word that fits it)
 * and {name#|one|many} (the word alone), as src/cli/locale.c reads them.
 */
export type Language = 'en' | 'es'
export const LANGUAGES: readonly Language[] = ['en', 'es']
export type Args = Record<string, string | number | null | undefined>
type Texts = Record<string, string>

// Fetched as data, not loaded as script: a phone parses JSON many times faster.
const files = import.meta.glob<string>(['../../../locales/*.json', '../../../locales/web/*.json'], { query: '?url', import: 'default', eager: true })
const state = $state<{ language: Language; texts: Texts }>({ language: 'en', texts: {} })
const areas = new Set<string>()
/** The language chosen last; the sentences may still be on their way. */
let wanted: Language = 'en'

const path = (area: string, language: Language) =>
  area === 'plan' ? `../../../locales/${language}.json` : `../../../locales/web/${area}.${language}.json`

async function read(area: string, language: Language): Promise<Texts> {
  const address = files[path(area, language)]
  return address ? ((await (await fetch(address)).json()) as Texts) : {}
}

/** Loads the sentences of areas ("plan", "app", "player" …), once. Await it before showing a page that uses them. */
export async function loadAreas(...names: string[]): Promise<void> {
  const fresh = names.filter((name) => !areas.has(name))
  if (fresh.length === 0) return
  let read_in: Language
  let texts: Texts[]
  do { // again when the language was changed while they came
    read_in = wanted
    texts = await Promise.all(fresh.map((name) => read(name, read_in)))
  } while (read_in !== wanted)
  fresh.forEach((name) => areas.add(name))
  state.texts = Object.assign({}, state.texts, ...texts)
}

/** Changes the language of everything on the screen, and of the document. */
export async function setLanguage(language: Language): Promise<void> {
  wanted = language
  const texts = await Promise.all([...areas].map((name) => read(name, language)))
  if (language !== wanted) return // another choice came meanwhile
  state.language = language
  state.texts = Object.assign({}, state.texts, ...texts)
  document.documentElement.lang = language
}

export const language = (): Language => state.language
/** The language with the region of the browser's own setting, for dates and numbers: 6 March is not March 6 everywhere. */
const region = (): string => (navigator.languages ?? []).find((tag) => tag.toLowerCase().startsWith(`${state.language}-`)) ?? { en: 'en-GB', es: 'es' }[state.language]

/** The browser's first language that we speak. */
export function preferredLanguage(): Language {
  for (const tag of navigator.languages ?? [navigator.language]) {
    const found = LANGUAGES.find((one) => tag.toLowerCase().startsWith(one))
    if (found) return found
  }
  return 'en'
}

/** Whether a sentence of that id is there. */
export const has = (key: string): boolean => key in state.texts

/** The sentence of id `key` with its arguments. A missing one shows its id: tests look for that. */
export function t(key: string, args: Args = {}): string {
  const text = state.texts[key]
  if (text === undefined) return key
  return text.replace(/\{([a-z_]+)(#?)(?::([a-z_]+))?(?:\|([^|}]*)\|([^}]*))?\}/gi, (_, name: string, alone: string, family?: string, one?: string, many?: string) => {
    const value = args[name]
    if (value === null || value === undefined) return ''
    if (family) return has(`${family}.${value}`) ? t(`${family}.${value}`) : String(value)
    if (one !== undefined) {
      const word = Number(value) === 1 ? one : (many ?? '')
      return alone ? word : `${number(value)} ${word}`
    }
    return number(value)
  })
}

/** Numbers as the language writes them; other text as it is. */
export function number(value: string | number): string {
  if (typeof value === 'string' && !/^-?\d+(\.\d+)?$/.test(value)) return value
  return new Intl.NumberFormat(region(), { maximumFractionDigits: 2, useGrouping: Math.abs(Number(value)) >= 10000 }).format(Number(value))
}

const utc = (day: string) => new Date(`${day}T12:00:00Z`)
/** "Friday 6 March" of a day text; with the year when asked. */
export const dayLong = (day: string, year = false): string =>
  new Intl.DateTimeFormat(region(), { weekday: 'long', day: 'numeric', month: 'long', ...(year ? { year: 'numeric' } : {}), timeZone: 'UTC' }).format(utc(day))
/** "6 Mar" */
export const dayShort = (day: string): string => new Intl.DateTimeFormat(region(), { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(utc(day))
/** "7:05" of an RFC 3339 text, in its own offset. */
export const timeOf = (at: string): string => at.slice(11, 16)
/** "3 hours ago", "in 2 days" of seconds from now. */
export function ago(seconds: number): string {
  const format = new Intl.RelativeTimeFormat(region(), { numeric: 'auto' })
  const size = Math.abs(seconds)
  if (size < 3600) return format.format(Math.round(seconds / 60), 'minute')
  if (size < 86400 * 2) return format.format(Math.round(seconds / 3600), 'hour')
  return format.format(Math.round(seconds / 86400), 'day')
}
