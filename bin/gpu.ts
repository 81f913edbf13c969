import { runChild } from './child.ts'
import { sleepWhileWaiting } from './gpu-waiting.ts'
import { hasVulkanDriver, hasVulkanHardware, softwareVulkan } from './vulkan.ts'

/** Dawn's instance: it must stay reachable for as long as any device made from it, or the process crashes. */
let dawn: GPU | null = null

/**
 * Dawn, with its constants (GPUBufferUsage and the like) made global, as in a browser; `null` where it has no
 * binary for this machine or finds no adapter.
 *
 * Ends the process where a fresh one finds a software driver that this one cannot: see `softwareVulkan`.
 */
export async function findGpu(): Promise<GPU | null> {
  if (process.platform === 'linux') {
    if (!hasVulkanHardware()) await startWithSoftwareVulkan()
    if (!hasVulkanDriver()) return null
  }
  try {
    const { create, globals } = await import('webgpu')
    Object.assign(globalThis, globals)
    sleepWhileWaiting()
    dawn = create([])
  } catch {
    return null
  }
  if (await dawn.requestAdapter()) return dawn
  await startWithSoftwareVulkan()
  return null
}

async function startWithSoftwareVulkan(): Promise<void> {
  const env = softwareVulkan()
  if (!env) return
  const again = [...process.execArgv, ...process.argv.slice(1)]
  const { code } = await runChild(process.execPath, again, { env, stdio: 'inherit', ownsTerminal: true })
  process.exit(code)
}
