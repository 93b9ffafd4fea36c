/**
 * Reminders without a server: while a page of the app is open they come at their time; where the browser wakes an installed
 * app now and then (periodic sync), the worker looks at the same note. None comes after the thing is done, or outside the window.
 */
import { addDays, nowText, today } from './clock'
import { effective, localDay } from './events'
import { spans } from './hours'
import { t } from './i18n.svelte'
import { keep, kept, log, planOrWhy } from './log.svelte'
import { prefs } from './prefs.svelte'

/** What the worker needs to know without the engine; words included, because it has no locales. */
export type Note = { on: boolean; day: string; checkin: string; session: string; checkinUntil: string; sessionUntil: string; checkinDone: string; sessionLeft: string; title: string; checkinText: string; sessionText: string; shown: string[] }

export const remindersWork = (): boolean => typeof Notification !== 'undefined' && 'serviceWorker' in navigator
export const remindersAllowed = (): boolean => remindersWork() && Notification.permission === 'granted'

/** Asks the browser for leave to remind; true when given. */
export async function allowReminders(): Promise<boolean> {
  if (!remindersWork()) return false
  const given = (await Notification.requestPermission()) === 'granted'
  if (given) {
    const ready = (await navigator.serviceWorker.ready) as ServiceWorkerRegistration & { periodicSync?: { register(tag: string, options: { minInterval: number }): Promise<void> } }
    await ready.periodicSync?.register('remind', { minInterval: 6 * 3600000 }).catch(() => undefined)
  }
  return given
}

function stand(): { checkin: boolean; session: boolean } {
  const day = today()
  const plan = planOrWhy(day).plan
  const todays = effective(log.events).filter((event) => localDay(event) === day)
  const asks = plan !== null && ['active', 'paused'].includes(plan.status)
  const left = plan?.status === 'active' && plan.session.items.some((item) => !todays.some((event) => event.kind === 'exercise' && event.data.exercise === item.exercise && (event.data.side ?? 'both') === item.side))
  // Where exercises are asked for after midnight, what was done since the hours began counts for that night.
  const since = `${addDays(day, -1)}T${prefs.reminders.checkin}`
  const tonight = spans(prefs.reminders).night && effective(log.events).some((event) => event.kind === 'exercise' && localDay(event) < day && event.at.slice(0, 16) >= since)
  return { checkin: asks && !todays.some((event) => event.kind === 'checkin'), session: Boolean(left) && !tonight }
}

/** Writes the note for the worker. */
export async function noteReminders(): Promise<void> {
  if (!log.ready || log.patient === null) return
  const { checkin, session } = stand()
  const old = await kept<Note>('remind')
  const day = today()
  const hours = spans(prefs.reminders)
  await keep('remind', {
    on: prefs.reminders.on, day, checkin: prefs.reminders.checkin, session: prefs.reminders.session, checkinUntil: hours.checkin.until, sessionUntil: hours.session.until, checkinDone: checkin ? '' : day, sessionLeft: session ? day : '',
    title: 'Loadwave', checkinText: t('app.remind.checkin'), sessionText: t('app.remind.session'), shown: (old?.shown ?? []).filter((one) => one.startsWith(day)),
  } satisfies Note)
}

/** Looks whether one is due; called every half minute while a page is open. */
export async function remind(): Promise<void> {
  if (!prefs.reminders.on || !remindersAllowed() || !log.ready || document.visibilityState === 'visible') return
  const time = nowText().slice(11, 16)
  const hours = spans(prefs.reminders)
  const due = stand()
  const note = await kept<Note>('remind')
  const shown = new Set(note?.shown ?? [])
  for (const what of ['checkin', 'session'] as const) {
    const key = `${today()} ${what}`
    if (!due[what] || time < hours[what].from || time >= hours[what].until || shown.has(key)) continue
    shown.add(key)
    const ready = await navigator.serviceWorker.ready
    await ready.showNotification('Loadwave', { body: t(`app.remind.${what}`), tag: what, icon: '/icon-192.png', lang: document.documentElement.lang })
  }
  if (note) await keep('remind', { ...note, shown: [...shown] })
}

/** Two daily entries for the calendar of the phone: the reminder that works with a closed browser. */
export function calendarText(): string {
  const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  const first = today().replaceAll('-', '')
  const entry = (what: 'checkin' | 'session') => [
    'BEGIN:VEVENT', `UID:loadwave-${what}@device`, `DTSTAMP:${stamp}`, `DTSTART:${first}T${prefs.reminders[what].replace(':', '')}00`, 'DURATION:PT5M', 'RRULE:FREQ=DAILY;COUNT=120',
    `SUMMARY:${t(`app.remind.${what}`).replace(/([,;\\])/g, '\\$1')}`, 'BEGIN:VALARM', 'ACTION:DISPLAY', 'TRIGGER:PT0M', 'DESCRIPTION:Loadwave', 'END:VALARM', 'END:VEVENT',
  ]
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Loadwave//EN', ...entry('checkin'), ...entry('session'), 'END:VCALENDAR', ''].join('\r\n')
}
