/** Passkeys: the browser's credentials, as the server takes them (base64url). */
import * as api from '../../generated/api'
import type { Me } from '../../generated/api'

const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0))
const text = (buffer: ArrayBuffer): string => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')

export const canPasskey = (): boolean => typeof PublicKeyCredential !== 'undefined' && !!navigator.credentials

/** Signs in with whichever passkey the person picks. Throws an ApiProblem, or a DOMException when it was given up. */
export async function signInByPasskey(): Promise<Me> {
  const asked = await api.passkeyChallenge({ purpose: 'sign_in' })
  const found = (await navigator.credentials.get({
    publicKey: { challenge: bytes(asked.challenge), rpId: asked.rp_id, userVerification: 'required', allowCredentials: [], timeout: 120000 },
  })) as PublicKeyCredential
  const answer = found.response as AuthenticatorAssertionResponse
  return api.passkeySignIn({ id: found.id, client_data: text(answer.clientDataJSON), authenticator_data: text(answer.authenticatorData), signature: text(answer.signature) })
}

/** Makes a passkey for the signed-in person and hands it to the server. */
export async function addPasskey(name: string): Promise<void> {
  const asked = await api.passkeyChallenge({ purpose: 'add' })
  const made = (await navigator.credentials.create({
    publicKey: {
      challenge: bytes(asked.challenge),
      rp: { id: asked.rp_id, name: asked.rp_name },
      user: { id: bytes(asked.user_id ?? ''), name: asked.user_name, displayName: asked.user_name },
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }, { type: 'public-key', alg: -8 }, { type: 'public-key', alg: -257 }],
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      excludeCredentials: asked.exclude.map((id) => ({ type: 'public-key' as const, id: bytes(id) })),
      attestation: 'none',
      timeout: 120000,
    },
  })) as PublicKeyCredential
  const answer = made.response as AuthenticatorAttestationResponse
  await api.passkeyAdd({ name, client_data: text(answer.clientDataJSON), attestation: text(answer.attestationObject) })
}

/** Whether the person (or the time) ended it: no failure to report loudly. */
export const givenUp = (problem: unknown): boolean => problem instanceof DOMException && ['NotAllowedError', 'AbortError'].includes(problem.name)
