import type { Checkpoint, MatrixPlan, VectorPlan } from './checkpoint.ts'
import type { ModelConfig } from './config.ts'
import { checkUnused, type EndTensors, endTensors, type LayerTensors, layerTensors } from './tensor-names.ts'

/** Every tensor of a model, found and of the right shape; none is read yet. */
export interface WeightPlans {
  readonly layers: readonly LayerTensors[]
  readonly ends: EndTensors
}

/** The tensors of a layer where they are used: in GPU buffers, in f64, in another library. */
export interface LayerValues<Matrix, Vector> {
  readonly inputNorm: Vector
  readonly projections: Matrix
  readonly projectionBias: Vector | null
  readonly queryNorm: Vector | null
  readonly keyNorm: Vector | null
  readonly output: Matrix
  readonly mlpNorm: Vector
  readonly gateUp: Matrix
  readonly down: Matrix
}

/** How a tensor is brought there. */
export interface Readers<Matrix, Vector> {
  readonly matrix: (plan: MatrixPlan, label: string) => Promise<Matrix>
  readonly vector: (plan: VectorPlan, label: string) => Promise<Vector>
}

/** @throws {EngineError} `bad-weights` naming the first tensor that is missing, too many, or of another shape */
export function planWeights(config: ModelConfig, checkpoint: Checkpoint): WeightPlans {
  const layers = Array.from({ length: config.layers }, (_, i) => layerTensors(checkpoint, config, i))
  const ends = endTensors(checkpoint, config)
  checkUnused(checkpoint)
  return { layers, ends }
}

/** What stands right before and after attention. */
export type ProjectionValues<Matrix, Vector> = Pick<
  LayerValues<Matrix, Vector>,
  'projections' | 'projectionBias' | 'queryNorm' | 'keyNorm' | 'output'
>

/** Read what stands right before and after a layer's attention. */
export async function readProjections<Matrix, Vector>(
  plan: LayerTensors,
  { matrix, vector }: Readers<Matrix, Vector>,
): Promise<ProjectionValues<Matrix, Vector>> {
  const optional = async (each: VectorPlan | null, label: string) => each && (await vector(each, label))
  return {
    projections: await matrix(plan.projections, 'projections'),
    projectionBias: await optional(plan.projectionBias, 'projection_bias'),
    queryNorm: await optional(plan.queryNorm, 'query_norm'),
    keyNorm: await optional(plan.keyNorm, 'key_norm'),
    output: await matrix(plan.output, 'output'),
  }
}

/** Read one layer, one tensor after the other. */
export async function readLayer<Matrix, Vector>(
  plan: LayerTensors,
  readers: Readers<Matrix, Vector>,
): Promise<LayerValues<Matrix, Vector>> {
  const { matrix, vector } = readers
  return {
    inputNorm: await vector(plan.inputNorm, 'input_norm'),
    ...(await readProjections(plan, readers)),
    mlpNorm: await vector(plan.mlpNorm, 'mlp_norm'),
    gateUp: await matrix(plan.gateUp, 'gate_up'),
    down: await matrix(plan.down, 'down'),
  }
}
