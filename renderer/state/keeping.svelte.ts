import type { Bridge } from '../../electron/bridge.ts'
import type { Citing, LookedUp } from '../../electron/citing.ts'
import type { Entry, EntryEnd, EntryMemory, Paced, Writer } from '../../electron/entries.ts'
import type { Transcript, TranscriptNode } from '../../electron/transcript.ts'
import type { WasRead } from '../../electron/was-read.ts'
import { byNode, pathTo, versionsByNode, withoutBelow } from '../../engine/memory/branch.ts'
import { ReplyKeeper } from '../../engine/memory/reply-keeper.ts'
import type { ConversationOptions } from '../../engine/protocol.ts'
import type { Claims } from './claims.ts'
import { MemoryStates } from './memory-states.ts'

const BLANK = { text: '', name: '', aside: false, end: null, memory: null } as const

/** Where conversations are kept, and which window may write one. */
export interface Shelf {
  readonly bridge: Bridge
  readonly claims: Claims
}

/** A conversation that is there already, and what gives up the claim to it. */
interface Begun {
  readonly id: string
  readonly transcript: Transcript
  /** `null`: another window writes it, this one only shows it */
  readonly release: (() => void) | null
}

/** What is asked, and where. */
interface Question {
  readonly text: string
  /** put back into the window before it; of one that is there already, what it has */
  readonly lookedUp: readonly LookedUp[]
  readonly options: ConversationOptions
  readonly model: string
  /** who is to answer; left out for this computer */
  readonly by?: Writer
  /** a question that is there already, to be answered anew; the way ends before it */
  readonly again: TranscriptNode | null
  /** beside the conversation: the way stays as it is */
  readonly aside: boolean
}

/** A document, and what is known of how it was read. */
interface Read extends Omit<WasRead, 'tokens'> {
  readonly name: string
  readonly text: string
  readonly tokens: number | null
  readonly memory: EntryMemory | null
}

/** What was forgotten last, while that can be taken back. */
interface Forgotten {
  readonly node: number
  readonly head: number | null
  readonly nodes: readonly TranscriptNode[]
}

/**
 * The tree of what was said, and the way through it that is shown. On a shelf it is written down as it goes, nothing
 * at all before its first message; a temporary conversation has no shelf, and keeps its states in memory.
 */
export class Keeping {
  /** `null` before the first message, and always without a shelf */
  id: string | null = $state(null)
  /** why it is not being kept at the moment, one sentence; empty when it is */
  problem = $state('')
  /** whether what left the window is looked up here; `null` where the user's setting holds */
  lookUp: boolean | null = $state(null)
  /** the server elsewhere that writes the answers from here on; `null` is this computer */
  writer: Writer | null = $state.raw(null)
  /** hidden, and gone for good with the next message or `forgetNow` */
  forgotten: Forgotten | null = $state.raw(null)

  /** the way from the beginning to the last answer that ended */
  way: readonly TranscriptNode[] = $state.raw([])
  /** every branch, parents before children */
  nodes: readonly TranscriptNode[] = $state.raw([])

  readonly #byNode = $derived(byNode(this.nodes))
  readonly #versions = $derived(versionsByNode(this.nodes))
  readonly #shelf: Shelf | null
  readonly #states = new MemoryStates()
  #release: (() => void) | null = null
  #readOnly = false
  #next = 1
  /** entries that are not on the disk yet */
  #waiting: Entry[] = []
  #writing: Promise<void> = Promise.resolve()
  #asked: TranscriptNode | null = null
  #reply: { readonly node: TranscriptNode; readonly keeper: ReplyKeeper } | null = null

  /** @param shelf `null` for a temporary conversation */
  constructor(shelf: Shelf | null, begun?: Begun) {
    this.#shelf = shelf
    if (!begun) return
    this.way = pathTo(begun.transcript.nodes, begun.transcript.head)
    this.id = begun.id
    this.lookUp = begun.transcript.lookUp
    this.writer = begun.transcript.writer
    this.#release = begun.release
    this.#readOnly = begun.release === null
    this.nodes = begun.transcript.nodes
    this.#next = 1 + begun.transcript.nodes.reduce((most, { node }) => Math.max(most, node), 0)
  }

