/**
 * What the journeys share: a real server on a free port of 127.0.0.1 with a store of its own, a clock that the test moves for
 * server and pages together, and a real Chromium. Everything that is started is stopped again, also after a failure.
 *
 *     LOADWAVE=build/dev/loadwave node --test tests/web/patient.test.mjs
 *     LW_STORE=postgres://… runs the same journey on PostgreSQL; LW_SHOTS=folder keeps screenshots; LW_HEADED=1 shows the browser
 */
import { execFileSync, spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { createRequire } from 'node:module'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const need = createRequire(join(root, 'web', 'package.json'))
const { chromium } = need('playwright-core')
const axeSource = readFileSync(need.resolve('axe-core/axe.min.js'), 'utf8')

const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })

/** Waits until `what` gives something true. */
export async function until(what, why, ms = 20000) {
  for (const end = Date.now() + ms; ; ) {
    const got = await what()
    if (got) return got
    if (Date.now() > end) throw new Error(`waited in vain: ${why}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** A running server. `at` is the first moment of its clock. */
export async function serve({ at = '2030-03-04T07:00:00Z', store = process.env.LW_STORE, args = [], folder } = {}) {
  const home = folder ?? mkdtempSync(join(tmpdir(), 'loadwave-web-'))
  const clockFile = join(home, 'now')
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const program = process.env.LOADWAVE ?? join(root, 'build', 'loadwave')
  const self = { home, port, origin, program, store: store ?? join(home, 'store.db'), output: '', now: Date.parse(at), links: [] }
  const tell = () => writeFileSync(clockFile, String(Math.floor(self.now / 1000)))
  tell()
  self.start = async () => {
    self.child = spawn(program, ['serve', '--store', self.store, '--listen', `127.0.0.1:${port}`, '--origin', origin, '--backups', join(home, 'backups'), '--first', 'admin', ...args], {
      env: { ...process.env, LW_TEST_NOW_FILE: clockFile }, stdio: ['ignore', 'pipe', 'pipe'],
    })
    self.exited = new Promise((resolve) => self.child.once('exit', (code, signal) => resolve({ code, signal })))
    for (const stream of [self.child.stdout, self.child.stderr]) stream.on('data', (bytes) => (self.output += bytes))
    let gone = false
    void self.exited.then(() => (gone = true))
    await until(async () => {
      if (gone) throw new Error(`the server ended: ${self.output.slice(-2000)}`)
      return fetch(`http://127.0.0.1:${port}/healthz`).then((answer) => answer.ok, () => false)
    }, `the server at ${origin}`)
    self.links = [...self.output.matchAll(/https?:\/\/\S+#\/i\/\S+/g)].map((found) => found[0])
  }
  self.kill = async (signal = 'SIGKILL') => {
    self.child.kill(signal)
    return self.exited
  }
  self.stop = async () => {
    if (self.child.exitCode === null && self.child.signalCode === null) await self.kill('SIGTERM')
    if (!folder) rmSync(home, { recursive: true, force: true })
  }
  /** Moves the clock of the server and of every page that was opened with it. */
  self.devices = new Set()
  self.setNow = async (moment) => {
    self.now = typeof moment === 'string' ? Date.parse(moment) : moment
    tell()
    for (const context of self.devices) await context.clock.setFixedTime(self.now).catch(() => self.devices.delete(context))
  }
  await self.start()
  return self
}

let browserOnce
/** The one Chromium of this test file. */
export async function browser() {
  browserOnce ??= chromium.launch({
    executablePath: ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync),
    headless: !process.env.LW_HEADED,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required'],
  })
  return browserOnce
}
export async function closeBrowser() {
  await (await browserOnce)?.close()
  browserOnce = undefined
}

/**
 * A fresh device: a context of its own, its clock that of the server. Any request to another place than the server fails the
 * test, and so does a script error on the page.
 */
export async function device(server, { width = 390, height = 844, dark = false, locale = 'en-GB', permissions = [], ...more } = {}) {
  const context = await (await browser()).newContext({
    viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', locale, timezoneId: 'Europe/London', permissions, serviceWorkers: 'allow', ...more,
  })
  const faults = []
  context.on('request', (request) => {
    if (!request.url().startsWith(server.origin) && !/^(data|blob|about|chrome-error):/.test(request.url())) faults.push(`a request to ${request.url()}`)
  })
  context.on('weberror', (error) => faults.push(`a script error: ${error.error().stack ?? error.error().message}`))
  context.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy|Refused to/.test(message.text())) faults.push(message.text())
  })
  context.setDefaultTimeout(15000)
  await context.clock.setFixedTime(server.now)
  server.devices.add(context)
  const page = await context.newPage()
  return { context, page, faults, close: async () => { server.devices.delete(context); await context.close() } }
}

