import { Refusal } from '../conversations.ts'
import { asRecord } from '../entries.ts'
import type { RemoteBridge, RemoteMessage } from './remote-bridge.ts'

type Argument<Method extends keyof RemoteBridge> =
  Parameters<RemoteBridge[Method]> extends [infer A] ? A : undefined

const LONGEST_LINE = 500
const MOST_MESSAGES = 20_000
/** Longer than any model reads. */
const LONGEST_CONVERSATION = 1 << 24
const MOST_TOKENS = 1_000_000
const ROLES: readonly RemoteMessage['role'][] = ['system', 'user', 'assistant']

/** What the window sends about the server elsewhere, field by field. */
export const REMOTE_PARSERS: {
  readonly [Method in keyof RemoteBridge]: (argument: unknown) => Argument<Method>
} = {
  remote: () => undefined,
  setRemote: (argument) => ({ url: line(argument, 'url'), model: line(argument, 'model') }),
  setRemoteKey: (argument) => ({ key: line(argument, 'key') }),
  askRemote(argument) {
    const { messages, temperature, maxNewTokens, to } = asRecord(argument)
    if (!Array.isArray(messages) || messages.length === 0 || messages.length > MOST_MESSAGES)
      throw new Refusal('There is nothing to ask.')
    if (!isTemperature(temperature)) throw new Refusal('A temperature is a number from 0 to 2.')
    if (!isCount(maxNewTokens) || maxNewTokens < 1 || maxNewTokens > MOST_TOKENS)
      throw new Refusal('That is no length of an answer.')
    const parsed = (messages as unknown[]).map(message)
    if (parsed.reduce((sum, { content }) => sum + content.length, 0) > LONGEST_CONVERSATION)
      throw new Refusal('The chat is too long to be sent.')
    return {
      messages: parsed,
      temperature,
      maxNewTokens,
      to: { host: line(to, 'host'), model: line(to, 'model') },
    }
  },
  hearRemote: onlyId,
  leaveRemote: onlyId,
}

/** The methods, each to be called by itself. */
export function remoteHandlers(remote: RemoteBridge): RemoteBridge {
  return {
    remote: () => remote.remote(),
    setRemote: (argument) => remote.setRemote(argument),
    setRemoteKey: (argument) => remote.setRemoteKey(argument),
    askRemote: (argument) => remote.askRemote(argument),
    hearRemote: (argument) => remote.hearRemote(argument),
    leaveRemote: (argument) => remote.leaveRemote(argument),
  }
}

function message(value: unknown): RemoteMessage {
  const { role, content } = asRecord(value)
  const known = ROLES.find((each) => each === role)
  if (!known || typeof content !== 'string') throw new Refusal('A message is not what it should be.')
  return { role: known, content }
}

function isTemperature(value: unknown): value is number | null {
  return value === null || (typeof value === 'number' && value >= 0 && value <= 2)
}

function onlyId(argument: unknown): { id: number } {
  const { id } = asRecord(argument)
  if (!isCount(id)) throw new Refusal('Nobody is asked any more.')
  return { id }
}

function line(argument: unknown, field: string): string {
  const value = asRecord(argument)[field]
  if (typeof value !== 'string' || value.length > LONGEST_LINE || /\p{Cc}/u.test(value.trim()))
    throw new Refusal(`The ${field} is not what it should be.`)
  return value
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
