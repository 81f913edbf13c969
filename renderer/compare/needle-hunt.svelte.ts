import {
  NEEDLE_DEPTHS,
  type NeedleFinding,
  type NeedleGap,
  plantNeedles,
} from '../../engine/compare/needle.ts'
import { toFailure } from '../../engine/errors.ts'
import type { ChatEngine } from '../state/engine.ts'
import { sayFailure } from '../state/failure-words.ts'
import type { Comparison } from './comparison.svelte.ts'

export const NEEDLE_LENGTHS = [200, 500, 1000, 2000] as const
/** Facts at each depth of each text. */
const EACH = 2

/** Facts planted and asked for, by depth and length, for both sides of the comparison. */
export class NeedleHunt {
  running = $state(false)
  problem = $state('')
  found: readonly (NeedleFinding | NeedleGap)[] = $state.raw([])
  /** what the sides were called when it began */
  names: readonly string[] = $state.raw([])
  readonly total = NEEDLE_LENGTHS.length * NEEDLE_DEPTHS.length * EACH * 2
  readonly #comparison: Comparison
  readonly #engine: () => Promise<ChatEngine>
  #stop = new AbortController()
  #seed = 0

  constructor(comparison: Comparison, engine: () => Promise<ChatEngine>) {
    this.#comparison = comparison
    this.#engine = engine
  }

  /** Other facts and other prose each time. */
  async start(): Promise<void> {
    if (this.running) return
    const stop = new AbortController()
    this.#stop = stop
    this.running = true
    this.problem = ''
    this.found = []
    this.names = this.#comparison.names
    try {
      const plan = {
        lengths: NEEDLE_LENGTHS,
        depths: NEEDLE_DEPTHS,
        each: EACH,
        seed: ++this.#seed,
        limitBytes: this.#comparison.limitBytes(await this.#engine()),
      }
      for await (const finding of plantNeedles(
        await this.#comparison.openers(stop.signal),
        plan,
        stop.signal,
      ))
        this.found = [...this.found, finding]
    } catch (error) {
      this.problem = sayFailure(toFailure(error))
    } finally {
      this.running = false
    }
  }

  readonly stop = (): void => {
    this.#stop.abort()
  }

  /** The side that knew more here; `null` while one was not asked, or where both knew the same. */
  better(length: number, depth: number): 0 | 1 | null {
    const [left, right] = [this.cell(0, length, depth), this.cell(1, length, depth)]
    if (!left || !right || left.asked !== right.asked || left.right === right.right) return null
    return left.right > right.right ? 0 : 1
  }

  /** Right answers of those asked so far; `null` where the side was not asked: the text is beyond its limit. */
  cell(side: number, length: number, depth: number): { right: number; asked: number } | null {
    const here = this.found.filter((each) => each.side === side && each.length === length)
    if (here.some((each) => each.depth === null)) return null
    const asked = here.filter((each): each is NeedleFinding => each.depth === depth)
    return { right: asked.filter(({ right }) => right).length, asked: asked.length }
  }
}
