import type { Browser, Page } from 'playwright-core'
import { beforeAll, expect, test, vi } from 'vitest'
import type { Loopback } from '../../bin/loopback.ts'
import { violations } from '../support/axe.ts'
import {
  answerEnds,
  launchBrowser,
  openPage,
  says,
  send,
  serveBundle,
  until,
  type Watch,
} from '../support/browser.ts'
import { builtPage } from '../support/built-page.ts'

// On two cores without a GPU, beside other tests, the slowest of these took a third of this.
vi.setConfig({ testTimeout: 180_000 })

/** The window with the scripted engine: what it shows, whatever the model says or the GPU does. */
let browser: Browser
let server: Loopback

beforeAll(async () => {
  server = await serveBundle(await builtPage('scripted'))
  browser = await launchBrowser()
})

interface Opened {
  readonly page: Page
  readonly seen: Watch
  readonly send: (text: string) => Promise<void>
  readonly idle: () => Promise<void>
  readonly ask: (text: string) => Promise<void>
}

async function open(query = '', colorScheme: 'light' | 'dark' = 'light'): Promise<Opened> {
  const options = { colorScheme, viewport: { width: 900, height: 700 } }
  const { page, seen } = await openPage(browser, `${server.url}?${query}`, options)
  const idle = () => answerEnds(page)
  const ask = async (text: string) => {
    await send(page, text)
    await idle()
  }
  return { page, seen, send: (text) => send(page, text), idle, ask }
}

async function close({ page, seen }: Pick<Opened, 'page' | 'seen'>): Promise<void> {
  expect(seen.problems).toEqual([])
  expect(seen.requests.filter((url) => !url.startsWith(server.url) && !url.startsWith('data:'))).toEqual([])
  await page.context().close()
}

test('an answer streams; Escape stops it; its words stay and the box keeps the focus', async () => {
  const opened = await open('pace=30')
  const { page, send, idle } = opened
  const words = page.getByRole('article', { name: 'Plateau' })
  await send('long')
  await until('two lines', async () => (await words.innerText()).includes('Line 2'))
  await page.keyboard.press('Escape')
  await idle()
  const text = await words.innerText()
  expect(text).toContain('Line 1 of a long answer.')
  expect(text).not.toContain('Line 60')
  expect(text).toContain('Stopped')
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA')
  await close(opened)
})

test('an answer that went round in circles says so', async () => {
  const opened = await open()
  await opened.ask('circles')
  const answer = opened.page.getByRole('article', { name: 'Plateau' })
  expect(await answer.innerText()).toContain('Stopped: the answer went round in circles')
  await close(opened)
})

test('blocks that are finished stay the same elements while the answer goes on', async () => {
  const opened = await open('pace=10')
  const { page, send, idle } = opened
  await send('markdown')
  const heading = page.locator('.words h3')
  await heading.waitFor()
  await heading.evaluate((element) => element.setAttribute('data-first', 'yes'))
  await idle()
  expect(await heading.getAttribute('data-first')).toBe('yes')
  expect(await page.locator('.words table td').count()).toBe(6)
  expect(await page.locator('.words pre').innerText()).toContain('state.fold(state.window.popleft())')
  const link = page.getByRole('link', { name: 'link to the paper' })
  expect(await link.getAttribute('rel')).toBe('noopener noreferrer')
  expect(await link.getAttribute('href')).toBe('https://arxiv.org/abs/2510.07019')
  await close(opened)
})

test('markup from the user and from the model is text', async () => {
  const opened = await open('pace=1')
  const { page, ask } = opened
  await ask('<img src=x onerror="document.title=1"> ![a](https://evil.example/c.png) **b**')
  await ask('injection')
  expect(await page.getByRole('article', { name: 'You' }).first().locator('p').innerText()).toBe(
    '<img src=x onerror="document.title=1"> ![a](https://evil.example/c.png) **b**',
  )
  const answer = page.getByRole('article', { name: 'Plateau' }).last()
  expect(await answer.innerText()).toContain(`<script>document.title='owned'</script>`)
  expect(await answer.locator('img, script, style, iframe, a').count()).toBe(0)
  expect(await page.title()).toBe('Plateau, scripted')
  await close(opened)
})

