// The FIT reader against two others that know nothing of it: fit-file-parser (npm) and gpsbabel (Debian). Files that no device
// would write twice (byte order, compressed timestamps, developer fields, chains, unknown messages): the same number of records, the
// same first and last time, the same distance. And the page's module against the program: one run in three formats.
//
//     node tests/watch_oracle.mjs [FILES]
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { FOUND, loadWatch } from '../wasm/watch.mjs'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const wasm = join(dirname(process.env.LOADWAVE_WASM ?? join(root, 'build/loadwave.wasm')), 'loadwave-watch.wasm')
const parser = join(root, 'web/node_modules/fit-file-parser/dist/fit-parser.js')
const babel = spawnSync('gpsbabel', ['-V']).status === 0
if (!existsSync(wasm) || !existsSync(parser) || !babel) {
  console.log(`needs ${wasm} (make wasm), fit-file-parser (npm ci in web/) and gpsbabel`)
  process.exit(process.env.LW_STRICT ? 1 : 77)
}
const { default: FitParser } = await import(pathToFileURL(parser))
const watch = await loadWatch(readFileSync(wasm))
const folder = mkdtempSync(join(tmpdir(), 'lw-oracle-'))
const make = (...args) => execFileSync('python3', [join(root, 'tests/watch/make_files.py'), ...args])
const files = Number(process.argv[2] ?? 15)
let compared = 0
let chained = 0
try {
  make('--fits', folder, String(files))
  for (let seed = 1; seed <= files; seed++) {
    const name = join(folder, `${seed}.fit`)
    const bytes = readFileSync(name)
    const ours = watch.fit(bytes)
    assert.equal(ours.notes, 0, `${seed}: notes of a whole file`)

    const first = ours.activities[0]
    // of a chain gpsbabel and fit-file-parser read the first part; each part alone is what it is in the chain
    let at = 0
    for (const one of ours.activities) {
      const size = bytes[at] + bytes.readUInt32LE(at + 4) + 2
      const [alone] = watch.fit(bytes.subarray(at, at + size)).activities
      assert.deepEqual({ ...alone, index: one.index }, one, `${seed}: a part alone`)
      at += size
    }
    assert.equal(at, bytes.length)
    const points = execFileSync('gpsbabel', ['-t', '-i', 'garmin_fit', '-f', name, '-o', 'unicsv,utc=0', '-F', '-'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim().split('\n').length - 1
    assert.equal(first.samples, points, `${seed}: gpsbabel sees ${points} points, we ${first.samples}`)

    const theirs = await new FitParser({ force: true, mode: 'list', speedUnit: 'm/s', lengthUnit: 'm' }).parseAsync(bytes)
    if (ours.activities.length > 1) chained++
    assert.equal(theirs.records.length, first.samples, `${seed}: fit-file-parser sees ${theirs.records.length} records, we ${first.samples}`)
    const session = theirs.sessions[0]
    assert.equal(first.start, session.start_time.getTime() / 1000, `${seed}: start`)
    assert.equal(first.end, theirs.records[first.samples - 1].timestamp.getTime() / 1000, `${seed}: end`)
    const away = Math.abs(first.cm / 100 - theirs.records[first.samples - 1].distance)
    assert.ok(away < 0.02, `${seed}: distance is ${away} m off`)
    compared++
  }
  assert.ok(chained > 0, 'no file was a chain')

  // the page and the program: the same texts, the same numbers
  if (process.env.LOADWAVE) {
    make(join(folder, 'all'))
    const record = join(root, 'examples/runner-combined.jsonl')
    for (const name of ['run.fit', 'big-endian.fit', 'cut.fit', 'strength.fit', 'crc.fit']) {
      const said = spawnSync(process.env.LOADWAVE, ['import', record, join(folder, 'all', name), '--preview'], { encoding: 'utf8', env: { ...process.env, TZ: 'Europe/Berlin', LOADWAVE_LANG: 'en', COLUMNS: '200' } }).stdout
      const [one] = watch.fit(readFileSync(join(folder, 'all', name))).activities
      assert.match(said, new RegExp(`: ${Math.floor((one.moving + 30) / 60)} min${one.cm === null ? '' : `, ${String(Math.floor(one.cm / 1000) / 100).replace('.', '\\.')} km`}`), name)
    }
    // GPX, TCX and health exports: the program's expat and the page's scanner, in whatever pieces the bytes come
    const FOUND_WORDS = { entity: 'document type', broken: 'not well formed', no_time: 'is a route', limit: 'nested deeper', no_activity: 'holds no activity' }
    for (const name of ['run.gpx', 'pause.gpx', 'untyped.gpx', 'route.gpx', 'laughs.gpx', 'outside.gpx', 'cut.gpx', 'deep.gpx', 'run.tcx', 'export.xml']) {
      const bytes = readFileSync(join(folder, 'all', name))
      const read = (piece) => {
        watch.begin()
        const activities = [], findings = []
        for (let at = 0; at < bytes.length; at += piece) {
          const answer = watch.feed(bytes.subarray(at, at + piece), at + piece >= bytes.length)
          activities.push(...answer.activities)
          findings.push(...answer.findings)
          if (answer.over) break
        }
        return { activities, findings }
      }
      const whole = read(1 << 30)
      if (!name.startsWith('export')) assert.deepEqual(read(7), whole, `${name} in pieces of 7 bytes`)
      const said = spawnSync(process.env.LOADWAVE, ['import', record, join(folder, 'all', name), '--preview'], { encoding: 'utf8', env: { ...process.env, TZ: 'Europe/Berlin', LOADWAVE_LANG: 'en', COLUMNS: '200' } }).stdout
      assert.ok(said.includes(`${whole.activities.length} activit`), `${name}: ${whole.activities.length} against ${said}`)
      for (const one of whole.activities) {
        const words = [`: ${Math.floor((one.moving + 30) / 60)} min`, ...(one.cm === null ? [] : [`${Math.floor(one.cm / 1000) / 100} km`]), ...(one.ascent ? [`${one.ascent} m uphill`] : []), ...(one.top ? [`up to ${Math.floor((one.top * 36) / 100) / 100} km/h`] : [])].join(', ')
        assert.ok(said.replace(/(\d)\.0 km,/g, '$1 km,').includes(words), `${name}: ${words} against ${said}`)
      }
      for (const one of whole.findings) {
        const word = FOUND_WORDS[FOUND[one.what]]
        assert.ok(word && said.includes(word), `${name}: ${FOUND[one.what]} against ${said}`)
        if (one.line > 0) assert.ok(said.includes(`${name}:${one.line}:`), `${name}: line ${one.line} against ${said}`)
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true })
}
console.log(`${compared} files: as many records as fit-file-parser and gpsbabel, the same times and distances; ${chained} were chains`)
