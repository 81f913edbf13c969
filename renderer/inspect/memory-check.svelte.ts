import { m } from '#messages'
import { toFailure } from '../../engine/errors.ts'
import type { Conversation } from '../state/conversation.svelte.ts'
import { sayFailure } from '../state/failure-words.ts'
import { copyMemory } from '../state/take-up.ts'
import { type Cloze, clozes, isRecalled, type Source } from './cloze.ts'

interface Checked extends Cloze {
  readonly answer: string
  readonly recalled: boolean
}

const QUESTIONS = 8
/** Enough for one long name. */
const ANSWER_TOKENS = 8

/** Asks the model, beside the conversation, for words of what it read. */
export class MemoryCheck {
  results: readonly Checked[] = $state.raw([])
  /** how many are still to be asked; `null` while nothing is */
  left: number | null = $state(null)
  problem = $state('')
  readonly recalled = $derived(this.results.filter(({ recalled }) => recalled).length)
  readonly #stops: { studying: () => AbortSignal }

  /** @param stops what ends it when something else is to be done */
  constructor(stops: { studying: () => AbortSignal }) {
    this.#stops = stops
  }

  clear(): void {
    this.results = []
    this.problem = ''
  }

  /** Each question meets the memory as it is now: none is remembered. */
  async run(conversation: Conversation): Promise<void> {
    const questions = clozes(sources(conversation), QUESTIONS)
    this.clear()
    if (questions.length === 0) {
      this.problem = m.inspect_nothing_told()
      return
    }
    this.left = questions.length
    const signal = this.#stops.studying()
    const stopped = () => signal.aborted
    try {
      await conversation.study(async (engine, handle) => {
        for (const question of questions) {
          if (stopped()) return
          const copy = await copyMemory(engine, conversation.options, handle)
          let answer = ''
          try {
            const request = {
              message: `Fill in what is missing: "${question.begin} ..."`,
              begin: question.begin,
              sampling: { temperature: 0 },
              maxNewTokens: ANSWER_TOKENS,
            }
            for await (const event of copy.generate(request, signal))
              if (event.type === 'delta') answer += event.text
          } finally {
            await copy.close()
          }
          if (stopped()) return
          this.results = [...this.results, { ...question, answer, recalled: isRecalled(question, answer) }]
          this.left = questions.length - this.results.length
        }
      })
    } catch (error) {
      this.problem = sayFailure(toFailure(error))
    }
    this.left = null
  }
}

function sources({ keeping }: Conversation): Source[] {
  return keeping.way.flatMap(({ kind, text }, message) =>
    kind === 'reply' ? [] : [{ message, text, said: kind === 'user' }],
  )
}
