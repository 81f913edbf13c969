import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { startJob } from '../../bin/model-library.ts'
import { type BrowserShell, startBrowserShell } from '../../electron/browser-shell.ts'
import { type Conversations } from '../../electron/conversations.ts'
import { nodePorts } from '../../electron/downloads/ports.ts'
import { jobsIn } from '../../electron/models/jobs.ts'
import { modelsFolder } from '../../electron/models/models.ts'
import { LASTING_WEBGPU, launchWithProfile, send, until } from './browser.ts'
import { builtPage } from './built-page.ts'
import { temporaryFolder, testBridge } from './test-bridge.ts'
import { KEPT_WITHIN_MILLISECONDS, lostByKill } from './lost-by-kill.ts'
import { peakMemory } from './peak-memory.ts'

const APP = { version: '0.0.0', shell: 'browser', webgpu: '' } as const
export const LOAD_MILLISECONDS = 300_000

/** The product in a real Chromium: the shell's server, the worker, the kernels, Pocket, the journals. */
export class RealWindow {
  readonly data: string
  readonly #profile = mkdtempSync(join(tmpdir(), 'plateau-soak-'))
  #parts: { conversations: Conversations; shell: BrowserShell; context: BrowserContext; page: Page } | null =
    null

  constructor(data = temporaryFolder()) {
    this.data = data
  }

  get page(): Page {
    return this.#open.page
  }

  get conversations(): Conversations {
    return this.#open.conversations
  }

  /** As `npm start` does it: a server with a new ticket, and a browser with the profile from before. */
  async open(): Promise<void> {
    const { bridge, conversations } = await testBridge(APP, this.data, {
      url: 'https://hub.invalid',
      ports: nodePorts,
      runJob: jobsIn(() => startJob('dist/bin/model-process.js')),
    })
    const shell = await startBrowserShell(
      { renderer: await builtPage('window'), pocket: 'assets/pocket', models: modelsFolder(this.data) },
      bridge,
      0,
    )
    const context = await launchWithProfile(LASTING_WEBGPU, this.#profile)
    const page = await context.newPage()
    this.#parts = { conversations, shell, context, page }
    await page.goto(shell.entryUrl)
  }

  async modelIsReady(): Promise<void> {
    await until('the model', async () => (await this.page.locator('.meter').count()) === 1, LOAD_MILLISECONDS)
  }

  /** Every answer the likeliest, and so many tokens. */
  async setAnswers(tokens: number): Promise<void> {
    const { page } = this
    await page.keyboard.press('Control+,')
    for (const [setting, value] of [
      ['Temperature', '0'],
      ['Answer length', String(tokens)],
    ] as const) {
      await page.getByLabel(setting, { exact: true }).fill(value)
      await page.keyboard.press('Enter')
    }
    await page.keyboard.press('Escape')
    await page.locator('dialog').waitFor({ state: 'detached' })
  }

  get answers() {
    return this.page.getByRole('article', { name: 'Plateau' })
  }

  /** Send a message, and wait for the first words of its answer. */
  async ask(message: string): Promise<void> {
    await send(this.page, message)
    await this.answers.last().locator('.words p').first().waitFor({ timeout: LOAD_MILLISECONDS })
  }

  /** End one of the browser's processes as a crash would. */
  async kill(type: 'browser' | 'GPU'): Promise<void> {
    const found = (await this.#processes()).find((each) => each.type === type)
    if (!found) throw new Error(`there is no ${type} process`)
    process.kill(found.id, 'SIGKILL')
  }

  /**
   * Say something, and `kill -9` the browser in its answer; the window is opened anew after it.
   *
   * @returns what was lost, `null` for nothing
   */
  async dieInAnswer(message: string, random: () => number): Promise<string | null> {
    await this.modelIsReady()
    await this.ask(message)
    await new Promise((resolve) => setTimeout(resolve, random() * 400))
    const words = await this.answers.last().locator('.words').innerText()
    await new Promise((resolve) => setTimeout(resolve, KEPT_WITHIN_MILLISECONDS))
    await this.kill('browser')
    await this.close()
    await this.open()
    const [newest] = await this.conversations.list()
    return lostByKill(this.conversations, newest?.id ?? '', message, words, [message])
  }

  /** Nothing of the browser runs for a while, as when a lid is closed; a driver may have lost its device meanwhile. */
  async sleep(milliseconds: number, gpuIsLost: boolean): Promise<void> {
    const processes = await this.#processes()
    for (const { id } of processes) process.kill(id, 'SIGSTOP')
    await new Promise((resolve) => setTimeout(resolve, milliseconds))
    for (const { id, type } of processes)
      process.kill(id, gpuIsLost && type === 'GPU' ? 'SIGKILL' : 'SIGCONT')
  }

  /** The most memory, in bytes, that the page with its worker had, and the GPU process. */
  async peaks(): Promise<{ readonly page: number; readonly gpu: number }> {
    const processes = await this.#processes()
    const peakOf = async (type: string) =>
      Math.max(
        0,
        ...(await Promise.all(
          processes.filter((each) => each.type === type).map(({ id }) => peakMemory(id)),
        )),
      )
    return { page: await peakOf('renderer'), gpu: await peakOf('GPU') }
  }

  async #processes() {
    const session = await this.#open.context.browser()!.newBrowserCDPSession()
    return (await session.send('SystemInfo.getProcessInfo')).processInfo
  }

  async close(): Promise<void> {
    const { context, shell, conversations } = this.#open
    this.#parts = null
    await context.close().catch(() => undefined)
    shell.close()
    await conversations.close()
  }

  get #open() {
    if (!this.#parts) throw new Error('the window is not open')
    return this.#parts
  }
}
