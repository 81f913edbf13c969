import { EngineError } from './errors.ts'
import { isRecord } from './formats/json.ts'
import type { ChatMessage, Sampling } from './protocol.ts'

/** A chat completion request in our own words. */
export interface CompletionRequest {
  /** empty for none */
  readonly system: string
  /** what was said before the message */
  readonly history: readonly ChatMessage[]
  /** what is to be answered */
  readonly message: string
  /** what is left out comes from the model's own defaults */
  readonly sampling: Partial<Sampling>
  readonly maxNewTokens: number
  /** the answer ends before the first of these */
  readonly stop: readonly string[]
  readonly isStream: boolean
  readonly includesUsage: boolean
}

/** Where a request names no limit. A model with a memory that never fills would go on for as long as it rambles. */
const DEFAULT_MAX_TOKENS = 4096
const MOST_TOKENS = 65_536
const MOST_STOPS = 16
const MOST_MESSAGES = 10_000

type Fields = Readonly<Record<string, unknown>>

/**
 * Read a request as OpenAI's and WebLLM's clients write it.
 *
 * @param request may come from a network: nothing about it is taken for granted
 * @throws {EngineError} `bad-request`: a field that is wrong, or that Plateau does not have
 */
export function parseCompletionRequest(request: unknown): CompletionRequest {
  if (!isRecord(request)) throw refuse('the request should be an object')
  refuseUnsupported(request)
  const { system, messages } = readMessages(request['messages'])
  const last = messages.at(-1)
  if (last?.role !== 'user') throw refuse('the last message should be of the role "user"')
  const options = request['stream_options'] ?? {}
  if (!isRecord(options)) throw refuse('stream_options should be an object')
  return {
    system,
    history: messages.slice(0, -1),
    message: last.content,
    sampling: readSampling(request),
    maxNewTokens: readLength(request),
    stop: readStop(request['stop']),
    isStream: flag(request, 'stream'),
    includesUsage: flag(options, 'include_usage'),
  }
}

/** Fields that mean nothing here, and the values with which they ask for nothing. */
const UNSUPPORTED: readonly (readonly [field: string, harmless: readonly unknown[], instead: string])[] = [
  ['n', [1], 'one answer is given to each request'],
  ['tools', [], 'the models here call no functions'],
  ['tool_choice', ['none', 'auto'], 'the models here call no functions'],
  ['logprobs', [false], 'probabilities are not handed out'],
  ['top_logprobs', [0], 'probabilities are not handed out'],
  ['frequency_penalty', [0], 'there is repetition_penalty'],
  ['presence_penalty', [0], 'there is repetition_penalty'],
  ['logit_bias', [], 'tokens cannot be favoured one by one'],
  ['ignore_eos', [false], 'an answer ends where the model ends it'],
]

function refuseUnsupported(request: Fields): void {
  for (const [field, harmless, instead] of UNSUPPORTED) {
    const value = request[field] ?? null
    const isEmpty = typeof value === 'object' && (value === null || Object.keys(value).length === 0)
    if (!isEmpty && !harmless.includes(value)) throw refuse(`${field} is not supported, ${instead}`)
  }
  const format = request['response_format'] ?? {}
  const type = isRecord(format) ? (format['type'] ?? 'text') : null
  if (type !== 'text') throw refuse('response_format is not supported, answers are text')
  const extra = request['extra_body'] ?? {}
  if (!isRecord(extra)) throw refuse('extra_body should be an object')
  if (extra['enable_thinking'] === false) throw refuse('enable_thinking cannot be switched off')
  for (const field of ['enable_latency_breakdown', 'resumable'])
    if ((extra[field] ?? false) !== false) throw refuse(`extra_body.${field} is not supported`)
}

function readMessages(value: unknown): { system: string; messages: ChatMessage[] } {
  if (!Array.isArray(value) || value.length === 0) throw refuse('messages should be a list of at least one')
  if (value.length > MOST_MESSAGES) throw refuse(`messages should be at most ${MOST_MESSAGES}`)
  let system = ''
  const messages: ChatMessage[] = []
  for (const [i, entry] of (value as readonly unknown[]).entries()) {
    if (!isRecord(entry)) throw refuse(`message ${i + 1} should be an object with a role and content`)
    const { role } = entry
    const content = readContent(entry, i + 1)
    // OpenAI's newer name for the same.
    if (role === 'system' || role === 'developer') {
      if (i > 0) throw refuse('the system message should be the first')
      system = content
    } else if (role === 'user' || role === 'assistant') messages.push({ role, content })
    else
      throw refuse(
        `message ${i + 1} has the role ${JSON.stringify(role)}: system, user and assistant are known`,
      )
  }
  return { system, messages }
}

/** OpenAI renamed it; its clients send either. */
function readLength(request: Fields): number {
  for (const name of ['max_completion_tokens', 'max_tokens']) {
    const value = number(request, name)
    if (value !== null && (!Number.isInteger(value) || value < 1 || value > MOST_TOKENS))
      throw refuse(`${name}, the length of the answer, should be a whole number from 1 to ${MOST_TOKENS}`)
    if (value !== null) return value
  }
  return DEFAULT_MAX_TOKENS
}

function readContent(message: Fields, place: number): string {
  if (message['tool_calls'] !== undefined)
    throw refuse('tool_calls is not supported, the models here call no functions')
  const content = message['content'] ?? (message['role'] === 'assistant' ? '' : undefined)
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) throw refuse(`the content of message ${place} should be text`)
  return (content as readonly unknown[])
    .map((part) => {
      if (isRecord(part) && part['type'] === 'text' && typeof part['text'] === 'string') return part['text']
      throw refuse(`message ${place} has a part that is no text; images and sound are not supported`)
    })
    .join('')
}

function readSampling(request: Fields): Partial<Sampling> {
  const names = {
    temperature: 'temperature',
    topP: 'top_p',
    repetitionPenalty: 'repetition_penalty',
    seed: 'seed',
  } as const
  const sampling: { -readonly [Key in keyof Sampling]?: Sampling[Key] } = {}
  for (const key of ['temperature', 'topP', 'repetitionPenalty', 'seed'] as const) {
    const value = number(request, names[key])
    if (value !== null) sampling[key] = value
  }
  return sampling
}

function readStop(value: unknown): readonly string[] {
  const stop = value === undefined || value === null ? [] : [value].flat()
  const isText = (text: unknown): text is string => typeof text === 'string' && text !== ''
  if (stop.every(isText) && stop.length <= MOST_STOPS) return stop
  throw refuse(`stop should be a text or up to ${MOST_STOPS} of them, none of them empty`)
}

/** `null` where it is left out; what it may be is checked where it is used. */
function number(fields: Fields, name: string): number | null {
  const value = fields[name] ?? null
  if (value === null || (typeof value === 'number' && Number.isFinite(value))) return value
  throw refuse(`${name} should be a number`)
}

function flag(fields: Fields, name: string): boolean {
  const value = fields[name] ?? false
  if (typeof value === 'boolean') return value
  throw refuse(`${name} should be true or false`)
}

function refuse(reason: string): EngineError {
  return new EngineError({ code: 'bad-request', reason })
}
