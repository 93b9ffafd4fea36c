/**
 * What a guided assessment has gathered so far. It is kept in this tab until it is written, so that a reload loses nothing and
 * another person at the same computer finds nothing; it becomes events of the record in one delivery at the end.
 */
import type { AssessedData, Contra, DataOf, EnrolledData, Finding, Flag, Instrument, MedicineData, Test } from '../../generated/events'
import { effective, type LogEvent } from '../../lib/events'
import type { Draft } from '../patient/file.svelte'
import { wantedData, writtenLoads, type Wanted } from '../patient/Programme.svelte'

export const STEPS = ['flags', 'history', 'behaviour', 'causes', 'ladder', 'tests', 'shock', 'outcomes', 'aims', 'start'] as const
export type Step = (typeof STEPS)[number]
type Open<T> = { [K in keyof T]?: T[K] | null }

export type AssessDraft = {
  step: Step
  flags: Flag[]
  /** When the red flags were written; null while they are not. */
  screened: string | null
  enrolled: Open<Omit<EnrolledData, 'sides'>> & { sides: ('left' | 'right')[] }
  assessed: Open<Omit<AssessedData, 'tests' | 'bridge_reps' | 'curl_10rm_kg' | 'contraindications'>>
  medicines: Open<MedicineData>[]
  pains: { [test in Test]?: number | null }
  findings: { [test in Test]?: Finding | null }
  bridge: { left: number | null; right: number | null }
  curl: { left: number | null; right: number | null }
  contra: Contra[]
  contraAsked: boolean
  judged: Record<string, 'unlikely' | 'possible' | ''>
  scores: { [instrument in Instrument]?: number | null }
  note: string
  wanted: Wanted
  authority: 'hold' | 'suggest' | 'progress'
}

/** Empty, with what the record knows of the person already. */
export function emptyDraft(events: readonly LogEvent[]): AssessDraft {
  const known = effective(events)
  const last = <T>(name: string, ...kinds: string[]) => known.filter((event) => kinds.includes(event.kind) && event.data[name] !== undefined).at(-1)?.data[name] as T | undefined
  const enrolled = (known.filter((event) => event.kind === 'enrolled').at(-1)?.data ?? {}) as Partial<EnrolledData>
  return {
    step: 'flags', flags: [], screened: null,
    enrolled: { ...enrolled, sides: [...(enrolled.sides ?? [])], goal: last('goal', 'enrolled', 'settings') ?? null },
    assessed: {}, medicines: [], pains: {}, findings: {}, bridge: { left: null, right: null }, curl: { left: null, right: null }, contra: [], contraAsked: false, judged: {}, scores: {}, note: '',
    wanted: {
      days: [...(last<Wanted['days']>('days', 'started', 'settings') ?? [])], equipment: [...(last<Wanted['equipment']>('equipment', 'started', 'settings') ?? [])],
      loads: writtenLoads(last('loads', 'started', 'settings')), pain_ceiling: 3, max_items: 4,
    },
    authority: 'suggest',
  }
}

const given = (data: object) => Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null && value !== undefined && !Number.isNaN(value)))
const pair = (both: { left: number | null; right: number | null }) => {
  const data = given(both)
  return Object.keys(data).length > 0 ? data : undefined
}

/** What the draft still lacks before anything can be written. */
export function lacking(draft: AssessDraft): { step: Step; what: string }[] {
  const out: { step: Step; what: string }[] = []
  if (!draft.screened) out.push({ step: 'flags', what: 'flags' })
  if (!draft.enrolled.birth_year) out.push({ step: 'history', what: 'birth_year' })
  if (draft.enrolled.sides.length === 0) out.push({ step: 'history', what: 'sides' })
  if (!draft.enrolled.goal) out.push({ step: 'aims', what: 'goal' })
  return out
}

/** The events of the draft; with `start`, the programme begins. `causes` is the differential in words, for the note. */
export function draftEvents(draft: AssessDraft, causes: string, start: { protocol: string; sha256: string } | null): Draft[] {
  const { assessed } = draft
  const tests = given({ ...draft.pains, ...draft.findings })
  const data = given({
    ...assessed, event: assessed.onset === 'sudden' && assessed.event?.length ? assessed.event : undefined,
    tests: Object.keys(tests).length > 0 ? tests : undefined, bridge_reps: pair(draft.bridge), curl_10rm_kg: pair(draft.curl), contraindications: draft.contraAsked ? draft.contra : undefined,
  }) as DataOf['assessed']
  const note = [causes, draft.note.trim()].filter(Boolean).join('\n').slice(0, 4000)
  return [
    { kind: 'enrolled', data: given(draft.enrolled) as unknown as DataOf['enrolled'] },
    { kind: 'assessed', data },
    ...draft.medicines.filter((one) => one.class && one.from).map((one): Draft => ({ kind: 'medicine', data: given({ ...one, to: one.to || undefined, site: one.class === 'steroid_injection' ? one.site : undefined }) as unknown as DataOf['medicine'] })),
    ...Object.entries(draft.scores).filter(([, score]) => score !== null && score !== undefined && !Number.isNaN(score)).map(([instrument, score]): Draft => ({ kind: 'outcome', data: { instrument: instrument as Instrument, score: score! } })),
    ...(note ? [{ kind: 'note' as const, data: { text: note } }] : []),
    ...(start ? [{ kind: 'started' as const, data: { protocol: start.protocol, protocol_sha256: start.sha256, authority: draft.authority, ...wantedData(draft.wanted) } as DataOf['started'] }] : []),
  ]
}
