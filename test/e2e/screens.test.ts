import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type BrowserShell, startBrowserShell } from '../../electron/browser-shell.ts'
import { nodePorts } from '../../electron/downloads/ports.ts'
import {
  answerEnds,
  launchBrowser,
  NO_GPU,
  says,
  send,
  until,
  type Watch,
  watch,
} from '../support/browser.ts'
import { builtPage } from '../support/built-page.ts'
import { ScriptedFits } from '../support/scripted-fit.ts'
import { Screens, SIZE } from '../support/screens.ts'
import { temporaryFolder, testBridge } from '../support/test-bridge.ts'
import { TINY, tinyModel } from '../support/tiny-model.ts'

// On two cores without a GPU, beside other tests, the slowest of these took a third of this.
vi.setConfig({ testTimeout: 180_000 })

/**
 * Every screen of the window, held against its picture and looked at by axe, light and dark: the scripted engine, the
 * browser shell and a disk behind it, a clock that stands still, and letters of our own. What was changed on purpose is
 * stored with `SCREENS=store npx vitest run test/e2e/screens.test.ts`.
 */
/** The chats are of the day before. */
const [CHATS, NOW] = [Date.UTC(2026, 2, 2, 9, 30), Date.UTC(2026, 2, 3, 9, 30)]
const NARROW = { width: 400, height: 760 }
const NEVER = 1e9

const fits = new ScriptedFits()
let folder: string
let browser: Browser
let shell: BrowserShell
let screens: Screens
let page: Page
let seen: Watch

beforeAll(async () => {
  const renderer = await builtPage('scripted')
  vi.useFakeTimers({ toFake: ['Date'], now: CHATS })
  folder = temporaryFolder()
  const hub = { url: 'https://hub.invalid', ports: nodePorts, runJob: fits.run }
  const { bridge } = await testBridge({ version: '0.0.0', shell: 'browser', webgpu: '' }, folder, hub)
  shell = await startBrowserShell({ renderer, pocket: '', models: join(folder, 'models') }, bridge, 0)
  browser = await launchBrowser(NO_GPU)
  const context = await browser.newContext({
    viewport: SIZE,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
  })
  page = await context.newPage()
  screens = await Screens.open(browser, page)
  await page.clock.setFixedTime(NOW)
  seen = watch(page)
  await page.goto(shell.entryUrl)
  await page.goto(`${shell.origin}/?kept&fixed-font&pace=0&updates`)
  await page.locator('.meter').waitFor()
})

afterAll(async () => {
  await browser.close()
  shell.close()
  vi.useRealTimers()
})

async function ask(text: string): Promise<void> {
  await send(page, text)
  await answerEnds(page)
}

async function newChat(): Promise<void> {
  await page.keyboard.press('Control+Shift+O')
  await page.getByRole('heading', { name: 'A memory that stays flat' }).waitFor()
}

async function sheet(keys: string, name: string): Promise<void> {
  await page.keyboard.press(keys)
  await page.getByRole('dialog', { name }).waitFor()
}

