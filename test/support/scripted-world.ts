import { PassThrough, Writable } from 'node:stream'
import type { CommandConversation, CommandEngine, Hub, World } from '../../bin/command.ts'
import { nodePorts } from '../../electron/downloads/ports.ts'
import { extract } from '../../engine/documents/extract.ts'
import { fillInForPdf } from '../../bin/documents/globals.ts'
import { nodeDisk } from '../../electron/disk.ts'
import { DocumentMemories } from '../../electron/documents.ts'
import type { Conversations } from '../../electron/conversations.ts'
import { ServerToken } from '../../electron/server/server-token.ts'
import { type SavedConversation, SnapshotError } from '../../engine/memory/snapshot.ts'
import { EngineError, type EngineFailure } from '../../engine/errors.ts'
import type { ChatMessage, ConversationOptions, GpuReport, ReadEvent } from '../../engine/protocol.ts'
import { temporaryFolder, testConversations } from './test-bridge.ts'
import { ScriptedSequence } from './scripted-sequence.ts'
import { type Script, SCRIPTED_GPU, type ScriptedConversation, ScriptedEngine } from './scripted-engine.ts'

/** A stream that keeps what was written to it. */
export class Written extends Writable {
  text = ''
  isTTY = false
  columns = 80

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
    this.emit('more')
  }

  /** Resolves when `part` has been written, after position `from`. */
  async until(part: string | RegExp, from = 0): Promise<void> {
    const isThere = () =>
      typeof part === 'string' ? this.text.slice(from).includes(part) : part.test(this.text.slice(from))
    while (!isThere()) await new Promise((resolve) => this.once('more', resolve))
  }
}

class Keys extends PassThrough {
  isTTY = false
  setRawMode(): this {
    return this
  }
}

/** A world without GPU or files: a scripted engine, and streams to write to and to read. */
export class ScriptedWorld implements World {
  readonly stdin = new Keys()
  readonly stdout = new Written()
  readonly stderr = new Written()
  readonly interrupt = new AbortController()
  readonly interrupted = this.interrupt.signal
  readonly engine: ScriptedEngine
  readonly loadedFolders: string[] = []
  readonly openedWith: ConversationOptions[] = []
  readonly documents: { name: string; text: string }[] = []
  /** of every conversation, in order */
  readonly heard: ChatMessage[] = []
  readonly askedIds: (readonly number[])[] = []
  gpu: GpuReport = SCRIPTED_GPU
  logits = new Float32Array(0)
  readonly extract: World['extract'] = (file, onPage) => {
    fillInForPdf()
    return extract(file, onPage)
  }
  readonly dataFolder = temporaryFolder()
  hub: Hub = { url: 'https://hub.invalid', token: '', ports: nodePorts }
  loadFailure: EngineFailure | null = null

  constructor(script: Script) {
    this.engine = new ScriptedEngine(script)
  }

  /** The user sits at a terminal. */
  atTerminal(): this {
    this.stdin.isTTY = true
    this.stdout.isTTY = true
    return this
  }

  inspectGpu(): Promise<GpuReport> {
    return Promise.resolve(this.gpu)
  }

  timeSchedules: World['timeSchedules'] = () => Promise.resolve([])

  copyBandwidth(): Promise<number> {
    return Promise.resolve(1e9)
  }

  loadEngine(folder: string): Promise<CommandEngine> {
    this.loadedFolders.push(folder)
    if (this.loadFailure) return Promise.reject(new EngineError(this.loadFailure))
    const { engine } = this
    return Promise.resolve({
      info: engine.info,
      lost: engine.lost,
      open: (options: ConversationOptions, saved?: SavedConversation) => this.#open(options, saved),
      restore: async (options: ConversationOptions, snapshot: Uint8Array) =>
        this.#converse(await this.engine.open(options), positionIn(snapshot)),
      sequence: () => Promise.resolve(new ScriptedSequence([])),
      logits: (ids: readonly number[]) => {
        this.askedIds.push(ids)
        return Promise.resolve(this.logits)
      },
      dispose: () => engine.dispose(),
    })
  }

  readonly openDocuments = (): DocumentMemories => new DocumentMemories(nodeDisk, this.dataFolder)

  readonly serverToken = (): ServerToken => new ServerToken(this.dataFolder, nodeDisk)

  openConversations(): Promise<Conversations> {
    return testConversations(this.dataFolder)
  }

  async #open(options: ConversationOptions, saved?: SavedConversation): Promise<CommandConversation> {
    this.openedWith.push(options)
    return this.#converse(await this.engine.open(options), saved?.state.position ?? 0)
  }

  #converse(conversation: ScriptedConversation, position: number): CommandConversation {
    const { documents, heard } = this
    conversation.position = position
    // A token for each character: distances can be counted.
    const hear = (messages: readonly ChatMessage[]): void => {
      heard.push(...messages)
      for (const { content } of messages) conversation.position += content.length
    }
    return {
      get memory() {
        return conversation.memory
      },
      hear: (messages) => {
        hear(messages)
        return Promise.resolve()
      },
      async *rehear(messages): AsyncGenerator<ReadEvent> {
        await Promise.resolve()
        hear(messages)
        yield { type: 'read', tokens: messages.length, milliseconds: 1, memory: conversation.memory }
      },
      snapshot: () => Promise.resolve(new TextEncoder().encode(`state at ${conversation.position}`)),
      save: () => {
        const state = { position: conversation.position, bytes: new Uint8Array(), slots: [] }
        return Promise.resolve({
          state,
          unread: [],
          first: state.position === 0,
          afterReply: false,
          tokens: '',
        })
      },
      generate: (request, signal) => conversation.generate(request, signal),
      async *read(name, text, signal): AsyncGenerator<ReadEvent> {
        documents.push({ name, text })
        for (let tokens = 0; tokens <= 100 && !signal.aborted; tokens += 25) {
          await Promise.resolve()
          yield { type: 'reading', tokens, totalTokens: 100 }
        }
        yield { type: 'read', tokens: 100, milliseconds: 500, memory: conversation.memory }
      },
      dispose: () => void conversation.close(),
    }
  }
}

/** @throws {SnapshotError} it is not one of ours */
function positionIn(snapshot: Uint8Array): number {
  const [, digits] = /^state at (\d+)$/.exec(new TextDecoder().decode(snapshot)) ?? []
  if (digits === undefined) throw new SnapshotError('a scripted engine restores only what it saved')
  return Number(digits)
}
