import { windowsOf } from '../model/layer-windows.ts'
import type { ConversationOptions } from '../protocol.ts'
import { cite, passedOn } from './cite.ts'
import { describeLeaning, type Leaning, leaningOf } from './leaning.ts'
import { asks, LookUp } from './look-up.ts'
import { sentencesOf } from './passages.ts'
import type { Found } from './search.ts'

/** Words and where they stand. */
export interface Quoted {
  /** the document or message that they stand in */
  readonly node: number
  /** of the document; empty for a message */
  readonly name: string
  /** 1-based */
  readonly page: number
  readonly quote: string
}

/** What an answer rests on. */
export interface Grounds {
  /** put back into the window before it was written */
  readonly lookedUp: readonly Quoted[]
  /** sentences of documents that say what it says */
  readonly cited: readonly Quoted[]
  /**
   * whether a document says it; `null` where none was read, nothing was asked, the user's own words were, or the answer is
   * not sure and only passes on what was looked up
   */
  readonly inDocument: boolean | null
  /** how much of it stands in what was looked up; left out where nothing was asked of a document or of the past */
  readonly leaning?: Leaning
}

/** A message, a document or a reply on the way to the question. */
interface Said {
  readonly node: number
  readonly kind: 'user' | 'document' | 'reply'
  readonly name: string
  readonly text: string
  readonly memory: { readonly position: number } | null
}

type FoundAt = Found & { readonly node: number }

/** Tokens that are exact anyway, in the layer that keeps most. */
export function exactTokens(
  { attention, window }: Pick<ConversationOptions, 'attention' | 'window'>,
  own: readonly number[],
): number {
  return attention === 'full' ? Infinity : Math.max(...windowsOf(window, own))
}

const QUESTION_END = /\?["'”’)\]]*$/

/** Replies may be wrong, and the best answer to a question is never the same question. */
function tells({ kind, text }: Said): boolean {
  if (kind !== 'user') return kind === 'document'
  const sentences = sentencesOf(text, { start: 0, end: text.length })
  return sentences.some(({ start, end }) => !QUESTION_END.test(text.slice(start, end)))
}

/** The messages and documents of one conversation that tell something, searched for each question. */
export class Looking {
  readonly window: number
  #lookUp: LookUp
  /** the node of each source */
  #nodes: number[] = []

  constructor(window: number) {
    this.window = window
    this.#lookUp = new LookUp(window)
  }

  /**
   * Take in what is new on the way, about a millisecond at a step: a window must not stand still for a book. What stands
   * on another branch is not looked up any more.
   *
   * @param position of the memory, all of the way in it
   */
  *take(way: readonly Said[], position: number): Generator<undefined> {
    const there = new Set(way.map(({ node }) => node))
    if (!this.#nodes.every((node) => there.has(node))) {
      this.#lookUp = new LookUp(this.window)
      this.#nodes = []
    }
    const known = new Set(this.#nodes)
    const added: { readonly said: Said; readonly readAt: number }[] = []
    let readAt = position
    for (const said of way.toReversed()) {
      // A message is in memory with the answer to it, at the latest.
      readAt = said.memory?.position ?? readAt
      if (!known.has(said.node) && tells(said)) added.unshift({ said, readAt })
    }
    for (const { said, readAt } of added) {
      this.#nodes.push(said.node)
      yield* this.#lookUp.adding({ name: said.name, text: said.text }, readAt)
    }
  }

  /** Exact words that `message` asks for and the window no longer has. */
  find(message: string, way: readonly Said[], position: number): FoundAt[] {
    const steps = this.take(way, position)
    while (!steps.next().done);
    return this.#lookUp.find(message, position).map((found) => this.#at(found))
  }

  grounds(message: string, answer: string, lookedUp: readonly Found[]): Omit<Grounds, 'lookedUp'> {
    const { index } = this.#lookUp
    const inDocuments = ({ name }: Found) => name !== ''
    const leans = (inDocument: boolean | null) => ({
      leaning: leaningOf(message, answer, lookedUp, inDocument),
    })
    if (!asks(message)) return { cited: [], inDocument: null }
    if (!index.hasNamed) return { cited: [], inDocument: null, ...(lookedUp.length > 0 ? leans(null) : {}) }
    const { cited } = cite(index, message, answer, lookedUp)
    const documents = cited.filter(inDocuments).map((found) => this.#at(found))
    // What the user said of themselves need not stand in a document.
    const isSaid =
      documents.length === 0 && (cited.length > 0 || lookedUp.some((found) => !inDocuments(found)))
    const isPassedOn = documents.length === 0 && lookedUp.length > 0 && passedOn(answer) !== null
    const inDocument = isSaid || isPassedOn ? null : documents.length > 0
    return { cited: documents.map(quoted), inDocument, ...leans(inDocument) }
  }

  #at(found: Found): FoundAt {
    return { ...found, node: this.#nodes[found.source] ?? 0 }
  }
}

/** What is kept of a find. */
export function quoted({ node, name, page, quote }: Quoted): Quoted {
  return { node, name, page, quote }
}

/** Each place that an answer rests on, once: what is cited first. */
export function placesOf({ lookedUp, cited }: Grounds): { readonly what: string; readonly at: Quoted }[] {
  const isCited = ({ quote }: Quoted) => cited.some((each) => each.quote === quote)
  return [
    ...cited.map((at) => ({ what: 'From', at })),
    ...lookedUp.filter((each) => !isCited(each)).map((at) => ({ what: 'Looked up in', at })),
  ]
}

/** Where words stand, for people. */
export function describePlace({ name, page }: Quoted): string {
  return name === '' ? 'this conversation' : `${name}, page ${page}`
}

export const NOT_FOUND = 'Not found in the document.'

/** What share of an answer leaned on what was looked up, in words; empty where there is nothing to say. */
export function describeShare({ leaning }: Grounds): string {
  return leaning ? describeLeaning(leaning) : ''
}

/** A line for each place that an answer rests on. */
export function describeGrounds(grounds: Grounds): string[] {
  return [
    ...placesOf(grounds).map(
      ({ what, at }) => `${what} ${describePlace(at)}: “${at.quote.replace(/\s+/g, ' ')}”`,
    ),
    ...[grounds.inDocument === false ? NOT_FOUND : '', describeShare(grounds)].filter(Boolean),
  ]
}
