import { registerKernel, slice_util, type TensorInfo, unregisterKernel, util } from '@tensorflow/tfjs-core'
import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'

interface Call {
  readonly inputs: { readonly x: TensorInfo }
  readonly backend: MathBackendCPU
  readonly attrs: {
    readonly begin: number[]
    readonly size: number[]
    readonly perm: readonly number[]
    readonly paddings: readonly (readonly [number, number])[]
    readonly constantValue: number
  }
}

/** Numbers that lie in memory in steps: where the first is, and how far it is to the next along each axis. */
interface Laid {
  readonly values: Float32Array
  readonly start: number
  readonly strides: readonly number[]
}

/** Replace slice, transpose and pad of tfjs-backend-cpu, which find the place of every number anew, twice. */
export function useFastMoving(): void {
  replace('Slice', ({ inputs: { x }, backend, attrs: { begin, size } }) => {
    const [from = [], shape = []] = slice_util.parseSliceParams(x, begin, size)
    const strides = stridesOf(x.shape)
    const start = from.reduce((sum, at, axis) => sum + at * (strides[axis] ?? 0), 0)
    const output = new Float32Array(util.sizeFromShape(shape))
    const source = { values: valuesOf(backend, x), start, strides }
    copy(shape, source, { values: output, start: 0, strides: stridesOf(shape) })
    return backend.makeTensorInfo(shape, x.dtype, output)
  })
  replace('Transpose', ({ inputs: { x }, backend, attrs: { perm } }) => {
    const shape = perm.map((axis) => x.shape[axis] ?? 0)
    const own = stridesOf(x.shape)
    const output = new Float32Array(util.sizeFromShape(shape))
    const from = { values: valuesOf(backend, x), start: 0, strides: perm.map((axis) => own[axis] ?? 0) }
    copy(shape, from, { values: output, start: 0, strides: stridesOf(shape) })
    return backend.makeTensorInfo(shape, x.dtype, output)
  })
  replace('PadV2', ({ inputs: { x }, backend, attrs: { paddings, constantValue } }) => {
    const shape = x.shape.map((size, axis) => size + (paddings[axis]?.[0] ?? 0) + (paddings[axis]?.[1] ?? 0))
    const strides = stridesOf(shape)
    const start = paddings.reduce((sum, [before], axis) => sum + before * (strides[axis] ?? 0), 0)
    const output = new Float32Array(util.sizeFromShape(shape)).fill(constantValue)
    const from = { values: valuesOf(backend, x), start: 0, strides: stridesOf(x.shape) }
    copy(x.shape, from, { values: output, start, strides })
    return backend.makeTensorInfo(shape, x.dtype, output)
  })
}

function replace(kernelName: string, of: (call: Call) => TensorInfo): void {
  unregisterKernel(kernelName, 'cpu')
  registerKernel({ kernelName, backendName: 'cpu', kernelFunc: (call) => of(call as typeof call & Call) })
}

function valuesOf(backend: MathBackendCPU, { dataId }: TensorInfo): Float32Array {
  return backend.data.get(dataId).values as Float32Array
}

/** Row by row. */
function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1)
  for (let axis = shape.length - 2; axis >= 0; axis--)
    strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1)
  return strides
}

/** A block of this shape from one place to another: whole rows where both lie row by row. */
function copy(shape: readonly number[], from: Laid, to: Laid): void {
  const length = shape.at(-1) ?? 1
  const [step, toStep] = [from.strides.at(-1) ?? 1, to.strides.at(-1) ?? 1]
  const [starts, toStarts] = [rowStarts(shape, from), rowStarts(shape, to)]
  const [source, target] = [from.values, to.values]
  const whole = step === 1 && toStep === 1 && length >= WORTH_A_CALL
  for (let row = 0; row < starts.length; row++) {
    let at = starts[row]!
    let toAt = toStarts[row]!
    if (whole) target.set(source.subarray(at, at + length), toAt)
    else for (let i = 0; i < length; i++, at += step, toAt += toStep) target[toAt] = source[at]!
  }
}

/** Numbers in a row from which on copying it by a call is quicker than by a loop. */
const WORTH_A_CALL = 48

/** Where each row of a block of this shape begins. */
function rowStarts(shape: readonly number[], { start, strides }: Laid): Int32Array {
  let starts = Int32Array.of(start)
  for (const [axis, length] of shape.slice(0, -1).entries()) {
    const stride = strides[axis] ?? 0
    const next = new Int32Array(starts.length * length)
    for (let i = 0; i < next.length; i++) next[i] = starts[Math.floor(i / length)]! + (i % length) * stride
    starts = next
  }
  return starts
}
