import type { Grounds } from '../../engine/documents/looking.ts'
import type { Reading } from '../../engine/documents/reading.ts'
import type { EngineFailure } from '../../engine/errors.ts'
import type { ContestantEvent } from '../../engine/compare/contestant.ts'
import type { FinishReason } from '../../engine/protocol.ts'
import type { Writer } from '../../electron/entries.ts'
import type { Block } from '../chat/markdown/blocks.ts'
import { MarkdownStream } from '../chat/markdown/stream.ts'

export type ReplyPhase =
  | { readonly type: 'waiting' }
  | { readonly type: 'reading'; readonly tokens: number; readonly totalTokens: number }
  | { readonly type: 'writing' }
  | { readonly type: 'ended'; readonly finishReason: FinishReason }
  | { readonly type: 'failed'; readonly failure: EngineFailure }

export interface Pace {
  readonly tokens: number
  readonly milliseconds: number
}

const NOTHING: Grounds = { lookedUp: [], cited: [], inDocument: null, nearest: [] }

/** One answer, from the wait for the model to its last word; what was written is never taken back. */
export class Reply {
  readonly kind = 'reply'
  /** its number where it is written down; `null` before that */
  node: number | null = $state(null)
  /** to a question that was asked beside the conversation */
  aside = false
  /** the server elsewhere that writes it; `null` is this computer */
  by: Writer | null = $state.raw(null)
  text = $state('')
  /** what it rests on */
  grounds: Grounds = $state.raw(NOTHING)
  phase: ReplyPhase = $state.raw({ type: 'waiting' })
  /** how far a document is on the way into a memory of its own */
  pages: Reading | null = $state.raw(null)
  reading: Pace | null = $state.raw(null)
  writing: Pace | null = $state.raw(null)
  readonly busy = $derived(this.phase.type !== 'ended' && this.phase.type !== 'failed')

  readonly #markdown = new MarkdownStream()
  #blocks: readonly Block[] = $state.raw([])
  /** of an earlier day, and not looked at yet */
  #unread = ''
  #kept: readonly Block[] | null = null
  /** when the first token arrived, and how many tokens that event counted */
  #first: { readonly at: number; readonly tokens: number } | null = null

  /** One of an earlier day is taken apart when it is looked at: a long chat has a thousand of them. */
  get blocks(): readonly Block[] {
    if (this.#unread !== '') {
      this.#markdown.append(this.#unread)
      this.#unread = ''
      this.#kept = this.#markdown.end()
    }
    return this.#kept ?? this.#blocks
  }

  apply(event: ContestantEvent): void {
    switch (event.type) {
      case 'prefilling':
        this.phase = { type: 'reading', tokens: event.tokens, totalTokens: event.totalTokens }
        break
      case 'prefilled':
        this.reading = { tokens: event.tokens, milliseconds: event.milliseconds }
        this.phase = { type: 'writing' }
        break
      case 'delta':
        this.#write(event.text, event.newTokens)
        break
      case 'end':
        this.#blocks = this.#markdown.end()
        if (event.newTokens > 0) this.writing = { tokens: event.newTokens, milliseconds: event.milliseconds }
        this.phase = { type: 'ended', finishReason: event.finishReason }
        break
      default:
        event satisfies never
    }
  }

  /** A reply from an earlier day; one that broke off was stopped. */
  static kept(node: number, text: string, finishReason: FinishReason): Reply {
    const reply = new Reply()
    reply.node = node
    reply.text = text
    reply.#unread = text
    reply.phase = { type: 'ended', finishReason }
    return reply
  }

  fail(failure: EngineFailure): void {
    this.#blocks = this.#markdown.end()
    this.phase = { type: 'failed', failure }
  }

  /** Stopped, and the engine does not say so itself. */
  cancel(): void {
    this.#blocks = this.#markdown.end()
    this.phase = { type: 'ended', finishReason: 'abort' }
  }

  /** The speed is measured here until the engine says it: tokens after the first, over the time since. */
  #write(text: string, newTokens: number): void {
    const now = performance.now()
    this.#first ??= { at: now, tokens: newTokens }
    this.text += text
    this.#blocks = this.#markdown.append(text)
    const tokens = newTokens - this.#first.tokens
    if (tokens > 0) this.writing = { tokens, milliseconds: now - this.#first.at }
  }
}
