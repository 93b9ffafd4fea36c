/** The service worker from the page's side: put in place, and asked to take over when the person wants the new version. */
export const worker = $state<{ waiting: boolean; offlineReady: boolean }>({ waiting: false, offlineReady: false })
let registration: ServiceWorkerRegistration | undefined

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
  navigator.serviceWorker.ready.then(() => (worker.offlineReady = true)).catch(() => undefined)
  navigator.serviceWorker.addEventListener('controllerchange', () => { if (had) location.reload() })
  setInterval(() => { if (document.visibilityState === 'visible') registration?.update().catch(() => undefined) }, 3600000)
}
export function useNewVersion(): void {
  if (registration?.waiting) registration.waiting.postMessage('update')
  else location.reload()
}
