import type { Conversation } from '../../engine/conversation.ts'
import { type Engine, loadEngine } from '../../engine/engine.ts'
import { EngineError } from '../../engine/errors.ts'
import type { ConversationOptions } from '../../engine/protocol.ts'
import { FaultyGpu } from './faulty-gpu.ts'
import { answer, OPTIONS } from './memory-scripts.ts'
import { modelFilesOf, TINY, tinyModel } from './tiny-model.ts'

export const FULL: ConversationOptions = { ...OPTIONS, attention: 'full' }
/** Where the model is loaded anew on a processor that is busy. */
const LONGEST_MILLISECONDS = 20_000

/** What came of refusing buffers one after the other. */
export interface Refusals {
  readonly runs: number
  /** steps that ended in the sentence that says so */
  readonly refused: number
  /** whatever else happened */
  readonly wrong: readonly string[]
}

/** The tiny model on a GPU whose N-th buffer may be refused. */
export function loadTinyOn({ gpu }: FaultyGpu): Promise<Engine> {
  return loadEngine({ gpu, forceCpu: false, files: modelFilesOf(tinyModel(TINY)) })
}

/**
 * What takes memory: chats that are opened, answered, saved, restored and looked into, and one that grows. Each of its
 * steps may be refused for want of memory, with a sentence; nothing else may happen.
 *
 * @returns what was answered, and what went wrong
 */
async function takeMemory(
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
async function loadWithoutRoom(n: number): Promise<{ readonly wrong: string; readonly failed: boolean }> {
  const gpu = new FaultyGpu()
  gpu.failIn(n)
  let said = ''
  try {
    const engine = await loadTinyOn(gpu)
    engine.dispose()
  } catch (error) {
    said = error instanceof EngineError ? error.failure.code : String(error)
  }
  const failed = gpu.takeFailure()
  if (gpu.bytes > 0) return { wrong: `${gpu.bytes} bytes stay on the GPU`, failed }
  return { wrong: said === (failed ? 'out-of-memory' : '') ? '' : `it said ${said}`, failed }
}

/** Chats with one loaded model, a buffer refused in each, `every` further on than in the last, until none is. */
export async function refuseChats(every: number): Promise<Refusals> {
  const gpu = new FaultyGpu()
  const engine = await loadTinyOn(gpu)
  const loaded = gpu.bytes
  const wrong: string[] = []
  let straight = ''
  const chat = async (n: number) => {
    gpu.failIn(n)
    const run = await takeMemory(engine)
    const said = JSON.stringify(run.said)
    straight ||= said
    const same = run.refused > 0 || said === straight
    const found = run.wrong || (same ? '' : 'other answers') || (gpu.bytes === loaded ? '' : 'bytes stay')
    if (found !== '') wrong.push(`chats, buffer ${n}: ${found}`)
    return run.refused
  }
  const unasked = await chat(Infinity)
  let [runs, refused] = [0, 0]
  for (let n = 1, failed = true; failed; n += every, runs++) {
    refused += await chat(n)
    failed = gpu.takeFailure()
  }
  if (unasked + (await chat(Infinity)) > 0) wrong.push('chats: refused without a reason')
  engine.dispose()
  if (gpu.bytes > 0) wrong.push(`chats: ${gpu.bytes} bytes stay of the model`)
  return { runs, refused, wrong }
}

/** The same for the buffers of the model, which is loaded anew for each. */
export async function refuseLoading(every: number): Promise<Refusals> {
  const wrong: string[] = []
  let runs = 0
  for (let n = 1, failed = true; failed; n += every, runs++) {
    const run = await loadWithoutRoom(n)
    failed = run.failed
    if (run.wrong !== '') wrong.push(`loading, buffer ${n}: ${run.wrong}`)
  }
  return { runs, refused: runs - 1, wrong }
}
