/**
 * Plays a list of phases by the wall clock. It remembers when the present phase began and nothing else that moves: where one is
 * follows from the time of day each time it is asked, so after a locked or frozen phone the first look is right again.
 *
 * Time in which nothing could be seen or heard is not taken for exercise: the player goes where the clock says, and asks (doubt).
 */
import { doneOf, isWork, walk, type Done, type Phase } from './phases'
import { audible, audioClock, schedule, silence, type Tone } from './sound.svelte'
import type { Item } from '../../lib/plan'

/** A look at the clock this much later than the one before means that the page stood still. */
const STILL_MS = 3000

export type Doubt = { from: number; gap_ms: number }
export class Clockwork {
  list = $state.raw<Phase[]>([])
  index = $state(0)
  /** How far into the phase, ms. */
  into = $state(0)
  paused = $state(true)
  /** Stopped at a gate: the next set waits for a touch. */
  waiting = $state(false)
  ended = $state(false)
  got = $state.raw<number[]>([])
  doubt = $state<Doubt | null>(null)
  /** Time that passed unseen and was counted because the sounds went on; told once. */
  passed_ms = $state(0)
  handsFree = false
  onphase: (phase: Phase | undefined, jumped: boolean) => void = () => {}

  #since = 0
  #seen = 0
  #audio = 0
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(list: Phase[], at?: { index: number; got: number[] }) {
    this.list = list
    this.got = at ? [...at.got] : list.map(() => 0)
    this.index = Math.min(at?.index ?? 0, list.length)
    this.ended = this.index >= list.length
  }
  get phase(): Phase | undefined { return this.list[this.index] }
  /** ms left, null where there is no end. */
  get left(): number | null {
    const length = this.phase?.length_ms
    return length === null || length === undefined ? null : Math.max(0, length - this.into)
  }
  done(item: Item): Done[] { return doneOf(item, this.list, this.got) }
  /** ms kept up in phases of a kind. */
  spent(...kinds: Phase['kind'][]): number {
    return this.list.reduce((sum, phase, at) => sum + (kinds.includes(phase.kind) ? (at === this.index && !this.ended ? this.into : (this.got[at] ?? 0)) : 0), 0)
  }

