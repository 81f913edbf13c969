import { raceGemv } from '../../kernels/gemv-race.ts'
import { type GemvSchedule, gemvSchedules } from '../../kernels/gemv-schedule.ts'
import { matrixBytes, type MatrixShape } from '../../kernels/matrix.ts'

/** Where a device's choices are kept from one start to the next. Losing them costs a part of a second. */
export interface KeptChoices {
  /** `undefined` for what was never kept */
  get(key: string): Promise<string | undefined>
  set(key: string, value: string): Promise<void>
}

/** Weights of a race: far more than what a schedule costs to start, and no burden for a small GPU. */
const MOST_BYTES = 8 << 20
/** Raise it when a schedule's shader changes: what was measured before is forgotten. */
const VERSION = 1

/** Which schedule each product of decode has on this device: measured once for each class of shapes, then kept. */
export class GemvChoices {
  readonly #device: GPUDevice
  readonly #kept: KeptChoices | null
  readonly #schedules: readonly GemvSchedule[]
  readonly #chosen = new Map<string, Promise<GemvSchedule>>()
  /** races run one after another: beside another none would be fair */
  #last: Promise<unknown> = Promise.resolve()

  /** @param schedules what can be chosen; one of them is no race */
  constructor(device: GPUDevice, kept: KeptChoices | null, schedules = gemvSchedules(device)) {
    this.#device = device
    this.#kept = kept
    this.#schedules = schedules
  }

  /**
   * Never rejects: where a race cannot be held it is `whole`, which needs nothing of the device and is believed. The
   * likeliest may be what it failed by. That is not kept: the next start tries again.
   */
  scheduleFor(shape: MatrixShape): Promise<GemvSchedule> {
    const [likeliest, second] = this.#schedules
    if (likeliest === undefined || second === undefined) return Promise.resolve(likeliest ?? 'whole')
    const alike = classOf(shape)
    const key = `${alike.format} ${alike.rows}x${alike.cols}`
    const chosen = this.#chosen.get(key) ?? this.#choose(key, alike)
    this.#chosen.set(key, chosen)
    return chosen
  }

  async #choose(name: string, shape: MatrixShape): Promise<GemvSchedule> {
    const { vendor, architecture, device, description } = this.#device.adapterInfo
    const key = ['gemv', VERSION, vendor, architecture, device, description, name].join('/')
    const known = await this.#kept?.get(key).catch(() => undefined)
    const found = this.#schedules.find((schedule) => schedule === known)
    if (found) return found
    const race = this.#last.then(() => this.#race(shape))
    this.#last = race.catch(() => undefined)
    try {
      const best = await race
      await this.#kept?.set(key, best).catch(() => undefined)
      return best
    } catch {
      return 'whole'
    }
  }

  /** The sums of `whole`, which needs nothing of the device, are those that are believed. */
  async #race(shape: MatrixShape): Promise<GemvSchedule> {
    const others = this.#schedules.filter((schedule) => schedule !== 'whole')
    const times = await raceGemv(this.#device, shape, ['whole', ...others])
    const time = ({ milliseconds }: { milliseconds: number | null }): number => milliseconds ?? Infinity
    return times.reduce((best, next) => (time(next) < time(best) ? next : best)).schedule
  }
}

/** A shape whose sides are powers of two, for all that are nearest to it; of a head only a part. */
function classOf({ rows, cols, format }: MatrixShape): MatrixShape {
  const near = (size: number, least: number): number => Math.max(least, 2 ** Math.round(Math.log2(size)))
  const shape = { rows: near(rows, 8), cols: near(cols, 32), format }
  while (shape.rows > 8 && matrixBytes(shape).weightBytes > MOST_BYTES) shape.rows /= 2
  return shape
}
