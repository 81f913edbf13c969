import { create, globals } from 'webgpu'
import { sleepWhileWaiting } from '../../bin/gpu-waiting.ts'
import { type Dispatch } from '../../kernels/kernel.ts'

Object.assign(globalThis, globals)
sleepWhileWaiting()

// Dawn's instance must stay reachable for as long as any device made from it is in use.
const GPU_INSTANCE = create([])

/** What `upload` takes: numbers become f32, words stay u32, bytes stay bytes. */
export type Upload = Float64Array | Float32Array | Uint32Array | Uint16Array | Uint8Array | Int8Array

/** A quiet NaN: what an element that a kernel forgot to write reads back as. */
const POISON = 0x7fc00000

/** The device under test, with subgroups where there are any. A missing adapter fails the run. */
export async function testDevice(limits: Record<string, number> = {}): Promise<GPUDevice> {
  const adapter = await GPU_INSTANCE.requestAdapter()
  if (!adapter) throw new Error('no WebGPU adapter: set VK_ICD_FILENAMES to a SwiftShader ICD')
  const requiredFeatures = (['subgroups'] as const).filter((name) => adapter.features.has(name))
  return adapter.requestDevice({ label: 'test', requiredLimits: limits, requiredFeatures })
}

/** A buffer holding these values; sizes are rounded up to 4 bytes. */
export function upload(device: GPUDevice, data: Upload): GPUBuffer {
  const values = data instanceof Float64Array ? new Float32Array(data) : data
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  const buffer = createBuffer(device, bytes.length)
  new Uint8Array(buffer.getMappedRange()).set(bytes)
  buffer.unmap()
  return buffer
}

/** The per-call uniform `{ position, tokens }`. */
export function uploadStep(device: GPUDevice, position: number, tokens: number): GPUBuffer {
  return upload(device, Uint32Array.of(position, tokens))
}

/** An output or scratch buffer of f32 or u32 in which every element is NaN: WebGPU's zeros would hide a gap. */
export function poisoned(device: GPUDevice, elements: number): GPUBuffer {
  const buffer = createBuffer(device, elements * 4)
  new Uint32Array(buffer.getMappedRange()).fill(POISON)
  buffer.unmap()
  return buffer
}

/** Run dispatches in order in one pass; a validation error is thrown here, not lost. */
export async function run(device: GPUDevice, dispatches: readonly Dispatch[], tokens = 1): Promise<void> {
  device.pushErrorScope('validation')
  const encoder = device.createCommandEncoder({ label: 'test' })
  const pass = encoder.beginComputePass({ label: 'test' })
  for (const one of dispatches) one.encode(pass, tokens)
  pass.end()
  device.queue.submit([encoder.finish()])
  const error = await device.popErrorScope()
  if (error) throw new Error(`${dispatches.map(({ label }) => label).join(', ')}: ${error.message}`)
}

export async function downloadF32(device: GPUDevice, source: GPUBuffer): Promise<Float32Array> {
  return new Float32Array(await downloadBytes(device, source))
}

export async function downloadU32(device: GPUDevice, source: GPUBuffer): Promise<Uint32Array> {
  return new Uint32Array(await downloadBytes(device, source))
}

async function downloadBytes(device: GPUDevice, source: GPUBuffer): Promise<ArrayBuffer> {
  const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST
  const staging = device.createBuffer({ label: 'download', size: source.size, usage })
  const encoder = device.createCommandEncoder({ label: 'download' })
  encoder.copyBufferToBuffer(source, 0, staging, 0, source.size)
  device.queue.submit([encoder.finish()])
  await staging.mapAsync(GPUMapMode.READ)
  const copy = staging.getMappedRange().slice(0)
  staging.destroy()
  return copy
}

function createBuffer(device: GPUDevice, bytes: number): GPUBuffer {
  const { STORAGE, UNIFORM, COPY_SRC, COPY_DST } = GPUBufferUsage
  return device.createBuffer({
    label: 'test',
    size: Math.ceil(bytes / 4) * 4,
    usage: STORAGE | UNIFORM | COPY_SRC | COPY_DST,
    mappedAtCreation: true,
  })
}

/** The GPU under test as the engine takes it, remembering the devices it gave so that a test can take one away. */
export function capturingGpu(): { readonly gpu: GPU; readonly devices: GPUDevice[] } {
  const devices: GPUDevice[] = []
  const requestAdapter = async (options?: GPURequestAdapterOptions): Promise<GPUAdapter | null> => {
    const adapter = await GPU_INSTANCE.requestAdapter(options)
    if (!adapter) throw new Error('no WebGPU adapter: set VK_ICD_FILENAMES to a SwiftShader ICD')
    const requestDevice = adapter.requestDevice.bind(adapter)
    adapter.requestDevice = async (descriptor) => {
      const device = await requestDevice(descriptor)
      devices.push(device)
      return device
    }
    return adapter
  }
  const gpu = Object.create(GPU_INSTANCE, { requestAdapter: { value: requestAdapter } }) as GPU
  return { gpu, devices }
}
