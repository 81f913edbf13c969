import { type Citing, citing, type LookedUp, some } from './citing.ts'
import {
  decodeEntry,
  type Entry,
  type EntryEnd,
  type EntryMemory,
  type EntryOptions,
  type Paced,
  paced,
  type Writer,
  writtenBy,
} from './entries.ts'
import type { JournalRecord } from './records.ts'
import { type WasRead, wasRead } from './was-read.ts'

/** A message, a document or a reply, and where it hangs. */
export interface TranscriptNode extends Citing, Paced, WasRead {
  readonly node: number
  readonly parent: number | null
  readonly kind: 'user' | 'document' | 'reply'
  readonly text: string
  /** of a document */
  readonly name: string
  readonly time: number
  readonly aside: boolean
  /** put back into the window before a message; left out where nothing was */
  readonly lookedUp?: readonly LookedUp[]
  /** how a reply ended; `null` for one that broke off, and for what is no reply */
  readonly end: EntryEnd | null
  /** the server elsewhere that wrote a reply; left out where this computer did */
  readonly by?: Writer
  /** where the memory stood after a document or a reply; `null` where that is not known */
  readonly memory: EntryMemory | null
}

/** A conversation as its journal tells it. */
export interface Transcript {
  readonly created: number
  readonly model: string
  readonly options: EntryOptions
  /** given by the user; empty when there is none */
  readonly title: string
  /** whether what left the window is looked up here; `null` where the user's setting holds */
  readonly lookUp: boolean | null
  /** the server elsewhere that is to write the next answer; `null` is this computer */
  readonly writer: Writer | null
  /** parents before children */
  readonly nodes: readonly TranscriptNode[]
  readonly head: number | null
}

const EMPTY: Transcript = {
  created: 0,
  model: '',
  options: { attention: 'nha', window: null, system: '' },
  title: '',
  lookUp: null,
  writer: null,
  nodes: [],
  head: null,
}

/** Entries one after the other, folded into a transcript. */
export class TranscriptBuilder {
  #transcript: Transcript
  readonly #nodes = new Map<number, TranscriptNode>()
  #highest = 0

  get transcript(): Transcript {
    return { ...this.#transcript, nodes: [...this.#nodes.values()] }
  }

  constructor(transcript = EMPTY) {
    this.#transcript = transcript
    for (const node of transcript.nodes) {
      this.#nodes.set(node.node, node)
      this.#highest = Math.max(this.#highest, node.node)
    }
  }

  /** The number for the next node. */
  get next(): number {
    return this.#highest + 1
  }

  clone(): TranscriptBuilder {
    return new TranscriptBuilder(this.transcript)
  }

  has(node: number): boolean {
    return this.#nodes.has(node)
  }

  /** False for an entry that does not fit what is there; nothing has changed then. */
  apply(entry: Entry): boolean {
    switch (entry.type) {
      case 'opened': {
        const { created, model, options } = entry
        this.#transcript = { ...this.#transcript, created, model, options }
        return true
      }
      case 'user': {
        const { text, aside, lookedUp = [] } = entry
        return this.#add({ ...blank(entry), kind: 'user', text, aside, ...some(lookedUp) })
      }
      case 'document':
        return this.#add({
          ...blank(entry),
          kind: 'document',
          text: entry.text,
          name: entry.name,
          ...(entry.memory ? { memory: entry.memory } : {}),
          ...wasRead(entry),
        })
      case 'reply': {
        const parent = this.#nodes.get(entry.parent)
        if (parent === undefined) return false
        const { aside } = parent
        return this.#add({ ...blank(entry), kind: 'reply', aside, ...writtenBy(entry.by ?? null) })
      }
      case 'text':
        return this.#changeReply(entry.node, ({ text }) => ({ text: text + entry.text }))
      case 'end':
        return this.#changeReply(entry.node, () => ({
          end: entry.reason,
          memory: entry.memory,
          ...citing(entry),
          ...paced(entry),
        }))
      case 'head':
        if (entry.node !== null && !this.#nodes.has(entry.node)) return false
        this.#transcript = { ...this.#transcript, head: entry.node }
        return true
      case 'title':
        this.#transcript = { ...this.#transcript, title: entry.title }
        return true
      case 'look-up':
        this.#transcript = { ...this.#transcript, lookUp: entry.on }
        return true
      case 'writer':
        this.#transcript = { ...this.#transcript, writer: entry.by }
        return true
      case 'forget':
        return this.#forget(entry.node)
      default:
        return entry satisfies never
    }
  }

  /** The entries that lead straight to this transcript. */
  compacted(): Entry[] {
    const { created, model, options, title, lookUp, writer, head } = this.#transcript
    const entries: Entry[] = [{ type: 'opened', created, model, options }]
    for (const each of this.#nodes.values()) {
      const { node, parent, kind, text, time } = each
      if (kind === 'user')
        entries.push({
          type: kind,
          node,
          parent,
          text,
          time,
          aside: each.aside,
          ...some(each.lookedUp ?? []),
        })
      if (kind === 'document')
        entries.push({
          type: kind,
          node,
          parent,
          name: each.name,
          text,
          time,
          ...(each.memory ? { memory: each.memory } : {}),
          ...wasRead(each),
        })
      if (kind !== 'reply' || parent === null) continue
      const by = writtenBy(each.by ?? null)
      entries.push({ type: 'reply', node, parent, time, ...by }, { type: 'text', node, text })
      if (each.end === null) continue
      const told = { ...citing(each), ...paced(each) }
      entries.push({ type: 'end', node, reason: each.end, memory: each.memory, ...told })
    }
    if (title !== '') entries.push({ type: 'title', title })
    if (lookUp !== null) entries.push({ type: 'look-up', on: lookUp })
    if (writer !== null) entries.push({ type: 'writer', by: writer })
    entries.push({ type: 'head', node: head })
    return entries
  }

  /** A new node is the head, unless it is aside. */
  #add(node: TranscriptNode): boolean {
    if (node.node <= this.#highest || (node.parent !== null && !this.#nodes.has(node.parent))) return false
    this.#highest = node.node
    this.#nodes.set(node.node, node)
    if (!node.aside) this.#transcript = { ...this.#transcript, head: node.node }
    return true
  }

  #changeReply(number: number, change: (node: TranscriptNode) => Partial<TranscriptNode>): boolean {
    const node = this.#nodes.get(number)
    if (node?.kind !== 'reply' || node.end !== null) return false
    this.#nodes.set(number, { ...node, ...change(node) })
    return true
  }

  #forget(number: number): boolean {
    const first = this.#nodes.get(number)
    if (!first) return false
    const gone = new Set([number])
    for (const { node, parent } of this.#nodes.values())
      if (parent !== null && gone.has(parent)) gone.add(node)
    for (const node of gone) this.#nodes.delete(node)
    // As if they had never been, which is what the next to open it finds: their numbers are free again.
    this.#highest = [...this.#nodes.keys()].reduce((most, node) => Math.max(most, node), 0)
    const { head } = this.#transcript
    if (head !== null && gone.has(head)) this.#transcript = { ...this.#transcript, head: first.parent }
    return true
  }
}

/** What the records of a journal tell; those that are not understood are passed over. */
export function buildTranscript(records: readonly JournalRecord[]): TranscriptBuilder {
  const builder = new TranscriptBuilder()
  for (const record of records) {
    const entry = decodeEntry(record)
    if (entry) builder.apply(entry)
  }
  return builder
}

function blank({ node, parent, time }: { node: number; parent: number | null; time: number }) {
  return { node, parent, time, text: '', name: '', aside: false, end: null, memory: null }
}
