import type { Bridge } from '../../electron/bridge.ts'
import type { Entry, EntryEnd, EntryMemory } from '../../electron/entries.ts'
import type { Transcript, TranscriptNode } from '../../electron/transcript.ts'
import { pathTo } from '../../engine/memory/branch.ts'
import { ReplyKeeper } from '../../engine/memory/reply-keeper.ts'
import type { ConversationOptions } from '../../engine/protocol.ts'

const BLANK = { text: '', name: '', aside: false, end: null, memory: null } as const

/** What is written down of a conversation as it goes: nothing at all before its first message. */
export class Keeping {
  /** `null` before the first message */
  id: string | null = $state(null)
  /** why it is not being kept at the moment, one sentence; empty when it is */
  problem = $state('')

  /** the way from the beginning to the last answer that ended */
  way: readonly TranscriptNode[]
  /** every branch, parents before children */
  nodes: readonly TranscriptNode[] = $state.raw([])

  readonly #bridge: Bridge
  #next = 1
  /** entries that are not on the disk yet */
  #waiting: Entry[] = []
  #writing: Promise<void> = Promise.resolve()
  #asked: TranscriptNode | null = null
  #reply: { readonly node: TranscriptNode; readonly keeper: ReplyKeeper } | null = null

  constructor(bridge: Bridge, begun?: { readonly id: string; readonly transcript: Transcript }) {
    this.#bridge = bridge
    this.way = begun ? pathTo(begun.transcript.nodes, begun.transcript.head) : []
    if (!begun) return
    this.id = begun.id
    this.nodes = begun.transcript.nodes
    this.#next = 1 + begun.transcript.nodes.reduce((most, { node }) => Math.max(most, node), 0)
  }

  /**
   * Resolves when the message is on the disk, or cannot be put there: `problem` says so then. The node of its reply.
   *
   * @param question a question that is there already, to be answered anew; the way ends before it
   */
  async ask(
    text: string,
    options: ConversationOptions,
    model: string,
    question: TranscriptNode | null,
  ): Promise<number> {
    const time = Date.now()
    const { attention, window, system } = options
    const opened: Entry = { type: 'opened', created: time, model, options: { attention, window, system } }
    const asked = question?.node ?? this.#next++
    const node = this.#next++
    const keeper = new ReplyKeeper(
      (part) => this.#add({ type: 'text', node, text: part }),
      () => undefined,
    )
    // A question that failed without a word is asked again in its own place.
    const last = this.way.at(-1)
    if (last?.end === 'failed' && last.text === '') this.way = this.way.slice(0, -2)
    const parent = this.way.at(-1)?.node ?? null
    this.#asked = question ?? { ...BLANK, node: asked, parent, kind: 'user', text, time }
    this.#reply = { node: { ...BLANK, node, parent: asked, kind: 'reply', time }, keeper }
    await this.#add(
      ...(asked === 1 && !question ? [opened] : []),
      ...(question ? [] : [{ type: 'user', node: asked, parent, text, time, aside: false } as const]),
      { type: 'reply', node, parent: asked, time },
    )
    return node
  }

  /** Go on from another node, `null` being the beginning. */
  async goTo(node: number | null): Promise<void> {
    this.way = pathTo(this.nodes, node)
    await this.#add({ type: 'head', node })
  }

  push(text: string): void {
    if (!this.#reply) return
    const { node, keeper } = this.#reply
    this.#reply = { node: { ...node, text: node.text + text }, keeper }
    keeper.push(text)
  }

  /** The node of the reply, now that all of it is kept. */
  async end(reason: EntryEnd, memory: EntryMemory | null): Promise<number | null> {
    const [asked, reply] = [this.#asked, this.#reply]
    this.#asked = null
    this.#reply = null
    if (!asked || !reply) return null
    const answered = { ...reply.node, end: reason, memory }
    this.way = [...this.way, asked, answered]
    this.nodes = [...this.nodes.filter((each) => each.node !== asked.node), asked, answered].sort(
      (a, b) => a.node - b.node,
    )
    const { node } = reply.node
    await reply.keeper.flush()
    await this.#add({ type: 'end', node, reason, memory })
    return node
  }

  async saveSnapshot(node: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.id === null || this.#waiting.length > 0) return
    try {
      await this.#bridge.saveSnapshot({ id: this.id, node, bytes })
    } catch {
      // It only saves time: without it the text is read again.
    }
  }

  /** The newest saved memory on the way; `bytes` is empty when there is none. */
  async snapshots(): Promise<readonly number[]> {
    return this.id === null ? [] : this.#bridge.listSnapshots({ id: this.id })
  }

  async loadSnapshot(node: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.id === null
      ? new Uint8Array()
      : (await this.#bridge.loadSnapshot({ id: this.id, node })).bytes
  }

  async close(): Promise<void> {
    await this.#writing
    if (this.id !== null) await this.#bridge.closeConversation({ id: this.id }).catch(() => undefined)
  }

  /** What cannot be written waits for the next time; the chat goes on. */
  #add(...entries: Entry[]): Promise<void> {
    this.#waiting.push(...entries)
    this.#writing = this.#writing.then(async () => {
      const entriesNow = this.#waiting
      if (entriesNow.length === 0) return
      this.#waiting = []
      try {
        this.id ??= await this.#bridge.newConversation()
        await this.#bridge.addEntries({ id: this.id, entries: entriesNow })
        this.problem = ''
      } catch (error) {
        this.#waiting = [...entriesNow, ...this.#waiting]
        this.problem = error instanceof Error ? error.message : String(error)
      }
    })
    return this.#writing
  }
}
