import type { TranscriptNode } from '../../electron/transcript.ts'
import {
  exactTokens,
  type Grounds,
  Looking,
  quoted,
  type Quoted,
  standsIn,
} from '../../engine/documents/looking.ts'
import { asLookedUp, asPassage } from '../../engine/memory/heard.ts'
import type { ConversationOptions, LookedUpRequest, MemoryReport } from '../../engine/protocol.ts'
import type { ChatEngine } from './engine.ts'
import type { Keeping } from './keeping.svelte.ts'

/** What one question is answered with. */
interface Found {
  readonly lookedUp: readonly Quoted[]
  /** for the request: the words, or that there are none */
  readonly request: LookedUpRequest
  /** what an answer to it rests on, once it is there */
  readonly grounds: (answer: string) => Grounds
}

/** What was answered on other branches counts too. */
type Branches = Pick<Keeping, 'repliesTo' | 'versionsOf'>

const NO_BRANCHES: Branches = { repliesTo: () => [], versionsOf: () => [] }

/** A frame of 60 a second takes twice this. */
const STEP_MILLISECONDS = 8

/** What left the window of one conversation, looked up for its questions; typing goes on meanwhile. */
export class LookingUp {
  readonly #options: ConversationOptions
  readonly #isOn: () => boolean
  #looking: Looking | null = null

  /** @param isOn what the user wants now */
  constructor(options: ConversationOptions, isOn: () => boolean) {
    this.#options = options
    this.#isOn = isOn
  }

  /**
   * What a message asks for. A question that is answered anew has what it was first asked with, whatever is wanted now:
   * its memory is taken up with that.
   *
   * @throws what `signal` was aborted with
   */
  async find(
    message: string,
    again: TranscriptNode | null,
    way: readonly TranscriptNode[],
    { info }: ChatEngine,
    { position }: MemoryReport,
    signal: AbortSignal,
    branches: Branches = NO_BRANCHES,
  ): Promise<Found> {
    const before = again?.lookedUp ?? []
    const isOn = this.#isOn()
    if (!isOn && before.length === 0)
      return { lookedUp: [], request: {}, grounds: () => ({ ...NONE, lookedUp: [] }) }
    const window = exactTokens(this.#options, info.windows)
    if (this.#looking?.window !== window) this.#looking = new Looking(window)
    const looking = this.#looking
    try {
      await inSteps(looking.take(way, position), signal)
    } catch (error) {
      // Half of a source is in it.
      this.#looking = null
      throw error
    }
    const { question, times } = isOn
      ? looking.meant(
          message,
          way.flatMap((each) => (each.kind === 'reply' ? branches.versionsOf(each.node) : [each])),
          position,
          again ? branches.repliesTo(again.node) : [],
        )
      : { question: message, times: null }
    const then = looking.find(question, way, position, times)
    // Of the versions of an answer the first come round again.
    const now =
      again && then.length === 0 ? looking.find(question, way, position, times === null ? null : 0) : then
    const isSame = (a: Quoted) => (b: Quoted) => a.node === b.node && a.quote === b.quote
    const found = again ? now.filter((each) => before.some(isSame(each))) : now
    const lookedUp = again ? before : now.map(quoted)
    const whole = lookedUp.map((each) => found.find(isSame(each)) ?? each)
    const request = asLookedUp(whole, now.length > 0 ? {} : looking.missed(question))
    // What is passed on need not be what was put before the question.
    const next = again && now[0]?.isPassedOn ? now : null
    return {
      lookedUp,
      request: next ? { ...asLookedUp(next, {}), passage: asPassage(before) } : request,
      grounds: (answer) => {
        const grounds = looking.grounds(question, answer, next ?? found, times)
        const rests = [...lookedUp, ...grounds.cited]
        const pages = (next ?? []).filter((each) => !standsIn(each, rests)).map(quoted)
        return { ...grounds, lookedUp, nearest: [...pages, ...grounds.nearest] }
      },
    }
  }
}

const NONE = { cited: [], inDocument: null, nearest: [] } as const

/** Between two steps the window has its turn. A timer would not do: it is slowed down in a window that is not seen. */
export async function inSteps<Result>(
  steps: Generator<undefined, Result>,
  signal: AbortSignal,
): Promise<Result> {
  let since = performance.now()
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
    if (performance.now() - since < STEP_MILLISECONDS) continue
    await new Promise<void>((resolve) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => {
        port1.close()
        resolve()
      }
      port2.postMessage(null)
    })
    signal.throwIfAborted()
    since = performance.now()
  }
}
