/**
 * watch.mjs: the reader of watch files in the browser and in Node, without dependencies.
 *
 *     import { loadWatch } from './watch.mjs'
 *     const watch = await loadWatch(bytes)
 *     watch.fit(fileBytes)         // { activities, sets, findings, notes }; throws a WatchError for what is no activity
 *     watch.begin('run')           // GPX, TCX or a health export, in pieces; the sport of tracks that do not say theirs, or ''
 *     watch.feed(bytes, false)     // what was found in them; over: nothing more is taken
 *     watch.fileHash()             // SHA-256 of what was fed
 *     watch.join(workout)          // a health export's workout with the way that was read last
 *     watch.table(map, fileBytes)  // a table, with a map as --map has it; null when the map is none
 *     watch.listing(bytes, 'activities/1.gpx')  // a Strava archive's listing: { sport, without }
 *     watch.hash(fileBytes)        // SHA-256 in hex: what makes a file known again
 *
 * It is src/watch, the same C as the program's. One file at a time.
 */

const ABI = 2
export const SPORTS = ['run', 'walk', 'cycle', 'swim', 'drive', 'sit', 'sport']
/** What a finding is about, by its number (lw_found, src/watch/found.h). */
export const FOUND = ['unreadable', 'kind', 'broken', 'no_activity', 'no_time', 'entity', 'limit', 'packed', 'value', 'no_file', 'map', 'memory']

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
  const encoder = new TextEncoder()
  const put = (...parts) => {
    const size = parts.reduce((sum, part) => sum + part.length, 0)
    const at = wasm.lw_input(size) >>> 0
    if (at === 0) throw new WatchError(0)
    const room = new Uint8Array(wasm.memory.buffer, at, size)
    parts.reduce((from, part) => (room.set(part, from), from + part.length), 0)
    return at
  }
  // memory may have grown, which makes every earlier view stale: each use takes a fresh one
  const said = () => decoder.decode(new Uint8Array(wasm.memory.buffer, wasm.lw_output() >>> 0, wasm.lw_output_size() >>> 0))
  const number = (sport) => (SPORTS.includes(sport) ? SPORTS.indexOf(sport) : SPORTS.length)

  return {
    fit(bytes) {
      const err = wasm.lw_fit(put(bytes), bytes.length)
      if (err !== 0) throw new WatchError(err, JSON.parse(said()))
      return JSON.parse(said())
    },
    begin(sport = '') {
      wasm.lw_xml(number(sport))
    },
    feed(bytes, last) {
      wasm.lw_feed(put(bytes), bytes.length, last ? 1 : 0)
      return JSON.parse(said())
    },
    fileHash() {
      wasm.lw_file_hash()
      return said()
    },
    join(workout) {
      wasm.lw_join(workout.start, workout.end, workout.moving, workout.cm ?? -1, workout.ascent ?? -1, number(workout.sport), workout.notes)
      return { ...workout, ...Object.fromEntries(Object.entries(JSON.parse(said())).filter(([name]) => name !== 'offset')) }
    },
    table(map, bytes) {
      const names = encoder.encode(map)
      return wasm.lw_table(put(names, [0], bytes, [0]), names.length, bytes.length) === 0 ? JSON.parse(said()) : null
    },
    listing(bytes, member) {
      const name = encoder.encode(member)
      wasm.lw_listing(put(bytes, name), bytes.length, name.length)
      return JSON.parse(said())
    },
    hash(bytes) {
      wasm.lw_hash(put(bytes), bytes.length)
      return said()
    },
  }
}
