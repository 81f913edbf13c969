import type { Contestant } from '../../engine/compare/contestant.ts'
import { pageMessages, race, type Run } from '../../engine/compare/race.ts'
import type { DocumentText } from '../../engine/documents/document.ts'
import { toFailure } from '../../engine/errors.ts'
import type { ChatMessage } from '../../engine/protocol.ts'
import type { ChatEngine } from '../state/engine.ts'
import { sayFailure } from '../state/failure-words.ts'
import { inRange, type Range } from '../state/answer-values.ts'
import { SAMPLES } from './samples.ts'
import { openSide, OWN_KINDS, type OtherKind, type SideChoice, sideName } from './sides.ts'
import { addVote, readTally, type Tally } from './tally.ts'

export type Vote = 'left' | 'right' | 'same'

/** Per cent of the largest buffer the GPU gives. */
export const LIMIT_RANGE: Range = { min: 1, max: 90, step: 1 }
/** Where there is no GPU to ask. */
const LIMIT_WITHOUT_GPU = 2 ** 29
const ANSWER_TOKENS = 64
const FIRST_SIDES = [
  { kind: 'nha', window: null },
  { kind: 'full', window: null },
] as const satisfies readonly SideChoice[]

/** What is compared, what came of it, and which answer was found better. */
export class Comparison {
  sides: readonly [SideChoice, SideChoice] = $state.raw(FIRST_SIDES)
  /** the id of a sample, `document`, or `chat` */
  source = $state(SAMPLES[0]?.id ?? '')
  document: DocumentText | null = $state.raw(null)
  question = $state(SAMPLES[0]?.question ?? '')
  limitShare = $state(50)
  status: 'idle' | 'running' | 'done' = $state('idle')
  /** of another engine's model, while one is loaded: 0 to 1 */
  loaded: number | null = $state(null)
  /** one sentence; empty when all is well */
  problem = $state('')
  runs: readonly Run[] = $state.raw([])
  /** which side is shown as answer A, while nobody knows */
  first: 0 | 1 = $state(0)
  vote: Vote | null = $state(null)
  /** whose answer is whose is told before a vote */
  uncovered = $state(false)
  tally: Tally = $state.raw({})

  readonly names = $derived(this.sides.map((side) => sideName(side, this.#others())))
  /** of each side: what it read left this computer */
  readonly leaves = $derived(
    this.sides.map(({ kind }) => this.#others().some(({ id, leaves }) => id === kind && leaves)),
  )
  /** the last run was stopped by the user */
  stopped = $state(false)
  /** both came to their end, so that their answers can be judged without knowing whose they are */
  readonly canVote = $derived(
    this.status === 'done' &&
      !this.stopped &&
      this.runs.length === 2 &&
      this.runs.every(({ stop }) => !stop) &&
      this.runs.some(({ text }) => text !== ''),
  )
  readonly share = $derived(Math.min(1, ...this.runs.filter(({ stop }) => !stop).map(({ share }) => share)))

  readonly #engine: () => Promise<ChatEngine>
  readonly #others: () => readonly OtherKind[]
  readonly #said: () => readonly ChatMessage[]
  #stop = new AbortController()

  /** @param said what was said and read in the chat behind */
  constructor(
    engine: () => Promise<ChatEngine>,
    others: () => readonly OtherKind[],
    said: () => readonly ChatMessage[],
  ) {
    this.#engine = engine
    this.#others = others
    this.#said = said
    void readTally().then((tally) => (this.tally = tally))
  }

  choose(side: 0 | 1, choice: SideChoice): void {
    this.sides = side === 0 ? [choice, this.sides[1]] : [this.sides[0], choice]
  }

  /** The question that comes with it takes the place of one that came with another. */
  chooseSource(id: string): void {
    const untouched = this.question === '' || SAMPLES.some(({ question }) => question === this.question)
    this.source = id
    if (untouched)
      this.question = SAMPLES.find((sample) => sample.id === id)?.question ?? 'What is this about?'
  }

  /** After the screen was closed: another model may be deleted meanwhile, and another chat stand behind. */
  forgetGone(hasSaid: boolean): void {
    const isHere = ({ kind }: SideChoice) => [...OWN_KINDS, ...this.#others()].some(({ id }) => id === kind)
    const [left, right] = this.sides
    this.sides = [isHere(left) ? left : FIRST_SIDES[0], isHere(right) ? right : FIRST_SIDES[1]]
    if (this.source === 'chat' && !hasSaid) this.chooseSource(SAMPLES[0]?.id ?? '')
  }

  /** What is no number stays as it was. */
  limitTo(share: number): void {
    this.limitShare = inRange(share, LIMIT_RANGE) ?? this.limitShare
  }

  take(document: DocumentText): void {
    this.document = document
    this.chooseSource('document')
  }

  limitBytes(engine: ChatEngine): number {
    const most = engine.info.gpu.limits['maxBufferSize']
    return most ? Math.floor((most * this.limitShare) / 100) : LIMIT_WITHOUT_GPU
  }

  /** New conversations with both sides, one after the other. @throws {EngineError} */
  async openers(signal: AbortSignal): Promise<(() => Promise<Contestant>)[]> {
    const engine = await this.#engine()
    return this.sides.map((side) => async () => {
      try {
        const onShare = (share: number) => (this.loaded = share)
        return await openSide(side, engine, this.#others(), onShare, signal)
      } finally {
        this.loaded = null
      }
    })
  }

  async start(): Promise<void> {
    if (this.status === 'running') return
    const stop = new AbortController()
    this.#stop = stop
    this.status = 'running'
    this.stopped = false
    this.problem = ''
    this.runs = []
    this.vote = null
    this.uncovered = false
    this.first = Math.random() < 0.5 ? 0 : 1
    const contestants: Contestant[] = []
    try {
      const engine = await this.#engine()
      for (const open of await this.openers(stop.signal)) contestants.push(await open())
      const task = {
        messages: this.#messages(),
        prompt: this.question.trim(),
        maxNewTokens: ANSWER_TOKENS,
        longest: Infinity,
        limitBytes: this.limitBytes(engine),
      }
      await race(contestants, task, stop.signal, (side, run) => {
        this.runs = contestants.map((each, i) => (i === side ? run : (this.runs[i] ?? blank(each))))
      })
    } catch (error) {
      if (!stop.signal.aborted) this.problem = sayFailure(toFailure(error))
    } finally {
      await Promise.allSettled(contestants.map((each) => each.close()))
      this.stopped = stop.signal.aborted
      this.status = this.runs.length > 0 ? 'done' : 'idle'
    }
  }

  readonly stop = (): void => {
    this.#stop.abort()
  }

  async cast(vote: Vote): Promise<void> {
    this.vote = vote
    const name = vote === 'same' ? '' : (this.runs[vote === 'left' ? 0 : 1]?.name ?? '')
    this.tally = await addVote(this.tally, name)
  }

  #messages(): readonly ChatMessage[] {
    if (this.source === 'chat') return this.#said()
    if (this.source === 'document' && this.document) return pageMessages(this.document)
    return SAMPLES.find(({ id }) => id === this.source)?.messages() ?? []
  }
}

function blank({ name, memory }: Contestant): Run {
  return { name, share: 0, text: '', stop: null, msPerToken: null, firstTokenMs: null, series: [], ...memory }
}
