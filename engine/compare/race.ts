import type { DocumentText } from '../documents/document.ts'
import { describe, type EngineFailure, toFailure } from '../errors.ts'
import type { ChatMessage } from '../protocol.ts'
import type { Contestant } from './contestant.ts'
import { decodeMs } from './own-contestant.ts'

/** What every side is given. */
export interface Task {
  /** heard before the question, in order */
  readonly messages: readonly ChatMessage[]
  readonly prompt: string
  readonly maxNewTokens: number
  /** tokens after which no more is heard; `Infinity` for all there is */
  readonly longest: number
  /** bytes of context memory that no side may pass */
  readonly limitBytes: number
}

/** One point of the lines. */
export interface Moment {
  readonly position: number
  readonly stateBytes: number | null
  /** of the tokens since the moment before; of the answer after reopening */
  readonly msPerToken: number | null
  /** to the first token of an answer after reopening; only there */
  readonly firstTokenMs: number | null
  readonly phase: 'reading' | 'reopened' | 'answering'
}

/** Why a side did not come to its end. */
export type Stop =
  | { readonly reason: 'limit'; readonly position: number; readonly limitBytes: number }
  | { readonly reason: 'failed'; readonly failure: EngineFailure }

/** Why a side stopped, in one sentence. */
export function describeStop(stop: Stop): string {
  if (stop.reason === 'failed') return describe(stop.failure)
  const megabytes = (stop.limitBytes / 1e6).toLocaleString('en', { maximumFractionDigits: 1 })
  const tokens = stop.position.toLocaleString('en')
  return `It stopped after ${tokens} tokens: to go on it could take more than ${megabytes} MB, the limit.`
}

/** What one side did, so far. */
export interface Run {
  readonly name: string
  /** how much of what is to be heard was: 0 to 1 */
  readonly share: number
  readonly text: string
  readonly stop: Stop | null
  readonly position: number
  readonly stateBytes: number | null
  /** of the answer; `null` where there is none, or one too short to tell */
  readonly msPerToken: number | null
  /** from the question to the first token of the answer */
  readonly firstTokenMs: number | null
  readonly series: readonly Moment[]
}

/** A run as it is printed and kept in files. */
export function reportOf({ name, text, stop, position, stateBytes, msPerToken, firstTokenMs, series }: Run) {
  const stopped = stop ? describeStop(stop) : ''
  return { name, text, stopped, position, stateBytes, msPerToken, firstTokenMs, series }
}

/** A document as the sides hear it: page by page, so that they can take turns. */
export function pageMessages({ text, pages }: Pick<DocumentText, 'text' | 'pages'>): ChatMessage[] {
  return pages
    .map(({ start }, i) => text.slice(start, pages[i + 1]?.start))
    .filter((page) => page.trim() !== '')
    .map((content) => ({ role: 'document', content }))
}

type Turn =
  | { readonly do: 'hear'; readonly message: ChatMessage }
  | { readonly do: 'answer' }
  | { readonly do: 'reopen' }

/** A side is closed and opened again so often on its way through the text. */
const REOPENINGS = 12
/** Tokens of the answer after reopening. */
const REOPENED_TOKENS = 9
/** What surrounds a message, at most. */
const TEMPLATE_TOKENS = 64

/**
 * The same text and question to every side, in turns of one message: one after the other, and in each turn another
 * first, so that all are measured on the same machine in the same state and never at the same time. Answers are greedy.
 * Now and then each side is closed, opened again and asked, as one does who comes back; that answer is forgotten.
 *
 * Aborted, it ends where it stands. A side that fails or would pass the limit stops; the others go on.
 *
 * @param onChange a side has done something; its run as it is now
 */
