import { capturingGpu } from './gpu.ts'

interface Scope {
  readonly filter: GPUErrorFilter
  refused: boolean
}

/**
 * A GPU whose N-th buffer is refused for want of memory, as a full one refuses it: the error is told to the scope that
 * asks for it. What its devices still hold is counted.
 */
export class FaultyGpu {
  readonly gpu: GPU
  readonly #held = new Map<GPUDevice, Map<GPUBuffer, number>>()
  /** buffers that were asked for */
  #allocations = 0
  #failAt = Infinity
  /** that were asked for */
  devices = 0
  /** rings larger than this are refused for good */
  largestRing = Infinity
  #failed = false

  constructor() {
    const { gpu } = capturingGpu()
    const requestAdapter = async (options?: GPURequestAdapterOptions): Promise<GPUAdapter | null> => {
      const adapter = await gpu.requestAdapter(options)
      if (!adapter) return null
      const requestDevice = adapter.requestDevice.bind(adapter)
      adapter.requestDevice = async (descriptor) => this.#watch(await requestDevice(descriptor))
      return adapter
    }
    this.gpu = Object.create(gpu, { requestAdapter: { value: requestAdapter } }) as GPU
  }

  /** The `allocation`-th buffer from now on is refused, and none after it. */
  failIn(allocation: number): void {
    this.#failAt = this.#allocations + allocation
  }

  /** One was refused since this was asked last. */
  takeFailure(): boolean {
    const failed = this.#failed
    this.#failed = false
    return failed
  }

  /** Bytes of buffers that nobody destroyed, on devices that nobody destroyed. */
  get bytes(): number {
    let sum = 0
    for (const buffers of this.#held.values()) for (const size of buffers.values()) sum += size
    return sum
  }

  #watch(device: GPUDevice): GPUDevice {
    this.devices++
    const buffers = new Map<GPUBuffer, number>()
    this.#held.set(device, buffers)
    const scopes: Scope[] = []
    const { createBuffer, pushErrorScope, popErrorScope, destroy } = bound(device)
    device.createBuffer = (descriptor) => {
      const buffer = createBuffer(descriptor)
      buffers.set(buffer, descriptor.size)
      const destroyBuffer = buffer.destroy.bind(buffer)
      buffer.destroy = () => {
        buffers.delete(buffer)
        destroyBuffer()
      }
      const isTooLarge = descriptor.label === 'window_keys' && descriptor.size > this.largestRing
      if (++this.#allocations === this.#failAt || isTooLarge) {
        this.#failed = true
        const scope = scopes.findLast(({ filter }) => filter === 'out-of-memory')
        // As the standard says: where the bytes are mapped at once, there is no buffer to give.
        if (descriptor.mappedAtCreation === true) {
          buffer.destroy()
          throw new RangeError('createBuffer failed on purpose')
        }
        if (!scope)
          throw new Error(`${descriptor.label ?? 'a buffer'} was made outside of an out-of-memory scope`)
        scope.refused = true
      }
      return buffer
    }
    device.pushErrorScope = (filter) => {
      scopes.push({ filter, refused: false })
      pushErrorScope(filter)
    }
    device.popErrorScope = async () => {
      const refused = scopes.pop()?.refused === true
      const error = await popErrorScope()
      return refused ? new GPUOutOfMemoryError('refused on purpose') : error
    }
    device.destroy = () => {
      this.#held.delete(device)
      destroy()
    }
    return device
  }
}

function bound(device: GPUDevice) {
  return {
    createBuffer: device.createBuffer.bind(device),
    pushErrorScope: device.pushErrorScope.bind(device),
    popErrorScope: device.popErrorScope.bind(device),
    destroy: device.destroy.bind(device),
  }
}