  get temporary(): boolean {
    return this.#shelf === null
  }

  find(node: number | null): TranscriptNode | null {
    return this.#byNode.get(node ?? 0) ?? null
  }

  /** All answers to a question, oldest first. */
  repliesTo(question: number): readonly TranscriptNode[] {
    return this.nodes.filter(({ kind, parent }) => kind === 'reply' && parent === question)
  }

  /** What stands in the same place as a node, oldest first: its other versions and itself. */
  versionsOf(node: number | null): readonly TranscriptNode[] {
    return this.#versions.get(node ?? 0) ?? []
  }

  /** Resolves when the message is on the disk, or cannot be put there: `problem` says so then. The node of its reply. */
  async ask({ text, lookedUp, options, model, by, again, aside }: Question): Promise<number> {
    void this.forgetNow()
    const time = Date.now()
    const looked = lookedUp.length > 0 ? { lookedUp } : {}
    const written = by ? { by } : {}
    const asked = again?.node ?? this.#next++
    const node = this.#next++
    const keeper = new ReplyKeeper(
      (part) => this.#add({ type: 'text', node, text: part }),
      () => undefined,
    )
    const parent = this.way.at(-1)?.node ?? null
    this.#asked = again ?? { ...BLANK, node: asked, parent, kind: 'user', text, time, aside, ...looked }
    this.#reply = { node: { ...BLANK, node, parent: asked, kind: 'reply', time, aside, ...written }, keeper }
    await this.#add(
      ...(asked === 1 && !again ? this.#beginning(options, model, time) : []),
      ...(again ? [] : [{ type: 'user', node: asked, parent, text, time, aside, ...looked } as const]),
      { type: 'reply', node, parent: asked, time, ...written },
    )
    return node
  }

