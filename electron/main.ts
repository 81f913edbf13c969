import { app, BrowserWindow, dialog, Menu, screen, session, utilityProcess } from 'electron'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createBridge, describeOpening } from './bridge-calls.ts'
import { offerContextMenu } from './context-menu.ts'
import { Conversations } from './conversations.ts'
import { dataFolder } from './data-folder.ts'
import { nodeDisk } from './disk.ts'
import { DocumentMemories } from './documents.ts'
import { HUB } from './downloads/hub.ts'
import { nodePorts } from './downloads/ports.ts'
import { gpuSwitches } from './gpu-switches.ts'
import { serveBridge } from './ipc.ts'
import { menuTemplate } from './menu.ts'
import { jobsIn, type JobProcess } from './models/jobs.ts'
import { Models, modelsFolder } from './models/models.ts'
import { chatFilesIn, showChatFile } from './opened-files.ts'
import { PAGE_URL, registerScheme, serveScheme } from './protocol.ts'
import { Remote } from './remote/remote.ts'
import { openServer } from './server/open-server.ts'
import { speakSystem, systemWords } from './system-words.ts'
import { KeychainToken } from './tokens/keychain-token.ts'
import { packagedUpdater } from './updates/packaged-updater.ts'
import { Updates } from './updates/updates.ts'
import { WebllmFiles } from './webllm/webllm-files.ts'
import { denyPermissions, guardContents, windowOptions } from './window.ts'
import { keepPlace, placeOn, readPlace } from './window-place.ts'

/** Nothing said is lost without it: closing leaves notes that spare the next start some reading. */
const CLOSING_MILLISECONDS = 3000

const root = app.getAppPath()
const folders = {
  renderer: join(root, 'dist/renderer'),
  // Packaged, the model lies beside the archive, not in it: it is read in ranges.
  pocket: app.isPackaged ? join(process.resourcesPath, 'pocket') : join(root, 'assets/pocket'),
  models: modelsFolder(dataFolder()),
  webllm: new WebllmFiles(modelsFolder(dataFolder()), HUB, nodePorts),
}

/** Chat files that were opened before there is anything to show them in. */
const early = chatFilesIn(process.argv.slice(1), process.cwd())
let showChat = (path: string): void => void early.push(path)

for (const [name, value] of gpuSwitches(process.platform)) app.commandLine.appendSwitch(name, value)
app.disableDomainBlockingFor3DAPIs()
app.enableSandbox()
registerScheme()

if (app.requestSingleInstanceLock()) {
  app.on('web-contents-created', (_event, contents) => {
    guardContents(contents)
    offerContextMenu(contents)
  })
  app.on('window-all-closed', () => app.quit())
  app.on('second-instance', (_event, args, folder) => {
    showWindow()
    for (const path of chatFilesIn(args.slice(1), folder)) showChat(path)
  })
  // How macOS opens a file, which may be before the app is ready.
  app.on('open-file', (event, path) => {
    event.preventDefault()
    showChat(path)
  })
  process.on('SIGINT', () => app.quit())
  app.whenReady().then(openWindow).catch(endWithoutWindow)
} else {
  app.quit()
}

async function openWindow(): Promise<void> {
  denyPermissions(session.defaultSession)
  speak(app.getPreferredSystemLanguages())
  serveScheme(folders)
  const ports = { disk: nodeDisk, now: Date.now, random: Math.random }
  const conversations = await Conversations.open(dataFolder(), ports)
  const models = await Models.open(dataFolder(), {
    hub: HUB,
    ports: nodePorts,
    runJob: jobsIn(startJob),
    token: new KeychainToken(dataFolder(), nodeDisk, 'hub-token'),
    pick: pickModel,
  })
  const server = await openServer(dataFolder(), nodeDisk)
  const remote = await Remote.open({
    folder: dataFolder(),
    disk: nodeDisk,
    key: new KeychainToken(dataFolder(), nodeDisk, 'remote-key'),
    confirm: confirmRemote,
    fetch: (url, init) => fetch(url, init),
  })
  const updates = await Updates.open({
    folder: dataFolder(),
    disk: nodeDisk,
    ...(await packagedUpdater(app.isPackaged ? process.resourcesPath : null)),
  })
  serveBridge(
    createBridge(
      () => ({ version: app.getVersion(), shell: 'electron', webgpu: webgpuStatus() }),
      conversations,
      models,
      new DocumentMemories(nodeDisk, dataFolder()),
      server.bridge,
      remote,
      updates,
      (language) => speak([language]),
    ),
  )
  showChat = (path) => void showChatFile(path, conversations, server.errands)
  for (const path of early) showChat(path)
  const place = await readPlace(nodeDisk, dataFolder())
  const window = new BrowserWindow({
    ...windowOptions(join(root, 'dist/electron/preload.cjs')),
    ...(place && placeOn(place, screensNow())),
  })
  const placeKept = keepPlace(window, nodeDisk, dataFolder())
  endWith(() => {
    remote.close()
    return Promise.allSettled([placeKept(), server.close(), conversations.close(), models.close()])
  })
  window.once('ready-to-show', () => {
    if (place?.maximized) window.maximize()
    window.show()
  })
  await window.loadURL(PAGE_URL).catch((error: unknown) => {
    // A window that is closed at once ends the loading too.
    if (!window.isDestroyed()) throw error
  })
}

/** Say why, and end: a process without a window would keep every later one from opening. */
function endWithoutWindow(error: unknown): void {
  dialog.showErrorBox(systemWords().notOpened, describeOpening(error))
  app.exit(1)
}

/** The screens that are there, the main one first. */
function screensNow() {
  const main = screen.getPrimaryDisplay()
  const others = screen.getAllDisplays().filter(({ id }) => id !== main.id)
  return [main, ...others].map(({ workArea }) => workArea)
}

/** The system's own menu and questions are in this language from now on. */
function speak(tags: readonly string[]): void {
  speakSystem(tags)
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(process.platform)))
}

/** Quit once the last writes are done, or have had their time. */
function endWith(close: () => Promise<unknown>): void {
  let isClosed = false
  app.on('will-quit', (event) => {
    if (isClosed) return
    event.preventDefault()
    isClosed = true
    void Promise.race([close(), delay(CLOSING_MILLISECONDS)]).then(() => app.quit())
  })
}

/** A job in a process of Chromium's own kind, which reads its script from the archive. */
function startJob(): JobProcess {
  const child = utilityProcess.fork(join(root, 'dist/electron/model-process.cjs'))
  return {
    post: (job) => child.postMessage(job),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void child.once('exit', listener),
    kill: () => void child.kill(),
  }
}

async function pickModel(what: 'file' | 'folder'): Promise<string> {
  const { filePaths } = await dialog.showOpenDialog({
    title: what === 'file' ? systemWords().modelFile : systemWords().modelFolder,
    properties: [what === 'file' ? 'openFile' : 'openDirectory'],
    ...(what === 'file' ? { filters: [{ name: 'GGUF', extensions: ['gguf'] }] } : {}),
  })
  return filePaths[0] ?? ''
}

/** In a window of the system's, so that nothing in ours can say yes. */
async function confirmRemote(host: string): Promise<boolean> {
  const words = systemWords()
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message: words.sendTo(host),
    detail: words.sendToDetail,
    buttons: [words.cancel, words.use(host)],
    defaultId: 0,
    cancelId: 0,
  })
  return response === 1
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
