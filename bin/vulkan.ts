import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Folders where a Chromium-family browser keeps SwiftShader, a Vulkan driver that needs no GPU. */
const BROWSER_LIBRARIES = [
  '/usr/lib/chromium',
  '/usr/lib64/chromium-browser',
  '/usr/lib/chromium-browser',
  '/snap/chromium/current/usr/lib/chromium-browser',
  '/opt/google/chrome',
  '/opt/microsoft/msedge',
  '/opt/brave.com/brave',
]
const DRIVER_MANIFESTS = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d']
/** Mesa's and Google's drivers that compute on the CPU; Mesa installs its own on machines without a GPU too. */
const SOFTWARE_DRIVER = /lvp|llvmpipe|swiftshader/
/** Set in the process that already has the software driver, so that it is not started a third time. */
const MARK = 'PLATEAU_SOFTWARE_VULKAN'

/** Whether this machine has both a GPU that Linux knows and a Vulkan driver made for one. */
export function hasVulkanHardware(): boolean {
  const device =
    list('/dev/dri').some((name) => name.startsWith('renderD')) ||
    existsSync('/dev/nvidiactl') ||
    existsSync('/dev/dxg')
  return device && DRIVER_MANIFESTS.flatMap(list).some((name) => !SOFTWARE_DRIVER.test(name))
}

/** Whether there is any driver for Dawn to try: without one it complains on stderr, at length. */
export function hasVulkanDriver(environment: NodeJS.ProcessEnv = process.env): boolean {
  const named = ['VK_ICD_FILENAMES', 'VK_DRIVER_FILES', 'VK_ADD_DRIVER_FILES']
  return named.some((name) => environment[name] !== undefined) || DRIVER_MANIFESTS.flatMap(list).length > 0
}

/**
 * The environment in which a process started with it finds SwiftShader, beside the drivers it would find
 * anyway; `null` where that is not possible or has been done. It must be there at the start: the dynamic
 * linker reads LD_LIBRARY_PATH once.
 */
export function softwareVulkan(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv | null {
  if (process.platform !== 'linux' || isStartedAgain(environment)) return null
  const library = BROWSER_LIBRARIES.find(
    (folder) =>
      existsSync(join(folder, 'vk_swiftshader_icd.json')) && existsSync(join(folder, 'libvulkan.so.1')),
  )
  if (library === undefined) return null
  const libraryPath = environment['LD_LIBRARY_PATH']
  return {
    ...environment,
    [MARK]: '1',
    VK_ADD_DRIVER_FILES: join(library, 'vk_swiftshader_icd.json'),
    LD_LIBRARY_PATH: libraryPath ? `${libraryPath}:${library}` : library,
    XDG_RUNTIME_DIR: environment['XDG_RUNTIME_DIR'] ?? tmpdir(),
  }
}

/** Whether this process was started with such an environment. */
export function isStartedAgain(environment: NodeJS.ProcessEnv = process.env): boolean {
  return environment[MARK] !== undefined
}

function list(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}
