/** One stream of changes for all pages: which patients have news. It closes with its last listener; the browser reconnects by itself. */
import { live } from '../generated/api'

type Change = { patient: string; head: number | null }
const listeners = new Set<(change: Change) => void>()
let source: EventSource | undefined

function open(): void {
  if (source && source.readyState !== EventSource.CLOSED) return
  source = live((change) => listeners.forEach((each) => each(change)))
  // A refused stream (the session ran out, the server restarts) is not tried again by the browser.
  source.addEventListener('error', () => setTimeout(() => listeners.size > 0 && open(), 15000))
}

/** Calls `heard` at each change; gives back what ends it. */
export function listen(heard: (change: Change) => void): () => void {
  listeners.add(heard)
  open()
  return () => {
    listeners.delete(heard)
    if (listeners.size > 0) return
    source?.close()
    source = undefined
  }
}
