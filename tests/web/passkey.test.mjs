/** Passkeys as a real Chromium makes them, with its virtual authenticator: adding, signing in, and what the server must not take. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { client, closeBrowser, device, firstAdmin, serve, tokenOf } from './harness.mjs'

let server, admin
before(async () => {
  server = await serve({ at: '2030-03-04T07:00:00Z' })
  admin = await firstAdmin(server)
})
after(async () => {
  await closeBrowser()
  await server?.stop()
})

/** A page of the server's own origin with an authenticator of its own. */
async function keyed({ verified = true } = {}) {
  const one = await device(server)
  await one.page.goto(`${server.origin}/healthz`)
  const cdp = await one.context.newCDPSession(one.page)
  await cdp.send('WebAuthn.enable')
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: verified ? 'internal' : 'usb', hasResidentKey: true, hasUserVerification: verified, isUserVerified: verified, automaticPresenceSimulation: true },
  })
  await one.page.evaluate(() => {
    const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
    const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
    const call = async (method, path, body) => {
      const answer = await fetch(`/api/v1${path}`, { method, headers: { 'X-Loadwave': '1', ...(body ? { 'Content-Type': 'application/json' } : {}) }, body: body && JSON.stringify(body) })
      return { status: answer.status, json: await answer.json() }
    }
    globalThis.api = call
    globalThis.makeKey = async (verification = 'required') => {
      const { json: asked } = await call('POST', '/passkeys/challenge', { purpose: 'add' })
      const made = await navigator.credentials.create({ publicKey: {
        challenge: bytes(asked.challenge), rp: { id: asked.rp_id, name: asked.rp_name }, user: { id: bytes(asked.user_id), name: asked.user_name, displayName: asked.user_name },
        pubKeyCredParams: [{ type: 'public-key', alg: -7 }, { type: 'public-key', alg: -257 }], excludeCredentials: asked.exclude.map((id) => ({ type: 'public-key', id: bytes(id) })),
        authenticatorSelection: { residentKey: verification === 'required' ? 'required' : 'discouraged', userVerification: verification }, attestation: 'none' } })
      return call('POST', '/passkeys', { name: 'Laptop', client_data: text(made.response.clientDataJSON), attestation: text(made.response.attestationObject) })
    }
    globalThis.useKey = async (spoil = (body) => body) => {
      const { json: asked } = await call('POST', '/passkeys/challenge', { purpose: 'sign_in' })
      const got = await navigator.credentials.get({ publicKey: { challenge: bytes(asked.challenge), rpId: asked.rp_id, userVerification: 'required' } })
      globalThis.last = { id: text(got.rawId), client_data: text(got.response.clientDataJSON), authenticator_data: text(got.response.authenticatorData), signature: text(got.response.signature), user_handle: text(got.response.userHandle) }
      return call('POST', '/passkeys/sign-in', spoil(globalThis.last))
    }
  })
  return { ...one, cdp, authenticatorId }
}

test('a clinician adds a passkey and signs in with it; a patient binds a phone and comes back the same way', async () => {
  const made = (await admin.api.post('/api/v1/clinic/people', { name: 'Nora Example', login: 'nora', roles: ['clinician'] })).json
  const desk = await keyed()
  const { page } = desk
  const accepted = await page.evaluate(([path, body]) => globalThis.api('POST', path, body), [`/invites/${tokenOf(made.url)}/accept`, { password: 'a boat of wet paper' }])
  assert.equal(accepted.status, 200)
  assert.equal(accepted.json.needs_second_factor, true)
  assert.equal((await page.evaluate(() => globalThis.api('GET', '/patients'))).status, 401)
  const added = await page.evaluate(() => globalThis.makeKey())
  assert.equal(added.status, 200, JSON.stringify(added))
  assert.equal((await page.evaluate(() => globalThis.api('GET', '/patients'))).status, 200)
  await page.evaluate(() => globalThis.api('POST', '/sign-out'))
  assert.equal((await page.evaluate(() => globalThis.api('GET', '/me'))).status, 401)
  for (let i = 0; i < 2; i++) {
    const entered = await page.evaluate(() => globalThis.useKey())
    assert.equal(entered.status, 200, JSON.stringify(entered))
    assert.equal(entered.json.account, made.account)
    assert.equal(entered.json.strong, true)
  }
  // The password alone opens nothing any more.
  const weak = await client(server).call('POST', '/api/v1/sign-in', { login: 'nora', password: 'a boat of wet paper' })
  assert.equal(weak.json.code, 'LW_ERR_SECOND_FACTOR')
  // The same answer twice, another handle, a signature that is off by one letter.
  const replay = await page.evaluate(() => globalThis.api('POST', '/passkeys/sign-in', globalThis.last))
  assert.equal(replay.status, 401)
  const handle = await page.evaluate(() => globalThis.useKey((body) => ({ ...body, user_handle: 'AAAA' })))
  assert.equal(handle.status, 401)
  const bent = await page.evaluate(() => globalThis.useKey((body) => ({ ...body, signature: body.signature.slice(0, 30) + (body.signature[30] === 'A' ? 'B' : 'A') + body.signature.slice(31) })))
  assert.equal(bent.status, 401)
  assert.deepEqual(desk.faults, [])
  await desk.close()

  const patient = (await admin.api.post('/api/v1/patients', { name: 'Bo Example' })).json
  const invite = (await admin.api.post(`/api/v1/patients/${patient.patient}/invite`)).json
  const phone = await keyed()
  assert.equal((await phone.page.evaluate(([path]) => globalThis.api('POST', path, {}), [`/invites/${tokenOf(invite.url)}/accept`])).status, 200)
  assert.equal((await phone.page.evaluate(() => globalThis.makeKey())).status, 200)
  await phone.page.evaluate(() => globalThis.api('POST', '/sign-out'))
  const back = await phone.page.evaluate(() => globalThis.useKey())
  assert.equal(back.status, 200, JSON.stringify(back))
  assert.equal(back.json.patient, patient.patient)
  const trail = (await admin.api.get(`/api/v1/clinic/audit?account=${back.json.account}`)).json
  assert.ok(trail.rows.some((row) => row.route === 'passkey_sign_in' && row.status === 200))
  assert.equal(trail.intact, true)
  assert.deepEqual(phone.faults, [])
  await phone.close()
})

test('an authenticator that does not verify its holder is not taken', async () => {
  const made = (await admin.api.post('/api/v1/clinic/people', { name: 'Ola Example', login: 'ola', roles: ['clinician'] })).json
  const desk = await keyed({ verified: false })
  await desk.page.evaluate(([path, body]) => globalThis.api('POST', path, body), [`/invites/${tokenOf(made.url)}/accept`, { password: 'a boat of dry paper' }])
  const added = await desk.page.evaluate(() => globalThis.makeKey('discouraged'))
  assert.equal(added.status, 422)
  assert.deepEqual(desk.faults, [])
  await desk.close()
})