test('one can write while the model loads; the message is answered once it is there', async () => {
  const opened = await open('load=300')
  const { page, send, idle } = opened
  await send('My name is Mira.')
  expect(await page.getByText('Waiting for the model').isVisible()).toBe(true)
  expect(await page.getByRole('progressbar', { name: 'Loading the model' }).isVisible()).toBe(true)
  await idle()
  expect(await page.getByRole('article', { name: 'Plateau' }).innerText()).toContain(
    'Nice to meet you, Mira.',
  )
  await close(opened)
})

test('a failed answer keeps its words, and its button loads the model and asks again', async () => {
  const opened = await open('pace=20')
  const { page, ask, idle } = opened
  await ask('My name is Mira.')
  await ask('lose the GPU')
  const lost = page.getByRole('alert')
  expect(await lost.count()).toBe(1)
  expect(await lost.innerText()).toContain('The GPU stopped (unknown): the driver was reset')
  expect(await page.getByRole('article', { name: 'Plateau' }).last().innerText()).toContain('I keep the last')
  await page.getByRole('button', { name: 'Load the model again' }).click()
  await until('asked again', async () => (await page.getByRole('article', { name: 'Plateau' }).count()) === 3)
  await idle()
  // Two exchanges and the question once more: the new model remembers the first of them.
  expect(await page.getByRole('article', { name: 'You' }).count()).toBe(3)
  await close(opened)
})

test('without WebGPU the processor answers, announced, and the GPU check says what to do', async () => {
  const opened = await open('cpu')
  const { page } = opened
  await page.getByText('Running on the processor, which is slow').waitFor()
  await page.getByRole('button', { name: 'GPU check' }).click()
  const check = page.getByRole('dialog', { name: 'GPU check' })
  await says(check, /No GPU can be used\./)
  await says(check, /o adapter was found; install or update the graphics driver\./)
  await says(check, /What to do/)
  await says(check, /its browser engine says WebGPU is “disabled_software”/)
  await close(opened)
})

test('the processor can be chosen, and the check lists what was found', async () => {
  const opened = await open()
  const { page, ask } = opened
  await page.keyboard.press('Control+,')
  await page.getByRole('button', { name: 'GPU check' }).click()
  const check = page.getByRole('dialog', { name: 'GPU check' })
  await says(check, /A software adapter[\s\S]*SwiftShader Device[\s\S]*subgroups/)
  await page.getByRole('button', { name: 'Run on the processor instead' }).click()
  await page.getByText('Running on the processor, which is slow').waitFor()
  await ask('What can you do?')
  await close(opened)
})

test('settings are kept, restored, and begin with the next new chat', async () => {
  const opened = await open('pace=1')
  const { page, ask } = opened
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByLabel('More', { exact: true }).check()
  const temperature = page.getByLabel('Temperature', { exact: true })
  await temperature.fill('1.5')
  await temperature.press('Enter')
  await page.getByLabel('Full attention').check()
  await page.keyboard.press('Escape')
  await page.reload()
  await page.getByRole('button', { name: 'Settings' }).click()
  expect(await temperature.inputValue()).toBe('1.5')
  await page.getByRole('button', { name: 'Restore 0.7 for Temperature' }).click()
  expect(await temperature.inputValue()).toBe('0.7')
  await page.keyboard.press('Escape')

  await ask('one')
  await ask('two')
  const meter = page.locator('.meter')
  expect(await meter.innerText()).toContain('grows')
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByLabel('Native Hybrid Attention').check()
  await page.keyboard.press('Escape')
  expect(await meter.innerText()).toContain('grows')
  await page.getByRole('button', { name: 'New chat' }).click()
  expect(await meter.innerText()).toBe('Memory 413 KB, stays this size')
  await close(opened)
})

test('the keys: a new line, the last message, a new chat and the way back', async () => {
  const opened = await open('pace=1')
  const { page, ask } = opened
  const box = page.getByLabel('Message', { exact: true })
  await box.fill('one')
  await page.keyboard.press('Shift+Enter')
  await page.keyboard.type('two')
  expect(await box.inputValue()).toBe('one\ntwo')
  await ask('one\ntwo')
  await page.keyboard.press('ArrowUp')
  expect(await box.inputValue()).toBe('one\ntwo')
  await box.fill('')
  await page.keyboard.press('Control+Shift+O')
  await page.getByRole('heading', { name: 'A memory that stays flat' }).waitFor()
  await page.getByRole('button', { name: 'Back to the chat before' }).click()
  expect(await page.getByRole('article', { name: 'You' }).locator('p').innerText()).toBe('one\ntwo')
  await close(opened)
})

