import { EngineError, type EngineFailure } from '../errors.ts'
import type { GpuReport } from '../protocol.ts'
import type { Account } from './ledger.ts'

/** The limits worth showing: what decides which models fit. */
const SHOWN_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
] as const satisfies readonly (keyof GPUSupportedLimits)[]

/** Taken where there are any; nothing needs them. */
const USED_FEATURES = ['subgroups'] as const

const NO_WEBGPU =
  'WebGPU was not found; in a browser, use a current Chrome, Edge or Chromium; in the terminal, install a Vulkan driver, or Chromium, which brings one in software.'

const ABSENT: GpuReport = {
  available: false,
  hint: '',
  vendor: '',
  architecture: '',
  description: '',
  isFallback: false,
  features: [],
  limits: {},
}

/** What can be said about the GPU without opening a device. Never throws. */
export async function inspectGpu(gpu: GPU | null | undefined): Promise<GpuReport> {
  return (await findAdapter(gpu)).report
}

export interface OpenGpu {
  readonly device: GPUDevice
  readonly report: GpuReport
  /** resolves when the device is gone, or has reported an error that makes its results worthless */
  readonly lost: Promise<EngineFailure>
}

/**
 * Open the GPU with every limit the adapter has: a vocabulary head passes the default 128 MiB binding.
 *
 * @throws {EngineError} `no-webgpu`
 */
export async function openGpu(gpu: GPU | null | undefined): Promise<OpenGpu> {
  const { adapter, report } = await findAdapter(gpu)
  if (!adapter) throw new EngineError({ code: 'no-webgpu', hint: report.hint })
  let device: GPUDevice
  try {
    const requiredLimits = Object.fromEntries(SHOWN_LIMITS.map((name) => [name, adapter.limits[name]]))
    const requiredFeatures = USED_FEATURES.filter((name) => adapter.features.has(name))
    device = await adapter.requestDevice({ label: 'plateau', requiredLimits, requiredFeatures })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new EngineError({ code: 'no-webgpu', hint: `the adapter gave no device (${reason})` })
  }
  const lost = new Promise<EngineFailure>((resolve) => {
    void device.lost.then(({ reason, message }) => resolve({ code: 'device-lost', reason, message }))
    device.addEventListener('uncapturederror', ({ error: { message } }) =>
      resolve({ code: 'device-lost', reason: 'error', message }),
    )
  })
  return { device, report, lost }
}

/**
 * Run allocations inside an out-of-memory scope.
 *
 * @param accounts where something is refused, whatever else was made in them is destroyed
 * @throws {EngineError} `out-of-memory` when the device refused any of them
 */
export async function allocating<T>(
  device: GPUDevice,
  owner: string,
  bytes: number,
  make: () => T,
  accounts: readonly Account[] = [],
): Promise<T> {
  const undo = accounts.map((account) => account.mark())
  device.pushErrorScope('out-of-memory')
  device.pushErrorScope('validation')
  let made: T
  try {
    try {
      made = make()
    } finally {
      // Both at once: the scopes of whoever allocates meanwhile lie on the same stack.
      const [invalid, refused] = await Promise.all([device.popErrorScope(), device.popErrorScope()])
      if (refused) throw new EngineError({ code: 'out-of-memory', wantedBytes: bytes, owner })
      if (invalid) throw new EngineError({ code: 'internal', message: `${owner}: ${invalid.message}` })
    }
  } catch (error) {
    for (const destroy of undo) destroy()
    throw error
  }
  return made
}

async function findAdapter(
  gpu: GPU | null | undefined,
): Promise<{ adapter: GPUAdapter | null; report: GpuReport }> {
  if (!gpu) return { adapter: null, report: { ...ABSENT, hint: NO_WEBGPU } }
  let adapter: GPUAdapter | null = null
  let reason = 'no adapter was found; install or update the graphics driver'
  try {
    adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  } catch (error) {
    reason = `asking for an adapter failed (${error instanceof Error ? error.message : String(error)})`
  }
  if (!adapter) return { adapter: null, report: { ...ABSENT, hint: `${reason}.` } }
  const { limits, info } = adapter
  return {
    adapter,
    report: {
      available: true,
      hint: '',
      vendor: info.vendor,
      architecture: info.architecture,
      description: info.description || info.device,
      isFallback: info.isFallbackAdapter,
      features: [...adapter.features].sort(),
      limits: Object.fromEntries(SHOWN_LIMITS.map((name) => [name, limits[name]])),
    },
  }
}
