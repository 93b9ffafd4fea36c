/**
 * Members of a zip archive, each as a stream, out of its directory at the end. Nothing is believed of the sizes it names: bytes
 * are counted as they come. Names are keys to look things up by and never a place on a disk.
 */
import { NotRead } from './notread'

export const MEMBERS = 50_000
/** Unpacked bytes for one packed byte, beyond the first MiB. */
const RATIO = 1000
const MIB = 1024 * 1024
/** The directory of 50,000 members with the longest names that are sensible. */
const DIRECTORY = 16 * MIB

/** claims: the size that the directory names, which is good for showing how far a reading is and for nothing else. */
export type Member = { name: string; method: number; packed: number; claims: number; at: number }

const bytesOf = async (file: Blob, from: number, to: number) => new DataView(await file.slice(from, to).arrayBuffer())

/** The members that the directory lists. */
export async function members(file: Blob): Promise<Member[]> {
  const from = Math.max(0, file.size - 65_557) // the end's 22 bytes and the longest comment
  const tail = await bytesOf(file, from, file.size)
  let end = tail.byteLength - 22
  while (end >= 0 && tail.getUint32(end, true) !== 0x06054b50) end--
  if (end < 0) throw new NotRead('import.found.broken')
  let count = tail.getUint16(end + 10, true)
  let size = tail.getUint32(end + 12, true)
  let at = tail.getUint32(end + 16, true)
  if (end >= 20 && tail.getUint32(end - 20, true) === 0x07064b50) { // the end of an archive that needs 64 bits
    const where = Number(tail.getBigUint64(end - 12, true))
    const wide = await bytesOf(file, where, where + 56)
    if (wide.byteLength < 56 || wide.getUint32(0, true) !== 0x06064b50) throw new NotRead('import.found.broken')
    count = Number(wide.getBigUint64(32, true))
    size = Number(wide.getBigUint64(40, true))
    at = Number(wide.getBigUint64(48, true))
  }
  if (count > MEMBERS || size > DIRECTORY) throw new NotRead('import.found.limit', String(MEMBERS))
  const directory = await bytesOf(file, at, at + size)
  if (directory.byteLength < size) throw new NotRead('import.found.broken')
  const decoder = new TextDecoder()
  const list: Member[] = []
  for (let p = 0; list.length < count; ) {
    if (p + 46 > size || directory.getUint32(p, true) !== 0x02014b50) throw new NotRead('import.found.broken')
    const names = directory.getUint16(p + 28, true)
    const extra = directory.getUint16(p + 30, true)
    const next = p + 46 + names + extra + directory.getUint16(p + 32, true)
    if (next > size) throw new NotRead('import.found.broken')
    const one: Member = {
      name: decoder.decode(new Uint8Array(directory.buffer, p + 46, names)), method: directory.getUint16(p + 10, true),
      packed: directory.getUint32(p + 20, true), claims: directory.getUint32(p + 24, true), at: directory.getUint32(p + 42, true),
    }
    if ((directory.getUint16(p + 8, true) & 1) !== 0) one.method = -1 // encrypted
    for (let e = p + 46 + names; e + 4 <= p + 46 + names + extra; e += 4 + directory.getUint16(e + 2, true)) {
      if (directory.getUint16(e, true) !== 1) continue
      let field = e + 4 // the members that were all ones, in this order: size, packed, at
      const stop = e + 4 + directory.getUint16(e + 2, true)
      const wide = () => { const value = field + 8 <= stop ? Number(directory.getBigUint64(field, true)) : Infinity; field += 8; return value }
      if (one.claims === 0xffffffff) one.claims = wide()
      if (one.packed === 0xffffffff) one.packed = wide()
      if (one.at === 0xffffffff) one.at = wide()
    }
    list.push(one)
    p = next
  }
  return list
}

/** The bytes of a stream in pieces; ends by an error when they are far more than `packed` bytes can hold, or than `most`. */
export async function* pieces(stream: ReadableStream<Uint8Array>, packed: number, most: number): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  let size = 0
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => { throw new NotRead('import.found.unreadable') })
      if (done) return
      size += value.length
      if (size > MIB && size / RATIO > packed) throw new NotRead('import.found.packed')
      if (size > most) throw new NotRead('import.found.limit')
      yield value
    }
  } finally {
    reader.cancel().catch(() => undefined)
  }
}

export function unpack(packed: Blob, how: 'gzip' | 'deflate-raw'): ReadableStream<Uint8Array> {
  if (typeof DecompressionStream === 'undefined') throw new NotRead('intake.unpack')
  let machine: DecompressionStream
  try {
    machine = new DecompressionStream(how as CompressionFormat)
  } catch {
    throw new NotRead('intake.unpack') // a browser of before 2023
  }
  return packed.stream().pipeThrough(machine as unknown as TransformStream<Uint8Array, Uint8Array>)
}

/** A member's packed bytes and its stream. */
export async function open(file: Blob, member: Member): Promise<{ stream: ReadableStream<Uint8Array>; packed: number }> {
  const head = await bytesOf(file, member.at, member.at + 30)
  if (head.byteLength < 30 || head.getUint32(0, true) !== 0x04034b50 || (member.method !== 0 && member.method !== 8)) throw new NotRead('import.found.unreadable')
  const from = member.at + 30 + head.getUint16(26, true) + head.getUint16(28, true)
  if (from + member.packed > file.size) throw new NotRead('import.found.broken')
  const packed = file.slice(from, from + member.packed)
  return { stream: member.method === 0 ? packed.stream() : unpack(packed, 'deflate-raw'), packed: member.packed }
}
