/**
 * bench.mjs: runs the native measurements, the same in WebAssembly, json-rules-engine, and prints the ratios.
 *
 * Medians; one round is dropped first. Numbers of one run on one machine: the ratios travel, the rest does not.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { dayNumber, load } from '../wasm/loadwave.mjs'
import { rulesBench } from './rules.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const program = process.argv[2]
const protocol = join(root, 'protocols/pht/pht.protocol')
const wasmFile = process.env.LOADWAVE_WASM ?? join(root, 'build/loadwave.wasm')
const folder = join(root, 'build/bench')
mkdirSync(folder, { recursive: true })

const native = (...args) => {
  const out = execFileSync(program, args, { encoding: 'utf8' })
  return out ? JSON.parse(out) : null
}
const show = (label, value, note = '') => console.log(`  ${label.padEnd(52)} ${String(value).padStart(12)}   ${note}`)
const verdict = (ok, target) => `target ${target}${ok ? '' : '  MISSED'}`
const medianOf = (list) => list.sort((a, b) => a - b)[list.length >> 1]

/** Nanoseconds of one call; rounds of 30 ms, median of nine, after a second in which the engine of Node compiles it. */
function measure(work) {
  const rounds = []
  for (const until = Date.now() + 1000; Date.now() < until;) work()
  for (let round = 0; round < 9; round++) {
    const start = process.hrtime.bigint()
    let calls = 0
    let ns = 0
    while (ns < 30e6) {
      work()
      calls++
      ns = Number(process.hrtime.bigint() - start)
    }
    rounds.push(ns / calls)
  }
  return medianOf(rounds)
}

// ---- records: a year and a long one ----
const records = [1000, 10000].map((events) => {
  const file = join(folder, `record-${events}.jsonl`)
  native('record', String(events), file)
  const bytes = readFileSync(file)
  const on = /"at":"([0-9-]{10})T[^\n]*\n$/.exec(bytes.toString('latin1'))[1]
  return { file, bytes, on, size: bytes.length, ...native('speed', protocol, file, on) }
})

const lw = existsSync(wasmFile) ? await load(readFileSync(wasmFile)) : null
lw?.compile(readFileSync(protocol))

for (const r of records) {
  const mb = (ns) => (r.size / ns) * 1000
  console.log(`\nA record of ${r.events} events, ${(r.size / 1e6).toFixed(2)} MB, one core`)
  show('memcpy of its bytes', `${mb(r.copy_ns).toFixed(0)} MB/s`)
  show('JSON → plan, without the hash', `${mb(r.both_ns).toFixed(0)} MB/s`, r.events >= 10000 ? verdict(mb(r.both_ns) >= 250, '≥ 250 MB/s') : '')
  show('  against memcpy', `${(r.both_ns / r.copy_ns).toFixed(1)} ×`)
  show('  of it reading', `${((100 * r.read_ns) / r.both_ns).toFixed(0)} %`)
  show('hash apart', `${mb(r.hash_ns).toFixed(0)} MB/s`, `${(r.hash_ns / r.copy_ns).toFixed(1)} × memcpy`)
  show('JSON → plan with the hash', `${(r.all_ns / 1e6).toFixed(2)} ms`, r.events >= 10000 ? verdict(r.all_ns <= 20e6, '≤ 20 ms') : '')
  show('fold alone', `${((r.events / r.fold_ns) * 1000).toFixed(1)} M events/s`, r.events >= 10000 ? verdict(r.events / r.fold_ns >= 0.02, '≥ 20 M events/s') : '')
  show('  against memcpy of the same bytes', `${(r.fold_ns / r.copy_ns).toFixed(1)} ×`)
  if (lw) {
    const day = dayNumber(r.on)
    const ns = measure(() => lw.plan(r.bytes, day))
    show('WebAssembly against native, JSON → plan', `${(ns / r.both_ns).toFixed(2)} ×`, verdict(ns <= 1.5 * r.both_ns, '≤ 1.5 ×'))
    show('  in WebAssembly', `${(ns / 1e6).toFixed(2)} ms`, r.events < 10000 ? `× 4 for a phone: ${((4 * ns) / 1e6).toFixed(1)} ms, ${verdict(ns <= 5e6, '≤ 20 ms')}` : '')
  }
}

console.log('\nWebAssembly')
if (lw) {
  const size = gzipSync(readFileSync(wasmFile), { level: 9 }).length
  show('loadwave.wasm, gzip -9', `${(size / 1024).toFixed(1)} KB`, verdict(size <= 120 * 1024, '≤ 120 KB'))
  show('imports', WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(wasmFile))).length)
} else {
  console.log('  not built (make wasm)')
}

console.log('\nA decision: stop, regress, hold or progress from pain, test, settled, effort; 1,000 patients × 90 days')
// the compiler wants every number set: those of PHT, and nothing else of it
const numbers = readFileSync(protocol, 'utf8').split('\n').filter((line) => /^(set|source) /.test(line)).join('\n')
const four = join(folder, 'four.protocol')
writeFileSync(four, `${readFileSync(join(root, 'bench/four.protocol'), 'utf8')}\n${numbers}\n`)
const ours = native('decide', four)
show('Loadwave, four rules on prepared facts', `${ours.decide_ns.toFixed(0)} ns`, `stop ${ours.tally[0]}, regress ${ours.tally[1]}, hold ${ours.tally[2]}, progress ${ours.tally[3]}`)
const theirs = await rulesBench()
if (theirs) {
  const same = theirs.tally.every((n, i) => n === ours.tally[i])
  show(`json-rules-engine ${theirs.version}, the same`, `${theirs.ns.toFixed(0)} ns`, same ? 'equal tallies' : `OTHER TALLIES ${theirs.tally}`)
  show('  against Loadwave', `${(theirs.ns / ours.decide_ns).toFixed(0)} ×`)
  const year = records[0]
  show('Loadwave, a whole plan read from the JSON of a year', `${(year.both_ns / 1000).toFixed(0)} µs`, `${(year.both_ns / theirs.ns).toFixed(1)} × one decision there`)
  console.log('  (the whole plan also reads the record, folds every day of it, and writes doses and reasons under all rules of PHT)')
  if (!same) process.exitCode = 1
} else {
  console.log('  json-rules-engine is not installed; not compared')
}
