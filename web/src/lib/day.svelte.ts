/** The local day of this device, for pages: it changes at midnight and when the page comes back from sleep. */
import { today } from './clock'

const state = $state({ day: today(), now: Date.now() })

/** Looks at the clock again. */
export function lookAtClock(): void {
  state.now = Date.now()
  const day = today()
  if (day !== state.day) state.day = day
}
setInterval(lookAtClock, 20000)
for (const name of ['visibilitychange', 'pageshow', 'focus', 'resume']) addEventListener(name, lookAtClock)
document.addEventListener('visibilitychange', lookAtClock)

/** "2026-03-06", followed by whoever shows it. */
export const day = (): string => state.day
/** Milliseconds since 1970, at most twenty seconds old. */
export const now = (): number => state.now
