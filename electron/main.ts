import { app, BrowserWindow, session } from 'electron'
import { join } from 'node:path'
import { createBridge } from './bridge-calls.ts'
import { Conversations } from './conversations.ts'
import { dataFolder } from './data-folder.ts'
import { nodeDisk } from './disk.ts'
import { gpuSwitches } from './gpu-switches.ts'
import { serveBridge } from './ipc.ts'
import { PAGE_URL, registerScheme, serveScheme } from './protocol.ts'
import { denyPermissions, guardContents, windowOptions } from './window.ts'

const root = app.getAppPath()
const folders = {
  renderer: join(root, 'dist/renderer'),
  // Packaged, the model lies beside the archive, not in it: it is read in ranges.
  pocket: app.isPackaged ? join(process.resourcesPath, 'pocket') : join(root, 'assets/pocket'),
}

for (const [name, value] of gpuSwitches(process.platform)) app.commandLine.appendSwitch(name, value)
app.disableDomainBlockingFor3DAPIs()
app.enableSandbox()
registerScheme()

if (app.requestSingleInstanceLock()) {
  app.on('web-contents-created', (_event, contents) => guardContents(contents))
  app.on('window-all-closed', () => app.quit())
  app.on('second-instance', showWindow)
  process.on('SIGINT', () => app.quit())
  void app.whenReady().then(openWindow)
} else {
  app.quit()
}

async function openWindow(): Promise<void> {
  denyPermissions(session.defaultSession)
  serveScheme(folders)
  const ports = { disk: nodeDisk, now: Date.now, random: Math.random }
  const conversations = await Conversations.open(dataFolder(), ports)
  serveBridge(
    createBridge(
      () => ({ version: app.getVersion(), shell: 'electron', webgpu: webgpuStatus() }),
      conversations,
    ),
  )
  app.on('will-quit', () => void conversations.close())
  const window = new BrowserWindow(windowOptions(join(root, 'dist/electron/preload.cjs')))
  window.once('ready-to-show', () => window.show())
  await window.loadURL(PAGE_URL)
}

function showWindow(): void {
  const [window] = BrowserWindow.getAllWindows()
  if (window?.isMinimized()) window.restore()
  window?.focus()
}

/** Chromium's own word on WebGPU, such as `enabled` or `disabled_off`; its types do not list the field. */
function webgpuStatus(): string {
  const status: object = app.getGPUFeatureStatus()
  return 'webgpu' in status && typeof status.webgpu === 'string' ? status.webgpu : ''
}
