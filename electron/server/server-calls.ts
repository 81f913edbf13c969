import { Refusal } from '../conversations.ts'
import { asRecord } from '../entries.ts'
import type { Errands } from './errands.ts'
import type { ErrandEnd, ServerBridge } from './server-bridge.ts'
import { isPort, type ServerSwitch } from './server-switch.ts'

type Argument<Method extends keyof ServerBridge> =
  Parameters<ServerBridge[Method]> extends [infer A] ? A : undefined

const LONGEST_NAME = 600
const LONGEST_PIECE = 2 ** 22
const MOST_PIECES = 10_000

/** What the window sends about the server, field by field. */
export const SERVER_PARSERS: {
  readonly [Method in keyof ServerBridge]: (argument: unknown) => Argument<Method>
} = {
  server: () => undefined,
  setServer(argument) {
    const { on, port } = asRecord(argument)
    if (typeof on !== 'boolean' || !isPort(port)) throw new Refusal('A port is a number from 1024 to 65535.')
    return { on, port }
  },
  renewServerToken: () => undefined,
  nextErrand(argument) {
    const { window, model } = asRecord(argument)
    if (!isCount(window) || !isShort(model, LONGEST_NAME)) throw new Refusal('That is no window.')
    return { window, model }
  },
  answerErrand(argument) {
    const { id, pieces, end } = asRecord(argument)
    const isList = Array.isArray(pieces) && pieces.length <= MOST_PIECES
    if (!isCount(id) || !isList || !pieces.every((piece) => isShort(piece, LONGEST_PIECE)))
      throw new Refusal('That is no answer.')
    return { id, pieces, end: end === null ? null : parseEnd(end) }
  },
}

export function serverHandlers(server: ServerSwitch, errands: Errands): ServerBridge {
  return {
    server: () => server.report(),
    setServer: ({ on, port }) => server.set(on, port),
    renewServerToken: () => server.renew(),
    nextErrand: ({ window, model }) => errands.next(window, model),
    answerErrand: ({ id, pieces, end }) => Promise.resolve(errands.answer(id, pieces, end)),
  }
}

function parseEnd(end: unknown): ErrandEnd {
  const { status, message } = asRecord(end)
  if (!isCount(status) || status < 200 || status > 599 || !isShort(message, LONGEST_NAME))
    throw new Refusal('That is no end of an answer.')
  return { status, message }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function isShort(value: unknown, longest: number): value is string {
  return typeof value === 'string' && value.length <= longest
}
