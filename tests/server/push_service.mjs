#!/usr/bin/env node
/*
 * push_service.mjs FOLDER: a push service and the browsers behind it, for tests. Listens on a free port of 127.0.0.1 and writes
 * it to FOLDER/port, and for each name in BROWSERS a subscription as a page would send it to FOLDER/NAME.json.
 *
 * What comes is decrypted here once more from the RFCs, with nothing of ours: 8291 and 8188 (aes128gcm), and the VAPID token (8292)
 * is verified with the key that it brings; each message is a line of FOLDER/NAME.got: {"plain":…,"ttl":…,"aud":…,"sub":…,
 * "key":…,"wrong":…}. `gone` answers 410, `busy` 503 with Retry-After the first time, `many` 429 with a
 * Retry-After that is a date, `large` 413, `elsewhere` 307 to `inside`, the others 201. Ends with its standard input.
 */
import { createDecipheriv, createECDH, createHmac, createPublicKey, randomBytes, verify } from 'node:crypto'
import { appendFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'

const folder = process.argv[2]
const BROWSERS = ['phone', 'tablet', 'gone', 'busy', 'many', 'large', 'elsewhere', 'inside']
const browsers = new Map(BROWSERS.map((name) => {
  const keys = createECDH('prime256v1')
  keys.generateKeys()
  return [name, { keys, auth: randomBytes(16), tries: 0 }]
}))
const hmac = (key, ...parts) => parts.reduce((all, part) => all.update(part), createHmac('sha256', key)).digest()

function decrypt({ keys, auth }, body) {
  const salt = body.subarray(0, 16), size = body.readUInt32BE(16), idLength = body[20]
  const sender = body.subarray(21, 21 + idLength), sealed = body.subarray(21 + idLength)
  if (sealed.length > size) throw new Error('more than one record')
  const ikm = hmac(hmac(auth, keys.computeSecret(sender)), 'WebPush: info\0', keys.getPublicKey(), sender, Buffer.from([1]))
  const prk = hmac(salt, ikm)
  const key = hmac(prk, 'Content-Encoding: aes128gcm\0', Buffer.from([1])).subarray(0, 16)
  const nonce = hmac(prk, 'Content-Encoding: nonce\0', Buffer.from([1])).subarray(0, 12)
  const cipher = createDecipheriv('aes-128-gcm', key, nonce)
  cipher.setAuthTag(sealed.subarray(-16))
  const text = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()])
  const end = text.lastIndexOf(2)
  if (end < 0 || text.subarray(end + 1).some((byte) => byte !== 0)) throw new Error('no delimiter')
  return text.subarray(0, end).toString('utf8')
}

function vapid(header) {
  const [, token, key] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(header ?? '') ?? []
  const [head, claims, signature] = token.split('.')
  const point = Buffer.from(key, 'base64url')
  const jwk = { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') }
  const good = verify('sha256', Buffer.from(`${head}.${claims}`), { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))
  const named = JSON.parse(Buffer.from(head, 'base64url'))
  if (!good || named.alg !== 'ES256' || named.typ !== 'JWT') throw new Error('the token is not good')
  return { ...JSON.parse(Buffer.from(claims, 'base64url')), key }
}

const server = createServer((request, answer) => {
  const parts = []
  request.on('data', (part) => parts.push(part))
  request.on('end', () => {
    const name = request.url.slice(1)
    const browser = browsers.get(name)
    let got
    try {
      if (!browser || request.method !== 'POST' || request.headers['content-encoding'] !== 'aes128gcm') throw new Error('not a push')
      const told = vapid(request.headers.authorization)
      got = { plain: JSON.parse(decrypt(browser, Buffer.concat(parts))), ttl: Number(request.headers.ttl), urgency: request.headers.urgency, topic: request.headers.topic, aud: told.aud, sub: told.sub, exp: told.exp, key: told.key, wrong: '' }
    } catch (error) {
      got = { wrong: String(error) }
    }
    appendFileSync(`${folder}/${name.replace(/\W/g, '_')}.got`, `${JSON.stringify(got)}\n`)
    if (browser) browser.tries++
    const first = browser?.tries === 1
    const [status, headers] = name === 'gone' ? [410, {}]
      : name === 'busy' && first ? [503, { 'Retry-After': '600' }]
      : name === 'many' && first ? [429, { 'Retry-After': new Date(Date.now() + 1200_000).toUTCString() }]
      : name === 'large' ? [413, {}]
      : name === 'elsewhere' ? [307, { Location: '/inside' }] : [201, {}]
    answer.writeHead(status, headers)
    answer.end()
  })
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address()
  for (const [name, { keys, auth }] of browsers) {
    writeFileSync(`${folder}/${name}.json`, JSON.stringify({ endpoint: `http://127.0.0.1:${port}/${name}`, p256dh: keys.getPublicKey('base64url'), auth: auth.toString('base64url'), label: name }))
  }
  writeFileSync(`${folder}/port.part`, String(port))
  renameSync(`${folder}/port.part`, `${folder}/port`)
})
process.stdin.on('end', () => process.exit(0))
process.stdin.resume()
