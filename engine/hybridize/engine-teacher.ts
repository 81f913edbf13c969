import * as tf from '@tensorflow/tfjs-core'
import { WINDOW_ALL } from '../../kernels/attention-shape.ts'
import type { Checkpoint } from '../model/checkpoint.ts'
import type { KeptChoices } from '../model/gemv-choice.ts'
import { CHUNK } from '../model/gpu-sequence.ts'
import { allocating, type OpenGpu } from '../model/gpu.ts'
import type { Account } from '../model/ledger.ts'
import { createGpuModel, type GpuModel } from '../model/model.ts'
import { attend, reading } from './attention.ts'
import type { Projections } from './projections.ts'
import type { Lesson, Teacher } from './teacher.ts'
import { withoutSlots } from './weight-tensors.ts'

/** A teacher decodes nothing, so nobody needs to know which product with one token is quickest here. */
const NO_RACE: KeptChoices = { get: () => Promise.resolve('whole'), set: () => Promise.resolve() }

/** Of one layer: what its first norm gives. */
interface Normed {
  /** f32 [CHUNK, C], of the chunk that was read last */
  readonly chunk: GPUBuffer
  /** f32 [T, C] of the text: the memory of a tensor */
  readonly text: GPUBuffer
}

/**
 * The teacher in our engine: prefill leaves what the attention of a layer is given in buffers that tfjs takes as they are,
 * so nothing goes through the host, and tfjs needs no weights but the projections of the layers that learn.
 *
 * Against the teacher in tfjs: keys and values that layers below looked at were f16.
 */
export class EngineTeacher implements Teacher {
  readonly #projections: Projections
  readonly #model: GpuModel
  readonly #account: Account
  readonly #normed: ReadonlyMap<number, Normed>

  /**
   * @param projections of the layers that learn; they stay the caller's
   * @param tokens the longest text, T
   * @throws {EngineError} `bad-weights`, `out-of-memory`
   */
  static async load(
    projections: Projections,
    checkpoint: Checkpoint,
    layers: readonly number[],
    tokens: number,
    { device, lost }: Pick<OpenGpu, 'device' | 'lost'>,
  ): Promise<EngineTeacher> {
    const config = withoutSlots(projections.config)
    const onProgress = () => undefined
    const model = await createGpuModel({ device, lost, config, checkpoint, choices: NO_RACE, onProgress })
    const bytes = 4 * config.hiddenSize * (CHUNK + tokens) * layers.length
    const make = () => new EngineTeacher(projections, model, layers, tokens)
    return allocating(device, 'working memory', bytes, make).catch((error: unknown) => {
      model.dispose()
      throw error
    })
  }

  private constructor(projections: Projections, model: GpuModel, layers: readonly number[], tokens: number) {
    this.#projections = projections
    this.#model = model
    this.#account = model.ledger.open('scratch')
    const row = 4 * model.config.hiddenSize
    const normed = () => ({
      chunk: this.#account.create('normed_chunk', CHUNK * row),
      text: this.#account.create('normed_text', tokens * row),
    })
    this.#normed = new Map(layers.map((layer) => [layer, normed()]))
  }

  get bytes(): number {
    return this.#model.weightBytes + this.#model.scratchBytes
  }

  async lessons(layers: readonly number[], tokens: readonly number[]): Promise<readonly Lesson[]> {
    await this.#read(tokens)
    return tf.tidy(() => {
      const full = reading(this.#projections.config, tokens.length, WINDOW_ALL, { sinks: 0, slotsOn: false })
      return layers.map((layer) => {
        const normed = this.#normed.get(layer)
        if (!normed) throw new Error(`layer ${layer} was not read`)
        const shape = [tokens.length, this.#model.config.hiddenSize]
        const tensor = tf.tensor({ buffer: normed.text, zeroCopy: true }, shape)
        const input = this.#projections.project(layer, tensor)
        return { layer, input, attended: attend(full, input, null) }
      })
    })
  }

  async #read(tokens: readonly number[]): Promise<void> {
    const { config, ledger } = this.#model
    const row = 4 * config.hiddenSize
    const options = { windows: config.layerWindows.map(() => WINDOW_ALL), slotsOn: false }
    const taps = new Map([...this.#normed].map(([layer, { chunk }]) => [layer, chunk]))
    const sequence = await this.#model.createSequence(options, undefined, taps)
    try {
      for (let start = 0; start < tokens.length; start += CHUNK) {
        const chunk = tokens.slice(start, start + CHUNK)
        await sequence.prefill(chunk, 1)
        const encoder = ledger.device.createCommandEncoder({ label: 'normed' })
        for (const normed of this.#normed.values())
          encoder.copyBufferToBuffer(normed.chunk, 0, normed.text, start * row, chunk.length * row)
        ledger.device.queue.submit([encoder.finish()])
      }
    } finally {
      sequence.dispose()
    }
  }

  dispose(): void {
    this.#account.close()
    this.#model.dispose()
  }
}
