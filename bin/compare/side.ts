import type { ConversationOptions } from '../../engine/protocol.ts'
import { windowOption, type WindowOption, windowsFor } from '../arguments.ts'
import {
  type CommandConversation,
  type CommandEngine,
  Interrupted,
  UsageError,
  type World,
} from '../command.ts'
import type { TextFile } from '../documents.ts'
import { formatBytes, formatCount } from '../format.ts'
import { Progress } from '../progress.ts'

/** One of the two memories: how it was written, and what a conversation with it is opened with. */
export interface Side {
  readonly name: string
  readonly memory: Pick<ConversationOptions, 'attention' | 'slotsOn'> & { readonly window: WindowOption }
}

/** The memory at one moment of the text. */
export interface Moment {
  readonly position: number
  readonly stateBytes: number
  /** of the tokens since the moment before */
  readonly msPerToken: number
  readonly phase: 'reading' | 'answering'
}

export interface Run {
  readonly name: string
  readonly text: string
  /** why it did not read or answer to the end; empty when it did */
  readonly stopped: string
  readonly position: number
  readonly stateBytes: number
  /** of the answer; null where there is none */
  readonly msPerToken: number | null
  /** from the question to the first token of the answer */
  readonly firstTokenMs: number | null
  readonly series: readonly Moment[]
}

export interface Task {
  readonly documents: readonly TextFile[]
  readonly prompt: string
  readonly system: string
  readonly maxNewTokens: number
  /** bytes of state that no side may pass */
  readonly limitBytes: number
}

/**
 * A side as the user writes it: `nha`, `nha:64`, `nha:64,512,64,64`, `nha:lean`, `window-only`, `window-only:64` or `full`.
 *
 * @throws {UsageError}
 */
export function parseSide(option: string, name: string): Side {
  const [kind = '', window] = name.split(':', 2)
  if (kind === 'full' && window === undefined) return { name, memory: { attention: 'full', window: null } }
  if (kind !== 'nha' && kind !== 'window-only')
    throw new UsageError(`--${option} must be nha, nha:W, window-only, window-only:W or full, not "${name}".`)
  return { name, memory: { attention: 'nha', window: windowOption(window), slotsOn: kind === 'nha' } }
}

/**
 * Read the documents and answer the question with this memory, greedily, keeping what it cost along the way.
 *
 * @throws {Interrupted} Ctrl-C
 */
export async function runSide(
  engine: CommandEngine,
  side: Side,
  task: Task,
  world: Pick<World, 'stderr' | 'interrupted'>,
): Promise<Run> {
  const window = windowsFor(side.memory.window, engine.info.windows.length)
  const conversation = await engine.open({ ...side.memory, window, system: task.system })
  try {
    const series: Moment[] = []
    const limit = new AbortController()
    const signal = AbortSignal.any([limit.signal, world.interrupted])
    const keep = recorder(conversation, series, task.limitBytes, limit)
    const answer = { text: '', tokens: 0, milliseconds: 0, firstTokenMs: null as number | null }

    for (const document of task.documents) {
      const progress = new Progress(world.stderr, `${side.name} reads ${document.name}`)
      try {
        const start = conversation.memory.position
        for await (const event of conversation.read(document.name, document.text, signal)) {
          keep(start + event.tokens, 'reading')
          if (event.type === 'reading')
            progress.show(event.tokens, event.totalTokens, `${formatCount(event.tokens)} tokens`)
          await new Promise(setImmediate)
        }
      } finally {
        progress.clear()
      }
    }
    if (!signal.aborted) {
      const asked = performance.now()
      const request = { message: task.prompt, sampling: { temperature: 0 }, maxNewTokens: task.maxNewTokens }
      for await (const event of conversation.generate(request, signal)) {
        if (event.type === 'prefilled') keep(conversation.memory.position, 'reading')
        if (event.type === 'delta') {
          answer.firstTokenMs ??= performance.now() - asked
          answer.text += event.text
          keep(conversation.memory.position, 'answering')
        }
        if (event.type === 'end') {
          answer.tokens = event.newTokens
          answer.milliseconds = event.milliseconds
        }
        await new Promise(setImmediate)
      }
    }
    if (world.interrupted.aborted) throw new Interrupted()
    const { position, stateBytes } = conversation.memory
    return {
      name: side.name,
      text: answer.text,
      stopped: limit.signal.aborted
        ? `It stopped after ${formatCount(position)} tokens: the next would take more than ${formatBytes(task.limitBytes)}.`
        : '',
      position,
      stateBytes,
      msPerToken: answer.tokens > 0 ? rounded(answer.milliseconds / answer.tokens) : null,
      firstTokenMs: answer.firstTokenMs === null ? null : rounded(answer.firstTokenMs),
      series,
    }
  } finally {
    conversation.dispose()
  }
}

/** Adds a moment when the position has moved; aborts before a state that doubles would pass the limit. */
function recorder(
  conversation: CommandConversation,
  series: Moment[],
  limitBytes: number,
  limit: AbortController,
): (position: number, phase: Moment['phase']) => void {
  let [at, then] = [conversation.memory.position, performance.now()]
  const first = conversation.memory.stateBytes
  return (position, phase) => {
    const now = performance.now()
    const { stateBytes } = conversation.memory
    if (position > at)
      series.push({ position, stateBytes, msPerToken: rounded((now - then) / (position - at)), phase })
    ;[at, then] = [Math.max(at, position), now]
    // A growing state doubles, and the old and the new are there at once while it is copied.
    if (stateBytes > first && 3 * stateBytes > limitBytes) limit.abort()
  }
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000
}
