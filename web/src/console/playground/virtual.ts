/**
 * A virtual patient to step through a protocol with, before anyone is treated by it. Illustrative, not predictive: the model
 * has no source (it is the one of `loadwave simulate`); the engine that answers it is the real one.
 *
 * The person is three numbers. `sore` is the pain of an ordinary morning (hundredths of NPRS). `strength` is what the tendon
 * bears without complaint; work above it is strain. `echo` is what yesterday's strain adds this morning. Work that is borne
 * makes strength grow and soreness fade; strain does the opposite.
 */
import { addDays } from '../../lib/clock'
import type { LogEvent } from '../../lib/events'
import type { Item, Plan } from '../../lib/plan'

export type Traits = { sore: number; healing: 'good' | 'average' | 'poor'; flares: boolean; overdoes: boolean; adherence: number; goal: string; weeks: number; seed: number }
export const DEFAULT_TRAITS: Traits = { sore: 4, healing: 'average', flares: false, overdoes: false, adherence: 90, goal: 'run', weeks: 26, seed: 7 }
/** What the person says this morning instead of what the model would say; null leaves it to the model. */
export type Morning = { pain: number | null; test: number | null; night: boolean | null; silent: boolean }

const CLINICIAN = 'clinician:playground'
const clamp = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value))
const points = (x100: number) => clamp(Math.round(x100 / 100), 0, 10)

export class VirtualPatient {
  readonly events: LogEvent[] = []
  day: string
  private sore: number
  private strength = 70
  private echo = 0
  private longest = 0
  private serial = 0
  private state: number

  constructor(private readonly traits: Traits, first: string, private readonly protocol: string) {
    this.day = first
    this.sore = traits.sore * 100
    this.state = (traits.seed * 2654435761) >>> 0 || 1
    this.begin()
  }

