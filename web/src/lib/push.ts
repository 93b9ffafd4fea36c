/**
 * Notifications that come while no page is open (Push API). The browser asks its maker's push service for an address of its own:
 * only when the person touched a button, and never from here without that.
 */
import { browserAdd, type Reminders } from '../generated/api'
import { remindersWork } from './reminders.svelte'

export const pushWorks = (): boolean => remindersWork() && 'PushManager' in window

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))
const textOf = (bytes: ArrayBuffer | null): string => (bytes ? btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '') : '')

/** SHA-256 of the address in hex: what the server calls this browser. Null when it is not subscribed. */
export async function ownBrowser(): Promise<string | null> {
  if (!pushWorks()) return null
  const subscription = await (await navigator.serviceWorker.getRegistration())?.pushManager.getSubscription()
  if (!subscription) return null
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(subscription.endpoint))
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** On the person's own touch. Null: the browser does not allow it. */
export async function turnOnHere(serverKey: string, label: string): Promise<Reminders | null> {
  if ((await Notification.requestPermission()) !== 'granted') return null
  const { pushManager } = await navigator.serviceWorker.ready
  const old = await pushManager.getSubscription()
  if (old && textOf(old.options.applicationServerKey) !== serverKey) await old.unsubscribe() // made for another key
  const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(serverKey) })
  return browserAdd({ endpoint: made.endpoint, p256dh: textOf(made.getKey('p256dh')), auth: textOf(made.getKey('auth')), label })
}

/** Ends the subscription of this browser, if it has one. */
export async function turnOffHere(): Promise<void> {
  const registration = pushWorks() ? await navigator.serviceWorker.getRegistration() : undefined
  await (await registration?.pushManager.getSubscription())?.unsubscribe()
}
