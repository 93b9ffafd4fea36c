/** The emergency number of the person's country: of the clinic's where there is one, else of the one chosen in Mine. */
import { has, language, t } from './i18n.svelte'
import { prefs } from './prefs.svelte'
import { sync } from './sync.svelte'

export const COUNTRIES = ['AR', 'AT', 'AU', 'BE', 'BG', 'CA', 'CH', 'CL', 'CO', 'CR', 'CY', 'CZ', 'DE', 'DK', 'EC', 'EE', 'ES', 'FI', 'FR', 'GB', 'GR', 'HR', 'HU', 'IE', 'IN', 'IS', 'IT', 'LT', 'LU', 'LV', 'MT', 'MX', 'NL', 'NO', 'NZ', 'PE', 'PL', 'PT', 'RO', 'SE', 'SI', 'SK', 'US', 'UY', 'ZA'] as const
export const country = (): string => sync.link?.country || prefs.country
/** Numbers to call, as digits; none where the country is not known. */
export const emergencyNumbers = (): string[] => (has(`common.emergency.${country()}`) ? t(`common.emergency.${country()}`).split(' ') : [])
export const countryName = (code: string): string => new Intl.DisplayNames([language()], { type: 'region' }).of(code) ?? code
export const countryChoices = (): { value: string; label: string }[] =>
  COUNTRIES.map((value) => ({ value, label: countryName(value) })).sort((a, b) => a.label.localeCompare(b.label, language()))
/** A first guess from the browser's own region; the person confirms it. */
export const guessedCountry = (): string => {
  const region = new Intl.Locale(navigator.language).region ?? ''
  return (COUNTRIES as readonly string[]).includes(region) ? region : ''
}