  private draw(least: number, most: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let z = this.state
    z = Math.imul(z ^ (z >>> 15), z | 1)
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61)
    return least + (((z ^ (z >>> 14)) >>> 0) % (most - least + 1))
  }

  private write(kind: string, data: Record<string, unknown>, by = 'patient', minute = 420): void {
    const serial = (this.serial++).toString(16).padStart(12, '0')
    const at = `${this.day}T${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}:00+00:00`
    this.events.push({ v: 1, id: `00000000-0000-7000-8000-${serial}`, patient: 'virtual', kind, at, by, data })
  }

  private tests(kind: string, more: Record<string, unknown> = {}): void {
    const { sore, strength } = this
    const right = clamp(20 + Math.floor(strength / 80), 0, 40)
    const left = clamp(10 + Math.floor(strength / 40), 0, right)
    this.write(kind, {
      tests: { bridge_double: points(sore * 0.4), bridge_single: points(sore * 0.7), bridge_long_lever: points(sore * 0.9), arabesque: points(sore), rdl: points(sore * 0.9), lunge: points(sore * 0.9), drop_lunge: points(sore > 200 ? sore * 0.8 : 0), hop: points(sore) },
      bridge_reps: { left, right }, curl_10rm_kg: { left: clamp(8 + left / 2, 1, 18) | 0, right: clamp(8 + right / 2, 1, 18) | 0 },
      sitting_min: clamp(15 + Math.floor((600 - sore) / 8), 5, 180), rest_pain: sore > 550, ...more,
    }, CLINICIAN)
  }

  private begin(): void {
    const { traits } = this
    this.write('enrolled', { birth_year: Number(this.day.slice(0, 4)) - 41, sport: 'running', level: 'recreational', sides: ['left'], goal: traits.goal, mass_kg: 70 })
    this.write('screened', { flags: [] }, CLINICIAN)
    this.tests('assessed', { onset: 'gradual', weeks: traits.weeks, localised: true, load_increase: true, below_knee: false, contraindications: [], loading_weeks: 8, loading_response: 'some', imaging: 'ultrasound', tear: 'none' })
    this.write('outcome', { instrument: 'visa_h', score: clamp(100 - Math.floor(this.sore / 9), 0, 100) })
    this.write('started', {
      protocol: this.protocol, authority: 'progress', days: ['mon', 'wed', 'fri'], pain_ceiling: 3, max_items: 4,
      equipment: ['mat', 'band', 'dumbbell', 'barbell', 'machine', 'bench', 'box', 'sliders', 'anchor', 'chair', 'strap', 'step', 'cable', 'track', 'hill'],
      loads: { dumbbell: [5, 7.5, 10, 12.5, 15, 17.5, 20], barbell: { min: 10, step: 2.5 }, machine: { min: 5, step: 1.25 }, cable: { min: 2.5, step: 1.25 } },
    }, CLINICIAN)
  }

  /** The next day begins: the night has passed, and the person answers, or is silent. */
  wake(answers: Morning, count: number): void {
    this.day = addDays(this.day, 1)
    this.echo *= 0.4
    if (this.traits.flares && this.draw(1, 24) === 1) this.echo += this.draw(150, 350)
    if (answers.silent || this.draw(1, 100) > (this.traits.adherence + 100) / 2) return
    const pain = answers.pain ?? points(this.sore + this.echo + this.draw(-50, 50))
    const test = answers.test ?? points(this.sore * 0.7 + this.echo + this.draw(-40, 40))
    const night = answers.night ?? (this.sore > 550 || this.echo > 300)
    this.write('checkin', { pain_morning: pain, stiffness_min: clamp(pain * 5, 0, 60), pain_test: test, night_pain: night, rest_pain: this.echo > 350, sitting_min: clamp(15 + Math.floor((600 - this.sore) / 8), 5, 180), pain_relief: 'none' })
    if (count % 7 === 0) this.write('screened', { flags: [] })
    if (count % 14 === 0) {
      this.tests('tested')
      this.write('outcome', { instrument: 'visa_h', score: clamp(100 - Math.floor(this.sore / 9), 0, 100) })
      this.write('outcome', { instrument: 'readiness', score: clamp(10 - Math.floor(this.sore / 60), 0, 10) })
    }
  }

  private exercise(item: Item): number {
    const extra = this.traits.overdoes && this.draw(1, 3) === 1 ? 1 : 0
    const demand = 60 + 45 * item.compression_class + 14 * item.level + 2 * (item.contacts ?? 0)
    const strain = Math.max(0, (demand * (10 + 3 * extra)) / 10 - this.strength - this.draw(0, 40))
    const pain = points(clamp(this.sore * 0.6 + strain * 3 + this.draw(-60, 60), 0, 1000))
    const effort = clamp(5 + 2 * extra + (strain > 40 ? 1 : 0) + this.draw(0, 1), 1, 10)
    const what = item.hold_s ? { hold_s: item.hold_s } : item.contacts ? { contacts: item.contacts } : item.distance_m ? { distance_m: item.distance_m } : { reps: item.reps ?? 8 }
    const load = item.load_kg ?? (item.choose_load ? 10 : null)
    const set = { ...what, ...(load !== null ? { load_kg: load } : {}), ...(item.speed_pct ? { speed_pct: item.speed_pct } : {}), effort, pain }
    this.write('exercise', { exercise: item.exercise, side: item.side, sets: Array.from({ length: clamp(item.sets + extra, 1, 12) }, () => set), pain_during: pain, effort, depth_deg: item.hip_flexion_max_deg ?? 0 }, 'patient', 1080)
    return strain
  }

  /** The person does today's plan, or not. */
  live(plan: Plan): void {
    const quiet = plan.status !== 'active'
    if (!quiet && plan.shockwave.status === 'due' && (plan.shockwave.next_on ?? '') <= this.day) {
      this.write('shockwave', { side: 'left', wave: 'radial', device: 'virtual', pressure_bar: 2.5, impulses: 2000, rate_hz: 10, pain_during: 5, anaesthetic: false, consent: true }, CLINICIAN, 900)
      this.echo += this.draw(20, 110)
      return
    }
    let strain = 0
    const does = !quiet && plan.session.due && this.draw(1, 100) <= this.traits.adherence
    if (does) for (const item of plan.session.items) strain += this.exercise(item)
    if (!quiet && this.draw(1, 3) === 1) this.write('activity', { type: 'walk', minutes: 35, pain_during: points(this.sore * 0.3) }, 'patient', 1100)
    if (!quiet && plan.run.allowed && (plan.run.next_on ?? '') <= this.day && plan.run.run_min && this.draw(1, 100) <= this.traits.adherence) {
      const running = plan.run.run_min * (plan.run.repeats ?? 1)
      const minutes = running + (plan.run.walk_min ?? 0) * (plan.run.repeats ?? 1)
      const km = Math.min(plan.run.max_km ?? 99, minutes * 0.12)
      this.write('activity', { type: 'run', minutes, km: Math.round(km * 100) / 100, run_level: plan.run.level, run_minutes: running, pain_during: points(this.sore * 0.5) }, 'patient', 1140)
      this.longest = Math.max(this.longest, km)
    }
    this.echo += strain
    const growth = { good: 9, average: 7, poor: 4 }[this.traits.healing]
    const fade = { good: 0.032, average: 0.022, poor: 0.009 }[this.traits.healing]
    if (does && strain < 60) {
      this.strength += growth
      this.sore -= this.sore * fade
    } else if (does) this.sore = clamp(this.sore + strain / 4, 0, 800)
  }
}
