import { drawWorld, type Fact } from '../recall/facts.ts'
import { createFiller } from '../recall/filler.ts'
import { isRight } from '../recall/judge.ts'
import type { ChatMessage } from '../protocol.ts'
import { Random } from '../text/random.ts'
import type { Contestant } from './contestant.ts'

export interface NeedlePlan {
  /** lengths of the texts, in tokens, about */
  readonly lengths: readonly number[]
  /** places in the text, from 0, its beginning, to 1, its end, in order */
  readonly depths: readonly number[]
  /** facts told at each place */
  readonly each: number
  readonly seed: number
  /** bytes of context memory that no side may pass */
  readonly limitBytes: number
}

/** One question to one side and what came of it. */
export interface NeedleFinding {
  readonly side: number
  readonly length: number
  readonly depth: number
  readonly question: string
  readonly answer: string
  readonly right: boolean
}

/** What a side would be asked, and was not: the text is beyond its limit. */
export interface NeedleGap {
  readonly side: number
  readonly length: number
  readonly depth: null
}

export const NEEDLE_DEPTHS = [0, 0.25, 0.5, 0.75, 1] as const

const ANSWER_TOKENS = 24
/** Of plain English, about; what a text comes to is only used to cut it. */
const CHARACTERS_PER_TOKEN = 3

interface Haystack {
  readonly messages: readonly ChatMessage[]
  readonly needles: readonly { readonly fact: Fact; readonly depth: number }[]
}

/**
 * Plant facts in texts of several lengths, at several depths, and ask every side for each of them, from the memory as it
 * is after the whole text. All sides hear the same words; answers are greedy, and right when the value stands in them.
 *
 * @param openers one for each side: a new conversation
 * @throws {EngineError}
 */
export async function* plantNeedles(
  openers: readonly (() => Promise<Contestant>)[],
  plan: NeedlePlan,
  signal: AbortSignal,
): AsyncGenerator<NeedleFinding | NeedleGap, void> {
  // Asked anew each time: it changes while others work.
  const isOver = () => signal.aborted
  for (const [i, length] of plan.lengths.entries()) {
    const haystack = createHaystack(length, plan, i)
    for (const [side, open] of openers.entries()) {
      if (isOver()) return
      const contestant = await open()
      try {
        const text = haystack.messages.map(({ content }) => content).join('')
        const bytes = contestant.bytesFor(new TextEncoder().encode(text).length)
        if (bytes !== null && bytes > plan.limitBytes) {
          yield { side, length, depth: null }
          continue
        }
        await contestant.hear(haystack.messages, signal)
        for (const { fact, depth } of haystack.needles) {
          if (isOver()) return
          const sampling = { temperature: 0, repetitionPenalty: 1 }
          const request = { message: fact.ask, sampling, maxNewTokens: ANSWER_TOKENS }
          const { text: answer } = await contestant.reopen(request, signal)
          if (isOver()) return
          yield { side, length, depth, question: fact.ask, answer, right: isRight(answer, fact.value) }
        }
      } finally {
        await contestant.close()
      }
    }
  }
}

/** Facts at their depths, and prose that tells nothing in between. */
export function createHaystack(
  length: number,
  { depths, each, seed }: Pick<NeedlePlan, 'depths' | 'each' | 'seed'>,
  index: number,
): Haystack {
  const source = new Random(seed * 1000 + index)
  const random = () => source.next()
  const { told } = drawWorld(random, depths.length * each, 0, true)
  const filler = createFiller(random, null)
  const messages: ChatMessage[] = []
  const needles: { fact: Fact; depth: number }[] = []
  let characters = 0
  for (const [i, depth] of depths.entries()) {
    while (characters < depth * length * CHARACTERS_PER_TOKEN) {
      const next = filler(depth * length * CHARACTERS_PER_TOKEN - characters)
      messages.push(...next)
      for (const { content } of next) characters += content.length
    }
    for (const fact of told.slice(i * each, (i + 1) * each)) {
      messages.push({ role: 'user', content: fact.tell })
      messages.push({ role: 'assistant', content: 'I will remember that.' })
      needles.push({ fact, depth })
    }
  }
  return { messages, needles }
}
