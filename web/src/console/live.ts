/** One stream of changes for all pages: which patients have news. It closes with its last listener; the browser reconnects by itself. */
import { live } from '../generated/api'

type Change = { patient: string; head: number | null }
const listeners = new Set<(change: Change) => void>()
let source: EventSource | undefined

/** Calls `heard` at each change; gives back what ends it. */
export function listen(heard: (change: Change) => void): () => void {
  listeners.add(heard)
  source ??= live((change) => listeners.forEach((each) => each(change)))
  return () => {
    listeners.delete(heard)
    if (listeners.size > 0) return
    source?.close()
    source = undefined
  }
}
