/**
 * The patient's page as a phone meets it: bytes of script before the engine (gzipped), and the time until the first screen takes a
 * touch, with the processor slowed four times. Median of five fresh visits.
 *
 *     LOADWAVE=build/loadwave node bench/page.mjs
 */
import { gzipSync } from 'node:zlib'
import { browser, closeBrowser, serve } from '../tests/web/harness.mjs'

const server = await serve({ at: new Date().toISOString() })
const runs = []
let scripts = new Map()
let engine = 0
try {
  for (let i = 0; i < 5; i++) {
    const context = await (await browser()).newContext({ viewport: { width: 390, height: 844 }, serviceWorkers: 'block' })
    const page = await context.newPage()
    const client = await context.newCDPSession(page)
    await client.send('Emulation.setCPUThrottlingRate', { rate: 4 })
    scripts = new Map()
    page.on('response', async (answer) => {
      const path = new URL(answer.url()).pathname
      const body = await answer.body().catch(() => null)
      if (body && /\.js$/.test(path)) scripts.set(path, gzipSync(body, { level: 9 }).length)
      if (body && /\.wasm$/.test(path)) engine = gzipSync(body, { level: 9 }).length
    })
    await page.goto(server.origin, { waitUntil: 'commit' })
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    // the page's own clock: from the navigation's start to the first moment after the heading at which a touch is answered
    runs.push(await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(performance.now()), 0)))))
    await page.waitForLoadState('networkidle')
    await context.close()
  }
  runs.sort((a, b) => a - b)
  const total = [...scripts.values()].reduce((sum, size) => sum + size, 0)
  console.log(`patient's page: ${(total / 1024).toFixed(1)} KB of script gzipped in ${scripts.size} files (aim ≤ 100), engine ${(engine / 1024).toFixed(1)} KB`)
  console.log(`interactive with the processor slowed 4 ×: median ${(runs[2] / 1000).toFixed(2)} s of 5 visits, ${(runs[0] / 1000).toFixed(2)}–${(runs[4] / 1000).toFixed(2)} (aim ≤ 1.5)`)
} finally {
  await closeBrowser()
  await server.stop()
}
