import * as tf from '@tensorflow/tfjs-core'
import { registerGradients } from './gradients.ts'

/** Where gradients are computed: on our own device, or on the processor. */
export interface GradientDevice {
  readonly device: GPUDevice
  readonly info: GPUAdapterInfo
}

/**
 * Make tfjs compute on this device, or on the processor: slow, but quicker than a software GPU.
 *
 * tfjs has one backend for the whole thread; the last call counts.
 */
export async function startBackend(gpu: GradientDevice | null): Promise<'webgpu' | 'cpu'> {
  // Else it advertises another backend on stderr, and checks every number twice.
  tf.enableProdMode()
  registerGradients()
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
  tf.registerBackend('webgpu', () => announced(() => new WebGPUBackend(gpu.device, gpu.info)))
  await tf.setBackend('webgpu')
  return 'webgpu'
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
