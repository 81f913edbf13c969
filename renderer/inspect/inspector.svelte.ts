import { m } from '#messages'
import { createContext } from 'svelte'
import { toFailure } from '../../engine/errors.ts'
import { asHeard, asPassage } from '../../engine/memory/heard.ts'
import type { MemoryTrace } from '../../engine/inspect/memory-trace.ts'
import type { ChatMessage, LookedToken } from '../../engine/protocol.ts'
import type { Onlooker } from '../state/answering.ts'
import type { Chat } from '../state/chat.svelte.ts'
import type { Conversation } from '../state/conversation.svelte.ts'
import { sayFailure } from '../state/failure-words.ts'
import { type Lean, leanOf, type Word, wordsOf } from './lean.ts'
import { MemoryCheck } from './memory-check.svelte.ts'
import { retained } from './retained.ts'
import { snippet } from './words.ts'

/** Characters of a chat that are read again without being asked for: a few seconds at most. */
const UNASKED = 4000

/** What a look inside shows, from when it opens until it closes. */
export class Inspector implements Onlooker {
  open = $state(false)
  /** the last answer that was written while it was open */
  tokens: readonly LookedToken[] = $state.raw([])
  /** index of a word; `null` is the whole answer */
  chosen: number | null = $state(null)
  /** layer and query head; `null` is all of them */
  head: { readonly layer: number; readonly head: number } | null = $state.raw(null)
  trace: MemoryTrace | null = $state.raw(null)
  /** 0 to 1 while the chat is read again */
  progress: number | null = $state(null)
  problem = $state('')
  readonly check = new MemoryCheck(this)
  readonly words: readonly Word[] = $derived(wordsOf(this.tokens))
  readonly lean: Lean | null = $derived.by(() => {
    const tokens = this.chosen === null ? this.tokens : (this.words[this.chosen]?.tokens ?? [])
    return tokens.length === 0 ? null : leanOf(tokens, (position) => this.#textAt(position))
  })
  #traced: Conversation | null = null
  #study = new AbortController()
  /** for each node of the way, how much of it is still in memory */
  #held: readonly number[] = $state.raw([])
  /** what stands before position `end` */
  #texts: { readonly end: number; readonly words: readonly string[] } = $state.raw({ end: 0, words: [] })

  /** Look at this conversation from now on, and estimate what it holds if that takes no time. */
  follow(conversation: Conversation): void {
    if (this.#traced !== conversation) this.#forget()
    this.#traced = conversation
    this.#held = []
    this.trace = null
    conversation.onlooker = this
    const length = conversation.keeping.way.reduce((sum, { text }) => sum + text.length, 0)
    // A server elsewhere answers: the memory here is only read to for the chat itself.
    if (conversation.keeping.writer) return
    if (length > 0 && length <= UNASKED) void this.estimate(conversation)
  }

  close(): void {
    this.open = false
    this.#forget()
  }

  begins(): void {
    this.tokens = []
    this.chosen = null
  }

  sees(tokens: readonly LookedToken[]): void {
    this.tokens = [...this.tokens, ...tokens]
    for (const { read, attention } of tokens) {
      const begin = attention.position + 1 - read.length
      const before = begin === this.#texts.end ? this.#texts.words : []
      this.#texts = { end: attention.position + 1, words: [...before, ...read] }
    }
  }

  yields(): void {
    this.#study.abort()
  }

  /** What is found out from now on stops by this, as soon as something else is to be done. */
  studying(): AbortSignal {
    if (this.#study.signal.aborted) this.#study = new AbortController()
    return this.#study.signal
  }

  /** Read a message again, so that it is in the window: the place of it in the way. */
  async remind(chat: Chat, place: number): Promise<void> {
    const node = chat.current.keeping.way[place]
    if (node) await this.readAgain(chat, node.text)
  }

  /** Read a passage again, likewise. */
  async readAgain(chat: Chat, text: string): Promise<void> {
    await chat.read({ name: m.inspect_once_more({ words: snippet(text, 40) }), text })
  }

  /** Read the chat again beside it, to see who wrote what is in its slots. */
  async estimate(conversation: Conversation): Promise<void> {
    const { messages, nodes } = heard(conversation)
    const signal = this.studying()
    this.problem = ''
    try {
      await conversation.study(async (engine) => {
        if (signal.aborted) return
        this.progress = 0
        for await (const event of engine.trace(conversation.options, messages, signal)) {
          if (event.type === 'tracing') this.progress = event.share
          else if (this.#traced === conversation) this.#show(event.trace, nodes, conversation)
        }
      })
    } catch (error) {
      this.problem = sayFailure(toFailure(error))
    }
    this.progress = null
  }

  /** Of the n-th message of this conversation; `null` while it is not known. */
  heldOf(conversation: Conversation, index: number): number | null {
    return this.open && this.#traced === conversation ? (this.#held[index] ?? null) : null
  }

  #show(trace: MemoryTrace, nodes: readonly number[], { keeping, memory }: Conversation): void {
    this.trace = trace
    this.#held = retained(trace.pieces, nodes, keeping.way)
    // The last token of an answer may wait to be read; any other difference is another text.
    const ahead = trace.position - (memory?.position ?? 0)
    if (ahead === 0 || ahead === 1) this.#texts = { end: trace.position, words: trace.newest }
  }

  #textAt(position: number): string | null {
    const { end, words } = this.#texts
    return words[words.length - (end - position)] ?? null
  }

  #forget(): void {
    this.yields()
    if (this.#traced) void leave(this.#traced)
    this.begins()
    this.trace = null
    this.head = null
    this.#held = []
    this.#traced = null
    this.check.clear()
    this.#texts = { end: 0, words: [] }
  }
}

export const [useInspector, provideInspector] = createContext<Inspector>()

/** Nobody looks any more, and the engine keeps nothing for it. */
async function leave(conversation: Conversation): Promise<void> {
  conversation.onlooker = null
  // One that is closed has nothing open.
  await conversation.study((_, handle) => handle.inspect(false)).catch(() => undefined)
}

/** What the model heard, and which message of the way each of it belongs to. */
function heard({ keeping }: Conversation): { messages: ChatMessage[]; nodes: number[] } {
  const messages: ChatMessage[] = []
  const nodes: number[] = []
  for (const [at, node] of keeping.way.entries()) {
    for (const message of asHeard(node, asPassage(node.lookedUp ?? []))) {
      messages.push(message)
      nodes.push(at)
    }
  }
  return { messages, nodes }
}
