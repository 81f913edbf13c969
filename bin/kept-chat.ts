import { Refusal } from '../electron/conversations.ts'
import { citing, some } from '../electron/citing.ts'
import type { Entry, EntryEnd, EntryMemory } from '../electron/entries.ts'
import { TranscriptBuilder, type TranscriptNode } from '../electron/transcript.ts'
import { exactTokens, type Grounds, Looking, quoted } from '../engine/documents/looking.ts'
import { carryOut, groundsOf, type WholeTask, wholeTaskOf } from '../engine/documents/whole-task.ts'
import { asHeard, asLookedUp, asPassage, isMemoryOf } from '../engine/memory/heard.ts'
import { pathTo } from '../engine/memory/branch.ts'
import { ReplyKeeper } from '../engine/memory/reply-keeper.ts'
import { SnapshotError } from '../engine/memory/snapshot.ts'
import type {
  ChatMessage,
  ConversationOptions,
  GenerationEvent,
  GenerationRequest,
} from '../engine/protocol.ts'
import { type CommandConversation, type CommandEngine, Interrupted, type World } from './command.ts'
import { readIntoMemory, type TextFile } from './documents/reading.ts'
import { formatBytes, formatCount } from './format.ts'
import { Progress } from './progress.ts'
import { type Reply, reply } from './reply.ts'
import { type Shelf, shelfOf } from './shelf.ts'

/** The saved states of a conversation. */
export interface Snapshots {
  readonly nodes: readonly number[]
  load(node: number): Promise<Uint8Array>
}

const NOTHING: Omit<Grounds, 'lookedUp'> = { cited: [], inDocument: null, nearest: [] }

/** A conversation in memory, and what is written down of it. */
export class KeptChat {
  /** another one where a document was not read to its end */
  conversation: CommandConversation
  readonly builder: TranscriptBuilder
  /** what is looked up for the answers; `null` for nothing */
  looking: Looking | null
  readonly #engine: CommandEngine
  /** tokens that are exact anyway */
  readonly #window: number
  readonly #shelf: Shelf | null
  readonly #note: (sentence: string) => void
  /** entries that are not on the shelf yet */
  #waiting: Entry[] = []

  /** A new conversation. It is on the shelf from its first message on. */
  static async begin(
    engine: CommandEngine,
    options: ConversationOptions,
    shelf: Shelf | null,
    world: World,
  ): Promise<KeptChat> {
    const chat = new KeptChat(
      engine,
      await engine.open(options),
      options,
      new TranscriptBuilder(),
      shelf,
      world,
    )
    const { attention, window, system } = options
    const model = engine.info.modelName
    const opened: Entry = {
      type: 'opened',
      created: Date.now(),
      model,
      options: { attention, window, system },
    }
    chat.builder.apply(opened)
    chat.#waiting.push(opened)
    return chat
  }

  /**
   * A conversation that has begun: from the snapshot nearest to its end, and the text behind that one.
   *
   * @param unkept what is not on the shelf yet, and will be with the next message
   */
  static async takeUp(
    engine: CommandEngine,
    builder: TranscriptBuilder,
    snapshots: Snapshots,
    shelf: Shelf | null,
    world: World,
    unkept: readonly Entry[] = [],
  ): Promise<KeptChat> {
    const { options, nodes, head } = builder.transcript
    const start = performance.now()
    const rest = pathTo(nodes, head)
    const behind: TranscriptNode[] = []
    let conversation: CommandConversation | null = null
    for (let at = rest.pop(); at && !conversation; at = rest.pop()) {
      if (snapshots.nodes.includes(at.node))
        conversation = await restore(engine, options, await snapshots.load(at.node), at, world)
      if (!conversation) behind.unshift(at)
    }
    conversation ??= await engine.open(options)
    const before = conversation.memory.position
    await rehear(
      conversation,
      behind.flatMap((node) => asHeard(node, asPassage(node.lookedUp ?? []))),
      world,
    )
    const { position, stateBytes } = conversation.memory
    const figures = [
      formatBytes(stateBytes),
      `${Math.round(performance.now() - start)} ms`,
      `${formatCount(position - before)} tokens re-read`,
      `position ${formatCount(position)}`,
    ]
    world.stderr.write(`Memory restored · ${figures.join(' · ')}\n`)
    const chat = new KeptChat(engine, conversation, options, builder, shelf, world)
    chat.#waiting.push(...unkept)
    return chat
  }

