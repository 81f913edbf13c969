import type { Session, WebContents } from 'electron'
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { ROOT } from '../../bin/root.ts'
import { type BridgeMethod, CHANNELS } from '../../electron/bridge.ts'
import { callBridge } from '../../electron/bridge-calls.ts'
import { serveBridge } from '../../electron/ipc.ts'
import { openOutside, outsideAddress } from '../../electron/open-outside.ts'
import { PAGE_URL, registerScheme } from '../../electron/protocol.ts'
import { SECURITY_HEADERS } from '../../electron/serve.ts'
import { denyPermissions, guardContents, windowOptions } from '../../electron/window.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { testBridge } from '../support/test-bridge.ts'

const electron = vi.hoisted(() => ({
  schemes: [] as { privileges: object }[],
  handlers: new Map<string, (event: object, argument?: unknown) => unknown>(),
  exposed: new Map<string, Record<string, unknown>>(),
  asked: [] as string[],
  opened: [] as string[],
  answer: () => Promise.resolve({ response: 0 }),
}))

vi.mock('electron', () => ({
  protocol: {
    registerSchemesAsPrivileged: (schemes: typeof electron.schemes) => electron.schemes.push(...schemes),
  },
  ipcMain: { handle: (name: string, handler: () => unknown) => electron.handlers.set(name, handler) },
  ipcRenderer: { invoke: () => Promise.resolve('answer') },
  contextBridge: {
    exposeInMainWorld: (name: string, value: Record<string, unknown>) => electron.exposed.set(name, value),
  },
  dialog: {
    showMessageBox: ({ detail }: { detail: string }) => {
      electron.asked.push(detail)
      return electron.answer()
    },
  },
  shell: { openExternal: (url: string) => Promise.resolve(void electron.opened.push(url)) },
}))

beforeEach(() => {
  electron.asked.length = 0
  electron.opened.length = 0
  electron.answer = () => Promise.resolve({ response: 0 })
})

const preferences = () => windowOptions('/app/preload.cjs').webPreferences ?? {}
const policy = SECURITY_HEADERS['content-security-policy'].split('; ')

/** Contents with the guards on them: what was prevented, and what came of a new window. */
function guarded() {
  let onOpen = (_details: { url: string }): { action: string } => ({ action: 'allow' })
  const contents = Object.assign(new EventEmitter(), {
    setWindowOpenHandler: (handler: typeof onOpen) => (onOpen = handler),
  })
  guardContents(contents as object as WebContents)
  const isPrevented = (name: string, url: string) => {
    const preventDefault = vi.fn()
    contents.emit(name, { url, preventDefault })
    return preventDefault.mock.calls.length === 1
  }
  return { isPrevented, open: (url: string) => onOpen({ url }) }
}

