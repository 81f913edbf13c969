import { Refusal } from '../conversations.ts'

/** A secret of the user's that is sent to one place: the token for gated models, the key of a server. */
export interface KeptToken {
  /** empty when there is none */
  get(): Promise<string>
  /** Empty forgets it. @throws {Refusal} it is none */
  set(token: string): Promise<void>
  /** where a token is kept */
  place(): Promise<'keychain' | 'session'>
}

/** Printable, without blanks: it goes into a header. */
const TOKEN = /^[!-~]{0,500}$/

/** @throws {Refusal} */
export function checkToken(token: string): string {
  const trimmed = token.trim()
  if (!TOKEN.test(trimmed)) throw new Refusal('That is no token: it should be one word, as in hf_… or sk-….')
  return trimmed
}

/** Kept in this process only: where there is no keychain, nothing is written down. */
export class SessionToken implements KeptToken {
  #token: string

  constructor(token = '') {
    this.#token = token
  }

  get(): Promise<string> {
    return Promise.resolve(this.#token)
  }

  set(token: string): Promise<void> {
    return Promise.resolve(token).then((given) => void (this.#token = checkToken(given)))
  }

  place(): Promise<'session'> {
    return Promise.resolve('session')
  }
}
