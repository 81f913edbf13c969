import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { dataFolder } from '../electron/data-folder.ts'
import { gpuSwitches, type Switch } from '../electron/gpu-switches.ts'
import { hasVulkanHardware } from './vulkan.ts'

const ON_PATH = [
  'google-chrome-stable',
  'google-chrome',
  'chromium',
  'chromium-browser',
  'microsoft-edge-stable',
  'microsoft-edge',
  'brave-browser',
  'vivaldi-stable',
]
const MAC_APPLICATIONS = ['Google Chrome', 'Chromium', 'Microsoft Edge', 'Brave Browser', 'Vivaldi']
const WINDOWS_PROGRAMS = [
  'Google/Chrome/Application/chrome.exe',
  'Microsoft/Edge/Application/msedge.exe',
  'Chromium/Application/chrome.exe',
  'BraveSoftware/Brave-Browser/Application/brave.exe',
]

/** An installed browser of the Chromium family, or `null`. */
export function findBrowser(
  platform: NodeJS.Platform = process.platform,
  environment: NodeJS.ProcessEnv = process.env,
): string | null {
  return browserPaths(platform, environment).find(isExecutable) ?? null
}

function browserPaths(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): string[] {
  if (platform === 'darwin')
    return MAC_APPLICATIONS.map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`)
  if (platform === 'win32')
    return ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA']
      .flatMap((name) => environment[name] ?? [])
      .flatMap((folder) => WINDOWS_PROGRAMS.map((program) => join(folder, program)))
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return ON_PATH.flatMap((name) => folders.map((folder) => join(folder, name)))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Where the browser window keeps what the app stores, apart from the user's own browsing. */
export function profileFolder(): string {
  return join(dataFolder(), 'browser')
}

/** Nobody listens there: the discard service, which no system starts. */
const NOBODY = 'http://127.0.0.1:9/'

/**
 * What a browser of the Chromium family asks its maker for on its own, switched off: updates of its parts, the time,
 * who is signed in, hints for pages, and what the fields of a form might be. A proxy that counts found each of them.
 */
export const QUIET: readonly Switch[] = [
  ['no-first-run', ''],
  ['no-default-browser-check', ''],
  ['disable-background-networking', ''],
  ['disable-component-update', ''],
  ['component-updater', `url-source=${NOBODY}`],
  ['disable-sync', ''],
  ['gaia-url', NOBODY],
  ['disable-extensions', ''],
  ['disable-component-extensions-with-background-pages', ''],
  ['disable-default-apps', ''],
  ['disable-domain-reliability', ''],
  [
    'disable-features',
    [
      'AutofillServerCommunication',
      'NetworkTimeServiceQuerying',
      'OptimizationGuideModelDownloading',
      'OptimizationGuideModelExecution',
      'OptimizationHints',
      'OptimizationTargetPrediction',
    ].join(','),
  ],
]

/** The browser as an app window on `url`: its own profile, no first-run pages, no traffic of its own. */
export function browserArguments(url: string, profile: string): string[] {
  const switches: Switch[] = [
    ['app', url],
    ['user-data-dir', profile],
    ...QUIET,
    // Asks for the desktop's keyring otherwise, to keep passwords that are never saved here.
    ['password-store', 'basic'],
  ]
  return [...switches, ...machineSwitches()].map(commandLineSwitch)
}

/** What Chromium, as a browser or inside Electron, needs on this machine. */
export function machineSwitches(): Switch[] {
  const isLinux = process.platform === 'linux'
  return [
    ...gpuSwitches(process.platform),
    ...(isLinux && !hasVulkanHardware() ? [['use-webgpu-adapter', 'swiftshader'] as const] : []),
    // Chromium's sandbox refuses to run as root, which is how containers run.
    ...(process.getuid?.() === 0 ? [['no-sandbox', ''] as const] : []),
  ]
}

export function commandLineSwitch([name, value]: Switch): string {
  return value === '' ? `--${name}` : `--${name}=${value}`
}
