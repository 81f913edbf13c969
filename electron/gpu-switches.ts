/** Chromium switches, as [name, value]; the value is empty for a plain switch. */
export type Switch = readonly [name: string, value: string]

/**
 * What Chromium needs to give the window WebGPU and to keep giving it: on Linux it is off by default and runs on
 * Vulkan, and after a few GPU-process crashes it would stay off everywhere until a restart.
 */
export function gpuSwitches(platform: NodeJS.Platform): readonly Switch[] {
  const always: Switch[] = [['disable-gpu-process-crash-limit', '']]
  return platform === 'linux'
    ? [...always, ['enable-unsafe-webgpu', ''], ['enable-features', 'Vulkan']]
    : always
}
