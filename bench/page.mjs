/**
 * The patient's pages as a phone meets them: bytes of script before the engine (gzipped), and the time until the first screen takes
 * a touch, with the processor slowed four times and nothing kept from before. Median of five visits each: the very first one, and
 * Today of somebody whose programme runs.
 *
 *     LOADWAVE=build/loadwave node bench/page.mjs
 */
import { gzipSync } from 'node:zlib'
import { browser, client, closeBrowser, firstAdmin, serve } from '../tests/web/harness.mjs'
import { acceptInvite, checkInBy, newPatient, sameSession } from '../tests/web/people.mjs'

const server = await serve({ at: new Date().toISOString() })

async function visits(name, context, ready) {
  const runs = []
  const scripts = new Map()
  let engine = 0
  for (let i = 0; i < 5; i++) {
    const page = await context.newPage()
    const cdp = await context.newCDPSession(page)
    await cdp.send('Network.enable')
    await cdp.send('Network.setCacheDisabled', { cacheDisabled: true })
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 })
    const bodies = []
    page.on('response', (answer) => bodies.push(answer.body().then((body) => [new URL(answer.url()).pathname, body], () => null)))
    await page.goto(server.origin, { waitUntil: 'commit' })
    await ready(page)
    // the page's own clock: from the navigation's start to the first moment after that at which a touch is answered
    runs.push(await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(performance.now()), 0)))))
    await page.waitForLoadState('networkidle')
    for (const one of await Promise.all(bodies)) {
      if (one && /\.js$/.test(one[0])) scripts.set(one[0], gzipSync(one[1], { level: 9 }).length)
      if (one && /\.wasm$/.test(one[0])) engine = gzipSync(one[1], { level: 9 }).length
    }
    await page.close()
  }
  runs.sort((a, b) => a - b)
  const total = [...scripts.values()].reduce((sum, size) => sum + size, 0)
  console.log(`${name}: ${(total / 1024).toFixed(1)} KB of script gzipped in ${scripts.size} files (aim ≤ 100), engine ${(engine / 1024).toFixed(1)} KB; interactive at 4 × slowed: median ${(runs[2] / 1000).toFixed(2)} s, ${(runs[0] / 1000).toFixed(2)}–${(runs[4] / 1000).toFixed(2)} (aim ≤ 1.5)`)
}

try {
  const options = { viewport: { width: 390, height: 844 }, serviceWorkers: 'block', locale: 'en-GB' }
  const fresh = await (await browser()).newContext(options)
  await visits('first visit', fresh, (page) => page.getByRole('button').first().waitFor())
  await fresh.close()
  const admin = await firstAdmin(server)
  const patient = await newPatient(server, admin)
  const phone = await (await browser()).newContext(options)
  const page = await phone.newPage()
  await acceptInvite(page, patient.url)
  await checkInBy(server, await sameSession(phone, client(server)), patient.id, { morning: 1, test: 1 })
  await page.reload()
  await page.getByText(/Checked in at/).waitFor()
  await page.close()
  await visits('Today', phone, (page) => page.locator('#headline').waitFor())
} finally {
  await closeBrowser()
  await server.stop()
}
