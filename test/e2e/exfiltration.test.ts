import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { beforeAll, expect, test, vi } from 'vitest'
import { type Loopback, serveOnLoopback } from '../../bin/loopback.ts'
import {
  answerEnds,
  launchBrowser,
  NO_GPU,
  launchUnwatched,
  send,
  serveBundle,
  takeOutsideRequests,
  until,
  watch,
} from '../support/browser.ts'
import { builtPage } from '../support/built-page.ts'
import { count } from '../support/counts.ts'
import { EXFILTRATION, IMITATIONS } from '../support/exfiltration.ts'

// On two cores without a GPU, beside other tests, the slowest of these took a third of this.
vi.setConfig({ testTimeout: 180_000 })

/** The window against a model and documents that want to get something out of it. No kernel runs: no GPU is needed. */

let browser: Browser
let server: Loopback

beforeAll(async () => {
  server = await serveBundle(await builtPage('scripted'))
  browser = await launchBrowser(NO_GPU)
})

interface Marked extends Window {
  owned?: number
  called: string[]
  refused: string[]
}

interface Target {
  readonly page: Page
  /** requests for anything but a file of our own bundle */
  readonly strange: string[]
  readonly problems: readonly string[]
}

async function open(): Promise<Target> {
  const page = await (await browser.newContext({ viewport: { width: 480, height: 400 } })).newPage()
  const { problems } = watch(page)
  const strange: string[] = []
  await page.addInitScript(() => {
    const marked = window as unknown as Marked
    marked.called = []
    marked.refused = []
    // Stands where Electron's bridge would: whoever calls it is written down.
    const bridge = new Proxy({}, { get: (_target, name) => () => marked.called.push(String(name)) })
    Object.assign(window, { plateau: bridge })
    addEventListener('securitypolicyviolation', (event) => marked.refused.push(event.blockedURI))
  })
  await page.goto(`${server.url}?pace=0`)
  await page.getByLabel('Message', { exact: true }).waitFor({ timeout: 120_000 })
  page.on('request', (request) => {
    const isBundle =
      request.method() === 'GET' && new RegExp(`^${server.url}assets/[^?]*$`).test(request.url())
    if (!isBundle) strange.push(`${request.method()} ${request.url()}`)
  })
  page.on('framenavigated', (frame) => strange.push(`navigation ${frame.url()}`))
  page.context().on('page', (other) => strange.push(`window ${other.url()}`))
  return { page, strange, problems }
}

/** What in a place could load, run or send: elements, attributes, and links that are not plain https. */
function findHarm(selector: string): string[] {
  const elements =
    'img, image, picture, source, script, iframe, object, embed, link, style, form, video, audio, base, meta, use, feImage'
  const attribute = /^(?:on.*|src|srcset|poster|background|ping|action|formaction|data|xlink:href|srcdoc)$/i
  return [...document.querySelectorAll(selector)].flatMap((place) =>
    [...place.querySelectorAll('*')].flatMap((element) => {
      const href = element.getAttribute('href')
      const isHarmful =
        element.matches(elements) ||
        element.getAttributeNames().some((name) => attribute.test(name)) ||
        (element.getAttribute('style') ?? '').includes('url(') ||
        (href !== null && !(element.matches('a[rel="noopener noreferrer"]') && href.startsWith('https://')))
      return isHarmful ? [element.outerHTML] : []
    }),
  )
}

async function expectNothingLeft({ page, strange, problems }: Target): Promise<void> {
  const marked = await page.evaluate(() => {
    const { owned, called, refused } = window as unknown as Marked
    return { owned, called, refused }
  })
  const outside = takeOutsideRequests()
  count('payloads: requests', strange.length + outside.length)
  count('payloads: scripts that ran', marked.owned ?? 0)
  count('payloads: calls of the shell', marked.called.length)
  count('payloads: refused by the policy', marked.refused.length)
  expect(marked).toEqual({ owned: undefined, called: [], refused: [] })
  expect(strange).toEqual([])
  expect(problems).toEqual([])
  expect(outside).toEqual([])
  await page.context().close()
}

/** Ask for every answer, one after the other, from inside the page: hundreds of calls from outside take longer. */
async function askForAll(page: Page, count: number): Promise<string[]> {
  return page.evaluate(async (last) => {
    const box = document.querySelector('textarea')
    if (!box) throw new Error('there is no box to write in')
    const articles = () => [...document.querySelectorAll('article[aria-label="Plateau"]')]
    const texts: string[] = []
    const soon = () => new Promise((resolve) => setTimeout(resolve, 2))
    for (let number = 1; number <= last; number++) {
      box.value = `payload ${number}`
      box.dispatchEvent(new InputEvent('input', { bubbles: true }))
      await soon()
      box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
      const isDone = () =>
        articles().length === number && articles().at(-1)?.getAttribute('aria-busy') === 'false'
      while (!isDone()) await soon()
      texts.push(articles().at(-1)?.textContent ?? '')
    }
    return texts
  }, count)
}

test('answers that want to reach out reach nothing, whatever they are made of', async () => {
  const target = await open()
  const { page } = target
  const texts = await askForAll(page, EXFILTRATION.length + IMITATIONS.length)
  count('payloads: in answers', texts.length)
  expect(await page.evaluate(findHarm, '.words')).toEqual([])
  // What looks like the program's own words is shown as it came.
  const letters = (text = '') => text.replace(/\s/g, '')
  for (const [i, imitation] of IMITATIONS.entries())
    expect(letters(texts[EXFILTRATION.length + i])).toContain(letters(imitation))
  await expectNothingLeft(target)
})