  private constructor(
    engine: CommandEngine,
    conversation: CommandConversation,
    options: ConversationOptions,
    builder: TranscriptBuilder,
    shelf: Shelf | null,
    { stderr }: World,
  ) {
    this.#engine = engine
    this.conversation = conversation
    this.builder = builder
    this.#window = exactTokens(options, engine.info.windows)
    this.looking = new Looking(this.#window)
    this.#shelf = shelf
    this.#note = (sentence) => stderr.write(`${sentence}\n`)
  }

  /** Take a document into memory; stopped or refused half-way, nothing of it stays. @throws {Interrupted} */
  async read(document: TextFile, world: Pick<World, 'stderr' | 'interrupted'>): Promise<void> {
    const { next: node, transcript } = this.builder
    const before = await this.conversation.save()
    let read
    try {
      read = await readIntoMemory(this.conversation, document, world)
      if (world.interrupted.aborted) throw new Interrupted()
    } catch (error) {
      this.conversation.dispose()
      this.conversation = await this.#engine.open(transcript.options, before)
      throw error
    }
    await this.#write({ ...read, node, parent: transcript.head, time: Date.now() })
  }

  /** Answer: the message is on the shelf before the first token, the words at least once a second. */
  async ask(
    request: GenerationRequest,
    world: Pick<World, 'stderr' | 'interrupted'>,
    onText: (text: string) => void,
  ): Promise<Reply & Grounds> {
    const { nodes, head: parent } = this.builder.transcript
    const { position } = this.conversation.memory
    const way = pathTo(nodes, parent)
    const task = taskOf(request.message, way, this.#window)
    const { question = request.message, times = null } =
      (task ? null : this.looking?.meant(request.message, way, position)) ?? {}
    const found = task ? [] : (this.looking?.find(question, way, position, times) ?? [])
    const lookedUp = found.map(quoted)
    const asked = this.builder.next
    const node = asked + 1
    const time = Date.now()
    await this.#write(
      { type: 'user', node: asked, parent, text: request.message, time, aside: false, ...some(lookedUp) },
      { type: 'reply', node, parent: asked, time },
    )
    const keeper = new ReplyKeeper(
      (text) => this.#write({ type: 'text', node, text }),
      () => undefined,
    )
    const end = async (reason: EntryEnd, memory: EntryMemory | null, grounds = NOTHING) => {
      await keeper.flush()
      await this.#write({ type: 'end', node, reason, memory, ...citing(grounds) })
    }
    let done: Reply
    try {
      const asked = { ...request, ...asLookedUp(found, this.looking?.missed(question) ?? {}) }
      const { conversation } = this
      const speaker = task
        ? {
            generate: (_request: GenerationRequest, signal: AbortSignal) =>
              carryOut(
                task,
                conversation,
                request.message,
                (...question) => this.#askAside(...question),
                signal,
              ),
          }
        : conversation
      done = await reply(speaker, asked, world, (text) => {
        keeper.push(text)
        onText(text)
      })
    } catch (error) {
      await end('failed', null)
      throw error
    }
    const grounds = task ? groundsOf(task) : this.looking?.grounds(question, done.text, found, times)
    await end(done.finishReason, done.memory, grounds)
    await this.#keepMemory(node)
    return { ...done, lookedUp, ...(grounds ?? NOTHING) }
  }

  /** From the memory as it stands, which stays as it is. */
  async *#askAside(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent> {
    const { options } = this.builder.transcript
    const aside = await this.#engine.restore(options, await this.conversation.snapshot())
    try {
      yield* aside.generate(request, signal)
    } finally {
      aside.dispose()
    }
  }

  async close(): Promise<void> {
    this.conversation.dispose()
    // Everything is written already.
    await this.#shelf?.close().catch(() => undefined)
  }

  /** What cannot be written waits for the next time; the chat goes on. */
  async #write(...entries: Entry[]): Promise<void> {
    for (const entry of entries) this.builder.apply(entry)
    if (!this.#shelf) return
    this.#waiting.push(...entries)
    const writing = this.#waiting
    this.#waiting = []
    try {
      await this.#shelf.add(writing)
    } catch (error) {
      this.#waiting = [...writing, ...this.#waiting]
      const reason = error instanceof Error ? error.message : String(error)
      this.#note(`This chat is not being kept at the moment: ${reason}`)
    }
  }

  async #keepMemory(node: number): Promise<void> {
    if (!this.#shelf || this.#waiting.length > 0) return
    // A snapshot only saves time: without it the text is read again.
    await this.#shelf.saveSnapshot(node, await this.conversation.snapshot()).catch(() => undefined)
  }
}

function taskOf(message: string, way: readonly TranscriptNode[], window: number): WholeTask | null {
  const steps = wholeTaskOf(
    message,
    way.filter(({ kind }) => kind === 'document'),
    window,
  )
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** The conversation at `node`, if the snapshot is of that very state. */
async function restore(
  engine: CommandEngine,
  options: ConversationOptions,
  snapshot: Uint8Array,
  node: TranscriptNode,
  { stderr }: World,
): Promise<CommandConversation | null> {
  try {
    const conversation = await engine.restore(options, snapshot)
    if (isMemoryOf(node, conversation.memory)) return conversation
    conversation.dispose()
    throw new SnapshotError('it is of other text')
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error
    stderr.write(`The saved memory does not fit: ${error.message}; the text is read again.\n`)
    return null
  }
}

async function rehear(
  conversation: CommandConversation,
  messages: readonly ChatMessage[],
  { stderr, interrupted }: World,
): Promise<void> {
  const progress = new Progress(stderr, 'Reading the conversation again')
  try {
    for await (const event of conversation.rehear(messages, interrupted)) {
      if (event.type === 'reading')
        progress.show(event.tokens, event.totalTokens, `${formatCount(event.tokens)} tokens`)
      await new Promise(setImmediate)
    }
  } finally {
    progress.clear()
  }
  if (interrupted.aborted) throw new Interrupted()
}

/** @throws {Refusal} there is no such conversation, or it is open elsewhere */
export async function continueChat(engine: CommandEngine, asked: string, world: World): Promise<KeptChat> {
  const conversations = await world.openConversations()
  const id = asked === 'last' ? (await conversations.list())[0]?.id : asked
  if (id === undefined) throw new Refusal('There is no conversation to go on with.')
  const { transcript, readOnly } = await conversations.openConversation(id)
  if (readOnly !== '') throw new Refusal(`The chat cannot go on: ${readOnly}.`)
  const snapshots: Snapshots = {
    nodes: await conversations.listSnapshots(id),
    load: (node) => conversations.loadSnapshot(id, node),
  }
  const builder = new TranscriptBuilder(transcript)
  return KeptChat.takeUp(engine, builder, snapshots, shelfOf(conversations, id), world)
}
