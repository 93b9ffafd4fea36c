/**
 * Item texts of questionnaires that are not ours to ship (clinical.md 2.4, 2.5): from the clinic's settings, or from a file that
 * the person brings. Without them the forms show neutral labels.
 *
 *     { "visa_h": { "items": [6 texts], "sport": text, "sport_steps": [4 texts], "train": text,
 *                   "branches": { "none": text, "pain": text, "stops": text }, "steps": [5 texts] },
 *       "lefs": { "items": [20 texts], "steps": [5 texts] }, "tsk11": { "items": [11 texts], "steps": [4 texts] } }
 */
import { me } from '../../generated/api'
import { keep, kept } from '../../lib/log.svelte'
import { sync } from '../../lib/sync.svelte'

export type Wording = {
  visa_h?: { items: string[]; sport: string; sport_steps: string[]; train: string; branches: { none: string; pain: string; stops: string }; steps: string[] }
  lefs?: { items: string[]; steps: string[] }
  tsk11?: { items: string[]; steps: string[] }
}
const texts = (value: unknown, count: number): value is string[] => Array.isArray(value) && value.length === count && value.every((one) => typeof one === 'string' && one.trim() !== '' && one.length <= 1000)
const text = (value: unknown): value is string => texts([value], 1)

/** Reads a wording file; what is not complete is left out. Null when nothing of it can be used. */
export function readWording(raw: unknown): Wording | null {
  if (typeof raw !== 'object' || raw === null) return null
  const all = raw as Record<string, Record<string, unknown> | undefined>
  // the clinic's setting holds the VISA-H part alone
  const visa = (all.visa_h ?? ('branches' in all ? all : undefined)) as Record<string, unknown> | undefined
  const branches = visa?.branches as Record<string, unknown> | undefined
  const found: Wording = {}
  if (visa && texts(visa.items, 6) && text(visa.sport) && texts(visa.sport_steps, 4) && text(visa.train) && texts(visa.steps, 5) && branches && text(branches.none) && text(branches.pain) && text(branches.stops)) found.visa_h = visa as Wording['visa_h']
  if (all.lefs && texts(all.lefs.items, 20) && texts(all.lefs.steps, 5)) found.lefs = all.lefs as Wording['lefs']
  if (all.tsk11 && texts(all.tsk11.items, 11) && texts(all.tsk11.steps, 4)) found.tsk11 = all.tsk11 as Wording['tsk11']
  return Object.keys(found).length > 0 ? found : null
}

/** What this device has: the person's own file before the clinic's. */
export async function wording(): Promise<Wording> {
  if (sync.link && sync.online && sync.state !== 'signed_out' && sync.state !== 'ended') {
    const settings = await me().then((one) => one.clinic?.settings as Record<string, unknown> | undefined, () => undefined)
    if (settings) await keep('clinicWording', settings.visa_h_wording)
  }
  const [own, clinic] = await Promise.all([kept<unknown>('wording'), kept<unknown>('clinicWording')])
  return { ...readWording(clinic), ...readWording(own) }
}
/** Keeps a file's wording on this device; false when it cannot be used. */
export async function importWording(file: string): Promise<boolean> {
  try {
    const raw: unknown = JSON.parse(file)
    if (!readWording(raw)) return false
    await keep('wording', raw)
    return true
  } catch {
    return false
  }
}