/** https://www.electronjs.org/docs/latest/tutorial/security, item by item; 19, the fuses, is in package.test.ts. */
describe('the checklist of Electron', () => {
  test('1, 18: content comes from app:// and our own origin, never from file: or over http', () => {
    expect(PAGE_URL).toBe('app://plateau/')
    expect(policy.filter((rule) => /https?:|file:|\*/.test(rule))).toEqual([])
  })

  test('2: there is no Node in the window, its workers or frames', () => {
    expect(preferences()).toMatchObject({ nodeIntegration: false, nodeIntegrationInWorker: false })
    expect(preferences().nodeIntegrationInSubFrames).toBeUndefined()
  })

  test('3: the preload script is in a world of its own', () => {
    expect(preferences().contextIsolation).toBe(true)
  })

  test('4: the window is in a sandbox, and so is everything before it', () => {
    expect(preferences().sandbox).toBe(true)
    expect(readFileSync(join(ROOT, 'electron/main.ts'), 'utf8')).toContain('app.enableSandbox()')
  })

  test('5: every permission is refused but to write text to the clipboard', () => {
    let isGranted = (_contents: null, _permission: string): boolean => true
    const session = {
      setPermissionRequestHandler: () => undefined,
      setPermissionCheckHandler: (handler: typeof isGranted) => (isGranted = handler),
      setDevicePermissionHandler: () => undefined,
    }
    denyPermissions(session as object as Session)
    const all = [
      'media',
      'geolocation',
      'notifications',
      'midi',
      'openExternal',
      'clipboard-read',
      'hid',
      'usb',
    ]
    expect([...all, 'clipboard-sanitized-write'].filter((permission) => isGranted(null, permission))).toEqual(
      ['clipboard-sanitized-write'],
    )
  })

  test.each([
    ['6: webSecurity', 'webSecurity'],
    ['8: insecure content', 'allowRunningInsecureContent'],
    ['9: experimental features', 'experimentalFeatures'],
    ['10: features of Blink', 'enableBlinkFeatures'],
  ])('%s is left as it is', (_name, preference) => {
    expect(preferences()).not.toHaveProperty(preference)
  })

  test('7: the policy begins with nothing, lets our origin in, and text become code or markup nowhere', () => {
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("connect-src 'self'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).toContain("require-trusted-types-for 'script'")
    expect(policy.join()).not.toContain('unsafe')
    const sources = policy.flatMap((rule) => (rule.includes('-src ') ? rule.split(' ').slice(1) : []))
    expect(new Set(sources)).toEqual(new Set(["'none'", "'self'", 'data:']))
  })

  test('11, 12: there is no webview, and one that is made all the same is refused', () => {
    expect(preferences().webviewTag).toBe(false)
    expect(guarded().isPrevented('will-attach-webview', PAGE_URL)).toBe(true)
  })

  test('13: the window stays on its page, whoever sends it away', () => {
    const { isPrevented } = guarded()
    for (const event of ['will-navigate', 'will-redirect', 'will-frame-navigate']) {
      expect(isPrevented(event, PAGE_URL)).toBe(false)
      expect(isPrevented(event, 'https://attacker.example/')).toBe(true)
      expect(isPrevented(event, 'file:///etc/passwd')).toBe(true)
    }
  })

  test('14: no second window opens', () => {
    expect(guarded().open('https://example.com/')).toEqual({ action: 'deny' })
    expect(guarded().open(PAGE_URL)).toEqual({ action: 'deny' })
  })

  test('16: Electron is a version that was looked at, not whatever is newest', () => {
    expect(packageJson.devDependencies.electron).toMatch(/^\d+\.\d+\.\d+$/)
  })

  test('17: calls come from our page itself, on every channel', async () => {
    const { bridge } = await testBridge({ version: '1.2.3', shell: 'electron', webgpu: '' })
    serveBridge(bridge)
    expect([...electron.handlers.keys()].sort()).toEqual(Object.values(CHANNELS).sort())
    const senders = [
      { url: 'https://attacker.example/', parent: null },
      { url: PAGE_URL, parent: {} },
      { url: 'file:///index.html', parent: null },
      null,
    ]
    for (const handle of electron.handlers.values())
      for (const senderFrame of senders) expect(() => handle({ senderFrame })).toThrow(': refused for')
  })

  test('20: the window gets functions that call one channel each, and nothing of Electron', async () => {
    await import('../../electron/preload.ts')
    expect([...electron.exposed.keys()]).toEqual(['plateau'])
    const bridge = electron.exposed.get('plateau') ?? {}
    expect(Object.values(bridge).every((value) => typeof value === 'function')).toBe(true)
    const surface = Object.keys(bridge).map((name) => `${name} ${CHANNELS[name as BridgeMethod]}`)
    await expect(`${surface.sort().join('\n')}\n`).toMatchFileSnapshot('../golden/preload-surface.txt')
  })

  test('its scheme is secure and goes round no policy', () => {
    registerScheme()
    expect(Object.keys(electron.schemes[0]?.privileges ?? {}).sort()).toEqual([
      'codeCache',
      'secure',
      'standard',
      'stream',
      'supportFetchAPI',
    ])
  })
})

describe('15: addresses that leave the app', () => {
  test.each([
    ['https://example.com', 'https://example.com/'],
    ['HTTPS://EXAMPLE.com/A?b#c', 'https://example.com/A?b#c'],
    ['https://exa\tmple.com/\n', 'https://example.com/'],
    ['https:example.com', 'https://example.com/'],
    ['https:\\\\example.com\\a', 'https://example.com/a'],
    ['https://аpple.com/', 'https://xn--pple-43d.com/'],
    ['https://example.com/%0d%0a', 'https://example.com/%0d%0a'],
    ['https://example.com/"&calc', 'https://example.com/%22&calc'],
    ['http://example.com/', null],
    ['https://user@example.com/', null],
    ['https://google.com:password@attacker.example/', null],
    ['https://', null],
    ['file:///bin/sh', null],
    ['file://attacker.example/share', null],
    ['smb://attacker.example/share', null],
    ['ms-msdt:/id PCWDiagnostic', null],
    ['ms-officecmd:{}', null],
    ['search-ms:query=a', null],
    ['vscode://a', null],
    ['ssh://-oProxyCommand=calc/', null],
    ['mailto:a@example.com', null],
    ['tel:1', null],
    ['javascript:alert(1)', null],
    ['data:text/html,a', null],
    ['blob:https://example.com/a', null],
    ['view-source:https://example.com', null],
    ['about:blank', null],
    ['app://plateau/', null],
    ['\\\\attacker.example\\share', null],
    ['C:\\Windows\\calc.exe', null],
    ['example.com', null],
    ['', null],
    [`https://example.com/${'a'.repeat(5000)}`, null],
  ])('%j', async (given, opened) => {
    expect(outsideAddress(given)).toBe(opened)
    await openOutside(given)
    expect(electron.asked).toEqual(opened === null ? [] : [opened])
    expect(electron.opened).toEqual(opened === null ? [] : [opened])
  })

  test('nothing opens without a yes, and a thousand windows are one question', async () => {
    const refused: ((given: { response: number }) => void)[] = []
    electron.answer = () => new Promise((resolve) => refused.push(resolve))
    const { open } = guarded()
    for (let i = 0; i < 1000; i++) open(`https://example.com/${i}`)
    const later = openOutside('https://example.com/later')
    expect(electron.asked).toEqual(['https://example.com/0'])
    refused[0]?.({ response: 1 })
    await later
    expect(electron.opened).toEqual([])
  })

  test('a page that sends the window away is asked about in the same place', async () => {
    await vi.waitFor(async () => {
      await openOutside('https://example.com/before')
      expect(electron.asked).toHaveLength(1)
    })
    electron.asked.length = 0
    const { isPrevented } = guarded()
    isPrevented('will-navigate', 'https://example.com/')
    isPrevented('will-navigate', 'file:///bin/sh')
    expect(electron.asked).toEqual(['https://example.com/'])
  })
})

describe('what the window sends', () => {
  /** The same numbers every time: what fails can be looked at. */
  function numbers(seed: number): (below: number) => number {
    let state = seed
    return (below) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
  }

  const FIELDS = ['id', 'entries', 'query', 'bytes', 'node', 'repo', 'path', 'quant', 'token', 'what', 'name']
  const hostile = (pick: (below: number) => number, depth = 0): unknown => {
    const values: (() => unknown)[] = [
      () => undefined,
      () => null,
      () => true,
      () => [0, -1, 1.5, NaN, Infinity, 2 ** 53, -0][pick(7)],
      () =>
        ['', '..', '../../etc/passwd', '\0', 'a'.repeat(70_000), '__proto__', '/etc/passwd', 'q4'][pick(8)],
      () => new Uint8Array(pick(20)),
      () => Symbol.iterator,
      () => () => 'called',
      () => new Date(0),
      () => new Map([['id', 'a']]),
      () => JSON.parse('{"__proto__": {"id": "a"}, "constructor": {"prototype": 1}}') as unknown,
      () => Array.from({ length: pick(5) }, () => (depth > 3 ? null : hostile(pick, depth + 1))),
      () =>
        Object.fromEntries(
          FIELDS.filter(() => pick(2) === 0).map((field) => [
            field,
            depth > 3 ? '' : hostile(pick, depth + 1),
          ]),
        ),
    ]
    return values[depth === 0 && pick(3) > 0 ? values.length - 1 : pick(values.length)]?.()
  }

  test('whatever it is, a handler gets plain fields or is not called, and the answer is one sentence', async () => {
    const pick = numbers(20_261_121)
    let called = 0
    let refused = 0
    const wrong: unknown[] = []
    const isPlain = ([name, value]: [string, unknown]) =>
      !/^__|^constructor$/.test(name) &&
      ['string', 'number', 'boolean', 'object'].includes(typeof value) &&
      (typeof value !== 'number' || Number.isSafeInteger(value))
    for (const method of Object.keys(CHANNELS) as BridgeMethod[])
      for (let round = 0; round < 60; round++) {
        let received: unknown
        const handlers = { [method]: (argument: unknown) => Promise.resolve(void (received = argument)) }
        const argument = hostile(pick)
        const outcome = await callBridge(handlers as never, method, argument)
        if ('answer' in outcome) called++
        else refused++
        const isSentence = !('refusal' in outcome) || /^[A-Z][^\n]{1,300}\.$/.test(outcome.refusal)
        const given: object = (received as object | undefined) ?? {}
        const isOurs =
          Object.getPrototypeOf(given) === Object.prototype && Object.entries(given).every(isPlain)
        if (!isSentence || !isOurs) wrong.push({ method, outcome, given })
      }
    expect(wrong).toEqual([])
    expect(called).toBeGreaterThan(100)
    expect(refused).toBeGreaterThan(500)
    expect({}).not.toHaveProperty('id')
  })
})
