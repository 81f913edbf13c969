import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { commandLineSwitch, machineSwitches } from '../../bin/browser.ts'
import { buildStale } from '../../bin/build.js'
import { installedElectron } from '../../bin/electron-binary.ts'
import { ROOT } from '../../bin/root.ts'
import { answerEnds, send, until, type Watch, watch } from '../support/browser.ts'
import { closeConversations, OPENED, temporaryFolder, testConversations } from '../support/test-bridge.ts'

/** Where Electron's binary was not fetched, or there is no screen, `main` runs in tests with a mocked `electron` only. */
const PROGRAM = installedElectron(ROOT)
const { DISPLAY, WAYLAND_DISPLAY } = process.env
const hasScreen = process.platform !== 'linux' || Boolean(DISPLAY) || Boolean(WAYLAND_DISPLAY)
const LOAD_MILLISECONDS = 300_000

/** Of main's protocol.ts, which cannot be read outside Electron. */
const PAGE_URL = 'app://plateau/'

vi.setConfig({ testTimeout: LOAD_MILLISECONDS, hookTimeout: LOAD_MILLISECONDS })

describe.skipIf(PROGRAM === null || !hasScreen)('the window of the real Electron', () => {
  const program = PROGRAM ?? ''
  const args = [ROOT, ...machineSwitches().map(commandLineSwitch)]
  const home = temporaryFolder()
  // Chats, Chromium's profile and the lock of the one instance are of this folder, on each system.
  const env = {
    ...Object.fromEntries(Object.entries(process.env).filter((entry) => entry[1] !== undefined)),
    HOME: home,
    XDG_DATA_HOME: join(home, 'data'),
    XDG_CONFIG_HOME: join(home, 'config'),
    APPDATA: join(home, 'roaming'),
    LOCALAPPDATA: join(home, 'local'),
  } as Record<string, string>
  let app: ElectronApplication
  let page: Page
  let seen: Watch

  async function open(): Promise<void> {
    app = await _electron.launch({ executablePath: program, args, env, timeout: LOAD_MILLISECONDS })
    page = await app.firstWindow()
    seen = watch(page)
    await page.locator('.meter').waitFor({ timeout: LOAD_MILLISECONDS })
  }

  beforeAll(async () => {
    await buildStale('electron', 'renderer')
    await open()
  })
  afterAll(async () => {
    await app.close()
    await closeConversations()
  })

  test('shows our page, in a sandbox, with the bridge and nothing of Node', async () => {
    expect(page.url()).toBe(PAGE_URL)
    expect(await page.title()).toBe('Plateau')
    const inPage = await page.evaluate(async () => ({
      info: await window.plateau?.appInfo(undefined),
      names: ['require', 'process', 'module', 'Buffer'].filter((name) => name in globalThis),
      isSecure: isSecureContext,
      hasGpu: 'gpu' in navigator,
    }))
    expect(inPage).toMatchObject({
      info: { value: { shell: 'electron' } },
      names: [],
      isSecure: true,
      hasGpu: true,
    })
  })

  test('goes to no other page, opens no second window, and is permitted nothing', async () => {
    await app.evaluate(({ dialog, shell }) => {
      const asked: string[] = []
      Object.assign(globalThis, { asked })
      Object.assign(dialog, {
        showMessageBox: ({ detail }: { detail: string }) => {
          asked.push(detail)
          return Promise.resolve({ response: 1, checkboxChecked: false })
        },
      })
      Object.assign(shell, { openExternal: (address: string) => void asked.push(`opened ${address}`) })
    })
    await page.evaluate(() => void window.open('https://example.org/window'))
    await page.evaluate(() => void window.open('file:///etc/passwd'))
    await page.evaluate(() => void (location.href = 'https://example.org/page'))
    const asked = () => app.evaluate(() => (globalThis as unknown as { asked: string[] }).asked)
    await until('both questions', async () => (await asked()).length === 2)
    // A question for each https address and none for a file; one that was said no to opens nothing.
    expect((await asked()).sort()).toEqual(['https://example.org/page', 'https://example.org/window'])
    expect(page.url()).toBe(PAGE_URL)
    expect(app.windows()).toHaveLength(1)
    expect(await page.evaluate(() => Notification.requestPermission())).toBe('denied')
    const isRefused = () =>
      navigator.mediaDevices.getUserMedia({ audio: true }).then(
        () => false,
        () => true,
      )
    expect(await page.evaluate(isRefused)).toBe(true)
  })

  test('Pocket answers on the GPU, and after a restart chat and memory are there', async () => {
    await send(page, 'My name is Mira.')
    await answerEnds(page, LOAD_MILLISECONDS)
    const said = await page.getByRole('article', { name: 'Plateau' }).innerText()
    expect(said).toContain('Mira')
    await app.close()
    await open()
    await page.getByRole('navigation', { name: 'Chats' }).getByText('My name is Mira.').click()
    await page.getByText(/^Memory restored .* 0 tokens re-read$/).waitFor()
    await send(page, 'What is my name?')
    await answerEnds(page, LOAD_MILLISECONDS)
    expect(await page.getByRole('article', { name: 'Plateau' }).last().innerText()).toContain('Mira')
  })

  test('a chat file that is opened outside shows in the window that is there', async () => {
    const conversations = await testConversations()
    const id = conversations.newId()
    await conversations.add(id, [
      OPENED,
      { type: 'user', node: 1, parent: null, text: 'Sent to me as a file', time: 1, aside: false },
    ])
    const file = join(temporaryFolder(), 'sent.chat')
    writeFileSync(file, await conversations.export(id))
    const second = spawn(program, [...args, file], { env, stdio: 'ignore' })
    // It hands its arguments over and goes.
    const code = await new Promise((resolve) => second.once('exit', resolve))
    expect(code).toBe(0)
    await page.getByRole('article').getByText('Sent to me as a file').waitFor()
    expect(app.windows()).toHaveLength(1)
  })

  test('asks nobody but itself, and complains of nothing', () => {
    expect(seen.requests.filter((url) => !/^(app:\/\/plateau\/|blob:|data:)/.test(url))).toEqual([])
    expect(seen.problems).toEqual([])
  })
})
