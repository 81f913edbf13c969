import type { StdioOptions } from 'node:child_process'
import { runChild } from './child.ts'
import { sleepWhileWaiting } from './gpu-waiting.ts'
import { hasVulkanDriver, hasVulkanHardware, isStartedAgain, softwareVulkan } from './vulkan.ts'

/** Dawn's instance: it must stay reachable for as long as any device made from it, or the process crashes. */
let dawn: GPU | null = null
let finding: Promise<GPU | null> | null = null

/**
 * Dawn, with its constants (GPUBufferUsage and the like) made global, as in a browser; `null` where it has no
 * binary for this machine or finds no adapter.
 *
 * Ends the process where a fresh one finds a software driver that this one cannot: see `softwareVulkan`. So a program
 * asks before it does anything else; later calls get the same answer.
 */
export function findGpu(): Promise<GPU | null> {
  return (finding ??= find())
}

/** A process that was started for the software driver ends when the one before it is gone, however that went. */
export function endWithParent(): void {
  if (!isStartedAgain() || !process.channel) return
  process.on('disconnect', () => process.exit(1))
  // Listening alone would keep it running.
  process.channel.unref()
}

async function find(): Promise<GPU | null> {
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
  // The channel tells it that this process is gone: `endWithParent`.
  const stdio: StdioOptions = ['inherit', 'inherit', 'inherit', 'ipc']
  const { code } = await runChild(process.execPath, again, { env, stdio, ownsTerminal: true })
  process.exit(code)
}
