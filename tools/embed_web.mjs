#!/usr/bin/env node
// Puts the built pages into the program: reads build/web/dist, writes build/web/assets.c (a table, the bytes come in by .incbin) and
// the packed forms beside it. Output depends on the files alone; a file is only written when it changed, so that nothing is built for nothing.
//
//     node tools/embed_web.mjs [DIST] [OUT]
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, extname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const dist = resolve(process.argv[2] ?? join(root, 'build/web/dist'))
const out = resolve(process.argv[3] ?? join(root, 'build/web'))
const MOST = 16 * 1024 * 1024

const types = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
  '.json': 'application/json', '.webmanifest': 'application/manifest+json', '.wasm': 'application/wasm', '.svg': 'image/svg+xml',
  '.png': 'image/png', '.jpg': 'image/jpeg', '.ico': 'image/x-icon', '.woff2': 'font/woff2', '.txt': 'text/plain; charset=utf-8',
  '.protocol': 'text/plain; charset=utf-8', '.mp3': 'audio/mpeg', '.ogg': 'audio/ogg', '.wav': 'audio/wav',
}

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? files(path) : [path]
  })
}

function put(path, data) {
  mkdirSync(dirname(path), { recursive: true })
  if (!existsSync(path) || !readFileSync(path).equals(Buffer.from(data))) writeFileSync(path, data)
}

if (!existsSync(join(dist, 'index.html'))) {
  console.error(`embed_web: ${dist}/index.html is not there; npm run build in web/ makes it`)
  process.exit(1)
}
const quoted = (text) => JSON.stringify(text)
const packed = join(out, 'packed')
const keep = new Set()
const rows = []
const blocks = []
// By byte order, as strcmp searches.
const paths = files(dist).map((path) => [`/${relative(dist, path).split('\\').join('/')}`, path]).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
for (const [name, path] of paths) {
  if (extname(name) === '.map') continue
  if (!/^[\x21-\x7e]+$/.test(name) || /["\\%?#]/.test(name) || name.length > 180) throw new Error(`a name the server cannot serve: ${name}`)
  const type = types[extname(name)]
  if (!type) throw new Error(`no content type is known for ${name}`)
  const data = readFileSync(path)
  if (data.length > MOST) throw new Error(`${name} is larger than ${MOST} bytes`)
  const hash = createHash('sha256').update(data).digest('hex')
  const n = rows.length
  // A copy, so that a program can still be built while the pages are being built anew.
  const raw = join(packed, `${hash}.raw`)
  put(raw, data)
  keep.add(raw)
  const forms = [['raw', raw]]
  if (!/^(image\/(png|jpeg)|font|audio)/.test(type)) {
    const brotli = brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: data.length } })
    const gzip = gzipSync(data, { level: 9 })
    gzip[9] = 255 // the byte that names the operating system
    for (const [form, bytes] of [['gz', gzip], ['br', brotli]]) {
      if (bytes.length > data.length * 0.95) continue
      const to = join(packed, `${hash}.${form}`)
      put(to, bytes)
      keep.add(to)
      forms.push([form, to])
    }
  }
  for (const [form, from] of forms) {
    const symbol = `lw_web_${n}_${form}`
    blocks.push(`__asm__(".section .rodata\\n.balign 16\\n.global ${symbol}\\n${symbol}:\\n.incbin ${quoted(quoted(from)).slice(1, -1)}\\n.byte 0\\n.previous");\nextern const unsigned char ${symbol}[];\n`)
  }
  const form = (key) => {
    const found = forms.find(([kind]) => kind === key)
    return found ? `lw_web_${n}_${key}, ${readFileSync(found[1]).length}` : 'NULL, 0'
  }
  rows.push(`    {${quoted(name)}, ${quoted(type)}, "\\"${hash.slice(0, 32)}\\"", ${form('raw')}, ${form('gz')}, ${form('br')}},\n`)
}
for (const path of existsSync(packed) ? files(packed) : []) if (!keep.has(path)) rmSync(path)
put(join(out, 'assets.c'), `/* Made by tools/embed_web.mjs from the built pages. */\n#include "server/server_internal.h"\n\n${blocks.join('')}\nconst lw_asset lw_assets[] = {\n${rows.join('')}};\nconst size_t lw_asset_count = ${rows.length};\n`)
console.log(`embed_web: ${rows.length} files in the program`)
