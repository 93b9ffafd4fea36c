/**
 * What a check-in costs in instructions, which a busy machine does not change: the server of bench_clinic under callgrind, one
 * check-in after another over one connection, each answered with the new plan, compressed. SHA-256 is counted without the
 * processor's own instructions for it, which valgrind does not have.
 *
 *     node bench/instructions.mjs build/release/bench_clinic [--checkins 200] [--out callgrind.out]
 */
import { execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const [program, ...rest] = process.argv.slice(2)
const option = (name, fallback) => (rest.includes(name) ? rest[rest.indexOf(name) + 1] : fallback)
const count = Number(option('--checkins', 200))
const folder = mkdtempSync(join(tmpdir(), 'loadwave-instructions-'))
const counts = option('--out', join(folder, 'callgrind.out'))
const today = new Date().toISOString().slice(0, 10)

const child = spawn('valgrind', ['--tool=callgrind', '--instr-atstart=no', `--callgrind-out-file=${counts}`, program, join(folder, 'store.db'), '64', 'examples/runner-combined.jsonl'], { stdio: ['pipe', 'pipe', 'ignore'] })
let said = ''
await new Promise((resolve, reject) => {
  child.stdout.on('data', (bytes) => { said += bytes; if (said.includes('ready\n')) resolve() })
  child.once('error', reject)
  child.once('exit', (code) => reject(new Error(`bench_clinic ended with ${code}`)))
})
const lines = said.trim().split('\n').map((line) => line.split(' '))
const port = Number(lines.find((line) => line[0] === 'port')[1])
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
const post = (path, body, cookie) =>
  new Promise((resolve, reject) => {
    const headers = { 'X-Loadwave': '1', 'Content-Type': 'application/json', 'Accept-Encoding': 'gzip', ...(cookie ? { cookie } : {}) }
    const asked = request({ host: '127.0.0.1', port, path: `/api/v1${path}`, method: 'POST', agent, headers }, (answer) => {
      answer.resume()
      answer.on('end', () => (answer.statusCode === 200 ? resolve(answer) : reject(new Error(`${path}: ${answer.statusCode}`))))
    })
    asked.on('error', reject)
    asked.end(body)
  })
const people = []
for (const [word, id, token] of lines) if (word === 'patient') people.push({ id, cookie: (await post(`/invites/${token}/accept`, '{}')).headers['set-cookie'][0].split(';')[0] })
const checkin = (turn) => {
  const { id, cookie } = people[turn % people.length]
  const event = { v: 1, id: randomUUID(), patient: id, kind: 'checkin', at: `${today}T00:00:${String(turn % 60).padStart(2, '0')}+00:00`, by: 'patient', data: { pain_morning: turn % 4, stiffness_min: 5, pain_test: turn % 3 } }
  return post(`/patients/${id}/events`, JSON.stringify({ plan_on: today, events: [event] }), cookie)
}
for (let turn = 0; turn < people.length; turn++) await checkin(turn) // each record is read once
execFileSync('callgrind_control', ['-i', 'on', String(child.pid)], { stdio: 'ignore' })
for (let turn = 0; turn < count; turn++) await checkin(turn)
execFileSync('callgrind_control', ['-i', 'off', String(child.pid)], { stdio: 'ignore' })
agent.destroy()
child.removeAllListeners('exit')
child.stdin.end()
await new Promise((resolve) => child.once('exit', resolve))
const total = Number(/^totals: (\d+)/m.exec(readFileSync(counts, 'utf8'))[1])
console.log(`a check-in → durable → new plan, course of ${Number(lines.find((line) => line[0] === 'patient')[3])} events: ${(total / count / 1e6).toFixed(2)} million instructions`)
rmSync(folder, { recursive: true })
