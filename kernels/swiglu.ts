import { checkBinding, checkPositive, checkWorkgroups, compile, dispatch, type Kernel } from './kernel.ts'
import swiglu from './swiglu.wgsl?raw'

export interface SwigluShape {
  /** MLP inner size, F */
  readonly size: number
}

export interface SwigluBuffers {
  /** f32 `[T, 2, F]`: gate, then up */
  readonly gateUp: GPUBuffer
  /** f32 `[T, F]`, out */
  readonly output: GPUBuffer
}

const WORKGROUP_SIZE = 64

/**
 * Gate the MLP: SiLU of the gate projection, times the up projection.
 *
 *     output[t, f] = gate[t, f] * sigmoid(gate[t, f]) * up[t, f]
 *
 * Traffic: `3 * T * F` f32. Oracle: `swiglu.ref.ts`. Source: Shazeer, arXiv 2002.05202, equation 6, without bias.
 *
 * @throws {KernelShapeError} size is not a positive integer, or one token exceeds the device's limits
 */
export async function createSwiglu(device: GPUDevice, { size }: SwigluShape): Promise<Kernel<SwigluBuffers>> {
  const label = 'swiglu'
  checkPositive(label, { size })
  checkBinding(device, label, 'gateUp', size * 8)
  const workgroups = Math.ceil(size / WORKGROUP_SIZE)
  checkWorkgroups(device, label, 'size', workgroups)
  const constants = { size, workgroupSize: WORKGROUP_SIZE }
  const pipeline = await compile(device, { label, code: swiglu, constants })
  return {
    label,
    bind: ({ gateUp, output }) =>
      dispatch(device, pipeline, label, [gateUp, output], (tokens) => [workgroups, tokens]),
  }
}
