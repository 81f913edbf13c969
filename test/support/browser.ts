import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core'
import { afterAll, afterEach, expect } from 'vitest'
import { commandLineSwitch, findBrowser, QUIET } from '../../bin/browser.ts'
import { type Loopback, serveOnLoopback } from '../../bin/loopback.ts'
import { serve } from '../../electron/serve.ts'
import { type CountingProxy, startCountingProxy } from './counting-proxy.ts'
import { add } from './counts.ts'

/** For windows in which no kernel runs. */
export const NO_GPU = ['--no-sandbox', '--disable-gpu'] as const

/** WebGPU on SwiftShader. */
const WEBGPU = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
]

/** With what Electron's main process sets: a page whose GPU process died may ask for WebGPU again. */
export const LASTING_WEBGPU = [
  ...WEBGPU,
  '--disable-gpu-process-crash-limit',
  '--disable-domain-blocking-for-3d-apis',
] as const

let proxy: CountingProxy | null = null
const outside: string[] = []
let watched = 0
/** what the test file has opened */
const opened: { close(): Promise<void> }[] = []

/** What pages of this test file wanted from other machines since this was last asked. */
export function takeOutsideRequests(): string[] {
  return proxy?.asked.splice(0) ?? []
}

// Whatever a test file looks at: its browsers asked for nothing but what this machine serves.
afterEach(({ task }) => {
  const asked = takeOutsideRequests()
  outside.push(...asked)
  const counts = (task.meta.counts ??= {})
  add(counts, 'requests of pages that were watched', watched)
  add(counts, 'requests to other machines', asked.length)
  watched = 0
})

afterAll(async () => {
  for (const each of opened.reverse()) await each.close()
  outside.push(...takeOutsideRequests())
  expect(outside).toEqual([])
  proxy?.close()
})

/**
 * The browser that the set-up of the tests found or installed, behind a proxy that counts, until the file's tests have
 * ended. A missing one fails; it never skips.
 */
export async function launchBrowser(flags: readonly string[] = WEBGPU): Promise<Browser> {
  const browser = await chromium.launch(optionsWith([...flags, await countedSwitch()]))
  opened.push(browser)
  return browser
}

/** A page of its own, watched from its first request. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; seen: Watch }> {
  const page = await (await browser.newContext(options)).newPage()
  const seen = watch(page)
  await page.goto(url)
  return { page, seen }
}

/** The same with a profile that outlives it, so that it can be opened anew after it was killed. */
export async function launchWithProfile(flags: readonly string[], profile: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profile, optionsWith([...flags, await countedSwitch()]))
}

async function countedSwitch(): Promise<string> {
  proxy ??= await startCountingProxy()
  // As an argument and not as playwright's option, which would lead requests to this machine through it too.
  return `--proxy-server=http://127.0.0.1:${proxy.port}`
}

/**
 * Without the proxy, which looks up names in the browser's place, and with a profile of its own, as the browser shell
 * starts it: for tests of what the browser itself looks up. A profile that is forgotten looks nothing up early.
 */
export function launchUnwatched(flags: readonly string[], profile: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profile, optionsWith(flags))
}

function optionsWith(flags: readonly string[]): { executablePath: string; args: string[] } {
  const executablePath = process.env['CHROMIUM_PATH'] ?? findBrowser()
  if (executablePath === null)
    throw new Error('no Chromium: install the package chromium, or set CHROMIUM_PATH')
  return { executablePath, args: [...flags, ...QUIET.map(commandLineSwitch)] }
}

/** A bundle and the built-in model on 127.0.0.1, with the headers that the shells send, as long as the browser. */
export async function serveBundle(renderer: string): Promise<Loopback> {
  const folders = { renderer, pocket: 'assets/pocket' }
  const server = await serveOnLoopback(async ({ method = 'GET', url = '/' }, response) => {
    const answer = await serve(new Request(`http://127.0.0.1${url}`, { method }), folders)
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    response.end(Buffer.from(await answer.arrayBuffer()))
  })
  opened.push(server)
  return server
}

/** Everything the page asked for, and everything it complained about. */
export interface Watch {
  readonly requests: string[]
  readonly problems: string[]
}

export function watch(page: Page): Watch {
  const seen: Watch = { requests: [], problems: [] }
  page.on('request', (request) => {
    watched++
    seen.requests.push(request.url())
  })
  page.on('pageerror', (error) => seen.problems.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') seen.problems.push(message.text())
  })
  return seen
}

/** Poll from outside: `waitForFunction` needs unsafe-eval, which the page's policy forbids. */
export async function until(
  label: string,
  condition: () => Promise<boolean>,
  milliseconds = 30_000,
): Promise<void> {
  const deadline = performance.now() + milliseconds
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${milliseconds} ms for: ${label}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Wait until the words in it match: what is found out is on screen some time after the place for it. */
export async function says(place: Locator, pattern: RegExp): Promise<void> {
  await until(`words like ${String(pattern)}`, async () => pattern.test(await place.innerText()))
}

const repliesOf = (page: Page) => page.getByRole('article', { name: 'Plateau' })

/** Send a message, and wait until its answer has a place: until then the last answer is the one before. */
export async function send(page: Page, text: string): Promise<void> {
  const before = await repliesOf(page).count()
  await page.getByLabel('Message', { exact: true }).fill(text)
  await page.keyboard.press('Enter')
  await until('a place for the answer', async () => (await repliesOf(page).count()) > before)
}

/** Wait until the last answer has ended, well or not. */
export async function answerEnds(page: Page, milliseconds = 60_000): Promise<void> {
  await until(
    'the answer ends',
    async () => {
      const replies = repliesOf(page)
      return (await replies.count()) > 0 && (await replies.last().getAttribute('aria-busy')) === 'false'
    },
    milliseconds,
  )
}
