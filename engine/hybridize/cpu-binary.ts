import {
  broadcast_util,
  registerKernel,
  type TensorInfo,
  unregisterKernel,
  util,
} from '@tensorflow/tfjs-core'
import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'

interface Call {
  readonly inputs: { readonly a: TensorInfo; readonly b: TensorInfo }
  readonly backend: MathBackendCPU
}

/** Where rows of the last axis begin in each factor, and how far apart their numbers are: 0 where one is repeated. */
interface Row {
  readonly a: Float32Array
  readonly b: Float32Array
  readonly strideA: 0 | 1
  readonly strideB: 0 | 1
}

type Loop = (row: Row, atA: number, atB: number, output: Float32Array, at: number, length: number) => void

// A loop for each, because a function called per number costs ten times the number.
const LOOPS: Readonly<Record<string, Loop>> = {
  Add: ({ a, b, strideA, strideB }, atA, atB, output, at, length) => {
    for (let i = 0; i < length; i++) output[at + i] = a[atA + i * strideA]! + b[atB + i * strideB]!
  },
  Sub: ({ a, b, strideA, strideB }, atA, atB, output, at, length) => {
    for (let i = 0; i < length; i++) output[at + i] = a[atA + i * strideA]! - b[atB + i * strideB]!
  },
  Multiply: ({ a, b, strideA, strideB }, atA, atB, output, at, length) => {
    for (let i = 0; i < length; i++) output[at + i] = a[atA + i * strideA]! * b[atB + i * strideB]!
  },
}

/** Replace add, sub and mul of tfjs-backend-cpu, which finds the place of every number anew where a factor is repeated. */
export function useFastBinary(): void {
  for (const [kernelName, loop] of Object.entries(LOOPS)) {
    unregisterKernel(kernelName, 'cpu')
    registerKernel({
      kernelName,
      backendName: 'cpu',
      kernelFunc: (call) => {
        const { inputs, backend } = call as typeof call & Call
        const shape = broadcast_util.assertAndGetBroadcastShape(inputs.a.shape, inputs.b.shape)
        const output = new Float32Array(util.sizeFromShape(shape))
        const [placesA, placesB] = [places(inputs.a.shape, shape), places(inputs.b.shape, shape)]
        const row: Row = {
          a: backend.data.get(inputs.a.dataId).values as Float32Array,
          b: backend.data.get(inputs.b.dataId).values as Float32Array,
          strideA: inputs.a.shape.at(-1) === shape.at(-1) ? 1 : 0,
          strideB: inputs.b.shape.at(-1) === shape.at(-1) ? 1 : 0,
        }
        const length = shape.at(-1) ?? 1
        for (let i = 0; i < placesA.length; i++)
          loop(row, placesA[i]!, placesB[i]!, output, i * length, length)
        return backend.makeTensorInfo(shape, 'float32', output)
      },
    })
  }
}

/** For each row of the result the place of its numbers in a factor of this shape. */
function places(own: readonly number[], result: readonly number[]): Int32Array {
  const rows = result.slice(0, -1)
  const found = new Int32Array(util.sizeFromShape([...rows]))
  // From the last axis but one outwards: the places so far, again for each index of the axis.
  let filled = 1
  let size = own.at(-1) ?? 1
  for (let axis = rows.length - 1; axis >= 0; axis--) {
    const count = rows[axis] ?? 1
    const ownCount = own[axis - result.length + own.length] ?? 1
    for (let i = 1; i < count; i++) {
      const shift = ownCount === 1 ? 0 : i * size
      for (let j = 0; j < filled; j++) found[i * filled + j] = found[j]! + shift
    }
    filled *= count
    size *= ownCount
  }
  return found
}
