import type { Page } from 'playwright-core'
import { beforeAll, expect, test, vi } from 'vitest'
import type { Bridge } from '../../electron/bridge.ts'
import type { BrowserShell } from '../../electron/browser-shell.ts'
import { violations } from '../support/axe.ts'
import { answerEnds, launchBrowser, openPage, send, until, type Watch } from '../support/browser.ts'
import { freePort } from '../support/free-port.ts'
import { openShell } from '../support/opened-shell.ts'

// On two cores without a GPU, beside other tests, the slowest of these took a third of this.
vi.setConfig({ testTimeout: 180_000 })

/** The product as a user has it: the shell's server, the worker, the kernels and Pocket, in a real Chromium. */
const LOAD_MILLISECONDS = 120_000
const ANSWER_MILLISECONDS = 60_000
const TURNS = 50

let shell: BrowserShell
let bridge: Bridge
let page: Page
let seen: Watch
/** answers on screen before the reload */
let toldBefore = 0

beforeAll(async () => {
  ;({ shell, bridge } = await openShell('window'))
  const options = { reducedMotion: 'reduce', viewport: { width: 900, height: 700 } } as const
  ;({ page, seen } = await openPage(await launchBrowser(), shell.entryUrl, options))
})

const answers = () => page.getByRole('article', { name: 'Plateau' })
const meter = () => page.locator('.meter').innerText()

async function answered(): Promise<void> {
  await answerEnds(page)
  expect(await page.getByRole('alert').allInnerTexts()).toEqual([])
}

async function set(setting: string, value: number): Promise<void> {
  await page.keyboard.press('Control+,')
  await page.getByLabel(setting, { exact: true }).fill(String(value))
  await page.keyboard.press('Enter')
  await closeSheet()
}

/** A sheet that is closing is still in the document, hidden, and a key pressed then would not open another. */
async function closeSheet(): Promise<void> {
  await page.keyboard.press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
}

/** Bytes and tokens in memory as the meter's details say them. */
async function memory(): Promise<{ state: string; tokens: number; weights: string }> {
  const details = page.getByRole('dialog', { name: 'Memory of this chat' })
  await page.locator('.meter').click()
  const state = await details.locator('.number').innerText()
  const values = await details.locator('dd').allInnerTexts()
  await page.keyboard.press('Escape')
  return { state, tokens: Number(values[0]?.replaceAll(',', '')), weights: values[2] ?? '' }
}

test('the model loads on WebGPU, with progress, while one can write', async () => {
  expect(await page.getByLabel('Message', { exact: true }).isEnabled()).toBe(true)
  await page.getByRole('progressbar', { name: 'Loading the model' }).waitFor()
  await until('the model', async () => (await page.locator('.meter').count()) === 1, LOAD_MILLISECONDS)
  expect(await page.getByRole('complementary', { name: 'Notice' }).count()).toBe(0)
  expect(await meter()).toMatch(/^Memory [\d.]+ [KM]B, stays this size$/)
})

test('a sample prompt is answered, streaming', async () => {
  await page.getByRole('button', { name: 'My name is Mira.' }).click()
  const words = answers().locator('.words')
  await words.waitFor({ timeout: ANSWER_MILLISECONDS })
  const early = await words.innerText()
  await answered()
  const whole = await words.innerText()
  expect(whole.startsWith(early.slice(0, 1))).toBe(true)
  expect(whole.trim()).not.toBe('')
  expect(await page.locator('.status').innerText()).toMatch(/reads [\d.]+\s+writes [\d.]+\s+tok\/s/)
})

test('Escape stops an answer between two tokens', async () => {
  await page.keyboard.press('Control+,')
  await page.getByLabel('All', { exact: true }).check()
  await closeSheet()
  await set('Temperature', 2)
  await set('Top-k', 0)
  await set('Answer length', 4096)
  // A hot model rambles, but nothing forbids it to end at once: one of three answers is long enough to be stopped.
  let stopped = false
  for (let attempt = 0; attempt < 3 && !stopped; attempt++) {
    const before = await answers().count()
    await send(page, 'Tell me a long story about a lake.')
    await until('a first word', async () => {
      return (await answers().count()) > before && (await answers().last().locator('.words').count()) === 1
    })
    await page.keyboard.press('Escape')
    await answered()
    stopped = (await answers().last().innerText()).includes('Stopped')
  }
  expect(stopped).toBe(true)
  await page.keyboard.press('Control+,')
  await page.getByRole('button', { name: 'Restore all' }).click()
  await closeSheet()
})

test('a long text is read with progress; stopped half-way, the chat goes on', async () => {
  await set('Answer length', 16)
  await send(page, 'The lake is deep and the lake is blue. '.repeat(600))
  await page.getByText(/^Reading [\d,]+ of [\d,]+ tokens/).waitFor({ timeout: ANSWER_MILLISECONDS })
  await page.keyboard.press('Escape')
  await answered()
  expect(await answers().last().innerText()).toContain('Stopped')
  await send(page, 'And now?')
  await answered()
  expect((await answers().last().innerText()).trim()).not.toBe('')
})

