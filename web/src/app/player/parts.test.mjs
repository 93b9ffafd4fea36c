/**
 * The player's pure parts against the shipped protocol, figures and sentences: node web/src/app/player/parts.test.mjs
 * Phases, what was done, what the plan lowers on the way, what goes into the record; and that no figure sinks, slides or tears.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { buildSync } from 'esbuild'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const out = mkdtempSync(join(tmpdir(), 'player-'))
async function load(path, name) {
  buildSync({ entryPoints: [here(path)], bundle: true, format: 'esm', outfile: join(out, name), logLevel: 'error' })
  return import(pathToFileURL(join(out, name)))
}
let count = 0
const test = (name, body) => {
  try { body(); count++ } catch (error) { console.error(`FAIL ${name}\n${error.message}`); process.exitCode = 1 }
}

const P = await load('phases.ts', 'phases.mjs')
const S = await load('session.ts', 'session.mjs')
const F = await load('facts.ts', 'facts.mjs')
const G = await load('../../lib/figure/pose.ts', 'pose.mjs')
rmSync(out, { recursive: true })
const facts = F.readFacts(readFileSync(here('../../../../protocols/pht/pht.protocol'), 'utf8'))
const item = (more) => ({ exercise: 'bridge-hold-single', side: 'left', level: 1, sets: 3, reps: null, hold_s: null, load_kg: null, speed_pct: null, contacts: null, distance_m: null, tempo: null, rest_s: 120, times_a_day: 1, effort_max: 6, hip_flexion_max_deg: 10, compression_class: 0, choose_load: false, change: null, lowered: [], proposal: null, cap: null, why: [], ...more })
const words = (list) => list.map((phase) => `${phase.kind}${phase.side === 'both' ? '' : phase.side[0]}${phase.length_ms === null ? '' : phase.length_ms / 1000}`).join(' ')

test('holds: getting ready is the end of the rest, and nothing rests after the last set', () => {
  assert.equal(words(P.phases(item({ hold_s: 30 }), true)), 'readyl8 holdl30 restl115 readyl5 holdl30 restl115 readyl5 holdl30')
})
test('both legs: left, then right, in each set', () => {
  assert.equal(words(P.phases(item({ hold_s: 20, sets: 2, side: 'both', rest_s: 60 }), true)), 'readyl8 holdl20 readyr10 holdr20 restr55 readyl5 holdl20 readyr10 holdr20')
  assert.equal(P.phases(item({ hold_s: 20, side: 'both' }), false).filter((phase) => phase.kind === 'hold').length, 3)
})
test('tempo: down, pause, up; those that begin at the bottom go up first', () => {
  assert.equal(words(P.phases(item({ exercise: 'rdl', side: 'both', sets: 1, reps: 2, tempo: '4-0-3' }))), 'ready8 down4 up3 down4 up3')
  assert.equal(words(P.phases(item({ exercise: 'glute-bridge', side: 'both', sets: 1, reps: 1, tempo: '3-1-3' }))), 'ready8 up3 pause1 down3')
})
test('contacts, distance and no tempo wait for a touch', () => {
  for (const more of [{ contacts: 5 }, { distance_m: 40 }, { reps: 8 }]) assert.equal(P.phases(item({ ...more, sets: 1, side: 'both' }))[1].length_ms, null)
})
test('starts follow from lengths, and only later sets are gates', () => {
  const list = P.phases(item({ hold_s: 30 }))
  list.reduce((at, phase) => { assert.equal(phase.start_ms, at); return at + (phase.length_ms ?? 0) }, 0)
  assert.deepEqual(list.filter((phase) => phase.gate).map((phase) => phase.set), [2, 3])
})
test('where one is follows from the clock, over any gap, up to a gate', () => {
  const list = P.phases(item({ hold_s: 30, sets: 2 }))
  assert.deepEqual(P.walk(list, 0, 0, 7999, () => false), { index: 0, since: 0, waiting: false })
  assert.deepEqual(P.walk(list, 0, 0, 20000, () => false), { index: 1, since: 8000, waiting: false })
  assert.deepEqual(P.walk(list, 0, 0, 99999999, (phase) => phase.gate), { index: 3, since: 153000, waiting: true })
  assert.equal(P.walk(list, 0, 0, 99999999, () => false).index, list.length)
})
test('done: whole seconds of a hold, whole repetitions, nothing of nothing', () => {
  const hold = item({ hold_s: 30, sets: 2 })
  assert.deepEqual(P.doneOf(hold, P.phases(hold), [8000, 30000, 1, 1, 12900]), [{ set: 1, side: 'left', hold_s: 30 }, { set: 2, side: 'left', hold_s: 12 }])
  const reps = item({ exercise: 'rdl', side: 'both', sets: 1, reps: 3, tempo: '3-0-3' })
  assert.deepEqual(P.doneOf(reps, P.phases(reps), [8000, 3000, 3000, 3000, 2999]), [{ set: 1, side: 'both', reps: 1 }])
  assert.deepEqual(P.doneOf(hold, P.phases(hold), []), [])
})
test('run: warm-up, walk and run by turns', () => {
  assert.equal(words(P.runPhases({ walk_min: 4, run_min: 1, repeats: 2 }, 5)), 'ready8 warm300 walk240 run60 walk240 run60')
  assert.equal(words(P.runPhases({ walk_min: null, run_min: 20, repeats: null })), 'ready8 run1200')
})

const answers = (more) => ({ pain: 1, effort: 5, depth: null, depth_deg: 0, load: null, speed: null, sets: [], ...more })
test('record: a set of both legs counts when both did it, with the lesser', () => {
  const one = S.entry(item({ side: 'both', hold_s: 30, sets: 2 }))
  const data = S.exerciseData(one, answers({ sets: [{ set: 1, side: 'left', hold_s: 30 }, { set: 1, side: 'right', hold_s: 22 }, { set: 2, side: 'left', hold_s: 30 }] }), false, 'none', 3)
  assert.deepEqual(data.sets, [{ hold_s: 22 }])
  assert.deepEqual(data.x_one_side, [{ side: 'left', amount: 30 }])
})
test('record: the pain told in a set is never made less afterwards; depth is what was said', () => {
  const one = { ...S.entry(item({ exercise: 'rdl', side: 'both', reps: 8, hip_flexion_max_deg: 55 })), worst: 4 }
  const sets = [{ set: 1, side: 'both', reps: 8 }]
  assert.equal(S.exerciseData(one, answers({ pain: 1, sets }), true, 'none', 3).pain_during, 4)
  assert.equal(S.exerciseData(one, answers({ depth: 'plan', sets }), true, 'none', 3).depth_deg, 55)
  assert.equal(S.exerciseData(one, answers({ depth: 'other', depth_deg: 40, sets }), true, 'none', 3).depth_deg, 40)
  assert.equal('depth_deg' in S.exerciseData(one, answers({ depth: 'unsure', sets }), true, 'none', 3), false)
  assert.equal(S.exerciseData(one, answers({ sets }), true, 'nsaid', 3).pain_relief, 'nsaid')
})
test('record: pain before one set was done is written with the one that was begun; without pain there is nothing to write', () => {
  const one = { ...S.entry(item({ hold_s: 30 })), worst: 7 }
  const data = S.exerciseData(one, answers({ pain: 0 }), false, 'none', 3)
  assert.deepEqual([data.sets, data.pain_during], [[{ hold_s: 1, x_begun: true }], 7])
  assert.deepEqual(S.exerciseData({ ...one, worst: null }, answers({ pain: 3 }), false, 'none', 3).sets, [])
})
test('on the way the plan takes out and lowers; it adds nothing and raises nothing', () => {
  const queue = [item({ exercise: 'rdl', reps: 8 }), item({ exercise: 'step-up', reps: 8 }), item({ exercise: 'nordic', reps: 5 })].map((one) => S.entry(one))
  const plan = { status: 'active', session: { items: [item({ exercise: 'rdl', reps: 12 }), item({ exercise: 'step-up', reps: 6 }), item({ exercise: 'hip-thrust', reps: 8 })] } }
  const after = S.followPlan(queue, plan)
  assert.deepEqual(after.map((one) => `${one.item.exercise} ${one.item.reps} ${one.status}`), ['rdl 8 todo', 'step-up 6 todo', 'nordic 5 dropped'])
  assert.deepEqual(S.followPlan(queue, { status: 'stopped', session: { items: [] } }).map((one) => one.status), ['dropped', 'dropped', 'dropped'])
  assert.equal(S.followPlan([{ ...queue[0], status: 'doing', got: [8000, 5000] }], { status: 'stopped', session: { items: [] } })[0].status, 'ask')
})
test('a second round only of what stayed calm, and not in a new flare', () => {
  const done = (pain, more = {}) => ({ ...S.entry(item({ hold_s: 30, times_a_day: 2, ...more })), status: 'logged', answers: answers({ pain }) })
  const state = { flare: 'none', queue: [done(2), done(4, { exercise: 'curl-hold-prone' }), done(0, { exercise: 'side-plank', times_a_day: 1 })] }
  assert.deepEqual(S.nextBout(state, { status: 'active', flare: 'none' }, facts.green).map((one) => `${one.item.exercise} ${one.bout}`), ['bridge-hold-single 2'])
  assert.deepEqual(S.nextBout(state, { status: 'active', flare: 'minor' }, facts.green), [])
  assert.deepEqual(S.nextBout(state, { status: 'stopped', flare: 'none' }, facts.green), [])
})
test('what comes next is never said to rise', () => {
  const queue = [S.entry(item({ exercise: 'rdl', reps: 8 }))]
  assert.deepEqual(S.comingOf(queue, { session: { items: [item({ exercise: 'rdl', reps: 12 })] } }), [{ exercise: 'rdl', what: 'same' }])
  assert.deepEqual(S.comingOf(queue, { session: { items: [item({ exercise: 'rdl', reps: 6 })] } }), [{ exercise: 'rdl', what: 'lower' }])
  assert.deepEqual(S.comingOf(queue, { session: { items: [] } }), [{ exercise: 'rdl', what: 'out' }])
})
test('facts of the shipped protocol', () => {
  assert.deepEqual([facts.green, facts.amber], [3, 5])
  assert.ok(facts.eachSide.has('bridge-hold-single') && !facts.eachSide.has('rdl'))
  assert.deepEqual(facts.depths.get('rdl'), [45, 55, 65, 75])
  assert.deepEqual(facts.needs.get('step-up'), ['box', 'step'])
  // no line, no pain to go on with
  assert.deepEqual([F.readFacts('').green, F.readFacts('').amber], [0, 0])
})

const protocol = readFileSync(here('../../../../protocols/pht/pht.protocol'), 'utf8')
const ids = [...protocol.matchAll(/^exercise (\S+) /gm)].map((found) => found[1])
const dir = here('../../../../protocols/pht/figures/')
const figures = readdirSync(dir).filter((name) => name.endsWith('.json')).map((name) => JSON.parse(readFileSync(join(dir, name), 'utf8')))
test('each exercise has a figure, and a description in each language', () => {
  assert.deepEqual(figures.map((one) => one.exercise).sort(), [...ids].sort())
  for (const language of ['en', 'es']) {
    const texts = JSON.parse(readFileSync(here(`../../../../locales/web/player.${language}.json`), 'utf8'))
    for (const id of ids) assert.ok(texts[`player.how.${id}`], `${language} ${id}`)
  }
})
for (const file of figures) {
  for (const deg of [null, 30, 60]) {
    test(`figure ${file.exercise} at ${deg}: bones keep their length, nothing sinks, a planted foot stays, nothing jumps`, () => {
      const scene = G.sceneOf(file, deg)
      const hill = file.equipment.some((one) => one.kind === 'hill')
      const floor = (x) => (hill ? x * Math.tan((9 * Math.PI) / 180) : 0)
      const size = (a, b) => Math.hypot(a.x - b.x, a.y - b.y)
      let before = null
      const steps = 120
      for (let i = 0; i <= steps; i++) {
        const body = G.poseAt(scene, Math.min(scene.length - 1e-6, (scene.length * i) / steps))
        for (const [nth, leg] of body.legs.entries()) {
          assert.ok(Math.abs(size(leg.hip, leg.knee) - 43) < 0.6 && Math.abs(size(leg.knee, leg.ankle) - 43) < 0.6, `bone at ${i}: ${size(leg.hip, leg.knee)} ${size(leg.knee, leg.ankle)}`)
          assert.ok(size(leg.hip, body.pelvis) < 0.01, 'leg off the body')
          for (const part of ['knee', 'ankle', 'toe', 'heel']) assert.ok(leg[part].y > floor(leg[part].x) - 1, `${part} of leg ${nth} under the ground at ${i}: ${leg[part].y}`)
          if (scene.planted[nth]) assert.ok(size(leg.ankle, scene.planted[nth]) < 3, `foot slides at ${i}: ${size(leg.ankle, scene.planted[nth])}`)
          if (before) assert.ok(size(leg.ankle, before.legs[nth].ankle) < 30, `jump at ${i}: ${size(leg.ankle, before.legs[nth].ankle)}`)
        }
        assert.ok(body.pelvis.y > 4 && body.shoulder.y > 4 && body.head.y > 4, 'body under the ground')
        before = body
      }
      for (const shape of G.shapesAt(scene, 0)) for (const value of shape.as === 'line' ? shape.points.flatMap((p) => [p.x, p.y]) : shape.as === 'disc' ? [shape.at.x, shape.at.y] : [shape.x, shape.y, shape.w, shape.h]) assert.ok(Number.isFinite(value), shape.of)
    })
  }
}
console.log(`${count} player tests passed${process.exitCode ? ', some failed' : ''}`)
