import type { Next, Sequence } from './model/sequence.ts'
import type { FinishReason, GenerationEvent, LookedToken } from './protocol.ts'
import type { PassingOn } from './text/passing-on.ts'
import { isWord, Repetition } from './text/repetition.ts'
import type { Candidates, Sampler } from './text/sampler.ts'
import type { Tokenizer } from './text/tokenizer.ts'

/** What a conversation remembers: the sequence, and tokens that belong to it but have not been read yet. */
export interface Memory {
  /** with the hash of all tokens it has read */
  readonly sequence: Sequence & { readonly tokens: string }
  /** appended by prompts and by the last token of a reply; emptied as prefill and decode read it */
  unread: readonly number[]
}

/** Read what is unread, `slice` tokens at a time, yielding how many are done. Aborting is seen between two slices. */
export async function* readAll(
  memory: Memory,
  slice: number,
  wanted: number,
  signal: AbortSignal,
  next: Next = {},
): AsyncGenerator<number, Candidates | null> {
  const total = memory.unread.length
  let candidates: Candidates | null = null
  while (memory.unread.length > 0) {
    if (signal.aborted) return null
    const tokens = memory.unread.slice(0, slice)
    const isLast = tokens.length === memory.unread.length
    candidates = await (isLast
      ? memory.sequence.prefill(tokens, wanted, next)
      : memory.sequence.prefill(tokens, 1))
    memory.unread = memory.unread.slice(slice)
    yield total - memory.unread.length
  }
  return candidates
}

export interface Reply {
  readonly memory: Memory
  readonly tokenizer: Tokenizer
  readonly sampler: Sampler
  /** tokens of prompt read between two looks at the signal */
  readonly slice: number
  readonly maxNewTokens: number
  /** what it says word for word, if it says that it does not know better */
  readonly passingOn?: PassingOn | null
  /** while the inspector is open: where the model looked for this token */
  readonly look?: (token: number) => Promise<LookedToken | null>
}

/**
 * One reply: read the prompt that waits in `memory.unread`, then sample and decode until an end.
 *
 * Yields `prefilling` as it reads, `prefilled` once, any number of `delta`, and `end` last. A `delta` never splits a
 * character. Aborting is seen between two tokens, or behind one that has been read ahead, and ends with the reason
 * `abort`; an answer that goes round in circles ends with `loop`. At any point at which the caller stops listening, the
 * sequence and `unread` together hold exactly what was said.
 *
 * @throws {EngineError} whatever the model throws
 */
export async function* generate(reply: Reply, signal: AbortSignal): AsyncGenerator<GenerationEvent, void> {
  const { memory, tokenizer, sampler, maxNewTokens, passingOn } = reply
  const utf8 = new TextDecoder()
  for (const token of memory.unread) sampler.accept(token)

  const totalTokens = memory.unread.length
  const start = performance.now()
  const prompt = readAll(memory, reply.slice, sampler.wanted, signal, { draw: sampler.draw })
  let read = await prompt.next()
  while (!read.done) {
    yield { type: 'prefilling', tokens: read.value, totalTokens }
    read = await prompt.next()
  }
  let candidates = read.value
  const decodeStart = performance.now()
  if (candidates) yield { type: 'prefilled', tokens: totalTokens, milliseconds: decodeStart - start }

  let finishReason: FinishReason = 'length'
  let newTokens = 0
  const repetition = new Repetition()
  let looked: LookedToken[] = []
  const { sequence } = memory
  try {
    while (newTokens < maxNewTokens) {
      // A token that has been read ahead is in memory already, so it is said.
      if (!candidates || (signal.aborted && !sequence.isAhead)) {
        finishReason = 'abort'
        break
      }
      const token = passingOn?.next ?? sampler.next(candidates)
      if (tokenizer.isEndOfTurn(token)) {
        finishReason = 'stop'
        break
      }
      sampler.accept(token)
      passingOn?.accept(token)
      memory.unread = [token]
      newTokens++
      const seen = await reply.look?.(token)
      if (seen) looked.push(seen)
      const bytes = tokenizer.bytes(token)
      const text = utf8.decode(bytes, { stream: true })
      if (text !== '') {
        yield { type: 'delta', text, newTokens, ...(looked.length > 0 ? { looked } : {}) }
        looked = []
      }
      if (repetition.accept(token, isWord(bytes))) {
        finishReason = 'loop'
        break
      }
      if (newTokens < maxNewTokens) {
        // With the inspector open each token waits for where it looked.
        const chooses = !reply.look && passingOn?.next === undefined
        const goOn = newTokens + 1 < maxNewTokens && !signal.aborted && chooses
        const next = { draw: sampler.draw, nth: newTokens, goOn }
        candidates = await sequence.decode(token, sampler.wanted, next)
        memory.unread = []
      }
    }
  } finally {
    await takeAhead(memory)
  }
  const milliseconds = performance.now() - decodeStart
  const rest = utf8.decode()
  if (rest !== '') yield { type: 'delta', text: rest, newTokens }
  const { position, stateBytes, tokens } = sequence
  yield { type: 'end', finishReason, newTokens, milliseconds, memory: { position, stateBytes, tokens } }
}

/** The last token that was said may have been read ahead: then it is not unread any more. */
async function takeAhead(memory: Memory): Promise<void> {
  const [token] = memory.unread
  if (!memory.sequence.isAhead || token === undefined) return
  await memory.sequence.decode(token, 1)
  memory.unread = []
}
