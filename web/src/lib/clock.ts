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

let lastMs = 0
let serial = 0
/** A fresh UUID version 7. Ids made in the same millisecond, or while a clock stands or goes back, still rise: events of one second keep their order. */
export function freshId(now = Date.now()): string {
  if (now > lastMs) {
    lastMs = now
    serial = crypto.getRandomValues(new Uint16Array(1))[0]! & 0x3ff
  } else if (++serial > 0xfff) {
    lastMs++
    serial = 0
  }
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  const view = new DataView(bytes.buffer)
  view.setUint32(0, Math.floor(lastMs / 65536))
  view.setUint16(4, lastMs % 65536)
  view.setUint16(6, 0x7000 | serial)
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
