import { Refusal } from '../conversations.ts'
import { asRecord } from '../entries.ts'

/** What one piece of an answer says, in OpenAI's shape; what is not there is `null`. */
export interface CompletionChunk {
  readonly text: string
  readonly finishReason: 'stop' | 'length' | null
  readonly promptTokens: number | null
  readonly newTokens: number | null
}

/**
 * A piece of an answer that streams, or an answer as a whole.
 *
 * @throws {Refusal} it is none, or says what went wrong
 */
export function parseChunk(json: string, host: string): CompletionChunk {
  const value = asRecord(parse(json, host))
  if (value['error']) throw new Refusal(`${host} failed while it answered${reasonIn(value)}.`)
  const { choices, usage } = value
  const [choice] = Array.isArray(choices) ? (choices as unknown[]) : []
  const { delta, message, finish_reason: finished } = asRecord(choice)
  const { content } = asRecord(delta ?? message)
  const { prompt_tokens: promptTokens, completion_tokens: newTokens } = asRecord(usage)
  return {
    text: typeof content === 'string' ? content : '',
    finishReason: finished === 'length' ? 'length' : typeof finished === 'string' ? 'stop' : null,
    promptTokens: asCount(promptTokens),
    newTokens: asCount(newTokens),
  }
}

/** Why it was refused, from a body in OpenAI's shape, ready to stand at the end of a sentence; or empty. */
export function reasonIn(body: unknown): string {
  const { error, message, detail } = asRecord(body)
  const said = [asRecord(error)['message'], error, message, detail].find((each) => typeof each === 'string')
  // Someone else's words: one line of them, and not many.
  const line = (said ?? '').replace(/\s+/g, ' ').trim().replace(/\.$/, '')
  return line === '' ? '' : `: ${line.length > 200 ? `${line.slice(0, 200)}…` : line}`
}

function parse(json: string, host: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    throw new Refusal(`${host} sent something that is no piece of an answer.`)
  }
}

function asCount(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}