/** Each screen, and the way to it from the one before; whatever lies over the chat is closed in between. */
const SCREENS: readonly (readonly [name: string, go: () => Promise<unknown>])[] = [
  ['welcome', () => page.getByText('stays this size').waitFor()],
  [
    'answers',
    async () => {
      await ask('My name is Mira.')
      await ask('markdown')
      // Colours of code come a moment after its words.
      await page.locator('pre code span').first().waitFor()
    },
  ],
  ['memory', () => page.locator('.meter').click()],
  ['branches', () => sheet('Control+Shift+Y', 'Branches of this chat')],
  ['look-inside', () => page.keyboard.press('Control+i')],
  [
    'document',
    async () => {
      await page.keyboard.press('Control+i')
      await newChat()
      await page.getByLabel('Documents', { exact: true }).setInputFiles('assets/samples/letter.txt')
      await page.getByText(/^Memory restored/).waitFor()
      await says(page.getByRole('navigation', { name: 'Chats' }), /letter\.txt/)
      await until('it is read', async () => (await page.locator('article[aria-busy=true]').count()) === 0)
      await page.getByRole('button', { name: 'Read letter.txt', exact: true }).click()
      await page.getByRole('complementary', { name: 'What was read' }).waitFor()
    },
  ],
  [
    'documents',
    async () => {
      await page.getByRole('button', { name: 'Close what was read' }).click()
      await newChat()
      await page.getByRole('button', { name: /^Documents \(/ }).click()
      await page.getByRole('dialog', { name: 'Documents' }).waitFor()
    },
  ],
  [
    'failure',
    async () => {
      await ask('fail')
      await page.getByRole('alert').waitFor()
    },
  ],
  ['compare', () => sheet('Control+Shift+e', 'Compare')],
  ['models', () => sheet('Control+Shift+l', 'Models')],
  ['settings', () => sheet('Control+,', 'Settings')],
  [
    'settings-all',
    async () => {
      await sheet('Control+,', 'Settings')
      await page.getByLabel('All', { exact: true }).check()
      await page.getByLabel('This many tokens in every layer').check()
      await page.getByLabel('Name for the settings as they are now').fill('Brief')
      const presets = page.getByRole('region', { name: 'Presets' })
      await presets.getByRole('button', { name: 'Keep', exact: true }).click()
      await page.getByRole('button', { name: 'Brief', exact: true }).waitFor()
      await page.getByLabel('Top-k', { exact: true }).fill('7')
      await page.keyboard.press('Tab')
    },
  ],
  [
    'settings-servers',
    async () => {
      await sheet('Control+,', 'Settings')
      const updates = page.getByRole('region', { name: 'Newer versions' })
      await updates.getByText('Version 0.2.0 is here').waitFor()
      await updates.evaluate((section) => section.scrollIntoView({ block: 'end' }))
    },
  ],
  [
    'about',
    async () => {
      const one = { name: 'a package', version: '1.0.0', licence: 'MIT', text: 'Permission is granted.' }
      const licences = { version: '0.0.0', own: 'Permission is granted.', packages: [one] }
      await page.route('**/licences.json', (route) => route.fulfill({ json: licences }))
      await sheet('Control+,', 'Settings')
      await page.getByText('Version and licences of what is in it').click()
      await page.getByText('a package 1.0.0, MIT').click()
      const about = page.getByRole('region', { name: 'About' })
      await about.getByRole('region', { name: 'a package' }).waitFor()
      await about.evaluate((section) => section.scrollIntoView({ block: 'end' }))
    },
  ],
  [
    'contrast',
    async () => {
      await sheet('Control+,', 'Settings')
      await page.getByLabel('Simple settings').check()
      await page.getByLabel('More contrast').check()
    },
  ],
  [
    'gpu-check',
    async () => {
      await sheet('Control+,', 'Settings')
      await page.getByLabel('More contrast').uncheck()
      await page.getByRole('dialog').getByRole('button', { name: 'GPU check' }).click()
      await says(page.getByRole('dialog', { name: 'GPU check' }), /A software adapter/)
    },
  ],
  ['commands', () => sheet('Control+k', 'Commands')],
  ['shortcuts', () => sheet('Control+/', 'Keyboard shortcuts')],
  [
    'narrow',
    async () => {
      await page.setViewportSize(NARROW)
      await page.keyboard.press('Escape')
      await newChat()
      await ask('My name is Mira.')
    },
  ],
  [
    'loading',
    async () => {
      await page.setViewportSize(SIZE)
      await page.goto(`${shell.origin}/?fixed-font&load=${NEVER}`)
      await page.getByRole('progressbar', { name: 'Loading the model' }).waitFor()
    },
  ],
  [
    'no-gpu',
    async () => {
      await page.goto(`${shell.origin}/?fixed-font&cpu`)
      await page.getByRole('button', { name: 'GPU check' }).click()
      await says(page.getByRole('dialog', { name: 'GPU check' }), /No GPU can be used\./)
    },
  ],
  [
    'compare-done',
    async () => {
      await page.goto(`${shell.origin}/?fixed-font&pace=20&clock&needles`)
      await page.locator('.meter').waitFor()
      // Which answer stands first is drawn.
      await page.evaluate(() => (Math.random = () => 0))
      await sheet('Control+Shift+e', 'Compare')
      await page.getByRole('button', { name: 'Start', exact: true }).click()
      await page.getByRole('button', { name: 'No difference' }).click()
      await page.getByRole('status').filter({ hasText: 'Your votes so far' }).waitFor()
      await page.getByRole('region', { name: 'What it costs' }).evaluate((costs) => costs.scrollIntoView())
    },
  ],
  [
    'needles-done',
    async () => {
      await sheet('Control+Shift+e', 'Compare')
      await page.getByRole('tab', { name: 'Needles' }).click()
      await page.getByRole('button', { name: 'Plant the needles' }).click()
      await page.getByText(/^Knew more, outlined/).waitFor()
    },
  ],
  [
    'give-memory',
    async () => {
      await page.goto(`${shell.origin}/?kept&fixed-font&pace=0`)
      await page.locator('.meter').waitFor()
      const from = join(folder, 'from/tiny')
      mkdirSync(from, { recursive: true })
      for (const [file, bytes] of tinyModel({ ...TINY, family: 'qwen3' }))
        writeFileSync(join(from, file), bytes)
      await sheet('Control+Shift+l', 'Models')
      await page.getByLabel(/^Path of a GGUF file/).fill(from)
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: 'Give it a memory tiny' }).click()
      await page.getByLabel('Text to learn from').last().setInputFiles('assets/samples/letter.txt')
      await page.getByRole('button', { name: 'Leave out letter.txt' }).waitFor()
    },
  ],
  [
    'give-memory-running',
    async () => {
      await sheet('Control+Shift+l', 'Models')
      await page.getByRole('button', { name: 'Give it a memory tiny' }).click()
      await page.getByLabel('Text to learn from').last().setInputFiles('assets/samples/letter.txt')
      await page.getByRole('button', { name: 'Start' }).click()
      await until('it is begun', () => Promise.resolve(fits.jobs.length === 1))
      const losses = Array.from({ length: 40 }, (_, step) => 0.35 + 0.6 * Math.exp(-step / 9))
      fits.tell(40, 100, { phase: 'gates', losses })
      await page.getByRole('img', { name: 'Loss, by step' }).waitFor()
    },
  ],
  [
    'give-memory-report',
    async () => {
      fits.finish()
      await sheet('Control+Shift+l', 'Models')
      await page.getByRole('button', { name: 'Report tiny with memory' }).click()
      await page.getByRole('row', { name: 'Slots and window 9 8.71' }).waitFor()
    },
  ],
]

test.each(SCREENS)('%s', async (name, go) => {
  await screens.closeSheets()
  await go()
  await screens.look(name)
})

test('nothing was complained about', () => {
  expect(seen.problems).toEqual([])
})
