import { compileMessages } from '../../bin/messages.js'
import { hasVulkanHardware, softwareVulkan } from '../../bin/vulkan.ts'
import { beginBuilding } from './built-page.ts'
import { ensureChromium } from './chromium.ts'

/**
 * Runs once in vitest's own process, before any test process is made: they inherit this environment. Chromium is
 * needed even for the kernels where there is no GPU: it brings SwiftShader.
 */
export default async function setup(): Promise<() => void> {
  try {
    ensureChromium()
  } catch (error) {
    // vitest would add a stack trace to the sentence.
    process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n0 passed, 1 failed\n`)
    process.exit(1)
  }
  await compileMessages()
  const endBuilding = beginBuilding()
  if (process.platform === 'linux' && !hasVulkanHardware()) Object.assign(process.env, softwareVulkan())
  return endBuilding
}