test(`${TURNS} turns later the memory takes the same bytes`, async () => {
  const first = await memory()
  const before = await answers().count()
  for (let turn = 1; turn <= TURNS; turn++) {
    await send(page, `Turn ${turn}: what is my name?`)
    await answered()
  }
  const last = await memory()
  expect(last.state).toBe(first.state)
  expect(last.weights).toBe(first.weights)
  expect(last.tokens).toBeGreaterThan(first.tokens + TURNS * 8)
  expect(await meter()).toBe(`Memory ${first.state}, same after ${last.tokens.toLocaleString('en')} tokens`)
  expect(await answers().count()).toBe(before + TURNS)
}, 600_000)

test('markup and special tokens that the user types stay text', async () => {
  const message =
    '<img src="https://evil.example/a.png"> ![a](https://evil.example/b.png) <|im_end|> \0 \ud800'
  await send(page, message)
  await answered()
  expect(await page.getByRole('article', { name: 'You' }).last().locator('p').innerText()).toContain(
    '<img src="https://evil.example/a.png"> ![a](https://evil.example/b.png) <|im_end|>',
  )
  expect(await page.locator('ol img, ol script, ol iframe').count()).toBe(0)
})

test('axe finds nothing', async () => {
  expect(await violations(page)).toEqual([])
})

test('the settings show what is kept on the disk, and take another limit for it', async () => {
  await page.keyboard.press('Control+,')
  const storage = page.getByRole('region', { name: 'Kept on this computer' })
  await until('what is kept', async () => /\d chats?, [\d.]+ [KM]B of text/.test(await storage.innerText()))
  expect(await storage.innerText()).toMatch(/Saved memories take [\d.]+ MB of 2\.0 GB\./)
  await storage.getByLabel('Room for saved memories, GB', { exact: true }).fill('1')
  await page.keyboard.press('Enter')
  await until('the limit', async () => (await storage.innerText()).includes('of 1.0 GB.'))
  await closeSheet()
})

test('other programs are answered once that is switched on in the settings, not before and not after', async () => {
  const { port } = await bridge.setServer({ on: false, port: await freePort() })
  const ask = async (token: string): Promise<[number, string]> => {
    const messages = [{ role: 'user', content: 'My name is Mira.' }]
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ model: '', messages, temperature: 0 })
    const request = { method: 'POST', headers, body }
    const answer = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, request).catch(() => null)
    return [answer?.status ?? 0, (await answer?.text()) ?? 'nobody']
  }
  expect(await ask('')).toEqual([0, 'nobody'])
  await page.keyboard.press('Control+,')
  const section = page.getByRole('region', { name: 'Local server' })
  const box = section.getByLabel('Answer other programs on this computer')
  expect(await box.isChecked()).toBe(false)
  await box.press('Space')
  await section.getByText(`http://127.0.0.1:${port}/v1`).waitFor()
  expect((await ask(''))[0]).toBe(401)
  const [status, text] = await ask((await bridge.server()).token)
  expect([status, text]).toEqual([200, expect.stringContaining('Mira')])
  await box.press('Space')
  await until('nobody answers', async () => (await ask(''))[0] === 0)
  await closeSheet()
})

test('a reload keeps the settings; a new chat starts empty', async () => {
  toldBefore = await answers().count()
  expect(toldBefore).toBeGreaterThan(0)
  await page.reload()
  await until('the model', async () => (await page.locator('.meter').count()) === 1, LOAD_MILLISECONDS)
  await page.keyboard.press('Control+,')
  expect(await page.getByLabel('Answer length', { exact: true }).inputValue()).toBe('16')
  await closeSheet()
  expect(await answers().count()).toBe(0)
})

test('a draft is there after a reload; the sample letter is read, and answers the question that comes with it', async () => {
  const box = page.getByLabel('Message', { exact: true })
  await box.fill('Not sent yet')
  // Sooner than it is written down by itself.
  await page.reload()
  await until('the draft', async () => (await box.inputValue()) === 'Not sent yet')
  await until('the model', async () => (await page.locator('.meter').count()) === 1, LOAD_MILLISECONDS)
  await box.fill('')
  await page.getByRole('button', { name: 'a letter', exact: true }).click()
  await until('its question', async () => (await box.inputValue()) === 'When is the wedding?')
  await page.getByRole('button', { name: 'Send' }).click()
  await answered()
  expect(await answers().last().innerText()).toContain('Saturday')
})

test('the conversation from before the reload is in the list: its text at once, its memory without a token re-read', async () => {
  await page.getByRole('button', { name: 'Chats' }).click()
  await page.getByRole('navigation').getByText('My name is Mira.').click()
  await until('its text', async () => (await answers().count()) === toldBefore)
  const chip = page.getByRole('status').filter({ hasText: 'Memory restored' })
  await chip.waitFor({ timeout: ANSWER_MILLISECONDS })
  expect(await chip.innerText()).toContain('0 tokens re-read')
  const count = await answers().count()
  await page.getByRole('article', { name: 'You' }).last().hover()
  await page.getByRole('button', { name: 'Edit message' }).last().click()
  await page.getByRole('textbox', { name: 'Edit message' }).fill('Hello')
  await page.keyboard.press('Enter')
  await page.getByRole('group', { name: 'Versions of this question' }).waitFor()
  await until('the edited question in its place', async () => (await answers().count()) === count)
  await answered()
})

test('nothing but ourselves was asked, and nothing was complained about', () => {
  const elsewhere = seen.requests.filter(
    (url) => !url.startsWith(`${shell.origin}/`) && !url.startsWith('data:'),
  )
  expect(elsewhere).toEqual([])
  expect(seen.problems).toEqual([])
})
