/// <reference lib="webworker" />
/**
 * The app without a network. At install everything in FILES is kept under this version; a page then comes from there first,
 * so that the app opens the same whether there is a network or not. The API is never kept. A new version waits until the
 * person says so (message "update"), because a session may be going on.
 */
const worker = self as unknown as ServiceWorkerGlobalScope
declare const __FILES__: string[]
const VERSION = '__VERSION__'
const FILES = __FILES__
const cacheName = `loadwave-${VERSION}`

worker.addEventListener('install', (event) => {
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: 'reload' })))))
})
worker.addEventListener('activate', (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith('loadwave-') && name !== cacheName).map((name) => caches.delete(name))))
      .then(() => worker.clients.claim()),
  )
})
worker.addEventListener('fetch', (event) => {
  const address = new URL(event.request.url)
  if (event.request.method !== 'GET' || address.origin !== location.origin || address.pathname.startsWith('/api/') || address.pathname.startsWith('/clinic')) return
  const wanted = event.request.mode === 'navigate' ? '/' : address.pathname
  event.respondWith(caches.open(cacheName).then(async (cache) => (await cache.match(wanted)) ?? fetch(event.request)))
})
worker.addEventListener('message', (event) => {
  if (event.data === 'update') void worker.skipWaiting()
})
worker.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(
    worker.clients.matchAll({ type: 'window' }).then((windows) => {
      const open = windows.find((client) => !new URL(client.url).pathname.startsWith('/clinic'))
      return open ? open.focus() : worker.clients.openWindow('/')
    }),
  )
})
