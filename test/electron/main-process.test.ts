import type { Session, WebContents } from 'electron'
import { EventEmitter } from 'node:events'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { describeOpening } from '../../electron/bridge-calls.ts'
import { CHANNELS } from '../../electron/bridge.ts'
import { Refusal } from '../../electron/conversations.ts'
import { gpuSwitches } from '../../electron/gpu-switches.ts'
import { serveBridge } from '../../electron/ipc.ts'
import { isOurPage, registerScheme, serveScheme } from '../../electron/protocol.ts'
import { denyPermissions, guardContents, windowOptions } from '../../electron/window.ts'
import { testBridge } from '../support/test-bridge.ts'
import { servedFolders } from '../support/served-folders.ts'

const electron = vi.hoisted(() => ({
  schemes: [] as { scheme: string; privileges: object }[],
  handlers: new Map<string, (argument: never) => unknown>(),
  exposed: new Map<string, object>(),
  invoked: [] as string[],
  asked: [] as string[],
  opened: [] as string[],
  dialogAnswer: 0,
}))

// The module itself must never load here: outside Electron it starts a download and throws.
vi.mock('electron', () => ({
  protocol: {
    registerSchemesAsPrivileged: (schemes: typeof electron.schemes) => electron.schemes.push(...schemes),
    handle: (name: string, handler: () => unknown) => electron.handlers.set(name, handler),
  },
  ipcMain: { handle: (name: string, handler: () => unknown) => electron.handlers.set(name, handler) },
  ipcRenderer: {
    invoke: (channel: string) => {
      electron.invoked.push(channel)
      return Promise.resolve('answer')
    },
  },
  contextBridge: {
    exposeInMainWorld: (name: string, value: object) => electron.exposed.set(name, value),
  },
  dialog: {
    showMessageBox: ({ detail }: { detail: string }) => {
      electron.asked.push(detail)
      return Promise.resolve({ response: electron.dialogAnswer })
    },
  },
  shell: { openExternal: (url: string) => Promise.resolve(void electron.opened.push(url)) },
}))

beforeEach(() => {
  electron.asked.length = 0
  electron.opened.length = 0
  electron.dialogAnswer = 0
})

describe('the window', () => {
  test('is an ordinary web page: sandboxed, isolated, without Node', () => {
    expect(windowOptions('/app/preload.cjs').webPreferences).toMatchObject({
      preload: '/app/preload.cjs',
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      webviewTag: false,
    })
  })

  function guardedContents() {
    let openWindow = (_details: { url: string }): { action: string } => ({ action: 'allow' })
    const contents: object = Object.assign(new EventEmitter(), {
      setWindowOpenHandler: (handler: typeof openWindow) => (openWindow = handler),
    })
    guardContents(contents as WebContents)
    const prevented = (name: string, url: string) => {
      const event = { url, preventDefault: vi.fn() }
      ;(contents as EventEmitter).emit(name, event)
      return event.preventDefault.mock.calls.length === 1
    }
    return { prevented, open: (url: string) => openWindow({ url }) }
  }

  test('navigates nowhere but to its own page', () => {
    const { prevented } = guardedContents()
    for (const event of ['will-navigate', 'will-redirect']) {
      expect(prevented(event, 'app://plateau/')).toBe(false)
      for (const url of ['https://example.com/', 'file:///etc/passwd', 'app://other/', 'javascript:0', ''])
        expect(prevented(event, url)).toBe(true)
    }
    expect(prevented('will-attach-webview', 'app://plateau/')).toBe(true)
  })

  test('opens no second window; https goes to the browser after asking', async () => {
    const { open } = guardedContents()
    expect(open('https://example.com/a')).toEqual({ action: 'deny' })
    await vi.waitFor(() => expect(electron.opened).toEqual(['https://example.com/a']))
    electron.dialogAnswer = 1
    expect(open('https://example.com/b')).toEqual({ action: 'deny' })
    await vi.waitFor(() => expect(electron.asked).toEqual(['https://example.com/a', 'https://example.com/b']))
    expect(electron.opened).toEqual(['https://example.com/a'])
  })

  test.each([
    'http://example.com/',
    'file:///bin/sh',
    'smb://host/x',
    'ms-msdt:/id',
    'javascript:0',
    'no url',
  ])('%s is not even asked about', async (url) => {
    const { open } = guardedContents()
    expect(open(url)).toEqual({ action: 'deny' })
    await Promise.resolve()
    expect(electron.asked).toEqual([])
    expect(electron.opened).toEqual([])
  })

  test('has no permission but to write text to the clipboard', () => {
    let onRequest = (_contents: null, _permission: string, _answer: (granted: boolean) => void): void =>
      undefined
    let onCheck = (_contents: null, _permission: string): boolean => true
    let onDevice = (): boolean => true
    const session: object = {
      setPermissionRequestHandler: (handler: typeof onRequest) => (onRequest = handler),
      setPermissionCheckHandler: (handler: typeof onCheck) => (onCheck = handler),
      setDevicePermissionHandler: (handler: typeof onDevice) => (onDevice = handler),
    }
    denyPermissions(session as Session)
    for (const permission of [
      'media',
      'geolocation',
      'notifications',
      'openExternal',
      'fileSystem',
      'usb',
      'clipboard-read',
    ]) {
      const answer = vi.fn()
      onRequest(null, permission, answer)
      expect(answer.mock.calls).toEqual([[false]])
      expect(onCheck(null, permission)).toBe(false)
    }
    expect(onCheck(null, 'clipboard-sanitized-write')).toBe(true)
    expect(onDevice()).toBe(false)
  })
})

