import { type AttentionShape, WINDOW_ALL } from '../../kernels/attention-shape.ts'
import { createHybridAttendPrefill } from '../../kernels/hybrid-attend-prefill.ts'
import { type Dispatch } from '../../kernels/kernel.ts'
import { createSlotReadoutPrefill } from '../../kernels/slot-readout-prefill.ts'
import { createSlotScoresPrefill } from '../../kernels/slot-scores-prefill.ts'
import { createWindowWrite } from '../../kernels/window-write.ts'
import { type AttentionBuffers, type Layer, oncePerShape } from './attention.ts'
import { downloadF32, run } from './gpu.ts'

/** The prefill kernels of one shape. */
export const compilePrefill = oncePerShape(async (device, shape) => ({
  chunkWrite: await createWindowWrite(device, shape, { destination: 'chunk' }),
  scores: shape.slots > 0 ? await createSlotScoresPrefill(device, shape) : null,
  attend: await createHybridAttendPrefill(device, shape),
  readout: shape.slots > 0 ? await createSlotReadoutPrefill(device, shape) : null,
  ringWrite: await createWindowWrite(device, shape, { destination: 'ring' }),
}))

export type PrefillKernels = Awaited<ReturnType<typeof compilePrefill>>

/** The order of a prefill call in one layer: the ring is written last, so that what leaves can still be read. */
export function prefillDispatches(
  kernels: PrefillKernels,
  buffers: AttentionBuffers,
  layer: Layer,
): Dispatch[] {
  const { chunkWrite, scores, attend, readout, ringWrite } = kernels
  const chunk = {
    windowKeys: buffers.chunkKeys,
    windowValues: buffers.chunkValues,
    windowGates: buffers.chunkGates,
  }
  const useSlots = layer.slotsOn && layer.window !== WINDOW_ALL
  return [
    chunkWrite.bind({ ...buffers, ...chunk }),
    ...(useSlots && scores ? [scores.bind(buffers)] : []),
    attend.bind(buffers),
    ...(useSlots && readout ? [readout.bind(buffers)] : []),
    ringWrite.bind(buffers),
  ]
}

/** Prefill rows in calls of the given sizes; the outputs are `[T, Q·D]`. */
export async function prefillRows(
  device: GPUDevice,
  shape: AttentionShape,
  { buffers, dispatches }: { buffers: AttentionBuffers; dispatches: readonly Dispatch[] },
  position: number,
  projections: Float64Array,
  calls: readonly number[],
): Promise<Float32Array> {
  const { rowSize } = shape
  const width = shape.queryHeads * shape.headDim
  const outputs = new Float32Array((projections.length / rowSize) * width)
  let done = 0
  for (const tokens of calls) {
    const rows = new Float32Array(projections.subarray(done * rowSize, (done + tokens) * rowSize))
    device.queue.writeBuffer(buffers.step, 0, Uint32Array.of(position + done, tokens))
    device.queue.writeBuffer(buffers.projections, 0, rows)
    await run(device, dispatches, tokens)
    outputs.set((await downloadF32(device, buffers.output)).subarray(0, tokens * width), done * width)
    done += tokens
  }
  return outputs
}
