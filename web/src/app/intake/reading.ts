/** A reading in a worker of its own. */
import { freshId } from '../../lib/clock'
import type { Ask, Found, Progress, Told } from './read'

/** Reads files, or a table by its map; null when it was stopped. It fails when the worker dies, of too little memory as a rule. */
export function read(files: File[], map: string | undefined, progress: (far: Progress) => void, stop: AbortSignal): Promise<Found | null> {
  const worker = new Worker(new URL('./import.worker.ts', import.meta.url), { type: 'module' })
  const life = freshId()
  return new Promise<Found | null>((resolve, reject) => {
    const died = () => reject(new Error('the reader of files died'))
    stop.addEventListener('abort', () => resolve(null))
    worker.addEventListener('error', died)
    worker.addEventListener('message', ({ data }: MessageEvent<Told>) => {
      if (data === 'alive') void navigator.locks?.request(life, died)
      else if (data === 'failed') died()
      else if ('items' in data) resolve(data)
      else progress(data)
    })
    worker.postMessage({ files, map, now: Date.now(), life } satisfies Ask)
  }).finally(() => worker.terminate())
}
