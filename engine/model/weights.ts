import { type Matrix, matrixBytes, packMatrix } from '../../kernels/matrix.ts'
import type { Checkpoint, StoredMatrix } from './checkpoint.ts'
import type { ModelConfig } from './config.ts'
import { allocating } from './gpu.ts'
import type { LayerWeights } from './layer.ts'
import type { Account } from './ledger.ts'
import { endTensors, layerTensors } from './tensor-names.ts'

export interface ModelWeights {
  readonly embedding: Matrix
  readonly layers: readonly LayerWeights[]
  /** f32 [C] */
  readonly finalNorm: GPUBuffer
  readonly head: Matrix
}

/**
 * Put a checkpoint on the GPU, layer by layer.
 *
 * @param onProgress layers done and layers in all, the ends counted as one
 * @throws {EngineError} `bad-weights`, `out-of-memory`; the caller closes `account`
 */
export async function uploadWeights(
  account: Account,
  device: GPUDevice,
  config: ModelConfig,
  checkpoint: Checkpoint,
  onProgress: (loaded: number, total: number) => void,
): Promise<ModelWeights> {
  const vector = (label: string, values: Float32Array<ArrayBuffer> | null): GPUBuffer | null => {
    if (!values) return null
    const buffer = account.create(label, values.byteLength)
    device.queue.writeBuffer(buffer, 0, values)
    return buffer
  }
  const required = (label: string, values: Float32Array<ArrayBuffer>): GPUBuffer => {
    const buffer = account.create(label, values.byteLength)
    device.queue.writeBuffer(buffer, 0, values)
    return buffer
  }
  const matrix = (label: string, stored: StoredMatrix): Matrix => {
    const shape = { rows: stored.rows, cols: stored.cols, format: stored.format }
    const { weightBytes, scaleBytes } = matrixBytes(shape)
    const packed = packMatrix(shape, stored.values, stored.scales)
    const weight = account.create(label, weightBytes)
    device.queue.writeBuffer(weight, 0, packed.weight)
    let scales: GPUBuffer | null = null
    if (packed.scales) {
      scales = account.create(`${label}_scales`, scaleBytes)
      device.queue.writeBuffer(scales, 0, packed.scales)
    }
    return { shape, weight, scales }
  }

  const total = config.layers + 1
  const layers: LayerWeights[] = []
  for (let i = 0; i < config.layers; i++) {
    const tensors = layerTensors(checkpoint, config, i)
    const bytes = tensors.projections.values.byteLength + tensors.gateUp.values.byteLength
    layers.push(
      await allocating(device, `weights of layer ${i}`, bytes, () => ({
        inputNorm: required('input_norm', tensors.inputNorm),
        projections: matrix('projections', tensors.projections),
        projectionBias: vector('projection_bias', tensors.projectionBias),
        queryNorm: vector('query_norm', tensors.queryNorm),
        keyNorm: vector('key_norm', tensors.keyNorm),
        output: matrix('output', tensors.output),
        mlpNorm: required('mlp_norm', tensors.mlpNorm),
        gateUp: matrix('gate_up', tensors.gateUp),
        down: matrix('down', tensors.down),
      })),
    )
    onProgress(i + 1, total)
  }
  const ends = endTensors(checkpoint, config)
  const uploaded = await allocating(device, 'embedding', ends.embedding.values.byteLength, () => {
    const embedding = matrix('embedding', ends.embedding)
    return {
      embedding,
      layers,
      finalNorm: required('final_norm', ends.finalNorm),
      head: ends.head ? matrix('head', ends.head) : embedding,
    }
  })
  onProgress(total, total)
  return uploaded
}
