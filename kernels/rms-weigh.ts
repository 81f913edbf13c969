import { type Weighted } from './gemv.ts'
import { checkPositive, checkWorkgroups, compile, dispatch, type Kernel } from './kernel.ts'
import code from './rms-weigh.wgsl?raw'

export interface RmsWeighShape {
  /** channels, C */
  readonly size: number
}

/** `weighted` f32 `[C]` and `squares` f32 `[C / 8 rounded up]` are written. */
export interface RmsWeighBuffers extends Weighted {
  /** f32 `[C]` */
  readonly residual: GPUBuffer
  /** f32 `[C]`: the norm's weight */
  readonly norm: GPUBuffer
}

const WORKGROUP_SIZE = 32

/**
 * Weigh one token's residual for the norm that gemv finishes: where no gemv_add came before.
 *
 *     weighted[c] = residual[c] · norm[c]          squares[n] = Σ residual[8n … 8n + 7]²
 *
 * Traffic: `C` f32 read twice, written once. Oracle: `rms-weigh.ref.ts`.
 *
 * @throws {KernelShapeError} size is not a positive integer, or exceeds the device's workgroups
 */
export async function createRmsWeigh(
  device: GPUDevice,
  { size }: RmsWeighShape,
): Promise<Kernel<RmsWeighBuffers>> {
  const label = 'rms_weigh'
  checkPositive(label, { size })
  const workgroups = Math.ceil(size / 8 / WORKGROUP_SIZE)
  checkWorkgroups(device, label, 'size', workgroups)
  const pipeline = await compile(device, { label, code, constants: { size, workgroupSize: WORKGROUP_SIZE } })
  return {
    label,
    bind: ({ residual, norm, weighted, squares }) =>
      dispatch(device, pipeline, label, [residual, norm, weighted, squares], () => [workgroups]),
  }
}
