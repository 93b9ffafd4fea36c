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
  if (event.request.method !== 'GET' || address.origin !== location.origin || /^\/(api|clinic|email|calendar)(\/|$)/.test(address.pathname)) return
  const wanted = event.request.mode === 'navigate' ? '/' : address.pathname
  event.respondWith(caches.open(cacheName).then(async (cache) => (await cache.match(wanted)) ?? fetch(event.request)))
})
worker.addEventListener('message', (event) => {
  if (event.data === 'update') void worker.skipWaiting()
})
/** From the clinic's server, encrypted for this browser alone; the words come along, because the worker has no locales. */
type Push = { kind: string; title: string; body: string; open: string; later: string }
worker.addEventListener('push', (event) => {
  const told = event.data?.json() as Push | undefined
  if (!told) return
  const actions = told.kind === 'test' ? [] : [{ action: 'open', title: told.open }, { action: 'later', title: told.later }]
  event.waitUntil(worker.registration.showNotification(told.title, { body: told.body, tag: told.kind, icon: '/icon-192.png', actions } as NotificationOptions))
})
const send = (address: string, body: object) =>
  fetch(address, { method: 'POST', credentials: 'same-origin', headers: { 'Content-Type': 'application/json', 'X-Loadwave': '1' }, body: JSON.stringify(body) })
// The push service gave this browser another address by itself.
worker.addEventListener('pushsubscriptionchange', ((event: ExtendableEvent & { oldSubscription?: PushSubscription; newSubscription?: PushSubscription }) => {
  event.waitUntil((async () => {
    const made = event.newSubscription ?? (event.oldSubscription && await worker.registration.pushManager.subscribe(event.oldSubscription.options))
    const keys = made?.toJSON().keys
    if (made && keys) await send('/api/v1/me/reminders/browsers', { endpoint: made.endpoint, p256dh: keys.p256dh, auth: keys.auth, label: '' })
  })())
}) as EventListener)
worker.addEventListener('notificationclick', (event) => {
  event.notification.close()
  if (event.action === 'later') {
    event.waitUntil(send('/api/v1/me/reminders/later', { minutes: 60 }))
    return
  }
  event.waitUntil(
    worker.clients.matchAll({ type: 'window' }).then((windows) => {
      const open = windows.find((client) => !new URL(client.url).pathname.startsWith('/clinic'))
      return open ? open.focus() : worker.clients.openWindow('/')
    }),
  )
})

/**
 * A reminder while no page is open, where the browser wakes an installed app now and then. What is due stands in a note that
 * the page wrote (lib/reminders.svelte.ts); it is only believed on its own day, except that a new day has no check-in yet.
 */
type Note = { on: boolean; day: string; checkin: string; session: string; checkinUntil: string; sessionUntil: string; checkinDone: string; sessionLeft: string; title: string; checkinText: string; sessionText: string; shown: string[] }
const noted = () => new Promise<Note | undefined>((resolve) => {
  const opening = indexedDB.open('loadwave')
  opening.onerror = () => resolve(undefined)
  opening.onupgradeneeded = () => opening.transaction?.abort()
  opening.onsuccess = () => {
    const base = opening.result
    const asked = base.transaction('kept').objectStore('kept').get('remind')
    asked.onsuccess = () => { base.close(); resolve((asked.result as { value: Note } | undefined)?.value) }
    asked.onerror = () => { base.close(); resolve(undefined) }
  }
})
async function remind(): Promise<void> {
  const note = await noted()
  if (!note?.on) return
  const now = new Date()
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
  const time = `${two(now.getHours())}:${two(now.getMinutes())}`
  const show = (what: string, body: string) => worker.registration.showNotification(note.title, { body, tag: what, icon: '/icon-192.png' })
  if (note.checkinDone !== day && time >= note.checkin && time < note.checkinUntil && !note.shown.includes(`${day} checkin`)) await show('checkin', note.checkinText)
  if (note.sessionLeft === day && time >= note.session && time < note.sessionUntil && !note.shown.includes(`${day} session`)) await show('session', note.sessionText)
}
worker.addEventListener('periodicsync', ((event: ExtendableEvent & { tag: string }) => {
  if (event.tag === 'remind') event.waitUntil(remind())
}) as EventListener)
