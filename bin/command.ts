import type { Readable, Writable } from 'node:stream'
import type { KernelRow } from './bench/kernels.ts'
import type { MeasuredEngine } from './bench/ours.ts'
import type { Quant } from './quant.ts'
import type { ReadDocument } from './documents/thread.ts'
import type { DocumentMemories } from '../electron/documents.ts'
import type { Conversations } from '../electron/conversations.ts'
import type { DownloadPorts } from '../electron/downloads/ports.ts'
import type { ServerToken } from '../electron/server/server-token.ts'
import type { SavedConversation } from '../engine/memory/snapshot.ts'
import type { EngineFailure } from '../engine/errors.ts'
import type { MatrixShape } from '../kernels/matrix.ts'
import type {
  ChatMessage,
  ConversationOptions,
  GenerationEvent,
  GenerationRequest,
  GpuReport,
  LoadProgress,
  MemoryReport,
  ReadEvent,
} from '../engine/protocol.ts'

/** One thing `plateau` can do. */
export interface Command {
  /** one line for `plateau --help` */
  readonly summary: string
  /** all of `plateau COMMAND --help` */
  readonly help: string
  /** whether it computes on the GPU, with these arguments; left out where it never does */
  needsGpu?(args: readonly string[]): boolean
  /** Returns the exit code. @throws {UsageError} the arguments make no sense */
  run(args: readonly string[], world: World): Promise<number>
}

/** Of a terminal, how wide it is and whether it has colours too. */
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number; hasColors?(): boolean }

/** All that a command touches outside itself; its tests hand in a scripted one. */
export interface World {
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown }
  readonly stdout: Output
  readonly stderr: Output
  /** aborted by Ctrl-C where no terminal chat reads the keys */
  readonly interrupted: AbortSignal
  inspectGpu(): Promise<GpuReport>
  /** bytes a second that the GPU moves when it copies; 0 without one. Before an engine is loaded. */
  copyBandwidth(): Promise<number>
  /** each product of decode on the GPU, each way it can be made; none without one */
  timeSchedules(shapes: readonly MatrixShape[]): Promise<KernelRow[]>
  /** @param quant the format that weights are brought to; `null` keeps theirs, or the nearest */
  loadEngine(
    model: string,
    onProgress: (progress: LoadProgress) => void,
    quant?: Quant | null,
  ): Promise<CommandEngine>
  /** the text of a document, read where it can be ended */
  readonly extract: ReadDocument
  /** the user's conversations on this machine */
  openConversations(): Promise<Conversations>
  /** documents that were read into memories of their own */
  readonly openDocuments: () => DocumentMemories
  /** where models are fetched from */
  readonly hub: Hub
  /** of the local server */
  readonly serverToken: () => ServerToken
}

export interface Hub {
  readonly url: string
  /** for gated models; empty for none */
  readonly token: string
  readonly ports: DownloadPorts
}

/** The part of the engine that commands use. */
export interface CommandEngine extends MeasuredEngine {
  readonly lost: Promise<EngineFailure>
  open(options: ConversationOptions, saved?: SavedConversation): Promise<CommandConversation>
  /** @throws {SnapshotError} */
  restore(options: ConversationOptions, snapshot: Uint8Array): Promise<CommandConversation>
  logits(
    ids: readonly number[],
    options: Pick<ConversationOptions, 'attention' | 'window'>,
  ): Promise<Float32Array>
  dispose(): void
}

export interface CommandConversation {
  readonly memory: MemoryReport
  read(name: string, text: string, signal: AbortSignal): AsyncGenerator<ReadEvent>
  generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent>
  hear(messages: readonly ChatMessage[]): Promise<void>
  rehear(messages: readonly ChatMessage[], signal: AbortSignal): AsyncGenerator<ReadEvent>
  save(): Promise<SavedConversation>
  snapshot(): Promise<Uint8Array<ArrayBuffer>>
  dispose(): void
}

/** The command line itself is wrong: exit code 2. The message is one sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Something outside this program refused: exit code 1. The message is one sentence. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

/** Ctrl-C ended the program: exit code 130, and nothing more to say. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}
