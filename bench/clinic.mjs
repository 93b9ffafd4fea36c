/**
 * The server under load, as ratios measured in one run: a check-in that is durable and answered with the new plan, against the
 * same server committing one blank row and giving an empty answer; reads; a mix; the queue and a check-in in a small file and a large
 * one; memory; the disk's own rate of syncs. Loads only 127.0.0.1, for a bounded time.
 *
 *     node bench/clinic.mjs build/release/bench_clinic [--seconds 6] [--large 100000] [--postgres URL]
 */
import { execFileSync, spawn } from 'node:child_process'
import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const [program, ...rest] = process.argv.slice(2)
const option = (name, fallback) => (rest.includes(name) ? rest[rest.indexOf(name) + 1] : fallback)
const seconds = Number(option('--seconds', 6))
const large = Number(option('--large', 100000))
const postgres = option('--postgres', null)
const folder = mkdtempSync(join(process.env.LW_BENCH_DIR ?? tmpdir(), 'loadwave-bench-'))
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

async function start(patients, where) {
  const begun = performance.now()
  const log = openSync(join(folder, 'log'), 'w') // the server writes a line a request, as in use
  const child = spawn(program, [where, String(patients), 'examples/runner-combined.jsonl'], { stdio: ['pipe', 'pipe', log] })
  let out = ''
  await new Promise((resolve, reject) => {
    child.stdout.on('data', (bytes) => { out += bytes; if (out.includes('ready\n')) resolve() })
    child.once('exit', (code) => reject(new Error(`bench_clinic ended with ${code}: ${readFileSync(join(folder, 'log'), 'utf8').slice(-2000)}`)))
  })
  const lines = out.trim().split('\n').map((line) => line.split(' '))
  const port = Number(lines.find((line) => line[0] === 'port')[1])
  const base = `http://127.0.0.1:${port}`
  const accept = async (token, body) => {
    const answer = await fetch(`${base}/api/v1/invites/${token}/accept`, { method: 'POST', headers: { 'X-Loadwave': '1', 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`invite: ${answer.status} ${await answer.text()}`)
    return answer.headers.get('set-cookie').split(';')[0]
  }
  const staff = await accept(lines.find((line) => line[0] === 'staff')[1], { password: 'a long quiet sentence' })
  const active = []
  for (const [word, id, token, events] of lines) if (word === 'patient') active.push({ id, cookie: await accept(token, {}), events: Number(events) })
  const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024
  const stop = () => new Promise((resolve) => { child.removeAllListeners('exit'); child.once('exit', resolve); child.stdin.end() })
  return { base, staff, active, rss, stop, seeded: (performance.now() - begun) / 1000 }
}

/** wrk with a script of its own; the script says what a request is. */
function load(server, name, script, { connections = 64, time = seconds } = {}) {
  const file = join(folder, `${name}.lua`)
  writeFileSync(file, `
local people = {${server.active.map((one) => `{"${one.id}","${one.cookie}"}`).join(',')}}
local staff = "${server.staff}"
local turn = 0
local function uuid() local t = {} for i = 1, 32 do t[i] = string.format("%x", math.random(0, 15)) end local s = table.concat(t) return s:sub(1,8).."-"..s:sub(9,12).."-4"..s:sub(14,16).."-8"..s:sub(18,20).."-"..s:sub(21,32) end
local json = {["X-Loadwave"] = "1", ["Content-Type"] = "application/json"}
local function as(cookie, write) local h = {["Cookie"] = cookie} if write then h["X-Loadwave"] = "1" h["Content-Type"] = "application/json" end return h end
local function checkin(plan) turn = turn + 1 local p = people[turn % #people + 1]
  local event = string.format('{"v":1,"id":"%s","patient":"%s","kind":"checkin","at":"%sT00:%02d:%02d+00:00","by":"patient","data":{"pain_morning":%d,"stiffness_min":5,"pain_test":%d}}', uuid(), p[1], "${today}", turn % 60, turn % 60, turn % 4, turn % 3)
  return wrk.format("POST", "/api/v1/patients/"..p[1].."/events", as(p[2], true), '{"events":['..event..']'..(plan and ',"plan_on":"${today}"' or '')..'}') end
local function plan() turn = turn + 1 local p = people[turn % #people + 1] return wrk.format("GET", "/api/v1/patients/"..p[1].."/plan?on=${today}", as(p[2])) end
local function queue() return wrk.format("GET", "/api/v1/queue?responsible=all&limit=50", as(staff)) end
function setup(thread) thread:set("seed", math.random(1, 2^30)) end
function init() math.randomseed(os.time() + (seed or 0)) end
local bad = 0
function response(status) if status ~= 200 then bad = bad + 1 end end
request = function() ${script} end
done = function(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d %d\\n", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), summary.errors.status, summary.errors.timeout + summary.errors.connect + summary.errors.read))
end`)
  const said = execFileSync('wrk', ['-t', '1', '-c', String(connections), '-d', `${time}s`, '--timeout', '20s', '-s', file, server.base], { encoding: 'utf8' })
  const [requests, duration, p50, p99, refused, broken] = /RESULT (.*)/.exec(said)[1].split(' ').map(Number)
  return { rate: requests / (duration / 1e6), p50: p50 / 1000, p99: p99 / 1000, refused, broken }
}
const scripts = {
  empty: 'return wrk.format("GET", "/api/v1/bench/empty")',
  blank: 'return wrk.format("POST", "/api/v1/bench/blank", json, "{}")',
  checkin: 'return checkin(true)',
  plan: 'return plan()',
  queue: 'return queue()',
  mixed: 'local n = math.random(1, 10) if n <= 3 then return checkin(true) elseif n <= 8 then return plan() else return queue() end',
}
const row = (name, got, against) => console.log(`${name.padEnd(42)} ${got.rate.toFixed(0).padStart(7)}/s  p50 ${got.p50.toFixed(1).padStart(7)} ms  p99 ${got.p99.toFixed(1).padStart(7)} ms${against ? `  ${((100 * got.rate) / against.rate).toFixed(0).padStart(4)} %` : ''}${got.refused + got.broken > 0 ? `  REFUSED ${got.refused}, BROKEN ${got.broken}` : ''}`)

async function suite(title, where) {
  const server = await start(1000, where)
  console.log(`\n${title}: 1,000 patients and 64 courses of ${server.active[0].events} events; made in ${server.seeded.toFixed(1)} s; 64 connections, ${seconds} s each`)
  const empty = load(server, 'empty', scripts.empty)
  const blank = load(server, 'blank', scripts.blank)
  const checkin = load(server, 'checkin', scripts.checkin)
  const blankAgain = load(server, 'blank2', scripts.blank)
  const middle = { ...blank, rate: (blank.rate + blankAgain.rate) / 2 }
  row('an empty answer', empty)
  row('one blank row committed, before', blank)
  row('one blank row committed, after', blankAgain)
  row('check-in → durable → new plan', checkin, middle)
  console.log(`  aim: 70 % of a blank row. Of an empty answer: ${((100 * checkin.rate) / empty.rate).toFixed(0)} %`)
  row('plan read', load(server, 'plan', scripts.plan))
  row('mixed (3 check-ins, 5 plans, 2 queues)', load(server, 'mixed', scripts.mixed))
  const small = { queue: load(server, 'q1', scripts.queue, { connections: 1, time: 3 }), checkin: load(server, 'c1', scripts.checkin, { connections: 1, time: 3 }) }
  row('queue alone, 1 connection', small.queue)
  row('check-in alone, 1 connection', small.checkin)
  console.log(`  memory: ${server.rss().toFixed(0)} MiB`)
  await server.stop()
  return small
}

try {
  console.log(`disk: ${syncRate().toFixed(0)} syncs of 4 KiB a second`)
  const small = await suite('SQLite', join(folder, 'small.db'))
  if (postgres) await suite('PostgreSQL', postgres)
  if (large > 0) {
    const server = await start(large, join(folder, 'large.db'))
    console.log(`\nSQLite: ${large.toLocaleString('en')} patients; made in ${server.seeded.toFixed(0)} s`)
    const queue = load(server, 'q2', scripts.queue, { connections: 1, time: 3 })
    const checkin = load(server, 'c2', scripts.checkin, { connections: 1, time: 3 })
    row('queue alone, 1 connection (aim p50 ≤ 50 ms)', queue)
    row('check-in alone, 1 connection', checkin)
    console.log(`  a check-in costs ${(checkin.p50 / small.checkin.p50).toFixed(2)} × that among 1,000 (aim 1.5); memory ${server.rss().toFixed(0)} MiB`)
    await server.stop()
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
