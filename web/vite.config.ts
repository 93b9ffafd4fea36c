// Two pages from one tree: the patient's app (index.html) and the clinic's console (clinic/index.html), and the app's service worker.
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { execSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/**
 * Writes into sw.js, in place of __FILES__ and __VERSION__, what the app needs without a network: everything it was built of but
 * the console's own files and other maps. (vite-plugin-pwa would do this; it asks for a newer Node than Debian 12 has.)
 */
function offlineFiles(): Plugin {
  return {
    name: 'loadwave-offline-files',
    enforce: 'post',
    generateBundle: { order: 'post', handler(_, bundle) {
      const worker = bundle['sw.js']
      if (worker?.type !== 'chunk') return
      const console_ = new Set<string>()
      const app = new Set<string>()
      const walk = (name: string, into: Set<string>) => {
        const chunk = bundle[name]
        if (chunk?.type !== 'chunk' || into.has(name)) return
        into.add(name)
        for (const next of [...chunk.imports, ...chunk.dynamicImports]) walk(next, into)
        for (const file of [...(chunk.viteMetadata?.importedCss ?? []), ...(chunk.viteMetadata?.importedAssets ?? [])]) into.add(file)
      }
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === 'chunk' && chunk.isEntry && chunk.fileName !== 'sw.js') walk(chunk.fileName, chunk.name === 'clinic' ? console_ : app)
      }
      const files = Object.keys(bundle)
        .filter((name) => name !== 'sw.js' && !name.endsWith('.map') && !name.startsWith('clinic/') && !/^assets\/((console|clinic)\.[a-z]+|prove\.worker)-/.test(name) && (app.has(name) || !console_.has(name)))
        .map((name) => (name === 'index.html' ? '/' : `/${name}`))
        .concat(['/manifest.webmanifest', '/icon.svg', '/icon-192.png', '/icon-512.png'])
        .sort()
      const version = createHash('sha256').update(files.join('\n')).update(String((bundle['index.html'] as { source?: string })?.source ?? '')).digest('hex').slice(0, 16)
      worker.code = worker.code.replace('__FILES__', JSON.stringify(files)).replace('__VERSION__', version)
    } },
  }
}

/** When this tree was last committed, in ms: a device whose clock is before it is wrong. 0 where it cannot be known. */
function builtMs(): number {
  try {
    return Number(execSync('git log -1 --format=%ct', { cwd: here('.'), stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim()) * 1000 || 0
  } catch {
    return 0
  }
}

/** The app asks for engine and protocol as soon as its scripts run; the page may as well fetch them meanwhile. */
function early(): Plugin {
  return {
    name: 'loadwave-early',
    transformIndexHtml: {
      order: 'post',
      handler(_, { bundle, path }) {
        if (!bundle || path !== '/index.html') return []
        return Object.keys(bundle)
          .filter((name) => /\.(wasm|protocol)$/.test(name) && !/loadwave-(prove|watch)/.test(name))
          .map((name) => ({ tag: 'link', attrs: { rel: 'preload', as: 'fetch', crossorigin: 'anonymous', href: `/${name}` }, injectTo: 'head' as const }))
      },
    },
  }
}

export default defineConfig({
  define: { 'import.meta.env.VITE_BUILT_MS': JSON.stringify(String(builtMs())) },
  root: here('.'),
  base: '/',
  plugins: [svelte(), offlineFiles(), early()],
  assetsInclude: ['**/*.protocol'],
  json: { stringify: true },
  server: { fs: { allow: [here('..')] }, proxy: { '/api': 'http://127.0.0.1:8080' } },
  build: {
    outDir: here('../build/web/dist'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: true,
    reportCompressedSize: false,
    rollupOptions: {
      input: { app: here('index.html'), clinic: here('clinic/index.html'), sw: here('src/sw.ts') },
      // Small pieces travel together: a phone pays for each file.
      output: { experimentalMinChunkSize: 12_000, entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
    },
  },
})