export async function race(
  contestants: readonly Contestant[],
  task: Task,
  signal: AbortSignal,
  onChange: (side: number, run: Run) => void,
): Promise<readonly Run[]> {
  const lanes = contestants.map((each, side) => new Lane(each, task, (run) => onChange(side, run)))
  const turns: Turn[] = [
    ...task.messages.map((message) => ({ do: 'hear', message }) as const),
    { do: 'answer' },
    { do: 'reopen' },
  ]
  for (const [i, turn] of turns.entries()) {
    for (const lane of i % 2 === 0 ? lanes : lanes.toReversed()) {
      if (signal.aborted) return lanes.map(({ run }) => run)
      await lane.take(turn, signal)
      // Whoever waits for the thread is heard: a stop, a frame.
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
  }
  return lanes.map(({ run }) => run)
}

/** One side on its way. */
class Lane {
  run: Run
  readonly #contestant: Contestant
  readonly #task: Task
  readonly #onChange: (run: Run) => void
  readonly #characters: number
  #heard = 0
  #reopenings = 0

  constructor(contestant: Contestant, task: Task, onChange: (run: Run) => void) {
    this.#contestant = contestant
    this.#task = task
    this.#onChange = onChange
    this.#characters = task.messages.reduce((sum, { content }) => sum + content.length, 0)
    const blank = {
      share: this.#characters === 0 ? 1 : 0,
      text: '',
      stop: null,
      msPerToken: null,
      firstTokenMs: null,
      series: [],
    }
    this.run = { name: contestant.name, ...blank, ...contestant.memory }
  }

  async take(turn: Turn, signal: AbortSignal): Promise<void> {
    if (this.run.stop) return
    try {
      switch (turn.do) {
        case 'hear':
          await this.#hear(turn.message, signal)
          break
        case 'answer':
          await this.#answer(signal)
          break
        case 'reopen':
          await this.#reopen(signal)
          break
        default:
          return turn satisfies never
      }
    } catch (error) {
      this.#change({ stop: { reason: 'failed', failure: toFailure(error) } })
    }
  }

  async #hear(message: ChatMessage, signal: AbortSignal): Promise<void> {
    const { position } = this.#contestant.memory
    if (position >= this.#task.longest || !this.#hasRoom(message.content, 0)) return
    const start = performance.now()
    await this.#contestant.hear([message], signal)
    this.#heard += message.content.length
    const now = this.#contestant.memory.position
    const taken = this.#contestant.readsWhenAsked ? null : (performance.now() - start) / (now - position)
    this.#mark('reading', taken)
    this.#change({ share: Math.min(1, Math.max(this.#heard / this.#characters, now / this.#task.longest)) })
    if (!signal.aborted && now >= this.#nextReopening()) await this.#reopen(signal)
  }

  async #answer(signal: AbortSignal): Promise<void> {
    const { prompt, maxNewTokens } = this.#task
    if (!this.#hasRoom(prompt, maxNewTokens)) return
    const start = performance.now()
    let then = start
    let isTold = false
    const request = { message: prompt, sampling: { temperature: 0 }, maxNewTokens }
    for await (const event of this.#contestant.answer(request, signal)) {
      const now = performance.now()
      const { position } = this.#contestant.memory
      if (event.type === 'delta') {
        const isFirst = this.run.firstTokenMs === null
        const passed = position - this.run.position
        this.#change({ text: this.run.text + event.text })
        if (isFirst) this.#change({ firstTokenMs: rounded(now - start), ...this.#contestant.memory })
        else if (passed > 0) {
          this.#mark('answering', (now - then) / passed)
          isTold = true
        }
        then = now
      }
      if (event.type === 'end') {
        const msPerToken = decodeMs(event)
        this.#change({ msPerToken: rounded(msPerToken) })
        // Where the memory is told only at the end, this is the one moment there is.
        if (!isTold) this.#mark('answering', msPerToken)
      }
    }
  }

  /** Only once there is something to come back to. */
  async #reopen(signal: AbortSignal): Promise<void> {
    const { position } = this.#contestant.memory
    if (position === 0 || !this.#hasRoom(this.#task.prompt, REOPENED_TOKENS)) return
    const request = {
      message: this.#task.prompt,
      sampling: { temperature: 0 },
      maxNewTokens: REOPENED_TOKENS,
    }
    // The first time is slower than all others, whatever the memory: it is not measured.
    if (this.#reopenings === 0) await this.#contestant.reopen(request, signal)
    this.#reopenings++
    const { firstTokenMs, msPerToken } = await this.#contestant.reopen(request, signal)
    if (!signal.aborted) this.#mark('reopened', msPerToken, firstTokenMs)
  }

  /** Evenly spread over all that will be heard, as long as that can be told from what was. */
  #nextReopening(): number {
    const perCharacter = this.#contestant.memory.position / this.#heard
    const whole = Math.min(this.#task.longest, perCharacter * this.#characters)
    return (this.#reopenings * whole) / REOPENINGS
  }

  /** No token is shorter than a byte. */
  #hasRoom(text: string, newTokens: number): boolean {
    const { limitBytes } = this.#task
    const most = new TextEncoder().encode(text).length + TEMPLATE_TOKENS + newTokens
    const bytes = this.#contestant.bytesFor(most)
    if (bytes === null || bytes <= limitBytes) return true
    this.#change({ stop: { reason: 'limit', position: this.#contestant.memory.position, limitBytes } })
    return false
  }

  #mark(phase: Moment['phase'], msPerToken: number | null, firstTokenMs: number | null = null): void {
    const { position, stateBytes } = this.#contestant.memory
    const moment = {
      position,
      stateBytes,
      msPerToken: rounded(msPerToken),
      firstTokenMs: rounded(firstTokenMs),
      phase,
    }
    this.#change({ position, stateBytes, series: [...this.run.series, moment] })
  }

  #change(change: Partial<Run>): void {
    this.run = { ...this.run, ...change }
    this.#onChange(this.run)
  }
}

function rounded<Milliseconds extends number | null>(milliseconds: Milliseconds): Milliseconds | number {
  return typeof milliseconds === 'number' && Number.isFinite(milliseconds)
    ? Math.round(milliseconds * 1000) / 1000
    : milliseconds
}
