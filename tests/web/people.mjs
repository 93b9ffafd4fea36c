/** What the journeys do again and again: a patient with a started programme, a morning, a session, by hand or over the API. */
import { randomUUID } from 'node:crypto'
import { tokenOf } from './harness.mjs'

export const iso = (server, minutes = 0) => new Date(server.now + minutes * 60000).toISOString().slice(0, 19) + '+00:00'
export const dayOf = (server) => new Date(server.now).toISOString().slice(0, 10)
export const event = (server, patient, kind, data, by = 'patient', at = iso(server)) => ({ v: 1, id: randomUUID(), patient, kind, at, by, data })

const TESTS = { bridge_double: 1, bridge_single: 2, bridge_long_lever: 3, arabesque: 3, rdl: 3, lunge: 3, drop_lunge: 3, hop: 4 }

/** The events of an assessment and a start, as a clinician writes them. */
export function startEvents(server, patient, account, { goal = 'run', authority = 'progress', more = {}, contraindications = [] } = {}) {
  const by = `clinician:${account}`
  return [
    event(server, patient, 'enrolled', { birth_year: 1988, sides: ['left'], goal, sport: 'running', level: 'recreational' }, by),
    event(server, patient, 'screened', { flags: [] }, by),
    event(server, patient, 'assessed', { onset: 'gradual', weeks: 30, localised: true, load_increase: true, below_knee: false, rest_pain: false, sitting_min: 25, tests: TESTS, bridge_reps: { left: 14, right: 22 }, contraindications, loading_weeks: 8, loading_response: 'none', imaging: 'ultrasound', imaging_result: 'tendinopathy', tear: 'none', ...more }, by),
    event(server, patient, 'outcome', { instrument: 'visa_h', score: 46 }, by),
    event(server, patient, 'started', { protocol: 'pht@1.0.0', authority, days: ['mon', 'wed', 'fri'], equipment: ['mat', 'chair', 'band', 'dumbbell', 'machine', 'box', 'step', 'bench'], loads: { dumbbell: [2.5, 5, 7.5, 10, 12.5, 15, 20], machine: { min: 5, step: 1.25 } }, pain_ceiling: 3, max_items: 4 }, by),
  ]
}

/** A new patient of the signed-in clinician, started (or not), with an invite that was not used yet. */
export async function newPatient(server, admin, { name = 'Rosa Example', patient, start = true, ...options } = {}) {
  const made = await admin.api.post('/api/v1/patients', { name, ...(patient ? { patient } : {}) })
  if (made.status !== 200) throw new Error(`patient: ${made.status} ${made.text}`)
  const id = made.json.patient
  if (start) {
    const sent = await admin.api.post(`/api/v1/patients/${id}/events`, { events: startEvents(server, id, admin.me.account, options) })
    if (sent.status !== 200) throw new Error(`start: ${sent.status} ${sent.text}`)
  }
  const invite = await admin.api.post(`/api/v1/patients/${id}/invite`)
  return { id, name, url: invite.json.url, token: invite.json.token }
}

/** Accepts the invite in a browser; ends on Today. */
export async function acceptInvite(page, url) {
  await page.goto(url)
  await page.getByRole('button', { name: 'Accept the invite' }).click()
  await page.getByRole('link', { name: 'To today' }).click()
  await page.getByRole('heading', { level: 1 }).waitFor()
}

/** Chooses on an NPRS scale. */
export const pain = async (page, legend, n) => page.getByRole('group', { name: legend }).getByRole('radio', { name: String(n), exact: true }).first().check()

/** A morning by hand: three touches. */
export async function checkIn(page, { morning, test, stiffness = null }) {
  const form = page.locator('form', { has: page.getByRole('heading', { name: 'This morning' }) })
  await form.getByRole('group', { name: /Pain at the sit bone on getting up/ }).getByRole('radio', { name: String(morning), exact: true }).check()
  if (stiffness) await form.getByRole('group', { name: /stiff/ }).getByRole('radio', { name: stiffness }).check()
  if (test !== null && test !== undefined) await form.getByRole('group', { name: /^Pain in the/ }).getByRole('radio', { name: String(test), exact: true }).check()
  await form.getByRole('button', { name: 'Save the check-in' }).click()
  await page.getByText(/Checked in at/).waitFor()
}

/** A morning over the API, as another device would deliver it. */
export async function checkInBy(server, api, patient, { morning, test, more = {}, screened = false }) {
  const events = [event(server, patient, 'checkin', { pain_morning: morning, stiffness_min: 5, pain_test: test, pain_relief: 'none', ...more })]
  if (screened) events.unshift(event(server, patient, 'screened', { flags: [] }))
  const sent = await api.post(`/api/v1/patients/${patient}/events`, { events, plan_on: dayOf(server) })
  if (sent.status !== 200) throw new Error(`check-in: ${sent.status} ${sent.text}`)
  return sent.json.plan
}

/** Does the plan's session over the API with these pains. */
export async function doSession(server, api, patient, plan, { during = 1, effort = 5 } = {}) {
  const events = plan.session.items.map((item, i) => {
    const what = item.hold_s ? { hold_s: item.hold_s } : item.contacts ? { contacts: item.contacts } : item.distance_m ? { distance_m: item.distance_m } : { reps: item.reps }
    const load = item.load_kg ?? (item.choose_load ? 10 : null)
    const set = { ...what, ...(load !== null ? { load_kg: load } : {}), ...(item.speed_pct ? { speed_pct: item.speed_pct } : {}), effort, pain: during }
    return event(server, patient, 'exercise', { exercise: item.exercise, side: item.side, sets: Array.from({ length: item.sets }, () => set), pain_during: during, effort, depth_deg: item.hip_flexion_max_deg ?? 0 }, 'patient', iso(server, i))
  })
  if (events.length === 0) return
  const sent = await api.post(`/api/v1/patients/${patient}/events`, { events })
  if (sent.status !== 200) throw new Error(`session: ${sent.status} ${sent.text}`)
}

/** An API client that is signed in as the browser is. */
export async function sameSession(context, api) {
  const cookie = (await context.cookies()).find((one) => one.name === 'lw_session')
  api.setCookie(`lw_session=${cookie.value}`)
  return api
}
export { tokenOf }
