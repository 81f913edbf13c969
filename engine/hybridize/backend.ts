import * as tf from '@tensorflow/tfjs-core'
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import { registerGradients } from './gradients.ts'

/** Where gradients are computed: on our own device, or on the processor. */
export interface GradientDevice {
  readonly device: GPUDevice
  readonly info: GPUAdapterInfo
}

let onDevice: WebGPUBackend | null = null

/**
 * Make tfjs compute on this device, or on the processor: slow, but quicker than a software GPU.
 *
 * tfjs has one backend for the whole thread; the last call counts.
 */
export async function startBackend(gpu: GradientDevice | null): Promise<'webgpu' | 'cpu'> {
  // Else it advertises another backend on stderr, and checks every number twice.
  tf.enableProdMode()
  registerGradients()
  onDevice = null
  if (!gpu) {
    const [{ useFastMatMul }, { useFastBinary }, { useFastMoving }, { useFastSoftmax }] = await Promise.all([
      import('./cpu-matmul.ts'),
      import('./cpu-binary.ts'),
      import('./cpu-moving.ts'),
      import('./cpu-softmax.ts'),
      import('@tensorflow/tfjs-backend-cpu'),
    ])
    await useFastMatMul()
    useFastBinary()
    useFastMoving()
    useFastSoftmax()
    await tf.setBackend('cpu')
    return 'cpu'
  }
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu')
  // Small tensors would be computed on the processor and uploaded again.
  tf.env().set('WEBGPU_CPU_FORWARD', false)
  if (Object.hasOwn(tf.engine().registryFactory, 'webgpu')) tf.removeBackend('webgpu')
  tf.registerBackend('webgpu', () => (onDevice = announced(() => new WebGPUBackend(gpu.device, gpu.info))))
  await tf.setBackend('webgpu')
  return 'webgpu'
}

/** Weights where they are computed with: tfjs would keep them in the host's memory until their first use. */
export function placed<T extends tf.Tensor>(weights: T): T {
  onDevice?.uploadToGPU(weights.dataId)
  return weights
}

/** Dispose of weights for good: on a GPU tfjs would keep their memory for the next tensors of just these sizes. */
export function letGo(weights: readonly tf.Tensor[]): void {
  tf.dispose([...weights])
  if (!onDevice) return
  const { bufferManager: buffers } = onDevice
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST
  for (const { size } of weights) buffers.releaseBuffer(buffers.acquireBuffer(4 * size, usage), false)
}

/** tfjs refuses a device where no navigator has a GPU, as in Node. */
function announced<T>(make: () => T): T {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator')
  if (typeof navigator !== 'undefined' && 'gpu' in navigator) return make()
  Object.defineProperty(globalThis, 'navigator', { value: { gpu: true }, configurable: true })
  try {
    return make()
  } finally {
    if (before) Object.defineProperty(globalThis, 'navigator', before)
    else Reflect.deleteProperty(globalThis, 'navigator')
  }
}
