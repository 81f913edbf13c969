import { type Matrix, matrixBytes, type MatrixShape, packMatrix } from '../../kernels/matrix.ts'
import type { MatrixPlan, VectorPlan } from './checkpoint.ts'
import { allocating } from './gpu.ts'
import type { LayerShapes, LayerWeights } from './layer.ts'
import type { Account } from './ledger.ts'
import type { LayerTensors } from './tensor-names.ts'
import { readLayer, type WeightPlans } from './weight-plans.ts'

export interface ModelWeights {
  readonly embedding: Matrix
  readonly layers: readonly LayerWeights[]
  /** f32 [C] */
  readonly finalNorm: GPUBuffer
  readonly head: Matrix
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
 * Put a checkpoint on the GPU, a few MiB at a time: no more than that is in memory beside the GPU's copy.
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
  // Attention takes the norms of q and k as uniforms.
  const usage =
    GPUBufferUsage.STORAGE | GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST
  const vector = async (plan: VectorPlan, label: string): Promise<GPUBuffer> => {
    const values = await plan.load()
    return allocating(device, label, values.byteLength, () => {
      const buffer = account.create(label, values.byteLength, usage)
      device.queue.writeBuffer(buffer, 0, values)
      return buffer
    })
  }
  const matrix = async (plan: MatrixPlan, label: string): Promise<Matrix> => {
    const shape = shapeOf(plan)
    const { weightBytes, scaleBytes } = matrixBytes(shape)
    const made = await allocating(device, label, weightBytes + scaleBytes, () => ({
      shape,
      weight: account.create(label, weightBytes),
      scales: scaleBytes > 0 ? account.create(`${label}_scales`, scaleBytes) : null,
    }))
    for await (const piece of plan.pieces()) {
      const packed = packMatrix(shapeOf(piece), piece.values, piece.scales)
      const before = matrixBytes({ ...shape, rows: piece.first })
      // Each is awaited, so that what waits to be copied to the GPU is a piece and not the model.
      await allocating(device, label, packed.weight.length, () => {
        device.queue.writeBuffer(made.weight, before.weightBytes, packed.weight)
        if (made.scales && packed.scales)
          device.queue.writeBuffer(made.scales, before.scaleBytes, packed.scales)
      })
    }
    return made
  }

  const total = plans.length + 1
  const layers: LayerWeights[] = []
  for (const [i, plan] of plans.entries()) {
    layers.push(await readLayer(plan, { matrix, vector }))
    onProgress(i + 1, total)
  }
  const embedding = await matrix(ends.embedding, 'embedding')
  const uploaded = {
    embedding,
    layers,
    finalNorm: await vector(ends.finalNorm, 'final_norm'),
    head: ends.head ? await matrix(ends.head, 'head') : embedding,
  }
  onProgress(total, total)
  return uploaded
}
