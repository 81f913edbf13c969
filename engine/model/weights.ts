import { type Matrix, matrixBytes, type MatrixShape, packMatrix } from '../../kernels/matrix.ts'
import type { Checkpoint, MatrixPlan, VectorPlan } from './checkpoint.ts'
import type { ModelConfig } from './config.ts'
import { allocating } from './gpu.ts'
import type { LayerShapes, LayerWeights } from './layer.ts'
import type { Account } from './ledger.ts'
import { checkUnused, type EndTensors, endTensors, type LayerTensors, layerTensors } from './tensor-names.ts'

export interface ModelWeights {
  readonly embedding: Matrix
  readonly layers: readonly LayerWeights[]
  /** f32 [C] */
  readonly finalNorm: GPUBuffer
  readonly head: Matrix
}

/** Every tensor of a model, found and of the right shape; none is read yet. */
export interface WeightPlans {
  readonly layers: readonly LayerTensors[]
  readonly ends: EndTensors
}

/** @throws {EngineError} `bad-weights` naming the first tensor that is missing, too many, or of another shape */
export function planWeights(config: ModelConfig, checkpoint: Checkpoint): WeightPlans {
  const layers = Array.from({ length: config.layers }, (_, i) => layerTensors(checkpoint, config, i))
  const ends = endTensors(checkpoint, config)
  checkUnused(checkpoint)
  return { layers, ends }
}

/** What a layer's kernels have to know of it. */
export function layerShapes(plan: LayerTensors): LayerShapes {
  const { projections, projectionBias, output, gateUp, down } = plan
  return {
    projections: { shape: shapeOf(projections) },
    projectionBias,
    output: { shape: shapeOf(output) },
    gateUp: { shape: shapeOf(gateUp) },
    down: { shape: shapeOf(down) },
  }
}

export function shapeOf({ rows, cols, format }: MatrixShape): MatrixShape {
  return { rows, cols, format }
}

/**
 * Put a checkpoint on the GPU, one matrix at a time: no more than that one is in memory beside the GPU's copy.
 *
 * @param onProgress layers done and layers in all, the ends counted as one
 * @throws {EngineError} `bad-weights`, `missing-file`, `out-of-memory`; the caller closes `account`
 */
export async function uploadWeights(
  account: Account,
  device: GPUDevice,
  { layers: plans, ends }: WeightPlans,
  onProgress: (loaded: number, total: number) => void,
): Promise<ModelWeights> {
  const vector = async (label: string, plan: VectorPlan): Promise<GPUBuffer> => {
    const values = await plan.load()
    return allocating(device, label, values.byteLength, () => {
      const buffer = account.create(label, values.byteLength)
      device.queue.writeBuffer(buffer, 0, values)
      return buffer
    })
  }
  const optional = async (label: string, plan: VectorPlan | null) => plan && (await vector(label, plan))
  const matrix = async (label: string, plan: MatrixPlan): Promise<Matrix> => {
    const stored = await plan.load()
    const shape = shapeOf(stored)
    const { weightBytes, scaleBytes } = matrixBytes(shape)
    const packed = packMatrix(shape, stored.values, stored.scales)
    return allocating(device, label, weightBytes + scaleBytes, () => {
      const weight = account.create(label, weightBytes)
      device.queue.writeBuffer(weight, 0, packed.weight)
      let scales: GPUBuffer | null = null
      if (packed.scales) {
        scales = account.create(`${label}_scales`, scaleBytes)
        device.queue.writeBuffer(scales, 0, packed.scales)
      }
      return { shape, weight, scales }
    })
  }

  const total = plans.length + 1
  const layers: LayerWeights[] = []
  for (const [i, plan] of plans.entries()) {
    layers.push({
      inputNorm: await vector('input_norm', plan.inputNorm),
      projections: await matrix('projections', plan.projections),
      projectionBias: await optional('projection_bias', plan.projectionBias),
      queryNorm: await optional('query_norm', plan.queryNorm),
      keyNorm: await optional('key_norm', plan.keyNorm),
      output: await matrix('output', plan.output),
      mlpNorm: await vector('mlp_norm', plan.mlpNorm),
      gateUp: await matrix('gate_up', plan.gateUp),
      down: await matrix('down', plan.down),
    })
    onProgress(i + 1, total)
  }
  const embedding = await matrix('embedding', ends.embedding)
  const uploaded = {
    embedding,
    layers,
    finalNorm: await vector('final_norm', ends.finalNorm),
    head: ends.head ? await matrix('head', ends.head) : embedding,
  }
  onProgress(total, total)
  return uploaded
}
