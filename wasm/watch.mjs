/**
 * watch.mjs: the reader of watch files in the browser and in Node, without dependencies.
 *
 *     import { loadWatch } from './watch.mjs'
 *     const watch = await loadWatch(bytes)
 *     watch.fit(fileBytes)            // { activities, sets, notes, routes }; throws a WatchError for what is no activity
 *     watch.track('a\trunning\np\t48.5\t8.5\t100\t2026-03-06T06:05:00Z\t\n…')   // the same of a GPX or TCX file's texts
 *     watch.hash(fileBytes)           // SHA-256 in hex: what makes a file known again
 *
 * It is src/watch, the same C as the program's; the lines of track() are explained in watch_shim.c.
 */

const ABI = 1

/** What was refused; err: LW_ERR_SYNTAX (-2) no FIT file, LW_ERR_TYPE (-7) one without an activity, 0 too large. */
export class WatchError extends Error {
  constructor(err, answer) {
    super(`not read: ${err}`)
    this.err = err
    this.answer = answer
  }
}

/** Loads the reader. `source`: a WebAssembly.Module or the module's bytes. */
export async function loadWatch(source) {
  const module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source)
  const { exports: wasm } = await WebAssembly.instantiate(module, {})
  if (wasm.lw_watch_abi() !== ABI) throw new Error(`loadwave-watch.wasm speaks interface ${wasm.lw_watch_abi()}, this file ${ABI}`)
  const decoder = new TextDecoder()
  const put = (bytes) => {
    const at = wasm.lw_input(bytes.length) >>> 0
    if (at === 0) throw new WatchError(0)
    new Uint8Array(wasm.memory.buffer, at, bytes.length).set(bytes)
    return at
  }
  // memory may have grown, which makes every earlier view stale: each use takes a fresh one
  const said = () => decoder.decode(new Uint8Array(wasm.memory.buffer, wasm.lw_output() >>> 0, wasm.lw_output_size() >>> 0))

  return {
    fit(bytes) {
      const err = wasm.lw_fit(put(bytes), bytes.length)
      if (err !== 0) throw new WatchError(err, JSON.parse(said()))
      return JSON.parse(said())
    },
    track(lines) {
      const bytes = new TextEncoder().encode(lines)
      wasm.lw_track(put(bytes), bytes.length)
      return JSON.parse(said())
    },
    hash(bytes) {
      wasm.lw_hash(put(bytes), bytes.length)
      return said()
    },
  }
}
