import type { DocumentBridge, DocumentMemory } from '../../electron/document-bridge.ts'
import { pagesOfText } from '../../engine/documents/paging.ts'
import { readPages } from '../../engine/documents/reading.ts'
import { EngineError } from '../../engine/errors.ts'
import type { ConversationOptions, MemoryReport } from '../../engine/protocol.ts'
import type { ChatEngine, ConversationHandle } from '../state/engine.ts'
import type { Reply } from '../state/reply.svelte.ts'

/** A document as a conversation has it. */
export interface NamedText {
  readonly name: string
  readonly text: string
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
  { name, text }: NamedText,
  { bridge, memory }: MemoryPlace,
  progress: Reply,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const pages = pagesOfText(text)
  const { attention, window, system } = options
  const begin = () =>
    bridge.beginDocument({
      file: name,
      pages: pages.length,
      model: engine.info.modelName,
      options: { attention, window, system },
      text,
    })
  let place = memory ?? (await begin())
  let from = place.saved.findLast((page) => page <= pages.length) ?? 0
  let state = from === 0 ? null : (await bridge.loadDocumentState({ name: place.name, page: from })).bytes
  if (state && from === pages.length) return state
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
      { name, text, pages },
      from,
      async (page, { position: tokens, stateBytes }, bytes) => {
        await bridge.saveDocumentState({ name: place.name, page, tokens, stateBytes, bytes })
        state = bytes
      },
      signal,
    )
    for await (const pages of reading) progress.pages = pages
  } finally {
    void handle.close().catch(() => undefined)
  }
  stopIf(signal)
  return state ?? new Uint8Array()
}

function stopIf({ aborted }: AbortSignal): void {
  if (aborted) throw new EngineError({ code: 'bad-request', reason: 'it was stopped' })
}
