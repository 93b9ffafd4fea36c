/** Taking an own entry back: said at once with an undo, and from the list of the day later on. */
import { makeEvent, type LogEvent } from '../lib/events'
import { t } from '../lib/i18n.svelte'
import { add, log, takeBackHeld } from '../lib/log.svelte'
import { say } from '../lib/notice.svelte'

export async function voidEvents(...events: LogEvent[]): Promise<void> {
  const held = events.filter((event) => log.held.some((one) => one.line.id === event.id))
  const rest = events.filter((event) => !held.includes(event))
  if (held.length > 0) await takeBackHeld(...held.map((event) => event.id))
  if (rest.length > 0) await add(...rest.map((event) => makeEvent(log.patient!, 'void', { event: event.id, reason: 'taken back by the patient' })))
  say(t('app.undo.done'))
}
/** Says `text`, with an undo that takes `events` back. */
export function takeBack(events: LogEvent | LogEvent[], text: string): void {
  const list = Array.isArray(events) ? events : [events]
  say(text, () => voidEvents(...list))
}
