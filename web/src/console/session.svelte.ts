/**
 * Who is signed in at this console, and what happens when the sign-in runs out.
 *
 * Every call that needs a sign-in goes through `ask`. When the server answers that the session is over, the sign-in dialog opens
 * over the page; the call waits and is made again afterwards. What was typed stays where it is.
 */
import * as api from '../generated/api'
import { ApiProblem, type AboutAnswer, type Me } from '../generated/api'
import { has, LANGUAGES, setLanguage, t, type Language } from '../lib/i18n.svelte'

export const session = $state<{ ready: boolean; me: Me | null; expired: boolean; about: AboutAnswer | null; unreachable: boolean; clockOff: number }>({
  ready: false, me: null, expired: false, about: null, unreachable: false, clockOff: 0,
})

let waiting: { resolve: () => void; reject: (why: unknown) => void }[] = []

/** Makes a call; when the session has run out, again after signing in. */
export async function ask<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      const answer = await call()
      session.unreachable = false
      return answer
    } catch (problem) {
      if (problem instanceof ApiProblem && problem.code === 'LW_NETWORK') session.unreachable = true
      if (!(problem instanceof ApiProblem && problem.code === 'LW_ERR_SIGN_IN' && session.me)) throw problem
      session.expired = true
      await new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }))
    }
  }
}

/** Somebody has signed in: here at the start, or in the dialog after the session ran out. */
export async function signedIn(me: Me): Promise<void> {
  const before = session.me
  if (before && before.account !== me.account) {
    // Somebody else: nothing begun by the one before may be written in the new one's name.
    waiting = []
    location.reload()
    return
  }
  session.me = me
  session.expired = false
  session.ready = true
  if (LANGUAGES.includes(me.language as Language)) await setLanguage(me.language as Language)
  const calls = waiting
  waiting = []
  calls.forEach((call) => call.resolve())
}

/** Leaves the dialog without signing in: the waiting calls fail, the page goes. */
export function signedOut(): void {
  const calls = waiting
  waiting = []
  session.me = null
  session.expired = false
  // Drafts of health data do not outlive the person's session in this tab.
  sessionStorage.clear()
  calls.forEach((call) => call.reject(new ApiProblem(401, { code: 'LW_ERR_SIGN_IN' }, null)))
}

/** Asks the server who is signed in. */
export async function begin(): Promise<void> {
  try {
    session.about = await api.about()
    session.clockOff = Math.round(Date.now() / 1000 - session.about.now_s)
    session.unreachable = false
    await signedIn(await api.me())
  } catch (problem) {
    session.unreachable = problem instanceof ApiProblem && problem.code === 'LW_NETWORK'
  }
  session.ready = true
}

/** A problem in words: our sentence for its code where there is one, and what the server adds. */
export function words(problem: unknown): string {
  if (problem instanceof ApiProblem) {
    const key = `console.problem.${problem.code}`
    // A proxy's own error page says nothing of ours: the server was not reached.
    const text = problem.code === 'LW_ERR_UNKNOWN' && problem.status >= 500 ? t('console.problem.LW_NETWORK') : has(key) ? t(key) : problem.detail
    const place = [problem.member ? t('console.problem.member', { member: problem.member }) : '', problem.hint ?? '', problem.retryAfter ? t('console.problem.wait', { seconds: problem.retryAfter }) : '']
    return [text, ...place.filter(Boolean)].join(' ')
  }
  // What the engine here refuses has a name of the same table.
  const key = `console.problem.${(problem as Error | undefined)?.name}`
  return has(key) ? t(key) : problem instanceof Error ? problem.message : String(problem)
}

/** Whether the signed-in person has one of these roles. */
export const may = (...roles: string[]): boolean => !!session.me && roles.some((role) => session.me!.roles.includes(role))
