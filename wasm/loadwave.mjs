/**
 * loadwave.mjs: Loadwave's engine in the browser and in Node, without dependencies.
 *
 *     import { load } from './loadwave.mjs'
 *     const lw = await load(new URL('loadwave.wasm', import.meta.url))
 *     lw.compile(await (await fetch('pht.protocol')).text())
 *     const plan = lw.planJson(recordBytes, '2026-03-06')
 *
 * plan() gives exactly the bytes that `loadwave today RECORD --on DATE --json` prints, without the newline. What is wrong
 * with a record or a protocol is thrown as a LoadwaveError, with line, column, member and hint.
 */

const ABI = 2
const HASH = 1 // LW_PLAN_HASH

/** What the engine refused: name is "LW_ERR_RANGE" and the like; line and column count from 1, 0 is unknown. */
export class LoadwaveError extends Error {
  constructor(diag, all = [diag]) {
    const where = diag.line > 0 ? `line ${diag.line}, column ${diag.column}: ` : ''
    const member = diag.member ? `${diag.member}: ` : ''
    super(`${where}${member}${diag.message || diag.sentence}${diag.hint ? ` (${diag.hint})` : ''}`)
    const { err, name, line, column, length, member: path, message: detail, hint } = diag
    Object.assign(this, { err, name, line, column, length, member: path, detail, hint, all })
  }
}

/** "2026-03-06" as days since 1970-01-01; a number is taken as such a day already. */
export function dayNumber(date) {
  if (Number.isInteger(date)) return date
  const at = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : NaN
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== date) {
    throw new RangeError(`a day is written as 2026-03-06, not as ${date}`)
  }
  return at / 86400000
}

/** The bytes of a module: given as bytes, as a Response, or by the address of a file. */
async function bytesOf(source) {
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return source
  if (typeof Response !== 'undefined' && source instanceof Response) return source.arrayBuffer()
  const address = String(source)
  if (address.startsWith('file:')) {
    const { readFile } = await import('node:fs/promises')
    return readFile(new URL(address))
  }
  const answer = await fetch(address)
  if (!answer.ok) throw new Error(`${address}: ${answer.status} ${answer.statusText}`)
  return answer.arrayBuffer()
}

/**
 * Loads the engine. `source`: a WebAssembly.Module, the module's bytes, a Response, or its address.
 * Each call of load() is an engine of its own with its own memory and protocol.
 */
export async function load(source) {
  const module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(await bytesOf(source))
  const { exports: wasm } = await WebAssembly.instantiate(module, {})
  if (wasm.lw_abi() !== ABI) throw new Error(`loadwave.wasm speaks interface ${wasm.lw_abi()}, this file ${ABI}`)
  const encoder = new TextEncoder()
  const decoder = new TextDecoder()

  // memory may have grown, which makes every earlier view stale: each use takes a fresh one
  const input = (value) => {
    const bytes = typeof value === 'string' ? encoder.encode(value) : new Uint8Array(value.buffer ?? value, value.byteOffset ?? 0, value.byteLength)
    const at = wasm.lw_input(bytes.length) >>> 0
    if (at === 0) throw new RangeError(`${bytes.length} bytes are more than the engine's memory can hold`)
    new Uint8Array(wasm.memory.buffer, at, bytes.length).set(bytes)
    return [at, bytes.length]
  }
  const output = () => new Uint8Array(wasm.memory.buffer, wasm.lw_output() >>> 0, wasm.lw_output_size() >>> 0).slice()
  const answer = () => JSON.parse(decoder.decode(output()) || 'null')
  const bare = (err) => ({ err, name: 'LW_ERR_NO_MEMORY', line: 0, column: 0, length: 0, member: '', message: 'not enough memory', hint: '' })

  const plan = (record, date, { hash = false } = {}) => {
    const day = dayNumber(date)
    const [at, size] = input(record)
    const err = wasm.lw_plan(at, size, day, hash ? HASH : 0)
    if (err !== 0) throw new LoadwaveError(answer() ?? bare(err))
    return output()
  }

  return {
    /** Compiles a protocol's text and uses it for every plan from now on. Throws the first error; `all` has the rest. */
    compile(text) {
      const err = wasm.lw_compile(...input(text))
      const found = err === 0 ? [] : [answer() ?? bare(err)].flat()
      if (err !== 0) throw new LoadwaveError(found[0] ?? bare(err), found)
    },
    /** What is wrong with a protocol's text, or could be better: a list of diagnostics, empty when all is well. */
    check(text) {
      const err = wasm.lw_check(...input(text))
      return [answer() ?? bare(err)].flat()
    },
    /** The plan of a day ("2026-03-06", or days since 1970) for a record's bytes (or text), as JSON bytes. */
    plan,
    /** The same as an object. */
    planJson: (record, date, options) => JSON.parse(decoder.decode(plan(record, date, options))),
    /**
     * What each day of `from`..`to` came to, at most 1,100 of them: load by channel, pain, sessions due, done and missed
     * (docs/format/loads.md).
     */
    loads(record, from, to) {
      const days = [dayNumber(from), dayNumber(to)]
      const err = wasm.lw_day_loads(...input(record), ...days)
      if (err !== 0) throw new LoadwaveError(answer() ?? bare(err))
      return answer()
    },
    /** Bytes of memory the engine holds. */
    memory: () => wasm.memory.buffer.byteLength,
  }
}
