/** The service worker from the page's side: put in place, and asked to take over when the person wants the new version. */
export const worker = $state<{ waiting: boolean; installable: boolean }>({ waiting: false, installable: false })
let registration: ServiceWorkerRegistration | undefined
let installing: (Event & { prompt(): Promise<unknown> }) | undefined
addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault()
  installing = event as typeof installing
  worker.installable = true
})
/** Opens the browser's own question whether to install; only once. */
export async function install(): Promise<void> {
  worker.installable = false
  await installing?.prompt()
}

export async function startWorker(): Promise<void> {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return
  const had = Boolean(navigator.serviceWorker.controller)
  try {
    registration = await navigator.serviceWorker.register('/sw.js')
  } catch {
    return // a browser that keeps nothing: the app works as long as there is a network
  }
  const look = () => { worker.waiting = Boolean(registration?.waiting && navigator.serviceWorker.controller) }
  look()
  registration.addEventListener('updatefound', () => registration?.installing?.addEventListener('statechange', look))
  navigator.serviceWorker.addEventListener('controllerchange', () => { if (had) location.reload() })
  setInterval(() => { if (document.visibilityState === 'visible') registration?.update().catch(() => undefined) }, 3600000)
}
export function useNewVersion(): void {
  if (registration?.waiting) registration.waiting.postMessage('update')
  else location.reload()
}
