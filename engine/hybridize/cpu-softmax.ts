import { registerKernel, type TensorInfo, unregisterKernel, util } from '@tensorflow/tfjs-core'
import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'

interface Call {
  readonly inputs: { readonly logits: TensorInfo }
  readonly backend: MathBackendCPU
}

/** Replace softmax of tfjs-backend-cpu, over the last axis: one pass for the largest, one for the rest, as it should be. */
export function useFastSoftmax(): void {
  unregisterKernel('Softmax', 'cpu')
  registerKernel({
    kernelName: 'Softmax',
    backendName: 'cpu',
    kernelFunc: (call) => {
      const { inputs, backend } = call as typeof call & Call
      const { shape, dataId } = inputs.logits
      const logits = backend.data.get(dataId).values as Float32Array
      const width = shape.at(-1) ?? 1
      const output = new Float32Array(util.sizeFromShape(shape))
      for (let row = 0; row < output.length; row += width) {
        const end = row + width
        let largest = -Infinity
        for (let i = row; i < end; i++) if (logits[i]! > largest) largest = logits[i]!
        let sum = 0
        for (let i = row; i < end; i++) {
          // What is masked is nothing, without asking for its exponent.
          const below = logits[i]! - largest
          if (below > NOTHING) sum += output[i] = Math.exp(below)
        }
        const share = 1 / sum
        for (let i = row; i < end; i++) output[i]! *= share
      }
      return backend.makeTensorInfo(shape, 'float32', output)
    },
  })
}

/** e to less than this is 0 in f32. */
const NOTHING = -104
