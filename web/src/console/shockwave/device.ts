/** A shockwave device as the clinic registers it, and the form it is typed into. */
export type Range = { min: number; max: number }
export type DeviceSettings = { applicators: { mm: number; name?: string }[]; pressure_bar: Range | null; efd_mj_mm2: Range | null; rate_hz: Range | null; impulses_max: number | null; serial?: string }
export type DeviceForm = { name: string; wave: 'radial' | 'focused'; serial: string; applicators: string; least: string; most: string; rate_least: string; rate_most: string; impulses: string }
export const DEVICE_EMPTY: DeviceForm = { name: '', wave: 'radial', serial: '', applicators: '', least: '', most: '', rate_least: '', rate_most: '', impulses: '' }

/** A number as people type it, with a point or a comma; NaN when it is none. */
export const typed = (text: string): number => (/^\s*\d+([.,]\d+)?\s*$/.test(text) ? Number(text.trim().replace(',', '.')) : NaN)

/** What the form says, in the shape the server takes; it refuses what makes no sense, and names it. */
export function settingsOf(form: DeviceForm): DeviceSettings {
  const range = { min: typed(form.least), max: typed(form.most) }
  return {
    applicators: form.applicators.split('\n').map((line) => line.trim()).filter(Boolean).map((line) => {
      const [mm, ...rest] = line.split(/\s+/)
      return { mm: typed(mm ?? ''), ...(rest.length > 0 ? { name: rest.join(' ') } : {}) }
    }),
    pressure_bar: form.wave === 'radial' ? range : null,
    efd_mj_mm2: form.wave === 'focused' ? range : null,
    rate_hz: { min: typed(form.rate_least), max: typed(form.rate_most) },
    impulses_max: typed(form.impulses),
    ...(form.serial.trim() ? { serial: form.serial.trim() } : {}),
  }
}

/** A range of the protocol's text: "set shockwave pressure from 2 bar [V] S20" and its "to". */
export function protocolRange(text: string, what: string): (Range & { tag: string; cites: string }) | null {
  const line = (end: string) => new RegExp(`^set shockwave ${what} ${end} ([0-9.]+) \\S+\\s+\\[(\\w+)\\]\\s*([^#\\n]*)`, 'm').exec(text)
  const from = line('from')
  const to = line('to')
  return from && to ? { min: Number(from[1]), max: Number(to[1]), tag: to[2]!, cites: [...new Set(`${from[3]} ${to[3]}`.match(/S\d+/g) ?? [])].join(', ') } : null
}
export const protocolNumber = (text: string, what: string): number | null => {
  const found = new RegExp(`^set shockwave ${what} ([0-9.]+)`, 'm').exec(text)
  return found ? Number(found[1]) : null
}
