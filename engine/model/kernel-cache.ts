import type { GemvSchedule } from '../../kernels/gemv-schedule.ts'
import type { MatrixShape } from '../../kernels/matrix.ts'
import type { GemvChoices } from './gemv-choice.ts'

type Create<Args extends unknown[], K> = (device: GPUDevice, ...args: Args) => Promise<K>

/** Compiles each kernel once per shape: layers alike share their pipelines, and a mode nobody uses compiles nothing. */
export class KernelCache {
  readonly device: GPUDevice
  readonly #choices: GemvChoices
  readonly #made = new Map<unknown, Map<string, Promise<unknown>>>()

  constructor(device: GPUDevice, choices: GemvChoices) {
    this.device = device
    this.#choices = choices
  }

  /** `create(device, ...args)`, or what it gave for equal arguments before. */
  get<Args extends unknown[], K>(create: Create<Args, K>, ...args: Args): Promise<K> {
    const ofKind = this.#made.get(create) ?? new Map<string, Promise<unknown>>()
    this.#made.set(create, ofKind)
    const key = JSON.stringify(args)
    const made = (ofKind.get(key) as Promise<K> | undefined) ?? create(this.device, ...args)
    ofKind.set(key, made)
    return made
  }

  /** A product with one vector, on the schedule that is quickest here. */
  async product<Options extends object, K>(
    create: Create<[MatrixShape, Options & { readonly schedule: GemvSchedule }], K>,
    shape: MatrixShape,
    options: Options,
  ): Promise<K> {
    const schedule = await this.#choices.scheduleFor(shape)
    return this.get(create, shape, { ...options, schedule })
  }
}
