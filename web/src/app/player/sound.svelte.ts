/**
 * What is heard and felt. Tones are oscillators put on the audio clock ahead of time, so that they come on the moment even when
 * the page is slow or in the background; words come from the device's own voice where it has one of the language; a short buzz
 * where the phone can. The screen is asked to stay on.
 */
import { language, t } from '../../lib/i18n.svelte'
import { keep, kept } from '../../lib/log.svelte'
import { prefs } from '../../lib/prefs.svelte'

export type Tone = 'tick' | 'start' | 'down' | 'pause' | 'up' | 'rest' | 'switch' | 'walk' | 'run' | 'go' | 'done'
/** Hertz and seconds, one after the other. */
const TONES: Record<Tone, [number, number][]> = {
  tick: [[587, 0.07]], start: [[880, 0.28]], up: [[740, 0.12]], pause: [[587, 0.08]], down: [[440, 0.14]], rest: [[587, 0.16], [392, 0.32]],
  switch: [[660, 0.12], [880, 0.12], [660, 0.2]], run: [[784, 0.12], [988, 0.12], [1319, 0.3]], walk: [[523, 0.22], [392, 0.36]], go: [[698, 0.14], [698, 0.14]],
  done: [[523, 0.14], [659, 0.14], [784, 0.32]],
}

export const sound = $state<{ volume: number; voice: boolean; lock: 'off' | 'held' | 'refused' }>({ volume: 0.8, voice: false, lock: 'off' })

let context: AudioContext | undefined
let loud: GainNode | undefined
let coming: OscillatorNode[] = []

kept<number>('player.volume').then((volume) => { if (typeof volume === 'number') sound.volume = volume })
export async function setVolume(volume: number): Promise<void> {
  sound.volume = volume
  if (loud) loud.gain.value = prefs.sounds ? volume : 0
  await keep('player.volume', volume)
}

/** Call it from a touch or a key: only then may a page make a sound. */
export function wakeSound(): void {
  try {
    if (!context) {
      context = new AudioContext()
      loud = context.createGain()
      loud.connect(context.destination)
    }
    loud!.gain.value = prefs.sounds ? sound.volume : 0
    if (context.state !== 'running') void context.resume().catch(() => undefined)
  } catch { /* no audio here: the screen, the voice and the buzz remain */ }
  sound.voice = voiceOf() !== null
}
/** Whether tones can be heard now. */
export const audible = (): boolean => context?.state === 'running' && prefs.sounds && sound.volume > 0
/** The audio clock in seconds; it stands still while nothing is heard. */
export const audioClock = (): number => context?.currentTime ?? 0

export function silence(): void {
  for (const one of coming) { try { one.stop(); one.disconnect() } catch { /* has ended */ } }
  coming = []
}
/** Puts tones on the audio clock, `in_ms` from now; what was put there before is taken off. */
export function schedule(list: { in_ms: number; tone: Tone }[]): void {
  silence()
  if (!context || !loud || !prefs.sounds) return
  for (const { in_ms, tone } of list.slice(0, 600)) {
    if (in_ms < -60) continue
    let at = context.currentTime + Math.max(0.01, in_ms / 1000)
    for (const [hertz, seconds] of TONES[tone]) {
      const one = context.createOscillator()
      const shape = context.createGain()
      one.frequency.value = hertz
      shape.gain.setValueAtTime(0, at)
      shape.gain.linearRampToValueAtTime(0.5, at + 0.012)
      shape.gain.setValueAtTime(0.5, at + seconds - 0.03)
      shape.gain.linearRampToValueAtTime(0, at + seconds)
      one.connect(shape).connect(loud)
      one.onended = () => { coming = coming.filter((other) => other !== one); shape.disconnect() }
      one.start(at)
      one.stop(at + seconds + 0.02)
      coming.push(one)
      at += seconds + 0.02
    }
  }
}

function voiceOf(): SpeechSynthesisVoice | null {
  const voices = globalThis.speechSynthesis?.getVoices?.() ?? []
  return voices.find((one) => one.lang.toLowerCase().startsWith(language()) && one.localService) ?? voices.find((one) => one.lang.toLowerCase().startsWith(language())) ?? null
}
globalThis.speechSynthesis?.addEventListener?.('voiceschanged', () => (sound.voice = voiceOf() !== null))

/** Says something short; what was being said gives way. */
export function speak(text: string): void {
  if (!prefs.sounds || !prefs.speech || sound.volume === 0) return
  const voice = voiceOf()
  if (!voice) return
  const words = new SpeechSynthesisUtterance(text)
  words.voice = voice
  words.lang = voice.lang
  words.volume = sound.volume
  speechSynthesis.cancel()
  speechSynthesis.speak(words)
}
export const quiet = (): void => globalThis.speechSynthesis?.cancel?.()

export function buzz(pattern: number | number[]): void {
  if (prefs.vibration) { try { navigator.vibrate?.(pattern) } catch { /* none here */ } }
}

let lock: WakeLockSentinel | undefined
let wanted = false
/** Asks the device to keep its screen on; says so when it will not. */
export async function keepAwake(on: boolean): Promise<void> {
  wanted = on
  if (!on) {
    await lock?.release().catch(() => undefined)
    lock = undefined
    sound.lock = 'off'
    return
  }
  if (lock && !lock.released) return
  try {
    if (!navigator.wakeLock) throw new Error('none')
    lock = await navigator.wakeLock.request('screen')
    sound.lock = 'held'
    if (!wanted) await keepAwake(false)
  } catch {
    sound.lock = wanted ? 'refused' : 'off'
  }
}
document.addEventListener('visibilitychange', () => { if (!document.hidden && wanted) void keepAwake(true) })
export const lockSentence = (): string => (sound.lock === 'refused' ? t('player.lock.refused') : '')
