/**
 * wasm_module.mjs: loadwave.mjs and the module it loads: no imports, errors with line, column, member and hint, nothing left
 * between calls, views taken anew when memory grows, size.
 */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { dayNumber, load, LoadwaveError } from '../wasm/loadwave.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const file = process.env.LOADWAVE_WASM ?? join(root, 'build/loadwave.wasm')
if (!existsSync(file)) {
  console.log(`${file} is not there: make wasm`)
  process.exit(process.env.LW_STRICT ? 1 : 77)
}
const bytes = readFileSync(file)
const protocol = readFileSync(join(root, 'protocols/pht/pht.protocol'), 'utf8')
const record = readFileSync(join(root, 'examples/runner-combined.jsonl'))
let passed = 0
const test = async (name, body) => {
  try {
    await body()
    passed++
  } catch (e) {
    console.log(`FAILED ${name}\n${e.stack}`)
    process.exitCode = 1
  }
}
const thrown = (body) => {
  try {
    body()
  } catch (e) {
    return e
  }
  return assert.fail('nothing was thrown')
}

await test('nothing is imported and only the interface is exported', () => {
  const module = new WebAssembly.Module(bytes)
  assert.deepEqual(WebAssembly.Module.imports(module), [])
  assert.deepEqual(WebAssembly.Module.exports(module).map((e) => e.name).sort(),
    ['lw_abi', 'lw_check', 'lw_compile', 'lw_day_loads', 'lw_input', 'lw_output', 'lw_output_size', 'lw_plan', 'memory'])
})

await test('at most 120 KB gzipped', () => {
  const size = gzipSync(bytes, { level: 9 }).length
  console.log(`loadwave.wasm: ${bytes.length} bytes, ${(size / 1024).toFixed(1)} KB gzipped`)
  assert.ok(size <= 120 * 1024)
})

await test('static data lie above the stack', () => {
  // with --stack-first the first data segment starts at the stack's size, otherwise near 1024
  let at = 8
  const leb = () => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]
      value |= (byte & 127) << shift
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const section = bytes[at++]
    const size = leb()
    const end = at + size
    if (section === 11) {
      leb() // segments
      assert.equal(leb(), 0)
      assert.equal(bytes[at++], 0x41) // i32.const
      assert.ok(leb() >= 65536, 'data begin below 64 KiB: the stack is not first')
      return
    }
    at = end
  }
  assert.fail('no data section')
})

await test('loads from bytes, a module, a response and a file address', async () => {
  for (const source of [bytes, new WebAssembly.Module(bytes), new Response(bytes, { headers: { 'content-type': 'application/wasm' } }), pathToFileURL(file)]) {
    const lw = await load(source)
    assert.deepEqual(lw.check(protocol).filter((d) => d.err !== 0 && d.err === -2), [])
  }
})

await test('a plan before a protocol is an error', async () => {
  const lw = await load(bytes)
  assert.equal(thrown(() => lw.plan(record, '2026-02-01')).name, 'LW_ERR_MISSING')
})

const lw = await load(bytes)
lw.compile(protocol)

await test('bytes and object say the same; text and bytes are read alike', () => {
  const plan = lw.planJson(record, '2026-02-01')
  assert.equal(plan.format, 'loadwave.plan/1')
  assert.equal(plan.on, '2026-02-01')
  assert.equal(plan.record_sha256, null)
  assert.deepEqual(plan, JSON.parse(Buffer.from(lw.plan(record.toString('utf8'), dayNumber('2026-02-01'))).toString('utf8')))
  assert.match(lw.planJson(record, '2026-02-01', { hash: true }).record_sha256, /^[0-9a-f]{64}$/)
})

await test('a view into a larger buffer is read from its own place', () => {
  const wide = new Uint8Array(record.length + 20)
  wide.set(record, 7)
  assert.deepEqual(lw.plan(wide.subarray(7, 7 + record.length), '2026-02-01'), lw.plan(record, '2026-02-01'))
})

await test('an error names line, column, member and hint', () => {
  const bad = record.toString('utf8').replace('"birth_year":1986', '"birth_yaer":1986')
  const error = thrown(() => lw.plan(bad, '2026-02-01'))
  assert.ok(error instanceof LoadwaveError)
  assert.equal(error.line, 1)
  assert.ok(error.column > 0)
  assert.match(error.member, /birth_yaer/)
  assert.match(error.hint + error.detail, /birth_year/)
  assert.ok(error.err < 0)
})

await test('a refused protocol lists what is wrong and is not used', async () => {
  const other = await load(bytes)
  const error = thrown(() => other.compile('protocol x "X"\nversion 1.0.0\nset pain gren at most 3 NPRS [V2] S08\n'))
  assert.ok(error.all.length >= 1)
  assert.ok(error.all.some((d) => d.line === 3))
  assert.equal(thrown(() => other.plan(record, '2026-02-01')).name, 'LW_ERR_MISSING')
  other.compile(protocol)
  assert.deepEqual(other.plan(record, '2026-02-01'), lw.plan(record, '2026-02-01'))
})

await test('a check leaves the protocol in use alone', () => {
  const before = lw.plan(record, '2026-02-01')
  assert.ok(lw.check('protocol').length > 0)
  assert.deepEqual(lw.plan(record, '2026-02-01'), before)
})

await test('memory grows with the largest record and with nothing else', () => {
  const before = lw.plan(record, '2026-02-01')
  const long = Buffer.concat(Array.from({ length: 40 }, () => record)) // repeats are dropped
  assert.deepEqual(lw.plan(long, '2026-02-01'), before)
  const held = lw.memory()
  for (let i = 0; i < 200; i++) {
    lw.plan(record, '2026-02-01')
    if (i % 10 === 0) {
      thrown(() => lw.plan('{', '2026-02-01'))
      lw.check('nonsense')
    }
  }
  assert.deepEqual(lw.plan(long, '2026-02-01'), before)
  assert.equal(lw.memory(), held)
})

await test('compiling again and again holds no more memory', () => {
  const held = lw.memory()
  for (let i = 0; i < 20; i++) lw.compile(protocol)
  assert.equal(lw.memory(), held)
})

await test('what is no day is refused before the engine is asked', () => {
  for (const date of ['2026-02-30', '26-02-01', 'today', '']) assert.ok(thrown(() => lw.plan(record, date)) instanceof RangeError)
  assert.equal(dayNumber('1970-01-02'), 1)
  assert.equal(dayNumber('1969-12-31'), -1)
})

await test('what each day came to', () => {
  const before = lw.plan(record, '2026-02-01')
  const days = lw.loads(record, '2026-01-01', '2026-03-01')
  assert.equal(days.length, 60)
  assert.equal(days[0].day, '2026-01-01')
  assert.equal(days[59].day, '2026-03-01')
  assert.ok(days.some((day) => day.done && day.tension > 0) && days.every((day) => !(day.missed && day.done)))
  assert.deepEqual(lw.loads(record, '2026-02-01', '2026-02-01'), days.filter((day) => day.day === '2026-02-01'))
  assert.equal(thrown(() => lw.loads(record, '2026-02-02', '2026-02-01')).name, 'LW_ERR_RANGE')
  assert.equal(thrown(() => lw.loads(record, '2020-01-01', '2026-02-01')).name, 'LW_ERR_LIMIT')
  assert.deepEqual(lw.plan(record, '2026-02-01'), before)
})

await test('an empty record has a plan', () => {
  assert.equal(lw.planJson('', '2026-02-01').status, 'not_started')
})

console.log(`${passed} passed, ${process.exitCode ? 'some' : 0} failed`)
