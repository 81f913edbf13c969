import { EventEmitter } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import { CHANNELS } from '../../electron/bridge.ts'

/** What main.ts did, in order; only the calls that matter are recorded. */
const calls = vi.hoisted(() => [] as string[])
type IpcHandler = (event: object, argument: unknown) => Promise<unknown>
interface Machine {
  isFirst: boolean
  ready: () => void
  handlers: Map<string, IpcHandler>
  boxes: string[]
  /** of the window that was opened last */
  options: Record<string, unknown>
  events: Map<string, () => void>
  /** where the person moved it */
  bounds: object
  isMaximized: boolean
  /** it was closed before its page was there */
  isGone: boolean
  pageFails: boolean
}
const machine = vi.hoisted((): Machine => ({
  isFirst: true,
  ready: () => undefined,
  handlers: new Map(),
  boxes: [],
  options: {},
  events: new Map(),
  bounds: {},
  isMaximized: false,
  isGone: false,
  pageFails: false,
}))

const SCREENS = vi.hoisted(() => [
  { id: 1, workArea: { x: 0, y: 0, width: 1440, height: 860 } },
  { id: 2, workArea: { x: 1440, y: -200, width: 1920, height: 1080 } },
])

vi.mock('electron', () => {
  const record =
    (name: string) =>
    (...args: unknown[]) =>
      void calls.push([name, ...args.filter((argument) => typeof argument === 'string')].join(' '))
  class BrowserWindow {
    constructor(options: { webPreferences: { preload: string; sandbox: boolean } }) {
      calls.push(`window sandbox=${options.webPreferences.sandbox} ${options.webPreferences.preload}`)
      machine.options = { ...options }
    }
    static getAllWindows = () => []
    on = (event: string, listener: () => void) => (machine.events.set(event, listener), this)
    once = this.on
    show = record('show')
    maximize = record('maximize')
    getNormalBounds = () => machine.bounds
    isMaximized = () => machine.isMaximized
    isDestroyed = () => machine.isGone
    loadURL = (url: string) => {
      calls.push(`load ${url}`)
      return machine.isGone || machine.pageFails
        ? Promise.reject(Object.assign(new Error('ERR_FAILED (-2)'), { code: 'ERR_FAILED' }))
        : Promise.resolve()
    }
  }
  return {
    BrowserWindow,
    app: Object.assign(new EventEmitter(), {
      isPackaged: false,
      getAppPath: () => '/app',
      getPreferredSystemLanguages: () => ['de-DE', 'en-US'],
      commandLine: { appendSwitch: record('switch') },
      disableDomainBlockingFor3DAPIs: record('no-domain-blocking'),
      enableSandbox: record('sandbox'),
      requestSingleInstanceLock: () => machine.isFirst,
      whenReady: () => new Promise<void>((resolve) => (machine.ready = resolve)),
      quit: record('quit'),
      exit: (code: number) => void calls.push(`exit ${code}`),
    }),
    protocol: { registerSchemesAsPrivileged: record('scheme'), handle: record('serve') },
    session: {
      defaultSession: {
        setPermissionRequestHandler: record('permissions'),
        setPermissionCheckHandler: record('permissions'),
        setDevicePermissionHandler: record('permissions'),
      },
    },
    ipcMain: {
      handle: (channel: string, handler: IpcHandler) => {
        calls.push(`ipc ${channel}`)
        machine.handlers.set(channel, handler)
      },
    },
    screen: {
      getPrimaryDisplay: () => SCREENS[0],
      getAllDisplays: () => [...SCREENS].reverse(),
    },
    Menu: {
      buildFromTemplate: ([first]: { label?: string }[]) => first?.label,
      setApplicationMenu: record('menu'),
    },
    dialog: {
      showMessageBox: ({ message, buttons }: { message: string; buttons: string[] }) => {
        machine.boxes.push([message, ...buttons].join(' | '))
        return Promise.resolve({ response: 0 })
      },
      showErrorBox: (...words: string[]) => void machine.boxes.push(words.join(' | ')),
    },
    shell: {},
    safeStorage: {},
    utilityProcess: {},
  }
})

