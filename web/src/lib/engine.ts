/**
 * The engine on this device: the same C as the server's, as WebAssembly. It is loaded once, when first asked; each protocol
 * version has an instance of its own, so that two can be compared.
 */
import protocolUrl from '../../../protocols/pht/pht.protocol?url'
import { load, LoadwaveError } from '../../../wasm/loadwave.mjs'
import wasmUrl from '../../../build/loadwave.wasm?url'
import type { Plan } from './plan'

export { LoadwaveError }
export type Diagnostic = { err: number; name: string; sentence: string; line: number; column: number; length: number; member: string; message: string; hint: string }
/** What one day came to: docs/format/loads.md. */
export type DayLoad = {
  day: string; done: boolean; due: boolean; missed: boolean; tension: number; compression: number; sit_min: number; run_min: number; run_km: number
  pain_during: number | null; pain_morning: number | null; pain_test: number | null; sitting_min: number | null
  flare: 'none' | 'minor' | 'major'
}
export type Engine = {
  compile(text: string): void
  check(text: string): Diagnostic[]
  plan(record: string | Uint8Array, date: string | number, options?: { hash?: boolean }): Uint8Array
  planJson(record: string | Uint8Array, date: string | number, options?: { hash?: boolean }): Plan
  loads(record: string | Uint8Array, from: string | number, to: string | number): DayLoad[]
}

let moduleOnce: Promise<WebAssembly.Module> | undefined
let builtinOnce: Promise<string> | undefined
const engines = new Map<string, Promise<Engine>>()

const module = () => (moduleOnce ??= fetch(wasmUrl).then(async (answer) => WebAssembly.compile(await answer.arrayBuffer())))

/** The text of the protocol that this version carries. */
export const builtinProtocol = () => (builtinOnce ??= fetch(protocolUrl).then((answer) => answer.text()))

/** A fresh engine without a protocol: for checking text as it is typed. */
export const freshEngine = async (): Promise<Engine> => (await load(await module())) as unknown as Engine

/** An engine with a protocol: the one that this version carries, or `text`. Throws a LoadwaveError when it does not compile. */
export function engine(text?: string): Promise<Engine> {
  const key = text ?? ''
  let found = engines.get(key)
  if (!found) {
    found = (async () => {
      const fresh = await freshEngine()
      fresh.compile(text ?? (await builtinProtocol()))
      return fresh
    })()
    engines.set(key, found)
    found.catch(() => engines.delete(key))
  }
  return found
}