  start(): void {
    if (this.ended) return
    this.paused = this.waiting = false
    this.#since = Date.now() - this.into
    this.#look()
    this.#timer ??= setInterval(this.tick, 100)
    for (const name of ['visibilitychange', 'resume']) document.addEventListener(name, this.tick)
    addEventListener('pageshow', this.tick)
    this.#sounds()
    this.onphase(this.phase, false)
  }
  pause(): void {
    if (this.paused || this.ended) return
    this.tick()
    this.paused = true
    silence()
  }
  toggle(): void { if (this.paused) this.start(); else this.pause() }
  /** On to what comes after this: the rest of a set, a rest, the getting ready, a thing that is done now. */
  next(): void {
    const phase = this.phase
    if (!phase) return
    if (!this.paused) this.into = Date.now() - this.#since
    const got = [...this.got]
    let to = this.index + 1
    if (phase.length_ms === null) got[this.index] = 1
    else if (isWork(phase)) {
      got[this.index] = Math.min(this.into, phase.length_ms)
      if (phase.rep > 0) while (to < this.list.length && isWork(this.list[to])) to++
    }
    this.got = got
    this.#go(to)
  }
  /** Back to the beginning of this set, or of the one before when it has hardly begun. */
  back(): void {
    const begun = this.phase?.kind !== 'ready' || this.into > 2000
    let to = Math.min(this.index, this.list.length - 1)
    const start = (at: number) => { while (at > 0 && this.list[at]!.kind !== 'ready') at--; return at }
    to = start(to)
    if (!begun && to > 0) to = start(to - 1)
    this.got = this.got.map((ms, at) => (at >= to ? 0 : ms))
    this.#go(to)
  }
  /** No more of it: now, or when this set is done. */
  finish(now: boolean): void {
    if (this.ended) return
    this.tick()
    const phase = this.phase
    if (!now && phase && isWork(phase)) {
      let end = this.index + 1
      while (end < this.list.length && isWork(this.list[end]) && this.list[end]!.set === phase.set && this.list[end]!.side === phase.side) end++
      this.list = this.list.slice(0, end)
      this.got = this.got.slice(0, end)
      if (!this.paused) this.#sounds()
      return
    }
    const got = [...this.got]
    if (phase && isWork(phase) && phase.length_ms !== null) got[this.index] = Math.min(this.into, phase.length_ms)
    this.list = this.list.slice(0, this.index + 1)
    this.got = got.slice(0, this.index + 1)
    this.#go(this.list.length)
  }
  /** The answer to "did you go on?": no takes everything since then away and begins that set again. */
  settle(wentOn: boolean): void {
    const doubt = this.doubt
    this.doubt = null
    if (!doubt || wentOn) return
    let to = Math.min(doubt.from, this.list.length - 1)
    while (to > 0 && this.list[to]!.kind !== 'ready' && !(['walk', 'run', 'warm'].includes(this.list[to]!.kind))) to--
    this.got = this.got.map((ms, at) => (at >= to ? 0 : ms))
    this.ended = false
    this.index = to
    this.into = 0
    this.paused = true
    silence()
    this.onphase(this.phase, true)
  }
  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    for (const name of ['visibilitychange', 'resume']) document.removeEventListener(name, this.tick)
    removeEventListener('pageshow', this.tick)
    this.paused = true
    if (!this.ended) silence()
  }
  /** Sounds were turned on, off, louder: the coming ones anew. */
  resound(): void { if (!this.paused) this.#sounds() }

  #look(): void { this.#seen = Date.now(); this.#audio = audioClock() }
  #go(to: number): void {
    this.index = to
    this.into = 0
    this.waiting = false
    if (to >= this.list.length) return this.#end(true)
    this.#since = Date.now()
    this.#look()
    if (!this.paused) this.#sounds()
    this.onphase(this.phase, true)
  }
  /** early: before its time, so that what was to be heard is wrong. */
  #end(early = false): void {
    this.index = this.list.length
    this.ended = true
    this.paused = true
    this.stop()
    if (early) schedule([{ in_ms: 0, tone: 'done' }])
    this.onphase(undefined, false)
  }
  tick = (): void => {
    if (this.paused || this.ended) return
    // unseen and unheard: this time is looked at when somebody looks again
    if (document.hidden && !audible()) return
    const now = Date.now()
    const gap = now - this.#seen
    const heard = audible() && audioClock() - this.#audio > (gap - 1000) / 1000
    const from = this.index
    const at = walk(this.list, this.index, this.#since, now, (phase) => phase.gate && !this.handsFree)
    if (gap < 0) { this.#since = now - this.into; this.#look(); return } // the clock was put back: go on from here
    if (gap > STILL_MS) {
      const touched = this.list.slice(from, at.index + 1).some((phase) => isWork(phase) && phase.length_ms !== null)
      if (touched && !heard) this.doubt ??= { from, gap_ms: gap }
      else this.passed_ms = gap
    }
    this.#look()
    if (at.index !== from) {
      const got = [...this.got]
      for (let i = from; i < at.index; i++) got[i] = this.list[i]!.length_ms ?? got[i] ?? 0
      this.got = got
    }
    this.#since = at.since
    this.index = at.index
    if (at.index >= this.list.length) return this.#end()
    this.into = now - at.since
    if (at.waiting) {
      this.into = 0
      this.paused = this.waiting = true
    } else if (gap > STILL_MS) this.#sounds()
    if (at.index !== from) this.onphase(this.phase, false)
  }
  /** Everything that will be heard up to the next stop, put on the audio clock. */
  #sounds(): void {
    const list: { in_ms: number; tone: Tone }[] = []
    let at = -this.into
    for (let i = this.index; i < this.list.length; i++) {
      const phase = this.list[i]!
      if (i > this.index && phase.gate && !this.handsFree) {
        list.push({ in_ms: at, tone: 'go' })
        break
      }
      if (phase.cue !== 'none' && at > -200) list.push({ in_ms: at, tone: phase.cue })
      if (phase.length_ms === null) break
      const end = at + phase.length_ms
      if (['ready', 'hold', 'walk', 'run', 'warm'].includes(phase.kind)) for (const s of [3, 2, 1]) if (phase.length_ms > s * 1000 + 500 && end - s * 1000 > 0) list.push({ in_ms: end - s * 1000, tone: 'tick' })
      at = end
      if (i === this.list.length - 1) list.push({ in_ms: at, tone: 'done' })
    }
    schedule(list)
  }
}
