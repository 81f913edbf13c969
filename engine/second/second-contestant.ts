import type { Contestant, ContestantEvent, ContestantMemory, Reopened } from '../compare/contestant.ts'
import { timed } from '../compare/own-contestant.ts'
import type { ChatMessage, GenerationRequest } from '../protocol.ts'
import { asCompletionMessages, type SecondEngine } from './second-engine.ts'

/** Of plain English, about: until the engine tells how many tokens a text has. */
const CHARACTERS_PER_TOKEN = 4

/** A conversation with a second engine: it is kept here, and sent whole with each question. */
export class SecondContestant implements Contestant {
  readonly name: string
  readonly readsWhenAsked = true
  readonly #engine: SecondEngine
  readonly #messages: ChatMessage[] = []
  #charactersPerToken = CHARACTERS_PER_TOKEN
  #position = 0

  constructor(name: string, engine: SecondEngine) {
    this.name = name
    this.#engine = engine
  }

  get memory(): ContestantMemory {
    return { position: this.#position, stateBytes: null }
  }

  bytesFor(): null {
    return null
  }

  hear(messages: readonly ChatMessage[]): Promise<void> {
    this.#remember(...messages)
    return Promise.resolve()
  }

  async *answer(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<ContestantEvent> {
    this.#remember({ role: 'user', content: request.message })
    let said = ''
    for await (const event of this.#complete(request, this.#messages, signal)) {
      if (event.type === 'delta') said += event.text
      if (event.type === 'end') this.#remember({ role: 'assistant', content: said })
      yield event
    }
  }

  reopen(request: GenerationRequest, signal: AbortSignal): Promise<Reopened> {
    const asked: ChatMessage = { role: 'user', content: request.message }
    return timed(this.#complete(request, [...this.#messages, asked], signal), performance.now())
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  async *#complete(
    { sampling, maxNewTokens }: GenerationRequest,
    messages: readonly ChatMessage[],
    signal: AbortSignal,
  ): AsyncGenerator<ContestantEvent> {
    const question = {
      messages: asCompletionMessages(messages),
      temperature: sampling.temperature ?? 0,
      maxNewTokens,
    }
    let pieces = 0
    try {
      for await (const event of this.#engine.complete(question, signal)) {
        if (event.type === 'delta') yield { type: 'delta', text: event.text, newTokens: ++pieces }
        else {
          this.#learn(question.messages, event.promptTokens)
          yield event
        }
      }
    } catch (error) {
      if (!signal.aborted) throw error
      yield { type: 'end', finishReason: 'abort', newTokens: pieces, milliseconds: 0 }
    }
  }

  #learn(messages: readonly { readonly content: string }[], tokens: number | null): void {
    const characters = lengthOf(messages)
    if (tokens !== null && tokens > 0 && characters > 0) this.#charactersPerToken = characters / tokens
  }

  /** Tokens are counted by the engine, and only when it is asked; they never become fewer. */
  #remember(...messages: readonly ChatMessage[]): void {
    this.#messages.push(...messages)
    const tokens = Math.round(lengthOf(this.#messages) / this.#charactersPerToken)
    this.#position = Math.max(this.#position, tokens)
  }
}

function lengthOf(messages: readonly { readonly content: string }[]): number {
  return messages.reduce((sum, { content }) => sum + content.length, 0)
}
