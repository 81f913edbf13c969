import headNorm from './head-norm.wgsl?raw'
import { checkPositive, checkWorkgroups, compile, dispatch, type Kernel, KernelShapeError } from './kernel.ts'
import { checkEpsilon } from './rms-norm.ts'

export interface HeadNormShape {
  /** Q */
  readonly queryHeads: number
  /** H */
  readonly kvHeads: number
  /** D */
  readonly headDim: number
  /** elements of one token's row, at least (Q + 2 H) D */
  readonly rowSize: number
  /** added to the mean square; not negative */
  readonly epsilon: number
}

export interface HeadNormBuffers {
  /** f32 `[T, rowSize]`: q `[Q, D]`, k `[H, D]`, v, z; q and k are normalised in place */
  readonly projections: GPUBuffer
  /** f32 `[D]` */
  readonly queryWeight: GPUBuffer
  /** f32 `[D]` */
  readonly keyWeight: GPUBuffer
}

/**
 * Normalise every query and key head by its root mean square, in place.
 *
 *     x[t, n, d] = x[t, n, d] * weight[d] / sqrt(mean over d of x[t, n, d]² + epsilon),  x = q or k
 *
 * Traffic: `T * (Q + H) * D` f32 read twice and written once, one workgroup a head and token.
 * Oracle: `head-norm.ref.ts`. Source: Qwen3, arXiv 2505.09388, section 2 (QK-Norm).
 *
 * @throws {KernelShapeError} a dimension is not a positive integer, rowSize does not hold q, k and v, epsilon is
 *   negative, or Q + H exceeds the device's workgroups
 */
export async function createHeadNorm(
  device: GPUDevice,
  shape: HeadNormShape,
): Promise<Kernel<HeadNormBuffers>> {
  const { queryHeads, kvHeads, headDim, rowSize, epsilon } = shape
  const label = 'head_norm'
  checkPositive(label, { queryHeads, kvHeads, headDim, rowSize })
  const smallest = (queryHeads + 2 * kvHeads) * headDim
  if (rowSize < smallest) {
    throw new KernelShapeError(label, `rowSize must be at least (Q + 2 H) D = ${smallest}, got ${rowSize}`)
  }
  checkEpsilon(label, epsilon)
  const heads = queryHeads + kvHeads
  checkWorkgroups(device, label, 'queryHeads + kvHeads', heads)
  const constants = { queryHeads, headDim, rowSize, epsilon }
  const pipeline = await compile(device, { label, code: headNorm, constants })
  return {
    label,
    bind: ({ projections, queryWeight, keyWeight }) =>
      dispatch(device, pipeline, label, [projections, queryWeight, keyWeight], (tokens) => [heads, tokens]),
  }
}
