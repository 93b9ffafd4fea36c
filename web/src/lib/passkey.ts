/** Passkeys: what the browser's WebAuthn wants, as the API says it. */
import { passkeyAdd, passkeyChallenge, passkeySignIn, type Me } from '../generated/api'

const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0))
const text = (buffer: ArrayBuffer): string => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

export const passkeysWork = (): boolean => typeof PublicKeyCredential !== 'undefined' && isSecureContext

/** Makes a passkey on this device and binds it to the account that is signed in. */
export async function makePasskey(name: string): Promise<void> {
  const asked = await passkeyChallenge({ purpose: 'add' })
  const made = (await navigator.credentials.create({
    publicKey: {
      challenge: bytes(asked.challenge), rp: { id: asked.rp_id, name: asked.rp_name },
      user: { id: bytes(asked.user_id ?? ''), name: asked.user_name, displayName: asked.user_name },
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }, { type: 'public-key', alg: -8 }, { type: 'public-key', alg: -257 }],
      excludeCredentials: asked.exclude.map((id) => ({ type: 'public-key', id: bytes(id) })),
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' }, attestation: 'none',
    },
  })) as PublicKeyCredential
  const answer = made.response as AuthenticatorAttestationResponse
  await passkeyAdd({ name, client_data: text(answer.clientDataJSON), attestation: text(answer.attestationObject) })
}

/** Signs in with a passkey of this device. */
export async function signInWithPasskey(): Promise<Me> {
  const asked = await passkeyChallenge({ purpose: 'sign_in' })
  const got = (await navigator.credentials.get({ publicKey: { challenge: bytes(asked.challenge), rpId: asked.rp_id, userVerification: 'required' } })) as PublicKeyCredential
  const answer = got.response as AuthenticatorAssertionResponse
  return passkeySignIn({ id: text(got.rawId), client_data: text(answer.clientDataJSON), authenticator_data: text(answer.authenticatorData), signature: text(answer.signature) })
}
