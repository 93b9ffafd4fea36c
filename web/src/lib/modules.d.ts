declare module '*.protocol?url' { const address: string; export default address }
declare module '*.wasm?url' { const address: string; export default address }
declare module '*/loadwave.mjs' {
  export function load(source: WebAssembly.Module | BufferSource | Response | string | URL): Promise<unknown>
  export function dayNumber(date: string | number): number
  export class LoadwaveError extends Error {
    err: number; name: string; line: number; column: number; length: number; member: string; detail: string; hint: string
    all: { err: number; name: string; sentence: string; line: number; column: number; length: number; member: string; message: string; hint: string }[]
  }
}
