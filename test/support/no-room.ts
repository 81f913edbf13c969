import type { Conversation } from '../../engine/conversation.ts'
import { type Engine, loadEngine } from '../../engine/engine.ts'
import { EngineError } from '../../engine/errors.ts'
import type { ConversationOptions } from '../../engine/protocol.ts'
import { FaultyGpu } from './faulty-gpu.ts'
import { answer, OPTIONS } from './memory-scripts.ts'
import { modelFilesOf, TINY, tinyModel } from './tiny-model.ts'

const FULL: ConversationOptions = { ...OPTIONS, attention: 'full' }
/** Where the model is loaded anew on a processor that is busy. */
const LONGEST_MILLISECONDS = 20_000

/** The tiny model on a GPU whose N-th buffer may be refused. */
export function loadTiny({ gpu }: FaultyGpu): Promise<Engine> {
  return loadEngine({ gpu, forceCpu: false, files: modelFilesOf(tinyModel(TINY)) })
}

/**
 * What takes memory: chats that are opened, answered, saved, restored and looked into, and one that grows. Each of its
 * steps may be refused for want of memory, with a sentence; nothing else may happen.
 *
 * @returns what was answered, and what went wrong
 */
export async function takeMemory(
  engine: Engine,
): Promise<{ readonly said: readonly string[]; readonly refused: number; readonly wrong: string }> {
  const opened: Conversation[] = []
  const said: string[] = []
  let refused = 0
  let wrong = ''
  const step = async (what: string, work: () => Promise<void>) => {
    const start = performance.now()
    try {
      await work()
    } catch (error) {
      const isRefusal = error instanceof EngineError && error.failure.code === 'out-of-memory'
      if (isRefusal) refused++
      else wrong ||= `${what}: ${String(error)}`
    }
    if (performance.now() - start > LONGEST_MILLISECONDS) wrong ||= `${what}: it took longer than 20 s`
  }
  const open = async (options: ConversationOptions) => {
    const conversation = await engine.open(options)
    opened.push(conversation)
    return conversation
  }
  await step('a chat', async () => {
    const first = await open(OPTIONS)
    said.push(await answer(first, 'hello', 5))
    await step('its copy', async () => {
      const copy = await engine.restore(OPTIONS, await first.snapshot())
      opened.push(copy)
      said.push(await answer(copy, 'again', 5))
    })
    await step('looking inside', async () => {
      await first.inspect(true)
      said.push(await answer(first, 'and?', 5))
      await first.inspect(false)
    })
  })
  await step('full attention', async () => {
    const full = await open(FULL)
    said.push(await answer(full, 'my name is Mira. '.repeat(30), 5))
  })
  for (const conversation of opened) conversation.dispose()
  return { said, refused, wrong }
}

/** Load the tiny model where its N-th buffer is refused; what went wrong, and whether one was refused at all. */
export async function loadWithoutRoom(
  n: number,
): Promise<{ readonly wrong: string; readonly failed: boolean }> {
  const gpu = new FaultyGpu()
  gpu.failIn(n)
  let said = ''
  try {
    const engine = await loadTiny(gpu)
    engine.dispose()
  } catch (error) {
    said = error instanceof EngineError ? error.failure.code : String(error)
  }
  const failed = gpu.takeFailure()
  if (gpu.bytes > 0) return { wrong: `${gpu.bytes} bytes stay on the GPU`, failed }
  return { wrong: said === (failed ? 'out-of-memory' : '') ? '' : `it said ${said}`, failed }
}
