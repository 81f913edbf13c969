import type { TranscriptNode } from '../../electron/transcript.ts'
import type { AskAside } from '../../engine/documents/summary.ts'
import { EngineError } from '../../engine/errors.ts'
import { asHeard, asPassage, isMemoryOf } from '../../engine/memory/heard.ts'
import type { ChatMessage, ConversationOptions } from '../../engine/protocol.ts'
import type { ChatEngine, ConversationHandle } from './engine.ts'
import type { Keeping } from './keeping.svelte.ts'

/** How a memory came back: from a saved state, and so many tokens of text that were read again. */
export interface Restored {
  readonly bytes: number
  readonly milliseconds: number
  readonly tokens: number
}

/** The memory of a kept conversation, from the saved state nearest to the end and the text behind that one. */
export async function takeUp(
  engine: ChatEngine,
  options: ConversationOptions,
  keeping: Keeping,
  signal: AbortSignal,
): Promise<{ readonly handle: ConversationHandle; readonly restored: Restored | null }> {
  if (keeping.way.length === 0) return { handle: await engine.open(options), restored: null }
  const start = performance.now()
  const way = [...keeping.way]
  const behind: TranscriptNode[] = []
  const last = way.at(-1)
  // Nearly always the state at the end is there, so nothing else is asked for first.
  let handle = last ? await restore(engine, options, keeping, last) : null
  if (!handle) {
    const saved = await keeping.snapshots().catch((): readonly number[] => [])
    for (let at = way.pop(); at; at = way.pop()) {
      handle = at !== last && saved.includes(at.node) ? await restore(engine, options, keeping, at) : null
      if (handle) break
      behind.unshift(at)
    }
  }
  handle ??= await engine.open(options)
  const before = handle.memory.position
  const unread = behind.flatMap((node) => asHeard(node, asPassage(node.lookedUp ?? [])))
  if (unread.length > 0) await rehearAll(handle, unread, signal)
  const { stateBytes, position } = handle.memory
  const milliseconds = performance.now() - start
  return { handle, restored: { bytes: stateBytes, milliseconds, tokens: position - before } }
}

/** Read it again; what cannot be taken up is closed. */
async function rehearAll(
  handle: ConversationHandle,
  unread: readonly ChatMessage[],
  signal: AbortSignal,
): Promise<void> {
  try {
    const reading = handle.rehear(unread, signal)
    while (!(await reading.next()).done);
  } catch (error) {
    void handle.close().catch(() => undefined)
    throw error
  }
}

/**
 * The same memory once more, for what it should not keep.
 *
 * @throws {EngineError} there is no room for two
 */
export async function copyMemory(
  engine: ChatEngine,
  options: ConversationOptions,
  handle: ConversationHandle,
): Promise<ConversationHandle> {
  const same = await engine.restore(options, await handle.snapshot())
  if (!same) throw new EngineError({ code: 'internal', message: 'the memory could not be copied' })
  return same
}

/** Questions from the memory as it stands, which stays as it is. */
export function asideOf(
  engine: ChatEngine,
  options: ConversationOptions,
  handle: ConversationHandle,
): AskAside {
  return async function* (request, signal) {
    const same = await copyMemory(engine, options, handle)
    try {
      yield* same.generate(request, signal)
    } finally {
      void same.close().catch(() => undefined)
    }
  }
}

/** `null` when there is no saved state, or it is not of that very text, model and options. */
async function restore(
  engine: ChatEngine,
  options: ConversationOptions,
  keeping: Keeping,
  of: TranscriptNode,
): Promise<ConversationHandle | null> {
  // It only saves time: where the shell cannot give it, the text is read again.
  const bytes = await keeping.loadSnapshot(of.node).catch(() => new Uint8Array())
  const handle = bytes.length > 0 ? await engine.restore(options, bytes) : null
  if (handle === null || isMemoryOf(of, handle.memory)) return handle
  void handle.close()
  return null
}
