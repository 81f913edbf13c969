import { OwnContestant } from '../../engine/compare/own-contestant.ts'
import { toFailure } from '../../engine/errors.ts'
import type { ModelConfig } from '../../engine/model/config.ts'
import { fitOf } from '../../engine/model/fit.ts'
import type { ChatEngine } from '../state/engine.ts'
import { sayFailure } from '../state/failure-words.ts'
import { SAMPLES } from './samples.ts'
import { optionsOf, type SideChoice } from './sides.ts'

/** From a linear recurrent model to full attention. */
export const WINDOW_STOPS = [0, 1, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 'all'] as const
export type WindowStop = (typeof WINDOW_STOPS)[number]

/** One page, so that each place of the slider answers soon. */
const SAMPLE = SAMPLES.find(({ id }) => id === 'letter')
export const QUESTION = SAMPLE?.question ?? ''
const ANSWER_TOKENS = 24
/** The slider rests this long before its place is tried. */
const REST_MILLISECONDS = 250
/** How long a conversation the second figure is for. */
export const LONG_TOKENS = 100_000

/** What a place of the slider was measured at. */
export interface Trial {
  readonly stop: WindowStop
  readonly text: string
  readonly position: number
  readonly stateBytes: number
  readonly msPerToken: number | null
}

/** The same model, text and question with another window at each place of the slider. */
export class WindowTrial {
  place: WindowStop = $state(64)
  running = $state(false)
  problem = $state('')
  trials: readonly Trial[] = $state.raw([])
  readonly current = $derived(this.trials.find(({ stop }) => stop === this.place) ?? null)
  readonly #engine: () => Promise<ChatEngine>
  #abort = new AbortController()
  #last: Promise<void> = Promise.resolve()

  constructor(engine: () => Promise<ChatEngine>) {
    this.#engine = engine
  }

  /** Go to a place; it is measured once the slider rests there. */
  move(stop: WindowStop): void {
    this.place = stop
    this.#abort.abort()
    const abort = new AbortController()
    this.#abort = abort
    const before = this.#last
    this.#last = (async () => {
      await new Promise((resolve) => setTimeout(resolve, REST_MILLISECONDS))
      await before
      if (!abort.signal.aborted) await this.#measure(stop, abort.signal)
    })()
  }

  readonly stop = (): void => {
    this.#abort.abort()
  }

  async #measure(stop: WindowStop, signal: AbortSignal): Promise<void> {
    this.running = true
    this.problem = ''
    let contestant: OwnContestant | null = null
    try {
      const engine = await this.#engine()
      contestant = await OwnContestant.open('', engine, optionsOf(sideOf(stop)))
      await contestant.hear(SAMPLE?.messages() ?? [], signal)
      const request = {
        message: QUESTION,
        sampling: { temperature: 0 },
        maxNewTokens: ANSWER_TOKENS,
      }
      const { text, msPerToken } = await contestant.reopen(request, signal)
      if (signal.aborted) return
      const { position, stateBytes } = contestant.memory
      const trial = { stop, text, position, stateBytes: stateBytes ?? 0, msPerToken }
      this.trials = [...this.trials.filter((each) => each.stop !== stop), trial]
    } catch (error) {
      this.problem = sayFailure(toFailure(error))
    } finally {
      await contestant?.close()
      this.running = false
    }
  }
}

export function sideOf(stop: WindowStop): SideChoice {
  return stop === 'all' ? { kind: 'full', window: null } : { kind: 'nha', window: stop }
}

/** Bytes of context memory at a place of the slider after so many tokens, from the model's config alone. */
export function stateBytesAt(config: ModelConfig, stop: WindowStop, tokens: number): number {
  return fitOf(config, 'q8', { ...optionsOf(sideOf(stop)), tokens }).state
}
