import { type Matrix, matrixBytes, packMatrix } from '../../kernels/matrix.ts'
import type { Checkpoint, MatrixPlan, VectorPlan } from './checkpoint.ts'
import type { ModelConfig } from './config.ts'
import { allocating } from './gpu.ts'
import type { LayerWeights } from './layer.ts'
import type { Account } from './ledger.ts'
import { checkUnused, endTensors, layerTensors } from './tensor-names.ts'

export interface ModelWeights {
  readonly embedding: Matrix
  readonly layers: readonly LayerWeights[]
  /** f32 [C] */
  readonly finalNorm: GPUBuffer
  readonly head: Matrix
}

/**
 * Put a checkpoint on the GPU, one matrix at a time: no more than that one is in memory beside the GPU's copy.
 *
 * Every tensor's name and shape is checked before the first one is read.
 *
 * @param onProgress layers done and layers in all, the ends counted as one
 * @throws {EngineError} `bad-weights`, `missing-file`, `out-of-memory`; the caller closes `account`
 */
export async function uploadWeights(
  account: Account,
  device: GPUDevice,
  config: ModelConfig,
  checkpoint: Checkpoint,
  onProgress: (loaded: number, total: number) => void,
): Promise<ModelWeights> {
  const plans = Array.from({ length: config.layers }, (_, i) => layerTensors(checkpoint, config, i))
  const ends = endTensors(checkpoint, config)
  checkUnused(checkpoint)

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
    const shape = { rows: stored.rows, cols: stored.cols, format: stored.format }
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

  const total = config.layers + 1
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
