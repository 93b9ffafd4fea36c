/**
 * The hours of reminders, on the person's own clock; the same rules as the server's (src/send/window.h). Hours that end before they
 * begin go over midnight. The morning's check-in is asked for before midnight only: it belongs to the day whose morning it is about.
 */
export type Hours = { checkin: string; session: string; until: string }
export type Span = { from: string; until: string }

export const overMidnight = <T extends string | number>(from: T, until: T): boolean => until < from
export const within = <T extends string | number>(time: T, from: T, until: T): boolean => (overMidnight(from, until) ? time >= from || time < until : time >= from && time < until)

/** Of one calendar day, in "HH:MM": between which times each is asked for. `night`: exercises after midnight, out of hours that began the day before. */
export function spans({ checkin, session, until }: Hours): { checkin: Span; session: Span; night: boolean } {
  const over = overMidnight(checkin, until)
  const night = over && session < until
  return { checkin: { from: checkin, until: over ? '24:00' : until }, session: { from: session, until: over && !night ? '24:00' : until }, night }
}