beforeEach(() => {
  calls.length = 0
  machine.boxes.length = 0
  vi.resetModules()
  vi.spyOn(process, 'on').mockReturnThis()
  vi.stubEnv('XDG_DATA_HOME', mkdtempSync(join(tmpdir(), 'plateau-main-')))
})

test('the sandbox and the scheme are there before ready, the guards before the page', async () => {
  await import('../../electron/main.ts')
  expect(calls).toContain('no-domain-blocking')
  expect(calls).toContain('switch disable-gpu-process-crash-limit ')
  expect(calls.slice(-2)).toEqual(['sandbox', 'scheme'])

  machine.ready()
  await vi.waitFor(() => expect(calls).toContain('load app://plateau/'))
  expect(calls.slice(calls.indexOf('scheme') + 1)).toEqual([
    'permissions',
    'permissions',
    'permissions',
    'menu Datei',
    'serve app',
    ...Object.values(CHANNELS).map((channel) => `ipc ${channel}`),
    'window sandbox=true /app/dist/electron/preload.cjs',
    'load app://plateau/',
  ])
})

test('the window opens where it was closed, on a screen that is there', async () => {
  const open = async () => {
    const { app } = await import('electron')
    app.removeAllListeners()
    await import('../../electron/main.ts')
    machine.ready()
    await vi.waitFor(() => expect(calls).toContain('load app://plateau/'))
    machine.events.get('ready-to-show')?.()
    const { x, y, width, height } = machine.options
    return { x, y, width, height }
  }
  /** Close it there, quit, and start again. */
  const left = async (bounds: object, isMaximized = false) => {
    Object.assign(machine, { bounds, isMaximized })
    machine.events.get('close')?.()
    const { app } = await import('electron')
    app.emit('will-quit', { preventDefault: () => undefined })
    await vi.waitFor(() => expect(calls).toContain('quit'))
    calls.length = 0
    vi.resetModules()
    return open()
  }
  const first = { x: undefined, y: undefined, width: 960, height: 800 }
  expect(await open()).toEqual(first)
  const there = { x: 1600, y: -100, width: 900, height: 700 }
  expect(await left(there)).toEqual(there)
  expect(calls).not.toContain('maximize')
  expect(await left(there, true)).toEqual(there)
  expect(calls).toContain('maximize')
  // On a screen that was taken away, and larger than the one that is left.
  const gone = { ...first, width: 1440, height: 860 }
  expect(await left({ x: 9000, y: 0, width: 2000, height: 1000 })).toEqual(gone)
  for (const wrong of [{ ...there, width: 0 }, { ...there, x: 1e9 }, { ...there, y: 0.5 }, { x: '1' }, []])
    expect(await left(wrong)).toEqual(first)
})

test('menu and questions are in the system’s language, then in the window’s', async () => {
  await import('../../electron/main.ts')
  machine.ready()
  await vi.waitFor(() => expect(calls).toContain('load app://plateau/'))
  const senderFrame = { url: 'app://plateau/', parent: null }
  const call = (channel: string, argument: object) =>
    machine.handlers.get(channel)?.({ senderFrame }, argument)
  const name = () => call(CHANNELS.setRemote, { url: 'https://llm.example', model: 'm' })
  await name()
  expect(await call(CHANNELS.speak, { language: 'en' })).toEqual({})
  await name()
  expect(calls.filter((said) => said.startsWith('menu'))).toEqual(['menu Datei', 'menu File'])
  expect(machine.boxes).toEqual([
    'Chats an llm.example senden? | Abbrechen | llm.example verwenden',
    'Send chats to llm.example? | Cancel | Use llm.example',
  ])
  for (const language of ['fr', '', null])
    expect(await call(CHANNELS.speak, { language })).toHaveProperty('refusal')
})