test('the view follows the answer until the user scrolls up, and again on request', async () => {
  const opened = await open('pace=15')
  const { page, send, idle } = opened
  const scroller = page.locator('main')
  const rest = () => scroller.evaluate((main) => main.scrollHeight - main.scrollTop - main.clientHeight)
  await send('long')
  await until('it scrolls', async () => (await scroller.evaluate((main) => main.scrollTop)) > 200)
  expect(await rest()).toBeLessThan(60)
  await scroller.hover()
  await page.mouse.wheel(0, -150)
  const latest = page.getByRole('button', { name: 'Latest' })
  await latest.waitFor()
  const top = await scroller.evaluate((main) => main.scrollTop)
  await until('it grows', async () => (await rest()) > 400)
  expect(await scroller.evaluate((main) => main.scrollTop)).toBe(top)
  await latest.click()
  await idle()
  expect(await rest()).toBeLessThan(60)
  await close(opened)
})

test('finished sentences reach the live region, whole', async () => {
  const opened = await open('pace=1')
  const { page, ask } = opened
  await ask('My name is Mira.')
  const said = page.getByRole('log', { name: 'Answer, sentence by sentence' }).locator('p')
  expect(await said.allInnerTexts()).toEqual([
    'Nice to meet you, Mira.',
    'What would you like to talk about?',
  ])
  await close(opened)
})

test('the switch overrides the colours of the system', async () => {
  const opened = await open('', 'light')
  const { page } = opened
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const light = await paper()
  await page.keyboard.press('Control+,')
  await page.getByLabel('Dark').check()
  const dark = await paper()
  expect(dark).not.toBe(light)
  await page.reload()
  expect(await paper()).toBe(dark)
  // What another window chose holds here too, once this one is come back to.
  await page.evaluate(() => {
    sessionStorage.setItem('settings', '{"appearance":"light"}')
    window.dispatchEvent(new Event('focus'))
  })
  await until('the colours that were chosen there', async () => (await paper()) === light)
  await close(opened)
})

test('in German: every screen has its words, axe finds nothing, nothing overflows, right to left neither', async () => {
  const options = { locale: 'de-DE', viewport: { width: 1120, height: 700 } }
  const { page, seen } = await openPage(browser, `${server.url}?cpu`, options)
  // The engine's own words too.
  await page.getByText('Es läuft auf dem Prozessor, und das ist langsam: es wurde kein Adapter').waitFor()
  await page.goto(`${server.url}?pace=1`)
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  const fits = async (where: string) => {
    for (const dir of ['ltr', 'rtl'])
      for (const width of [360, 1120]) {
        await page.setViewportSize({ width, height: 700 })
        await page.evaluate((to) => (document.documentElement.dir = to), dir)
        expect([where, dir, width, await overflow()]).toEqual([where, dir, width, 0])
      }
    await page.evaluate(() => (document.documentElement.dir = 'ltr'))
    expect(await violations(page, 'body', ['light'])).toEqual([])
  }
  expect(await page.locator('html').getAttribute('lang')).toBe('de')
  await page.getByText('bleibt so groß').waitFor()
  await fits('welcome')
  await page.getByLabel('Nachricht', { exact: true }).fill('markdown')
  await page.keyboard.press('Enter')
  await page.getByText(/Token, [\d.]+(,\d)? pro Sekunde/).waitFor()
  await fits('chat')
  await page.keyboard.press('Control+/')
  await page.getByRole('dialog', { name: 'Tastenkürzel' }).getByText('Strg + Umschalt + O').waitFor()
  await fits('shortcuts')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.keyboard.press('Control+,')
  const settings = page.getByRole('dialog', { name: 'Einstellungen' })
  await settings.getByLabel('Alle', { exact: true }).check()
  await fits('settings')
  // What is chosen holds against the system, at once and after a restart.
  await settings.getByLabel('English').check()
  await page.getByRole('dialog', { name: 'Settings' }).waitFor()
  await page.reload()
  await page.getByText('stays this size').waitFor()
  expect(await page.locator('html').getAttribute('lang')).toBe('en')
  await close({ page, seen })
})