  /** A document that is in memory now, and that memory; or one that is only kept, whose tokens nobody knows. */
  async document(
    { name, text, notes = [], tokens, memory }: Read,
    options: ConversationOptions,
    model: string,
    snapshot: (() => Promise<Uint8Array<ArrayBuffer>>) | null,
  ): Promise<void> {
    void this.forgetNow()
    const time = Date.now()
    const node = this.#next++
    const parent = this.way.at(-1)?.node ?? null
    const known = { ...(tokens === null ? {} : { tokens }), ...(notes.length > 0 ? { notes } : {}) }
    const read: TranscriptNode = {
      ...BLANK,
      node,
      parent,
      kind: 'document',
      name,
      text,
      time,
      memory,
      ...known,
    }
    this.way = [...this.way, read]
    this.nodes = [...this.nodes, read]
    await this.#add(...(node === 1 ? this.#beginning(options, model, time) : []), {
      type: 'document',
      node,
      parent,
      name,
      text,
      time,
      ...(memory ? { memory } : {}),
      ...known,
    })
    if (snapshot) await this.saveSnapshot(node, await snapshot())
  }

  /** Say for this conversation alone whether what left the window is looked up. */
  async setLookUp(on: boolean): Promise<void> {
    this.lookUp = on
    // A new one says it when it begins.
    if (this.#next > 1) await this.#add({ type: 'look-up', on })
  }

  /** Say who writes the answers from here on. */
  async setWriter(by: Writer | null): Promise<void> {
    this.writer = by
    if (this.#next > 1) await this.#add({ type: 'writer', by })
  }

  /** Go on from another node, `null` being the beginning. */
  async goTo(node: number | null): Promise<void> {
    this.way = pathTo(this.nodes, node)
    await this.#add({ type: 'head', node })
  }

  /** Hide a node and all below it, and stand before it if the way leads through it. */
  async forget(node: number): Promise<void> {
    await this.forgetNow()
    const { nodes, way } = this
    const first = this.find(node)
    if (!first) return
    this.forgotten = { node, head: way.at(-1)?.node ?? null, nodes }
    this.nodes = withoutBelow(nodes, node)
    if (way.some((each) => each.node === node)) await this.goTo(first.parent)
  }

  /** What was hidden is there again. */
  async remember(): Promise<void> {
    const { forgotten } = this
    if (!forgotten) return
    this.forgotten = null
    this.nodes = forgotten.nodes
    await this.goTo(forgotten.head)
  }

  /** What was hidden is gone for good. */
  async forgetNow(): Promise<void> {
    const { forgotten } = this
    this.forgotten = null
    if (forgotten) await this.#add({ type: 'forget', node: forgotten.node })
  }

  push(text: string): void {
    if (!this.#reply) return
    const { node, keeper } = this.#reply
    this.#reply = { node: { ...node, text: node.text + text }, keeper }
    keeper.push(text)
  }

  /** The node of the reply, now that all of it is kept. */
  async end(reason: EntryEnd, memory: EntryMemory | null, told: Citing & Paced): Promise<number | null> {
    const [asked, reply] = [this.#asked, this.#reply]
    this.#asked = null
    this.#reply = null
    if (!asked || !reply) return null
    const answered = { ...reply.node, end: reason, memory, ...told }
    if (!answered.aside) this.way = [...this.way, asked, answered]
    this.nodes = [...this.nodes.filter((each) => each.node !== asked.node), asked, answered].sort(
      (a, b) => a.node - b.node,
    )
    const { node } = reply.node
    await reply.keeper.flush()
    await this.#add({ type: 'end', node, reason, memory, ...told })
    return node
  }

  async saveSnapshot(node: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (!this.#shelf) this.#states.save(node, bytes)
    if (!this.#shelf || this.id === null || this.#waiting.length > 0) return
    try {
      await this.#shelf.bridge.saveSnapshot({ id: this.id, node, bytes })
    } catch {
      // It only saves time: without it the text is read again.
    }
  }

  /** The nodes after which the memory was saved. */
  async snapshots(): Promise<readonly number[]> {
    if (!this.#shelf) return this.#states.nodes
    return this.id === null ? [] : this.#shelf.bridge.listSnapshots({ id: this.id })
  }

  /** Empty when there is none. */
  async loadSnapshot(node: number): Promise<Uint8Array<ArrayBuffer>> {
    if (!this.#shelf) return this.#states.load(node)
    return this.id === null
      ? new Uint8Array()
      : (await this.#shelf.bridge.loadSnapshot({ id: this.id, node })).bytes
  }

  /** Let other windows and programs have it. */
  async close(): Promise<void> {
    await this.forgetNow()
    await this.#writing
    if (!this.#readOnly && this.id !== null)
      await this.#shelf?.bridge.closeConversation({ id: this.id }).catch(() => undefined)
    this.#release?.()
  }

  /** The entries before the first node. */
  #beginning(options: ConversationOptions, model: string, created: number): Entry[] {
    const { attention, window, system } = options
    const { lookUp, writer } = this
    return [
      { type: 'opened', created, model, options: { attention, window, system } },
      ...(lookUp === null ? [] : [{ type: 'look-up', on: lookUp } as const]),
      ...(writer === null ? [] : [{ type: 'writer', by: writer } as const]),
    ]
  }

  /** What cannot be written waits for the next time; the chat goes on. */
  #add(...entries: Entry[]): Promise<void> {
    const shelf = this.#shelf
    if (!shelf) return Promise.resolve()
    this.#waiting.push(...entries)
    this.#writing = this.#writing.then(async () => {
      const entriesNow = this.#waiting
      if (entriesNow.length === 0) return
      this.#waiting = []
      try {
        this.id ??= await this.#new(shelf)
        await shelf.bridge.addEntries({ id: this.id, entries: entriesNow })
        this.problem = ''
      } catch (error) {
        this.#waiting = [...entriesNow, ...this.#waiting]
        this.problem = error instanceof Error ? error.message : String(error)
      }
    })
    return this.#writing
  }

  async #new({ bridge, claims }: Shelf): Promise<string> {
    const id = await bridge.newConversation()
    this.#release = await claims.take(id)
    return id
  }
}
