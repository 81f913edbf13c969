import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findBrowser } from '../../bin/browser.ts'
import { type BrowserShell, startBrowserShell } from '../../electron/browser-shell.ts'
import { type Conversations } from '../../electron/conversations.ts'
import { answerEnds, send, until } from '../support/browser.ts'
import { seeded } from '../support/numerics.ts'
import { temporaryFolder, testBridge } from '../support/test-bridge.ts'
import { row, times } from './rows.ts'

/** The product in a real Chromium: the shell's server, the worker, the kernels, Pocket, the journals. */
const RENDERER = 'test/output/soak-window'
const APP = { version: '0.0.0', shell: 'browser', webgpu: '' } as const
const LOAD_MILLISECONDS = 300_000
const SWITCHES = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--disable-gpu-process-crash-limit',
  '--disable-domain-blocking-for-3d-apis',
]
const QUESTION = 'Tell me a long story about a lake.'

const data = temporaryFolder()
const profile = mkdtempSync(join(tmpdir(), 'plateau-soak-'))
let conversations: Conversations
let shell: BrowserShell
let context: BrowserContext
let page: Page

beforeAll(async () => {
  const outDir = `../${RENDERER}`
  await build({ configFile: 'renderer/vite.config.ts', logLevel: 'error', build: { outDir } })
  await open()
})

afterAll(async () => {
  await context.close()
  shell.close()
})

/** As `npm start` does it: a server with a new ticket, and a browser with the profile from before. */
async function open(): Promise<void> {
  const served = await testBridge(APP, data)
  conversations = served.conversations
  shell = await startBrowserShell({ renderer: RENDERER, pocket: 'assets/pocket' }, served.bridge, 0)
  const executablePath = process.env['CHROMIUM_PATH'] ?? findBrowser() ?? ''
  context = await chromium.launchPersistentContext(profile, { executablePath, args: SWITCHES })
  page = await context.newPage()
  await page.goto(shell.entryUrl)
  await until('the model', async () => (await page.locator('.meter').count()) === 1, LOAD_MILLISECONDS)
  await page.keyboard.press('Control+,')
  for (const [setting, value] of [
    ['Temperature', '0'],
    ['Answer length', '60'],
  ] as const) {
    await page.getByLabel(setting, { exact: true }).fill(value)
    await page.keyboard.press('Enter')
  }
  await page.keyboard.press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
}

async function processes(): Promise<{ readonly type: string; readonly id: number }[]> {
  const session = await context.browser()!.newBrowserCDPSession()
  return (await session.send('SystemInfo.getProcessInfo')).processInfo
}

const answers = () => page.getByRole('article', { name: 'Plateau' })

async function firstWords(): Promise<void> {
  await answers().last().locator('.words p').first().waitFor({ timeout: LOAD_MILLISECONDS })
}

/** The answer in a new chat; `during` happens after its first words. */
async function tell(during: () => Promise<void>): Promise<string> {
  await page.keyboard.press('Control+Shift+O')
  await until('an empty chat', async () => (await answers().count()) === 0)
  await send(page, QUESTION)
  await firstWords()
  await during()
  await answerEnds(page, LOAD_MILLISECONDS)
  return answers().last().locator('.words').innerText()
}

test('the GPU process killed in the middle of an answer: the same text', async () => {
  const straight = await tell(() => Promise.resolve())
  const random = seeded(23)
  const kills = times(20)
  let different = 0
  for (let kill = 0; kill < kills; kill++) {
    const text = await tell(async () => {
      await new Promise((resolve) => setTimeout(resolve, random() * 300))
      const gpu = (await processes()).find(({ type }) => type === 'GPU')
      expect(gpu).toBeDefined()
      process.kill(gpu!.id, 'SIGKILL')
    })
    if (text !== straight) different++
  }
  row('GPU process killed in Chromium', kills, `${different} with other text`)
  expect(different).toBe(0)
})

test('kill -9 of the browser in an answer: no message is lost, every journal opens', async () => {
  const random = seeded(29)
  const kills = times(200)
  const asked: string[] = []
  for (let kill = 0; kill < kills; kill++) {
    const message = `Message ${kill}: my name is Mira.`
    await send(page, message)
    await firstWords()
    asked.push(message)
    await new Promise((resolve) => setTimeout(resolve, random() * 400))
    const browser = (await processes()).find(({ type }) => type === 'browser')
    process.kill(browser!.id, 'SIGKILL')
    shell.close()
    await conversations.close()
    await context.close().catch(() => undefined)
    await open()
  }
  const kept: string[] = []
  let unopenable = 0
  for (const { id } of await conversations.list()) {
    const { transcript, readOnly } = await conversations.openConversation(id)
    if (readOnly !== '') unopenable++
    kept.push(...transcript.nodes.map(({ text }) => text))
  }
  const lost = asked.filter((text) => !kept.includes(text)).length
  row('kill -9 of the browser', kills, `${lost} messages lost`, `${unopenable} journals that do not open`)
  expect([lost, unopenable]).toEqual([0, 0])
})
