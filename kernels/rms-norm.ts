import {
  runsOnCpu,
  checkBinding,
  checkPositive,
  compile,
  dispatch,
  type Kernel,
  KernelShapeError,
} from './kernel.ts'
import rows from './rms-norm-rows.wgsl?raw'
import rmsNorm from './rms-norm.wgsl?raw'

export interface RmsNormShape {
  /** channels, C */
  readonly size: number
  /** added to the mean square; not negative */
  readonly epsilon: number
}

export interface RmsNormBuffers {
  /** f32 `[T, C]` */
  readonly input: GPUBuffer
  /** f32 `[C]` */
  readonly weight: GPUBuffer
  /** f32 `[T, C]`, out; another buffer than `input` */
  readonly output: GPUBuffer
}

/** Few, so that a chunk of 128 tokens keeps several cores busy. */
const ROWS_PER_WORKGROUP = 16

/**
 * Normalise every token by its root mean square.
 *
 *     output[t, c] = input[t, c] * weight[c] / sqrt(mean over c of input[t, c]² + epsilon)
 *
 * Traffic: `T * C` f32 read twice and written once, one workgroup a token; one invocation a token where barriers are
 * costly (SwiftShader: six times faster for 128 tokens of 192 channels, equal for one). Oracle: `rms-norm.ref.ts`.
 * Source: Zhang and Sennrich, arXiv 1910.07467, equation 4.
 *
 * @param perRow which of the two schedules; a test names it
 * @throws {KernelShapeError} size is not a positive integer, one token exceeds the binding size, epsilon is negative
 */
export async function createRmsNorm(
  device: GPUDevice,
  shape: RmsNormShape,
  perRow = runsOnCpu(device),
): Promise<Kernel<RmsNormBuffers>> {
  const { size, epsilon } = shape
  const label = 'rms_norm'
  checkPositive(label, { size })
  checkBinding(device, label, 'input', size * 4)
  checkEpsilon(label, epsilon)
  const constants = { size, epsilon, ...(perRow && { workgroupSize: ROWS_PER_WORKGROUP }) }
  const pipeline = await compile(device, { label, code: perRow ? rows : rmsNorm, constants })
  return {
    label,
    bind: ({ input, weight, output }) =>
      dispatch(device, pipeline, label, [input, weight, output], (tokens) => [
        perRow ? Math.ceil(tokens / ROWS_PER_WORKGROUP) : tokens,
      ]),
  }
}

/** Refuse an epsilon that could make the root of a negative number. */
export function checkEpsilon(label: string, epsilon: number): void {
  if (!(epsilon >= 0 && Number.isFinite(epsilon))) {
    throw new KernelShapeError(label, `epsilon must be a number >= 0, got ${epsilon}`)
  }
}
