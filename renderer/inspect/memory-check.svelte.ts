import { m } from '#messages'
import { toFailure } from '../../engine/errors.ts'
import type { Conversation } from '../state/conversation.svelte.ts'
import type { ChatEngine, ConversationHandle } from '../state/engine.ts'
import { sayFailure } from '../state/failure-words.ts'
import { copyMemory } from '../state/take-up.ts'
import { type Cloze, clozes, isRecalled, type Source } from './cloze.ts'

interface Checked extends Cloze {
  readonly answer: string
  readonly recalled: boolean
  /** it was read once more before it was asked for */
  readonly reread: boolean
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
    await this.#ask(conversation, questions, (question, answer) => {
      const result = { ...question, answer, recalled: isRecalled(question, answer), reread: false }
      this.results = [...this.results, result]
    })
  }

  /** Reads where it stands once more, and asks for it again. @param read reads a text into the conversation */
  async again(
    conversation: Conversation,
    result: Checked,
    read: (passage: string) => Promise<void>,
  ): Promise<void> {
    this.left = 1
    const before = conversation.memory?.position
    await read(result.passage)
    if (conversation.memory?.position === before) {
      this.left = null
      return
    }
    await this.#ask(conversation, [result], (_, answer) => {
      const asked = { ...result, answer, recalled: isRecalled(result, answer), reread: true }
      this.results = this.results.map((each) => (each === result ? asked : each))
    })
  }

  async #ask(
    conversation: Conversation,
    questions: readonly Cloze[],
    hear: (question: Cloze, answer: string) => void,
  ): Promise<void> {
    this.left = questions.length
    const signal = this.#stops.studying()
    const stopped = () => signal.aborted
    try {
      await conversation.study(async (engine, handle) => {
        for (const [at, question] of questions.entries()) {
          if (stopped()) return
          const answer = await complete(question, engine, handle, conversation, signal)
          if (stopped()) return
          hear(question, answer)
          this.left = questions.length - at - 1
        }
      })
    } catch (error) {
      this.problem = sayFailure(toFailure(error))
    }
    this.left = null
  }
}

/** What a copy of the memory goes on with. */
async function complete(
  { begin }: Cloze,
  engine: ChatEngine,
  handle: ConversationHandle,
  { options }: Conversation,
  signal: AbortSignal,
): Promise<string> {
  const copy = await copyMemory(engine, options, handle)
  let answer = ''
  try {
    const request = {
      message: `Fill in what is missing: "${begin} ..."`,
      begin,
      sampling: { temperature: 0 },
      maxNewTokens: ANSWER_TOKENS,
    }
    for await (const event of copy.generate(request, signal)) if (event.type === 'delta') answer += event.text
  } finally {
    await copy.close()
  }
  return answer
}

function sources({ keeping }: Conversation): Source[] {
  return keeping.way.flatMap(({ kind, text }) => (kind === 'reply' ? [] : [{ text, said: kind === 'user' }]))
}
