/**
 * prove_module.mjs: prove.mjs and the module it loads: no imports, nothing kept of the last proof, a text that does not compile,
 * the built-in protocol proven, and one broken on purpose refuted by a record that the engine's own module replays.
 */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { load } from '../wasm/loadwave.mjs'
import { loadProver, ProveError } from '../wasm/prove.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const engine = process.env.LOADWAVE_WASM ?? join(root, 'build/loadwave.wasm')
const file = join(dirname(engine), 'loadwave-prove.wasm')
if (!existsSync(file) || !existsSync(engine)) {
  console.log(`${file} or ${engine} is not there: make wasm`)
  process.exit(process.env.LW_STRICT ? 1 : 77)
}
const bytes = readFileSync(file)
const pht = readFileSync(join(root, 'protocols/pht/pht.protocol'), 'utf8')
const broken = pht.replace(/^rule L09 "Night pain: back[^]*?\n(?=rule )/m, '')
assert.notEqual(broken, pht)
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
/** Walks until `enough` says so. */
const walk = (prover, enough = () => false) => {
  while (prover.step(1 << 16) && !enough(prover.progress()));
  return prover.results()
}

await test('nothing is imported and only the interface is exported', () => {
  const module = new WebAssembly.Module(bytes)
  assert.deepEqual(WebAssembly.Module.imports(module), [])
  assert.deepEqual(WebAssembly.Module.exports(module).map((e) => e.name).sort(),
    ['lw_input', 'lw_output', 'lw_output_size', 'lw_prove', 'lw_prove_abi', 'lw_prove_on', 'lw_prove_progress', 'lw_prove_results', 'memory'])
})

const prover = await loadProver(bytes)

await test('before a proof there is nothing to walk and nothing to tell', () => {
  assert.throws(() => prover.step(1), ProveError)
  assert.deepEqual(prover.results(), [])
  assert.equal(prover.progress(), null)
})

await test('a text that does not compile is refused with every diagnostic, and nothing is begun', () => {
  assert.throws(() => prover.begin(pht.replace('at most 3 NPRS', 'at most 3 kg')), (error) => error instanceof ProveError && !error.memory && error.all[0].line > 0 && /NPRS/.test(error.all[0].hint + error.all[0].message))
  assert.throws(() => prover.step(1), ProveError)
})

await test('night pain forgotten: a story that the engine replays, and nothing of it in the next proof', async () => {
  prover.begin(broken)
  const found = walk(prover, (now) => now.broken > 0).find((one) => one.id === 'P7')
  assert.equal(found.verdict, 'broken')
  assert.ok(found.what && found.story.length > 0 && found.from <= found.day)
  const record = found.story.map((event) => `${JSON.stringify(event)}\n`).join('')
  const lw = await load(readFileSync(engine))
  lw.compile(broken)
  assert.equal(lw.planJson(record, found.day).flare, 'none')
  lw.compile(pht)
  assert.equal(lw.planJson(record, found.day).flare, 'major')
  prover.begin(broken)
  assert.ok(prover.results().every((one) => one.verdict === 'open' && one.story.length === 0 && one.states === 0))
})

await test('the built-in protocol holds in every property', () => {
  prover.begin(pht)
  const results = walk(prover)
  const { states, transitions, memory, walks } = prover.progress()
  console.log(`${states} states, ${transitions} transitions, ${Math.ceil(memory / 1048576)} MiB in ${walks} walks`)
  assert.equal(results.length, 19)
  assert.deepEqual(results.filter((one) => one.verdict !== 'holds').map((one) => [one.id, one.what, one.args]), [])
})

console.log(`${passed} passed, ${process.exitCode ? 'some' : 0} failed`)
