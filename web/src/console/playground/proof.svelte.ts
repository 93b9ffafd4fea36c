/** One proof: of which text, how far it is, what was found. It lives as long as the playground, so that tabs may be changed meanwhile. */
import wasmUrl from '../../../../build/loadwave-prove.wasm?url'
import type { Ask, Progress, Result, Told } from './prove.worker'

export type { Result }
let moduleOnce: Promise<WebAssembly.Module> | undefined

async function load(): Promise<WebAssembly.Module> {
  const answer = await fetch(wasmUrl)
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`)
  return WebAssembly.compile(await answer.arrayBuffer())
}

export class Proof {
  text = $state('')
  name = $state('')
  at = $state<'none' | 'running' | 'done' | 'cancelled' | 'memory' | 'failed'>('none')
  why = $state('')
  seconds = $state(0)
  progress = $state.raw<Progress | null>(null)
  results = $state.raw<Result[]>([])
  #worker: Worker | undefined

  async start(text: string, name: string): Promise<void> {
    this.#end()
    Object.assign(this, { text, name, at: 'running', why: '', seconds: 0, progress: null, results: [] })
    const worker = new Worker(new URL('./prove.worker.ts', import.meta.url), { type: 'module' })
    this.#worker = worker
    worker.addEventListener('message', ({ data }: MessageEvent<Told>) => worker === this.#worker && this.#heard(data))
    worker.addEventListener('error', (event) => worker === this.#worker && this.#heard({ failed: 'other', why: event.message }))
    try {
      const module = await (moduleOnce ??= load())
      worker.postMessage({ module, text } satisfies Ask)
    } catch (error) {
      moduleOnce = undefined
      if (worker === this.#worker) this.#heard({ failed: 'other', why: error instanceof Error ? error.message : String(error) })
    }
  }

  /** Ends the walk; what was decided until then stays. */
  cancel(): void {
    if (this.at !== 'running') return
    this.#end()
    this.at = 'cancelled'
  }

  #heard(told: Told): void {
    if ('failed' in told) {
      this.at = told.failed === 'memory' ? 'memory' : 'failed'
      this.why = told.why
    } else {
      this.progress = told.progress
      this.seconds = told.seconds
      if (told.results) this.results = told.results
      if (told.done) this.at = 'done'
    }
    if (this.at !== 'running') this.#end()
  }
  #end(): void {
    this.#worker?.terminate()
    this.#worker = undefined
  }
}
