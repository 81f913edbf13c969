import type { LookedUp } from '../electron/entries.ts'
import type { Transcript } from '../electron/transcript.ts'
import { cite } from '../engine/documents/cite.ts'
import { asks, LookUp } from '../engine/documents/look-up.ts'
import type { Found } from '../engine/documents/search.ts'
import { pathTo } from '../engine/memory/branch.ts'
import type { MemoryReport } from '../engine/protocol.ts'

/** What an answer rests on. */
export interface Grounds {
  /** put back into the window before it was written */
  readonly lookedUp: readonly LookedUp[]
  /** sentences of documents that say what it says */
  readonly cited: readonly LookedUp[]
  /** whether a document says it; `null` where none was read, or nothing was asked */
  readonly inDocument: boolean | null
}

type FoundAt = Found & { readonly node: number }

/** The messages and documents of one conversation, searched for each question. Replies are left out: they may be wrong. */
export class Looking {
  readonly #lookUp: LookUp
  /** the node of each source */
  readonly #nodes: number[] = []

  constructor(window: number) {
    this.#lookUp = new LookUp(window)
  }

  /** Exact words that `message` asks for and the window no longer has. */
  find(message: string, { nodes, head }: Transcript, { position }: MemoryReport): FoundAt[] {
    const way = pathTo(nodes, head)
    for (const [i, { node, kind, name, text }] of way.entries()) {
      if (kind === 'reply' || this.#nodes.includes(node)) continue
      // A message is in memory with the answer to it, at the latest.
      const readAt = way.slice(i).find(({ memory }) => memory !== null)?.memory?.position ?? position
      this.#nodes.push(node)
      this.#lookUp.add({ name, text }, readAt)
    }
    return this.#lookUp.find(message, position).map((found) => this.#at(found))
  }

  grounds(message: string, answer: string, lookedUp: readonly Found[]): Omit<Grounds, 'lookedUp'> {
    const { index } = this.#lookUp
    const inDocuments = ({ name }: Found) => name !== ''
    if (!asks(message) || !index.hasNamed) return { cited: [], inDocument: null }
    const { cited } = cite(index, message, answer, lookedUp)
    const documents = cited.filter(inDocuments).map((found) => this.#at(found))
    return {
      cited: documents.map(({ node, name, page, quote }) => ({ node, name, page, quote })),
      inDocument: cited.length > 0 ? documents.length > 0 : false,
    }
  }

  #at(found: Found): FoundAt {
    return { ...found, node: this.#nodes[found.source] ?? 0 }
  }
}

/** A line for each place that an answer rests on. */
export function describeGrounds({ lookedUp, cited, inDocument }: Grounds): string[] {
  const place = ({ name, page }: LookedUp) => (name === '' ? 'this conversation' : `${name}, page ${page}`)
  const line = (what: string, each: LookedUp) =>
    `${what} ${place(each)}: “${each.quote.replace(/\s+/g, ' ')}”`
  const isCited = ({ quote }: LookedUp) => cited.some((each) => each.quote === quote)
  return [
    ...cited.map((each) => line('From', each)),
    ...lookedUp.filter((each) => !isCited(each)).map((each) => line('Looked up in', each)),
    ...(inDocument === false ? ['Not found in the document.'] : []),
  ]
}
