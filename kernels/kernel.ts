/** One kernel with its buffers bound: recording it into a pass allocates nothing. */
export interface Dispatch {
  readonly label: string
  /** @param tokens T of this call; decode records 1 */
  encode(pass: GPUComputePassEncoder, tokens: number): void
}

/** A compiled kernel. `bind` is called once per set of buffers, before the first token. */
export interface Kernel<Buffers> {
  readonly label: string
  bind(buffers: Buffers): Dispatch
}

export interface KernelSource {
  readonly label: string
  readonly code: string
  readonly constants: Readonly<Record<string, number>>
}

/**
 * What changes from call to call, one uniform shared by every kernel of a sequence: `{ position, tokens }`, two u32.
 * `position` is the 0-based position of the first token of the call, `tokens` how many the call carries. With 0 tokens
 * what a sequence keeps is left as it is (`feed_token`).
 */
export const STEP_BYTES = 8

/** Bytes of a buffer that a kernel binds and never reads: one vec4. */
export const UNUSED_BYTES = 16

/** A kernel was asked for a shape that it, or the device, does not support. */
export class KernelShapeError extends Error {
  override readonly name = 'KernelShapeError'
  readonly kernel: string

  constructor(kernel: string, reason: string) {
    super(`${kernel}: ${reason}`)
    this.kernel = kernel
  }
}

/** Refuse any field of a shape that is not a positive integer, naming it. */
export function checkPositive(label: string, shape: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(shape)) {
    if (!Number.isInteger(size) || size < 1) {
      throw new KernelShapeError(label, `${name} must be a positive integer, got ${size}`)
    }
  }
}

/** Refuse a storage buffer that the device cannot bind whole, with both sizes. */
export function checkBinding(device: GPUDevice, label: string, name: string, bytes: number): void {
  const limit = Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize)
  if (bytes > limit) throw new KernelShapeError(label, `${name} needs ${bytes} bytes, device allows ${limit}`)
}

/** Refuse a dispatch with more workgroups in one dimension than the device runs. */
export function checkWorkgroups(device: GPUDevice, label: string, name: string, workgroups: number): void {
  const limit = device.limits.maxComputeWorkgroupsPerDimension
  if (workgroups > limit) {
    throw new KernelShapeError(label, `${name} needs ${workgroups} workgroups, device allows ${limit}`)
  }
}

/**
 * Whether the device is a GPU made of CPU threads, as SwiftShader is: there a barrier costs a fiber per invocation, and
 * neighbouring reads gain nothing. A kernel that has two schedules chooses by this.
 */
export function runsOnCpu(device: GPUDevice): boolean {
  // Browsers older than 2025 do not say.
  return 'adapterInfo' in device && device.adapterInfo.isFallbackAdapter
}

const PIPELINES = new WeakMap<GPUDevice, Map<string, Promise<GPUComputePipeline>>>()

/** Compile one WGSL module, once per device; rejects with the compiler's own line numbers. */
export function compile(device: GPUDevice, source: KernelSource): Promise<GPUComputePipeline> {
  const ofDevice = PIPELINES.get(device) ?? new Map<string, Promise<GPUComputePipeline>>()
  PIPELINES.set(device, ofDevice)
  const key = JSON.stringify(source)
  const made = ofDevice.get(key) ?? compileNew(device, source)
  ofDevice.set(key, made)
  return made
}

async function compileNew(
  device: GPUDevice,
  { label, code, constants }: KernelSource,
): Promise<GPUComputePipeline> {
  // What is wrong with it is said when the pipeline is refused: nobody else has to hear of it.
  device.pushErrorScope('validation')
  const module = device.createShaderModule({ label, code })
  device.popErrorScope().catch(() => undefined)
  return device.createComputePipelineAsync({
    label,
    layout: 'auto',
    compute: { module, entryPoint: 'main', constants: { ...constants } },
  })
}

/** A uniform for what a kernel would otherwise be compiled again for: 32 bytes that live as long as the device. */
export function uniformWords(device: GPUDevice, label: string, words: readonly number[]): GPUBuffer {
  const size = 16 * Math.ceil(words.length / 4)
  const buffer = device.createBuffer({ label, size, usage: GPUBufferUsage.UNIFORM, mappedAtCreation: true })
  new Uint32Array(buffer.getMappedRange()).set(words)
  buffer.unmap()
  return buffer
}

/** Bind buffers to bindings 0, 1, 2 … in order, labelled with the kernel's name; null is a binding that is not there. */
export function bindGroup(
  device: GPUDevice,
  pipeline: GPUComputePipeline,
  label: string,
  buffers: readonly (GPUBuffer | GPUBufferBinding | null)[],
): GPUBindGroup {
  return device.createBindGroup({
    label,
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.flatMap((buffer, binding) => {
      if (!buffer) return []
      return [{ binding, resource: 'buffer' in buffer ? buffer : { buffer } }]
    }),
  })
}

/** Bind buffers to a pipeline once; `workgroups` says how many of them, x y z, T tokens take. */
export function dispatch(
  device: GPUDevice,
  pipeline: GPUComputePipeline,
  label: string,
  buffers: readonly (GPUBuffer | GPUBufferBinding | null)[],
  workgroups: (tokens: number) => readonly [x: number, y?: number, z?: number],
): Dispatch {
  const group = bindGroup(device, pipeline, label, buffers)
  return {
    label,
    encode: (pass, tokens) => {
      pass.setPipeline(pipeline)
      pass.setBindGroup(0, group)
      pass.dispatchWorkgroups(...workgroups(tokens))
    },
  }
}
