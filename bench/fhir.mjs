/**
 * FHIR under load, as ratios measured in one run: a create that is validated and durable, and a search (subject, code, date), at 8
 * and at 64 connections, against the same server's empty answer and its commit of one blank row, with the processor time that each
 * request took, which other programs on the machine change little; the disk's own rate of syncs;
 * memory with 10,000 patients; the time from the start to the first answer. Loads only 127.0.0.1, for a bounded time.
 *
 *     node bench/fhir.mjs build/release/bench_clinic [--seconds 4] [--patients 10000]
 */
import { execFileSync, spawn } from 'node:child_process'
import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const [program, ...rest] = process.argv.slice(2)
const option = (name, fallback) => (rest.includes(name) ? rest[rest.indexOf(name) + 1] : fallback)
const seconds = Number(option('--seconds', 4))
const patients = Number(option('--patients', 10000))
const folder = mkdtempSync(join(process.env.LW_BENCH_DIR ?? tmpdir(), 'loadwave-bench-'))
const store = join(folder, 'clinic.db')
const today = new Date().toISOString().slice(0, 10)

function syncRate() {
  const file = openSync(join(folder, 'sync'), 'w')
  const block = Buffer.alloc(4096, 1)
  const end = performance.now() + 2000
  let count = 0
  for (; performance.now() < end; count++) {
    writeSync(file, block, 0, 4096, 0)
    fdatasyncSync(file)
  }
  closeSync(file)
  return count / 2
}
const rss = (pid, what = 'VmRSS') => Number(new RegExp(`${what}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024

/** Seconds of processor that the process has used so far. */
const processor = (pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13).reduce((sum, ticks) => sum + Number(ticks), 0) / 100

/** How long until a started server answers metadata, and what it holds in memory then. */
async function cold() {
  const main = process.env.LOADWAVE ?? 'build/loadwave'
  const begun = performance.now()
  const child = spawn(main, ['serve', '--store', store, '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'ignore'] })
  let out = ''
  const port = await new Promise((resolve) => child.stdout.on('data', (bytes) => {
    out += bytes
    const at = /Loadwave listens at http:\/\/localhost:(\d+)/.exec(out)
    if (at) resolve(at[1])
  }))
  const answer = await fetch(`http://127.0.0.1:${port}/fhir/metadata`)
  await answer.arrayBuffer()
  const took = performance.now() - begun
  const memory = rss(child.pid)
  child.kill()
  await new Promise((resolve) => child.once('exit', resolve))
  return { status: answer.status, took, memory }
}

async function start() {
  const child = spawn(program, [store, String(patients), 'examples/runner-combined.jsonl'], { stdio: ['pipe', 'pipe', openSync(join(folder, 'log'), 'w')] })
  let out = ''
  await new Promise((resolve, reject) => {
    child.stdout.on('data', (bytes) => { out += bytes; if (out.includes('ready\n')) resolve() })
    child.once('exit', (code) => reject(new Error(`bench_clinic ended with ${code}: ${readFileSync(join(folder, 'log'), 'utf8').slice(-2000)}`)))
  })
  const lines = out.trim().split('\n').map((line) => line.split(' '))
  const base = `http://127.0.0.1:${lines.find((line) => line[0] === 'port')[1]}`
  const accept = async (token, body) => {
    const answer = await fetch(`${base}/api/v1/invites/${token}/accept`, { method: 'POST', headers: { 'X-Loadwave': '1', 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`invite: ${answer.status} ${await answer.text()}`)
    return answer.headers.get('set-cookie').split(';')[0]
  }
  const active = []
  for (const [word, id, token, events] of lines) if (word === 'patient') active.push({ id, cookie: await accept(token, {}), events: Number(events) })
  const stop = () => new Promise((resolve) => { child.removeAllListeners('exit'); child.once('exit', resolve); child.stdin.end() })
  return { base, active, pid: child.pid, stop }
}

function load(server, name, script, connections) {
  const file = join(folder, `${name}.lua`)
  writeFileSync(file, `
local people = {${server.active.map((one) => `{"${one.id}","${one.cookie}"}`).join(',')}}
local turn = 0
local json = {["X-Loadwave"] = "1", ["Content-Type"] = "application/json"}
local function create() turn = turn + 1 local p = people[turn % #people + 1]
  local body = string.format('{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"72514-3"}]},"subject":{"reference":"Patient/%s"},"effectiveDateTime":"${today}T00:%02d:%02d+00:00","valueQuantity":{"value":%d,"system":"http://unitsofmeasure.org","code":"{score}"}}', p[1], turn % 60, turn % 60, turn % 5)
  return wrk.format("POST", "/fhir/Observation", {["Cookie"] = p[2], ["X-Loadwave"] = "1", ["Content-Type"] = "application/fhir+json"}, body) end
local function search() turn = turn + 1 local p = people[turn % #people + 1]
  return wrk.format("GET", "/fhir/Observation?patient="..p[1].."&code=http://loinc.org%7C72514-3&date=ge2026-01-01&date=lt2026-02-01", {["Cookie"] = p[2]}) end
request = function() ${script} end
done = function(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d %d\\n", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), summary.errors.status, summary.errors.timeout + summary.errors.connect + summary.errors.read))
end`)
  const before = processor(server.pid)
  const said = execFileSync('wrk', ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '--timeout', '20s', '-s', file, server.base], { encoding: 'utf8' })
  const [requests, duration, p50, p99, refused, broken] = /RESULT (.*)/.exec(said)[1].split(' ').map(Number)
  return { rate: requests / (duration / 1e6), each: ((processor(server.pid) - before) * 1e6) / requests, p50: p50 / 1000, p99: p99 / 1000, refused, broken }
}
const row = (name, got, against) => console.log(`${name.padEnd(44)} ${got.rate.toFixed(0).padStart(7)}/s  p50 ${got.p50.toFixed(1).padStart(7)} ms  p99 ${got.p99.toFixed(1).padStart(7)} ms  ${got.each.toFixed(0).padStart(5)} us${against ? `  ${((100 * got.rate) / against.rate).toFixed(0).padStart(4)} % of that` : ''}${got.refused + got.broken > 0 ? `  REFUSED ${got.refused}, BROKEN ${got.broken}` : ''}`)

try {
  console.log(`disk: ${syncRate().toFixed(0)} syncs of 4 KiB a second`)
  const server = await start()
  const sample = await (await fetch(`${server.base}/fhir/Observation?patient=${server.active[0].id}&code=http://loinc.org%7C72514-3&date=ge2026-01-01&date=lt2026-02-01`, { headers: { Cookie: server.active[0].cookie } })).json()
  console.log(`${patients.toLocaleString('en')} patients and ${server.active.length} courses of ${server.active[0].events} events; a search answers with ${sample.entry?.length ?? 0} Observations; ${seconds} s each`)
  for (const connections of [8, 64]) {
    const empty = load(server, 'empty', 'return wrk.format("GET", "/api/v1/bench/empty")', connections)
    const blank = load(server, 'blank', 'return wrk.format("POST", "/api/v1/bench/blank", json, "{}")', connections)
    row(`${connections} connections: an empty answer`, empty)
    row(`${connections} connections: one blank row committed`, blank)
    row(`${connections} connections: search by code and date`, load(server, 'search', 'return search()', connections), empty)
    row(`${connections} connections: create, checked and durable`, load(server, 'create', 'return create()', connections), empty)
    row(`${connections} connections: one blank row, again`, load(server, 'blank', 'return wrk.format("POST", "/api/v1/bench/blank", json, "{}")', connections))
  }
  console.log(`memory after the load: ${rss(server.pid).toFixed(0)} MiB, at most ${rss(server.pid, 'VmHWM').toFixed(0)} MiB`)
  await server.stop()
  const fresh = await cold()
  console.log(`cold start over ${patients.toLocaleString('en')} patients to the answer of /fhir/metadata (${fresh.status}): ${fresh.took.toFixed(0)} ms; memory then ${fresh.memory.toFixed(0)} MiB (aims: 1,000 ms, 64 MiB)`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
