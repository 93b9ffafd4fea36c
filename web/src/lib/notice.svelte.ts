/** Short messages at the foot of the page, read out by screen readers; with an undo where there is one. */
type Notice = { id: number; text: string; undo: (() => unknown) | null; until: number }
const state = $state<{ list: Notice[] }>({ list: [] })
let next = 1

export const notices = (): readonly Notice[] => state.list
/** Says `text`; with `undo`, a button that takes it back for `seconds`. */
export function say(text: string, undo: (() => unknown) | null = null, seconds = undo ? 20 : 8): void {
  const id = next++
  state.list = [...state.list.slice(-2), { id, text, undo, until: Date.now() + seconds * 1000 }]
  setTimeout(() => unsay(id), seconds * 1000)
}
export function unsay(id: number): void {
  state.list = state.list.filter((one) => one.id !== id)
}
