/** Local days and times as the record writes them. Everything that needs "now" asks here. */
const two = (value: number) => String(value).padStart(2, '0')

/** "2026-03-06" of this device's local date. */
export function today(now = new Date()): string {
  return `${String(now.getFullYear()).padStart(4, '0')}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
}
/** RFC 3339 with this device's offset, whole seconds. */
export function nowText(now = new Date()): string {
  const offset = -now.getTimezoneOffset()
  const size = Math.abs(offset)
  return `${today(now)}T${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}
/** Days since 1970 of a day text, and back. */
export const dayNumber = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 86400000
export const dayText = (day: number): string => new Date(day * 86400000).toISOString().slice(0, 10)
export const addDays = (day: string, count: number): string => dayText(dayNumber(day) + count)

/** A fresh UUID version 7. */
export function freshId(now = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  const view = new DataView(bytes.buffer)
  view.setUint32(0, Math.floor(now / 65536))
  view.setUint16(4, now % 65536)
  bytes[6] = (bytes[6]! & 0x0f) | 0x70
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
