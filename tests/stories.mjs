/**
 * stories.mjs: every story, natively and in WebAssembly, the same bytes; what it expects; the golden plans; memory.
 *
 * LW_BUILD holds story_plan and story_exhaust of the compiler under test (the test runs once per preset: gcc, clang,
 * sanitizers). Exit 77 where WebAssembly could not be built, an error with LW_STRICT.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { comparable, coverage, engine, judge, paths, readStories, tell } from '../tools/stories.mjs'

const build = process.env.LW_BUILD ?? 'build/dev'
if (!existsSync(paths.wasm)) {
  console.log(`${paths.wasm} is not there: make wasm`)
  process.exit(process.env.LW_STRICT ? 1 : 77)
}

// each preset has its own folder, so that two of them can run at once
paths.build = join(build, 'stories')
const answers = tell(await engine(), readStories())
const failures = judge(answers)
const index = join(paths.build, 'index.txt')

const run = (program) => {
  const done = spawnSync(join(build, program), [paths.protocol, index], { encoding: 'utf8', maxBuffer: 1 << 28 })
  if (done.error) throw done.error
  return done
}

// the same bytes, natively
const native = run('story_plan')
if (native.status !== 0) failures.push({ name: 'story_plan', lines: [native.stderr.trim() || `exit ${native.status ?? native.signal}`] })
const plans = new Map(native.stdout.split('\n').filter(Boolean).map((line) => [line.slice(0, line.indexOf('\t')), line.slice(line.indexOf('\t') + 1)]))
for (const a of answers) {
  if (a.broken) continue
  const wasm = a.raw === null ? a.plan.error : Buffer.from(a.raw).toString('utf8')
  const other = plans.get(a.name)
  if (other === wasm) continue
  let at = 0
  while (other && other[at] === wasm[at]) at++
  failures.push({ name: a.name, lines: other === undefined ? ['no native answer'] : [`native and WebAssembly differ at byte ${at}:`, `native …${other.slice(Math.max(0, at - 40), at + 60)}`, `wasm   …${wasm.slice(Math.max(0, at - 40), at + 60)}`] })
}

// order and repeats carry no meaning: the same in WebAssembly, with the lines turned round and doubled
const lw = await engine()
for (const a of answers) {
  if (a.broken || a.raw === null) continue
  const lines = readFileSync(join(paths.build, `${a.name}.jsonl`), 'utf8').split('\n').filter(Boolean)
  const turned = [...lines.slice(lines.length / 2), ...lines].reverse().join('\n') + '\n'
  if (comparable(lw.plan(turned, a.on)) !== a.bytes) failures.push({ name: a.name, lines: ['turned round and with repeats it gives another plan'] })
}

const exhaust = run('story_exhaust')
if (exhaust.status !== 0) failures.push({ name: 'story_exhaust', lines: `${exhaust.stdout}${exhaust.stderr}`.trim().split('\n').slice(-20) })

const { rules, never } = coverage(answers)
if (never.length) failures.push({ name: 'coverage', lines: [`no story's why has ${never.join(' ')}`] })

for (const f of failures) console.log(`FAILED ${f.name}\n${f.lines.map((l) => `    ${l}`).join('\n')}`)
const names = new Set(failures.map((f) => f.name))
console.log(`${rules - never.length} of ${rules} rules have a story; ${exhaust.stdout.split('\n')[0]}`)
console.log(`${answers.filter((a) => !names.has(a.name)).length} passed, ${names.size} failed`)
process.exitCode = names.size ? 1 : 0
