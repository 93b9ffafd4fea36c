/** rules.mjs: the four-outcome rule of bench/four.protocol in json-rules-engine, on the same numbers as bench_engine. */

const PATIENTS = 1000
const DAYS = 90
const NAMES = ['stop', 'regress', 'hold', 'progress']

let state = 2026
const roll = (sides) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return (state >>> 8) % sides
}

const above = (fact, value) => ({ fact, operator: 'greaterThan', value })
const atMost = (fact, value) => ({ fact, operator: 'lessThanInclusive', value })
const settled = (value) => ({ fact: 'settled', operator: 'equal', value })

const RULES = [
  { all: [above('test', 7)] },
  { any: [above('pain', 5), settled(false)] },
  { any: [above('pain', 3), above('test', 3), above('effort', 7)] },
  { all: [atMost('pain', 3), atMost('test', 3), atMost('effort', 7), settled(true)] },
]

/** Nanoseconds of a decision (median of three runs after one) and the tallies; null when it is not installed. */
export async function rulesBench() {
  let library
  try {
    library = (await import('json-rules-engine')).default ?? (await import('json-rules-engine'))
  } catch {
    return null
  }
  const { readFileSync } = await import('node:fs')
  const version = JSON.parse(readFileSync(new URL('node_modules/json-rules-engine/package.json', import.meta.url))).version
  const { Engine } = library
  const facts = Array.from({ length: PATIENTS * DAYS }, () => ({ pain: roll(8), test: roll(9), settled: roll(5) > 0, effort: 3 + roll(7) }))
  const engine = new Engine()
  // the first that fires decides: the strongest has the highest priority and stops the engine
  RULES.forEach((conditions, i) => engine.addRule({ conditions, event: { type: NAMES[i] }, priority: 10 - i, onSuccess: () => engine.stop() }))
  const times = []
  let tally
  for (let round = -1; round < 3; round++) {
    tally = [0, 0, 0, 0]
    const start = process.hrtime.bigint()
    for (const one of facts) {
      const { events } = await engine.run(one)
      tally[NAMES.indexOf(events[0].type)]++
    }
    if (round >= 0) times.push(Number(process.hrtime.bigint() - start) / facts.length)
  }
  return { ns: times.sort((a, b) => a - b)[1], tally, version }
}
