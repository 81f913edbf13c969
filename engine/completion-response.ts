import type { ChatCompletion, ChatCompletionChunk, CompletionUsage } from '@mlc-ai/web-llm'
import type { FinishReason } from './protocol.ts'

/** What an answer was made of, for its usage. */
export interface Meter {
  readonly start: number
  promptTokens: number
  readTokens: number
  readMilliseconds: number
  newTokens: number
  decodeMilliseconds: number
  firstTokenAt: number | null
}

/** How an answer ended, as those who call know it. */
export type CompletionEnd = Exclude<FinishReason, 'loop'>

/** OpenAI has no word for an answer that went round in circles: it was cut off. */
export function inTheirWords(reason: FinishReason): CompletionEnd {
  return reason === 'loop' ? 'length' : reason
}

/** An answer while it is given: text, and one end. */
export type Piece =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'end'; readonly finishReason: CompletionEnd; readonly usage: CompletionUsage }

/** What every part of an answer says about it. */
export interface Answer {
  readonly id: string
  readonly created: number
  readonly model: string
}

/** The clock runs from here. */
export function startMeter(): Meter {
  return {
    start: performance.now(),
    promptTokens: 0,
    readTokens: 0,
    readMilliseconds: 0,
    newTokens: 0,
    decodeMilliseconds: 0,
    firstTokenAt: null,
  }
}

/** The answer as one object. */
export async function whole(answer: Answer, pieces: AsyncIterable<Piece>): Promise<ChatCompletion> {
  let content = ''
  let end: Extract<Piece, { type: 'end' }> | null = null
  for await (const piece of pieces) {
    if (piece.type === 'end') end = piece
    else content += piece.text
  }
  return {
    ...answer,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content },
        finish_reason: end?.finishReason ?? 'abort',
        logprobs: null,
      },
    ],
    ...(end ? { usage: end.usage } : {}),
  }
}

/** The answer as it comes: text, then the reason for its end, then its usage where that is asked for. */
export async function* chunks(
  answer: Answer,
  pieces: AsyncIterable<Piece>,
  includesUsage: boolean,
): AsyncGenerator<ChatCompletionChunk, void> {
  const chunk = (choices: ChatCompletionChunk['choices']): ChatCompletionChunk => {
    return { ...answer, object: 'chat.completion.chunk', choices }
  }
  for await (const piece of pieces) {
    if (piece.type === 'text') {
      const delta = { role: 'assistant', content: piece.text } as const
      yield chunk([{ index: 0, delta, finish_reason: null, logprobs: null }])
    } else {
      yield chunk([{ index: 0, delta: {}, finish_reason: piece.finishReason, logprobs: null }])
      if (includesUsage) yield { ...chunk([]), usage: piece.usage }
    }
  }
}

export function addReading(
  meter: Meter,
  { tokens, milliseconds }: { tokens: number; milliseconds: number },
): void {
  meter.readTokens += tokens
  meter.readMilliseconds += milliseconds
}

export function usageOf(meter: Meter): CompletionUsage {
  const { start, promptTokens, newTokens, firstTokenAt } = meter
  const perSecond = (tokens: number, milliseconds: number): number =>
    milliseconds > 0 ? (1000 * tokens) / milliseconds : 0
  const end = performance.now()
  return {
    prompt_tokens: promptTokens,
    completion_tokens: newTokens,
    total_tokens: promptTokens + newTokens,
    extra: {
      e2e_latency_s: (end - start) / 1000,
      prefill_tokens_per_s: perSecond(meter.readTokens, meter.readMilliseconds),
      decode_tokens_per_s: perSecond(newTokens, meter.decodeMilliseconds),
      time_to_first_token_s: ((firstTokenAt ?? end) - start) / 1000,
      time_per_output_token_s: newTokens > 0 ? meter.decodeMilliseconds / newTokens / 1000 : 0,
    },
  }
}
