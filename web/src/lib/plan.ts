/** The plan as docs/format/plan.md has it: every member present, null where there is none. */
export type Verdict = 'stop' | 'regress' | 'hold' | 'progress'
export type StageId = 'isometric' | 'eccentric' | 'strength' | 'plyometric' | 'maintenance'
export type Change = { variable: string; from: string | number | null; to: string | number }
export type Urgency = 'routine' | 'urgent' | 'same_day' | 'emergency'

export type Item = {
  exercise: string; side: 'left' | 'right' | 'both'; level: number; sets: number; reps: number | null; hold_s: number | null
  load_kg: number | null; speed_pct: number | null; contacts: number | null; distance_m: number | null; tempo: string | null
  rest_s: number | null; times_a_day: number; effort_max: number | null; hip_flexion_max_deg: number | null; compression_class: number
  choose_load: boolean; change: Change | null; lowered: Change[]; proposal: Change | null; cap: string | null; why: string[]
}
export type Why = {
  rule: string; variant: number; action: string; fired: boolean; inputs: { name: string; value: string | null; age_d: number | null }[]
  tag: string; grade: string; cites: string[]; binding: boolean; would_change: { id: string; args: Record<string, string> }
}
export type Plan = {
  format: string; engine: string; protocol: string; protocol_sha256: string; record_sha256: string | null; patient: string | null; on: string
  status: 'active' | 'not_started' | 'paused' | 'stopped' | 'discharged'
  verdict: Verdict
  stage: { id: StageId; day: number; proposal: Change | null } | null
  flare: 'none' | 'minor' | 'major'
  deload: { cause: string; until: string | null } | null
  irritability: 'low' | 'moderate' | 'high' | null
  diagnosis: { label: 'likely' | 'possible' | 'unclear'; met: string[] } | null
  morning_test: { test: string; reps: number; side: 'left' | 'right' | 'both' } | null
  session: { due: boolean; items: Item[] }
  run: { allowed: boolean; level: number; walk_min: number | null; run_min: number | null; repeats: number | null; max_min: number | null; max_km: number | null; hills: boolean; speed_pct_max: number | null; next_on: string | null; proposal: Change | null; why: string[] }
  shockwave: { status: 'forbidden' | 'needs_clinician' | 'course_done' | 'quiet' | 'not_yet' | 'due' | 'option' | 'none'; session: number | null; next_on: string | null; quiet_until: string | null; why: string[] }
  sitting: { limit_min: number | null; break_every_min: number | null; why: string[] }
  avoid: { what: string; why: string[] }[]
  ok: string[]
  referral: { urgency: Urgency; flags: string[] } | null
  review: { urgency: Urgency; why: string[] } | null
  gates: { id: string; met: boolean; needs: string[] }[]
  due: { what: string; by: string }[]
  missing: string[]
  advice: { id: string; why: string[] }[]
  why: Why[]
  refused: { what: string; by: string }[]
  later: number
  valid_until: string
}