/** Every page of what is looked at; the words of all of them. */
async function lookThrough(page: Page): Promise<string> {
  const shown = page.getByRole('complementary', { name: 'What was read' })
  const next = shown.getByRole('button', { name: 'Next' })
  let words = ''
  for (let pages = 1; ; pages++) {
    await shown.getByText(new RegExp(`^Page ${pages} of`)).waitFor()
    count('payloads: pages looked at', 1)
    expect(await page.evaluate(findHarm, 'aside[aria-label="What was read"]')).toEqual([])
    words += (await shown.getByRole('region', { name: 'Text of the page' }).textContent()) ?? ''
    if (await next.isDisabled()) return words
    await next.click()
  }
}

test('so do documents, read and looked at, page by page', async () => {
  const target = await open()
  const { page } = target
  const payloads = EXFILTRATION.map(([, payload]) => payload)
  const text = payloads.join('\n\n')
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const asHtml = (body: string) => `<!doctype html><title>b</title><body><p>Words.</p>${body}</body>`
  for (const [name, content, isKept] of [
    ['a.md', text, true],
    // What is markup there is left out when it is read; what only says so is shown.
    ['b.html', asHtml(text), false],
    ['c.html', asHtml(`<pre>${escaped}</pre>`), true],
  ] as const) {
    await page.getByLabel('Documents').setInputFiles({ name, mimeType: '', buffer: Buffer.from(content) })
    const read = page
      .getByRole('list', { name: 'Messages' })
      .getByRole('button', { name: `Read ${name}`, exact: true })
    await read.waitFor()
    await until('it is read', async () => (await page.locator('article[aria-busy=true]').count()) === 0)
    await read.click()
    await page.getByRole('complementary', { name: 'What was read' }).waitFor()
    const letters = (words: string) => words.replace(/[\s\p{Cc}]/gu, '')
    const words = letters(await lookThrough(page))
    const unseen = payloads.filter((payload) => !words.includes(letters(payload)))
    count('payloads: in documents', payloads.length)
    count('payloads: in documents, shown whole', payloads.length - unseen.length)
    if (isKept) expect(unseen).toEqual([])
    await page.getByRole('button', { name: 'Close what was read' }).click()
  }
  await expectNothingLeft(target)
})

test('text becomes markup, code or a worker nowhere, not even by a mistake of ours', async () => {
  const { page } = await open()
  const errors = await page.evaluate(() => {
    const text = '<b>a</b>'
    const ways: (() => unknown)[] = [
      () => (document.body.innerHTML = text),
      () => document.body.insertAdjacentHTML('beforeend', text),
      () => document.createRange().createContextualFragment(text),
      () => (document.createElement('iframe').srcdoc = text),
      () => (document.createElement('script').src = 'assets/a.js?b'),
      () => (document.createElement('script').text = '1'),
      () => new Worker('data:text/javascript,1'),
      () => new Worker(new URL('models/a/b.js', document.baseURI)),
    ]
    return ways.map((way) => {
      try {
        return String(way())
      } catch (error) {
        return error instanceof Error ? error.name : ''
      }
    })
  })
  expect(errors).toEqual(Array<string>(8).fill('TypeError'))
  await page.context().close()
})

/** How long a browser may take to look a name up once the pointer is there; idle, it is a few milliseconds. */
const LOOK_UP_MILLISECONDS = 1000

test('a link is not looked up before it is pressed: its host alone can carry words', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plateau-names-'))
  const log = join(folder, 'net.json')
  const plain = await serveOnLoopback((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end('<!doctype html><title>plain</title><a href="https://looked-up.test/">a</a>')
    return Promise.resolve()
  })
  const unwatched = await launchUnwatched([...NO_GPU, `--log-net-log=${log}`], join(folder, 'profile'))
  try {
    const page = await unwatched.newPage()
    await page.goto(`${server.url}?pace=0`)
    await page.getByLabel('Message', { exact: true }).waitFor({ timeout: 120_000 })
    await send(page, `payload ${EXFILTRATION.findIndex(([name]) => name === 'a link') + 1}`)
    await answerEnds(page)
    await page.locator('.words a[href="https://x.test/a"]').first().hover()
    await page.waitForTimeout(LOOK_UP_MILLISECONDS)
    // The same where no header forbids it, so that the log is known to hold what it should.
    await page.goto(plain.url)
    await page.locator('a').hover()
    await page.waitForTimeout(LOOK_UP_MILLISECONDS)
    // It is whole when its browser has ended.
    await unwatched.close()
    const looked = await readFile(log, 'utf8')
    count('links: names looked up', looked.split('x.test').length - 1)
    expect(['looked-up.test', 'x.test'].map((name) => looked.includes(name))).toEqual([true, false])
  } finally {
    await unwatched.close()
    await plain.close()
    await rm(folder, { recursive: true, force: true })
  }
})

test('where nothing is in the way, the same counters count', async () => {
  const page = await (await browser.newContext()).newPage()
  const texts = EXFILTRATION.filter(([name]) => name !== 'a redirection').map(([, text]) => text)
  // As our pages say it: for a box whose spelling is checked Chromium fetches a dictionary.
  const markup = `<html spellcheck="false">${texts.join('\n')}`
  await page.setContent(markup.replaceAll('https:', 'http:'))
  expect((await page.evaluate(findHarm, 'body')).length).toBeGreaterThan(20)
  const asked: string[] = []
  await until('requests that are seen', () => Promise.resolve(asked.push(...takeOutsideRequests()) > 5))
  expect(asked).toContain('GET http://x.test/a.png')
  await page.context().close()
})