test('every page there will ever be is guarded from its first moment', async () => {
  const { app } = await import('electron')
  await import('../../electron/main.ts')
  const setWindowOpenHandler = vi.fn()
  const contents = Object.assign(new EventEmitter(), { setWindowOpenHandler })
  app.emit('web-contents-created', {}, contents)
  expect(setWindowOpenHandler).toHaveBeenCalled()
  for (const event of ['will-navigate', 'will-redirect', 'will-attach-webview', 'context-menu'])
    expect(contents.listenerCount(event)).toBeGreaterThan(0)
})

test('it quits once the last writes are done', async () => {
  const { app } = await import('electron')
  app.removeAllListeners('will-quit')
  await import('../../electron/main.ts')
  machine.ready()
  await vi.waitFor(() => expect(calls).toContain('load app://plateau/'))
  const event = { preventDefault: vi.fn() }
  const quit = () => app.emit('will-quit', event)
  quit()
  expect(event.preventDefault).toHaveBeenCalledOnce()
  expect(calls).not.toContain('quit')
  await vi.waitFor(() => expect(calls).toContain('quit'))
  quit()
  expect(event.preventDefault).toHaveBeenCalledOnce()
})

test('data that cannot be opened is a sentence in a box, and the program ends: nobody is left with the lock', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'plateau-main-')), 'a-file')
  writeFileSync(file, '')
  vi.stubEnv('XDG_DATA_HOME', file)
  await import('../../electron/main.ts')
  machine.ready()
  await vi.waitFor(() => expect(calls).toContain('exit 1'))
  expect(calls.filter((call) => call.startsWith('window'))).toEqual([])
  expect(machine.boxes).toEqual([
    expect.stringMatching(/^Plateau lässt sich nicht öffnen \| The disk failed: ENOTDIR.*\.$/) as string,
  ])
})

test('a page that does not load ends it too; a window that is closed meanwhile is no failure', async () => {
  const opened = async () => {
    await import('../../electron/main.ts')
    machine.ready()
    await vi.waitFor(() => expect(calls).toContain('load app://plateau/'))
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  machine.isGone = true
  await opened()
  machine.isGone = false
  expect(calls).not.toContain('exit 1')
  expect(machine.boxes).toEqual([])
  machine.pageFails = true
  calls.length = 0
  vi.resetModules()
  await opened()
  machine.pageFails = false
  expect(calls).toContain('exit 1')
  expect(machine.boxes).toEqual(['Plateau lässt sich nicht öffnen | ERR_FAILED (-2)'])
})

test('chat files are taken before there is a window, from a second start, and from macOS', async () => {
  const { app } = await import('electron')
  const errands: string[] = []
  vi.doMock('../../electron/opened-files.ts', async (original) => ({
    ...(await original<object>()),
    showChatFile: (path: string) => Promise.resolve(void errands.push(path)),
  }))
  const { argv } = process
  process.argv = ['electron', '/app', '/home/a/early.chat']
  app.removeAllListeners('open-file')
  app.removeAllListeners('second-instance')
  await import('../../electron/main.ts')
  process.argv = argv
  const preventDefault = vi.fn()
  app.emit('open-file', { preventDefault }, '/home/a/mac.chat')
  expect(preventDefault).toHaveBeenCalledOnce()
  expect(errands).toEqual([])
  machine.ready()
  await vi.waitFor(() => expect(calls).toContain('load app://plateau/'))
  app.emit('second-instance', {}, ['electron', 'late.chat', '--switch'], '/home/b')
  expect(errands).toEqual(['/home/a/early.chat', '/home/a/mac.chat', '/home/b/late.chat'])
  vi.doUnmock('../../electron/opened-files.ts')
})

test('a second instance quits without a window', async () => {
  machine.isFirst = false
  await import('../../electron/main.ts')
  expect(calls.at(-1)).toBe('quit')
  expect(calls.filter((call) => call.startsWith('window'))).toEqual([])
})
