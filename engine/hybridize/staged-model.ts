import type { Checkpoint } from '../model/checkpoint.ts'
import type { ModelConfig } from '../model/config.ts'
import type { OpenGpu } from '../model/gpu.ts'
import { EngineTeacher } from './engine-teacher.ts'
import type { School } from './fit-gates.ts'
import { Forward } from './forward.ts'
import { Projections } from './projections.ts'
import { forwardTeacher } from './teacher.ts'

/**
 * A model in the shape that a part of the fit needs: whole in tfjs, or, for stage 1 on a GPU, its teacher in the engine and
 * in tfjs what stands around the attention that learns. One shape is let go before the other is read, so that weights are
 * never there twice. On the processor the teacher is the whole model in tfjs: the engine's reference is far slower.
 */
export class StagedModel {
  readonly config: ModelConfig
  readonly #checkpoint: Checkpoint
  readonly #gpu: Pick<OpenGpu, 'device' | 'lost'> | null
  #whole: Forward | null = null
  #school: School | null = null

  constructor(config: ModelConfig, checkpoint: Checkpoint, gpu: Pick<OpenGpu, 'device' | 'lost'> | null) {
    this.config = config
    this.#checkpoint = checkpoint
    this.#gpu = gpu
  }

  /** All of it in tfjs. @throws {EngineError} `bad-weights`, `missing-file` */
  async whole(): Promise<Forward> {
    this.#leaveSchool()
    this.#whole ??= await Forward.load(this.config, this.#checkpoint)
    return this.#whole
  }

  /**
   * What stage 1 needs.
   *
   * @param layers that learn
   * @param tokens the longest text, T
   * @throws {EngineError} `bad-weights`, `missing-file`, `out-of-memory`
   */
  async school(layers: readonly number[], tokens: number): Promise<School> {
    if (!this.#gpu) {
      const forward = await this.whole()
      return { projections: forward.projections, teacher: forwardTeacher(forward) }
    }
    this.dispose()
    const projections = await Projections.load(this.config, this.#checkpoint, layers)
    const teacher = await EngineTeacher.load(projections, this.#checkpoint, layers, tokens, this.#gpu)
    return (this.#school = { projections, teacher })
  }

  dispose(): void {
    this.#leaveSchool()
    this.#whole?.dispose()
    this.#whole = null
  }

  #leaveSchool(): void {
    this.#school?.teacher.dispose()
    this.#school?.projections.dispose()
    this.#school = null
  }
}
