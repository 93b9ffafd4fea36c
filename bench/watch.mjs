// FIT files against fit-file-parser, in one run on one machine: from bytes to the list of records there, from bytes to a finished
// activity here; natively and in WebAssembly. The aim is 20 times.
//
//     node bench/watch.mjs build/release/bench_fit build/loadwave-watch.wasm
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import FitParser from '../web/node_modules/fit-file-parser/dist/fit-parser.js'
import { loadWatch } from '../wasm/watch.mjs'

const [native = 'build/release/bench_fit', module = 'build/loadwave-watch.wasm'] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'lw-bench-'))
const file = join(folder, 'long.fit')
try {
  execFileSync('python3', ['tests/watch/make_files.py', '--big-fit', file])
  const bytes = readFileSync(file)
  const median = (list) => list.sort((a, b) => a - b)[list.length >> 1]
  async function timed(rounds, run) {
    await run()
    const took = []
    for (let i = 0; i < rounds; i++) {
      const begin = process.hrtime.bigint()
      await run()
      took.push(Number(process.hrtime.bigint() - begin))
    }
    return median(took)
  }
  let records = 0
  const theirs = await timed(5, async () => { records = (await new FitParser({ force: true, mode: 'list' }).parseAsync(bytes)).records.length })
  const watch = await loadWatch(readFileSync(module))
  const inPage = await timed(11, () => watch.fit(bytes))
  const ours = JSON.parse(execFileSync(native, [file], { encoding: 'utf8' }))
  if (ours.records !== records) throw new Error(`${ours.records} records against ${records}`)
  const rate = (ns) => `${(bytes.length / 1e6 / (ns / 1e9)).toFixed(1)} MB/s`
  console.log(`a FIT file of ${(bytes.length / 1e6).toFixed(2)} MB, ${records} records`)
  console.log(`  fit-file-parser 6.1.2   ${rate(theirs)}`)
  console.log(`  WebAssembly             ${rate(inPage)}, ${(theirs / inPage).toFixed(0)} ×`)
  console.log(`  native                  ${rate(ours.ns)}, ${(theirs / ours.ns).toFixed(0)} × (aim ≥ 20)`)
  if (theirs / ours.ns < 20) process.exitCode = 1
  // a health export as the page reads it: in pieces, through the scanner
  const some = join(folder, 'export.xml')
  execFileSync('sh', ['-c', 'python3 tests/watch/make_files.py --health 67108864 >"$0"', some])
  const xml = readFileSync(some)
  const piece = 256 * 1024
  const scanned = await timed(3, () => {
    watch.begin()
    for (let at = 0; at < xml.length; at += piece) watch.feed(xml.subarray(at, at + piece), at + piece >= xml.length)
  })
  console.log(`an Apple Health export in WebAssembly: ${(xml.length / 1e6 / (scanned / 1e9)).toFixed(0)} MB/s, ${(2.147e9 / xml.length * scanned / 1e9).toFixed(0)} s for 2 GiB`)
} finally {
  rmSync(folder, { recursive: true })
}
