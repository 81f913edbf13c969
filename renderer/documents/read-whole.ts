import type { DocumentBridge, DocumentMemory } from '../../electron/document-bridge.ts'
import type { WasRead } from '../../electron/was-read.ts'
import { type Chapter, chapterEnds } from '../../engine/documents/chapters.ts'
import { pagesOfText } from '../../engine/documents/paging.ts'
import { readPages } from '../../engine/documents/reading.ts'
import { EngineError } from '../../engine/errors.ts'
import type { ConversationOptions, MemoryReport } from '../../engine/protocol.ts'
import type { ChatEngine, ConversationHandle } from '../state/engine.ts'
import type { Reply } from '../state/reply.svelte.ts'

/** A document as a conversation has it. */
export interface NamedText extends WasRead {
  readonly name: string
  readonly text: string
  /** of one that has just been opened */
  readonly chapters?: readonly Chapter[]
}

/** A state, and what it holds where that is known. */
interface ReadState {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly memory: MemoryReport | null
}

/** Where a document is read into a memory of its own, and the one that it has already, where it has one. */
export interface MemoryPlace {
  readonly bridge: DocumentBridge
  readonly memory: DocumentMemory | null
}

/**
 * Read a document into a conversation's memory; `progress` stands where its answer would.
 *
 * @throws {EngineError} what the engine throws, or it was stopped
 */
export async function readWhole(
  handle: ConversationHandle,
  { name, text }: NamedText,
  progress: Reply,
  signal: AbortSignal,
): Promise<MemoryReport> {
  for await (const event of handle.read(name, text, signal))
    if (event.type === 'reading') progress.apply({ ...event, type: 'prefilling' })
  stopIf(signal)
  return handle.memory
}

/**
 * Read a document into a memory of its own, from the last state of it that was kept; nothing where it is whole. The
 * state at its end.
 *
 * @throws {EngineError} what the engine throws, or it was stopped: the next time it goes on from its last state
 * @throws {ShellRefusal} the shell cannot keep it
 */
export async function readIntoPlace(
  engine: ChatEngine,
  options: ConversationOptions,
  { name, text, notes = [], chapters = [] }: NamedText,
  { bridge, memory }: MemoryPlace,
  progress: Reply,
  signal: AbortSignal,
): Promise<ReadState> {
  const pages = pagesOfText(text)
  const { attention, window, system } = options
  const begin = () =>
    bridge.beginDocument({
      file: name,
      pages: pages.length,
      model: engine.info.modelName,
      options: { attention, window, system },
      text,
      notes,
      chapters: chapterEnds(text, pages, chapters),
    })
  let place = memory ?? (await begin())
  let from = place.saved.findLast((page) => page <= pages.length) ?? 0
  let state = from === 0 ? null : (await bridge.loadDocumentState({ name: place.name, page: from })).bytes
  if (state && from === pages.length) return { bytes: state, memory: await memoryIn(engine, options, state) }
  let memoryAtEnd: MemoryReport | null = null
  let handle = await (state ? engine.restore(options, state) : engine.open(options))
  if (!handle) {
    // Another model of the same name began it.
    await bridge.deleteDocument({ name: place.name })
    ;[place, from] = [await begin(), 0]
    handle = await engine.open(options)
  }
  try {
    const reading = readPages(
      handle,
      { name, text, pages, ends: place.chapters ?? [] },
      from,
      async (page, report, bytes) => {
        const { position: tokens, stateBytes } = report
        await bridge.saveDocumentState({ name: place.name, page, tokens, stateBytes, bytes })
        memoryAtEnd = report
        state = bytes
      },
      signal,
    )
    for await (const pages of reading) progress.pages = pages
  } finally {
    void handle.close().catch(() => undefined)
  }
  stopIf(signal)
  return { bytes: state ?? new Uint8Array(), memory: memoryAtEnd }
}

/** Of a state that was kept. */
async function memoryIn(
  engine: ChatEngine,
  options: ConversationOptions,
  state: Uint8Array<ArrayBuffer>,
): Promise<MemoryReport | null> {
  // The engine takes what it is given.
  const handle = await engine.restore(options, state.slice())
  void handle?.close().catch(() => undefined)
  return handle?.memory ?? null
}

function stopIf({ aborted }: AbortSignal): void {
  if (aborted) throw new EngineError({ code: 'bad-request', reason: 'it was stopped' })
}
