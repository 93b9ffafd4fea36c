/**
 * prove.mjs: the checker of protocols in the browser (in a worker: it walks for seconds) and in Node, without dependencies.
 *
 *     import { loadProver } from './prove.mjs'
 *     const prover = await loadProver(bytes)
 *     prover.begin(protocolText)              // throws a ProveError; error.all lists what is wrong with the text
 *     while (prover.step(1_000_000)) show(prover.progress())
 *     for (const one of prover.results()) …   // { id, name, verdict: 'holds' | 'broken' | 'open', what, args, story, from, day, … }
 *
 * The walk is src/prove, the shipped engine over every class of input; a story is a list of events, a record that shows the
 * break on its `day`. begin() takes the memory that the walk needs: catch a RangeError where a device has not so much.
 */

const ABI = 1

/** What the checker refused: a text that does not compile (all: every diagnostic), or memory that did not suffice (all: []). */
export class ProveError extends Error {
  constructor(err, all = []) {
    super(all[0]?.message || (all[0]?.sentence ?? `the walk ended with ${err}`))
    this.err = err
    this.all = all
    this.memory = all.length === 0
  }
}

/** Loads the checker. `source`: a WebAssembly.Module or the module's bytes. */
export async function loadProver(source) {
  const module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source)
  const { exports: wasm } = await WebAssembly.instantiate(module, {})
  if (wasm.lw_prove_abi() !== ABI) throw new Error(`loadwave-prove.wasm speaks interface ${wasm.lw_prove_abi()}, this file ${ABI}`)
  const decoder = new TextDecoder()
  // memory may have grown, which makes every earlier view stale: each use takes a fresh one
  const answer = () => JSON.parse(decoder.decode(new Uint8Array(wasm.memory.buffer, wasm.lw_output() >>> 0, wasm.lw_output_size() >>> 0)) || 'null')

  return {
    /** Compiles the text and begins. */
    begin(text) {
      const bytes = new TextEncoder().encode(text)
      const at = wasm.lw_input(bytes.length) >>> 0
      if (at === 0) throw new ProveError(0)
      new Uint8Array(wasm.memory.buffer, at, bytes.length).set(bytes)
      const err = wasm.lw_prove(at, bytes.length)
      if (err !== 0) throw new ProveError(err, [answer() ?? []].flat())
    },
    /** Walks on for about so many transitions; false when all is decided. */
    step(transitions) {
      const more = wasm.lw_prove_on(transitions)
      if (more < 0) throw new ProveError(more)
      return more === 1
    },
    /** How far it is: { walk, walk_index, walks, states, transitions, memory, open, broken }. */
    progress() {
      wasm.lw_prove_progress()
      return answer()
    },
    /** Every property and what was found of it so far. */
    results() {
      wasm.lw_prove_results()
      return answer() ?? []
    },
  }
}