/** axe on what is on the screen; returns the violations in words. */
export async function axe(page) {
  await page.evaluate(axeSource)
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
  return found.violations.map((one) => `${one.id} (${one.impact}): ${one.nodes.map((node) => node.target.join(' ')).slice(0, 4).join(' | ')}`)
}

/** Keeps a picture where LW_SHOTS says so. */
export async function shot(page, name, options = {}) {
  const folder = process.env.LW_SHOTS
  if (!folder) return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), ...options })
}

/** One more clinic in the server's store, made while it is stopped (a PostgreSQL store has one program at a time). Returns its invite. */
export async function anotherClinic(server, name, login) {
  await server.kill('SIGTERM')
  const said = execFileSync(server.program, ['clinic', 'add', server.store, '--name', name, '--login', login, '--origin', server.origin], { encoding: 'utf8', env: { ...process.env, LW_TEST_NOW_FILE: join(server.home, 'now') } })
  await server.start()
  return /https?:\S+/.exec(said)[0]
}

/** A client of the API as a program would write it: cookie jar, the header that writes need. */
export function client(server) {
  let cookie = ''
  const call = async (method, path, body, headers = {}) => {
    const said = await once(method, path, body, headers)
    if (said.status !== 401 || said.json?.code !== 'LW_ERR_SIGN_IN' || !self.again) return said
    await self.again()
    return once(method, path, body, headers)
  }
  const once = async (method, path, body, headers) => {
    const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, {
      method, redirect: 'manual',
      headers: { ...(cookie ? { Cookie: cookie } : {}), ...(method !== 'GET' ? { 'X-Loadwave': '1' } : {}), ...(body !== undefined ? { 'Content-Type': 'application/json' } : {}), ...headers },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    })
    const set = answer.headers.get('set-cookie')
    if (set) cookie = set.split(';')[0]
    const text = await answer.text()
    let json = null
    try { json = JSON.parse(text) } catch { /* not JSON */ }
    return { status: answer.status, headers: answer.headers, text, json }
  }
  const self = { call, get: (path) => call('GET', path), post: (path, body = {}) => call('POST', path, body), patch: (path, body) => call('PATCH', path, body), del: (path) => call('DELETE', path), cookie: () => cookie, setCookie: (text) => (cookie = text) }
  return self
}

/** The token at the end of an invite's address. */
export const tokenOf = (url) => url.split('#/i/')[1]

/** The six digits of an authenticator (RFC 6238, SHA-1, 30 s) at a moment. */
export function totp(secret, ms) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret.replace(/=+$/, '')].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))
  const step = Buffer.alloc(8)
  step.writeBigUInt64BE(BigInt(Math.floor(ms / 30000)))
  const mac = createHmac('sha1', key).update(step).digest()
  const at = mac[19] & 15
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0')
}

/** Gives the signed-in member of staff an authenticator; returns its secret. */
export async function secure(server, api) {
  const { secret } = (await api.post('/api/v1/me/totp')).json
  const done = await api.post('/api/v1/me/totp/confirm', { code: totp(secret, server.now) })
  if (done.status !== 200) throw new Error(`authenticator: ${done.status} ${done.text}`)
  return secret
}

/** The first admin (also clinician) of a fresh server, signed in through the link it printed. */
export async function firstAdmin(server, password = 'a long quiet sentence') {
  const link = await until(() => [...server.output.matchAll(/https?:\/\/\S+#\/i\/\S+/g)].map((found) => found[0])[0], 'the link of the first admin')
  const api = client(server)
  const done = await api.post(`/api/v1/invites/${tokenOf(link)}/accept`, { password })
  if (done.status !== 200) throw new Error(`invite: ${done.status} ${done.text}`)
  const secret = await secure(server, api)
  // The clock jumps, and a session that was idle ends: sign in again with the next six digits.
  const login = (await api.get('/api/v1/clinic/people')).json.people[0].login
  api.again = async () => {
    api.setCookie('')
    const back = await client(server).call('POST', '/api/v1/sign-in', { login, password, code: totp(secret, server.now) })
    if (back.status !== 200) throw new Error(`sign-in: ${back.status} ${back.text}`)
    api.setCookie(back.headers.get('set-cookie').split(';')[0])
  }
  return { api, me: done.json, password, secret, login }
}