describe('app://', () => {
  test('is a secure origin of its own that can fetch and stream', () => {
    registerScheme()
    expect(electron.schemes).toMatchObject([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
    ])
    const privileges = electron.schemes[0]!.privileges
    expect(privileges).not.toHaveProperty('bypassCSP')
    expect(privileges).not.toHaveProperty('corsEnabled')
  })

  test('serves the bundle on its own host only', async () => {
    serveScheme(await servedFolders())
    const handle = electron.handlers.get('app') as (request: Request) => Promise<Response>
    const page = await handle(new Request('app://plateau/'))
    expect(await page.text()).toContain('<title>Plateau</title>')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(page.headers.get('x-dns-prefetch-control')).toBe('off')
    expect((await handle(new Request('app://other/'))).status).toBe(404)
  })

  test.each(['app://plateau.attacker.example/', 'https://plateau/', 'app:plateau', 'about:blank', ''])(
    '%j is not our page',
    (url) => {
      expect(isOurPage(url)).toBe(false)
    },
  )
})

describe('the bridge', () => {
  const info = { version: '1.2.3', shell: 'electron', webgpu: 'enabled' } as const

  test('answers our page, and no other sender', async () => {
    serveBridge((await testBridge(info)).bridge)
    const handle = electron.handlers.get(CHANNELS.appInfo) as (event: object) => unknown
    expect(await handle({ senderFrame: { url: 'app://plateau/', parent: null } })).toEqual({ answer: info })
    const frames = [
      { url: 'https://attacker.example/', parent: null },
      { url: 'app://plateau/', parent: {} },
      { url: 'about:blank', parent: null },
      null,
    ]
    for (const senderFrame of frames) expect(() => handle({ senderFrame })).toThrow('appInfo: refused for')
  })

  test('the preload script exposes one function for each channel, and nothing of Electron', async () => {
    await import('../../electron/preload.ts')
    expect([...electron.exposed.keys()]).toEqual(['plateau'])
    const bridge = electron.exposed.get('plateau') as Record<string, () => Promise<unknown>>
    expect(Object.keys(bridge)).toEqual(Object.keys(CHANNELS))
    expect(await bridge['appInfo']?.()).toBe('answer')
    expect(electron.invoked).toEqual([CHANNELS.appInfo])
  })
})

describe('why it could not be opened', () => {
  const page = "ERR_FAILED (-2) loading 'app://plateau/'"
  const fault = (message: string, code: string) => Object.assign(new Error(message), { code })

  test.each([
    [new Error(page), page],
    // As Electron says it.
    [fault(page, 'ERR_FAILED'), page],
    ['no reason', 'no reason'],
    [new Refusal('There is no such chat.'), 'There is no such chat.'],
    [fault('EIO: i/o error, read', 'EIO'), 'The disk failed: EIO: i/o error, read.'],
    [fault('ENOSPC: no space left on device, write', 'ENOSPC'), 'The disk is full.'],
  ])('%s', (error, sentence) => {
    expect(describeOpening(error)).toBe(sentence)
  })
})

test('WebGPU is switched on where Chromium leaves it off, and survives GPU crashes everywhere', () => {
  expect(gpuSwitches('linux').map(([name]) => name)).toEqual([
    'disable-gpu-process-crash-limit',
    'enable-unsafe-webgpu',
    'enable-features',
  ])
  expect(gpuSwitches('darwin')).toEqual([['disable-gpu-process-crash-limit', '']])
})
