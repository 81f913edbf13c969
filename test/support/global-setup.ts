import { hasVulkanHardware, softwareVulkan } from '../../bin/vulkan.ts'
import { ensureChromium } from './chromium.ts'

/**
 * Runs once in vitest's own process, before any test process is made: they inherit this environment. Chromium is
 * needed even for the kernels where there is no GPU: it brings SwiftShader.
 */
export default function setup(): void {
  ensureChromium()
  if (process.platform === 'linux' && !hasVulkanHardware()) Object.assign(process.env, softwareVulkan())
}
