/** The checker in a worker of its own: it walks until it is done or the page ends it, and tells how far it is ten times a second. */
import { loadProver, ProveError } from '../../../../wasm/prove.mjs'
import type { LogEvent } from '../../lib/events'

export type Progress = { walk: string; walk_index: number; walks: number; states: number; transitions: number; memory: number; open: number; broken: number }
/** One property; from and day only where there is a story. */
export type Result = {
  id: string; name: string; verdict: 'open' | 'holds' | 'broken'; states: number; transitions: number
  what: string; args: Record<string, string>; from?: string; day?: string; story: LogEvent[]
}
export type Ask = { module: WebAssembly.Module; text: string }
export type Told = { progress: Progress; seconds: number; results?: Result[]; done: boolean } | { failed: 'memory' | 'other'; why: string }

const worker = self as unknown as DedicatedWorkerGlobalScope
const tell = (told: Told) => worker.postMessage(told)

worker.addEventListener('message', async ({ data }: MessageEvent<Ask>) => {
  try {
    const prover = await loadProver(data.module)
    prover.begin(data.text)
    const began = performance.now()
    let steps = 4096
    let decided = ''
    for (let more = true; more; ) {
      const from = performance.now()
      more = prover.step(steps)
      const took = performance.now() - from
      steps = took < 50 ? steps * 2 : took > 200 ? Math.ceil(steps / 2) : steps
      const progress = prover.progress()
      const now = `${progress.open} ${progress.broken}`
      if (took < 50 && more && now === decided) continue
      tell({ progress, seconds: (performance.now() - began) / 1000, done: !more, ...(now !== decided || !more ? { results: prover.results() } : {}) })
      decided = now
    }
  } catch (error) {
    tell({ failed: error instanceof RangeError || (error instanceof ProveError && error.memory) ? 'memory' : 'other', why: error instanceof Error ? error.message : String(error) })
  }
})
