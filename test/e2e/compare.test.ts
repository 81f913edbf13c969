import { readFile } from 'node:fs/promises'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { violations } from '../support/axe.ts'
import {
  answerEnds,
  launchBrowser,
  says,
  send,
  serveBundle,
  until,
  type Watch,
  watch,
} from '../support/browser.ts'
import { builtPage } from '../support/built-page.ts'
import { SCRIPTED_BYTES_PER_TOKEN, SCRIPTED_STATE_BYTES } from '../support/scripted-engine.ts'

vi.setConfig({ testTimeout: 180_000 })

/** Compare in Chromium, with the scripted engine: what it shows of what an engine says. */
let browser: Browser
let server: Awaited<ReturnType<typeof serveBundle>>

beforeAll(async () => {
  server = await serveBundle(await builtPage('scripted'))
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser.close()
  await server.close()
})

interface Opened {
  readonly page: Page
  readonly seen: Watch
  readonly compare: Locator
}

async function open(said = ''): Promise<Opened> {
  const context = await browser.newContext({
    reducedMotion: 'reduce',
    viewport: { width: 1200, height: 860 },
  })
  const page = await context.newPage()
  const seen = watch(page)
  await page.goto(`${server.url}?pace=0`)
  if (said !== '') {
    await send(page, said)
    await answerEnds(page)
  }
  await page.getByRole('button', { name: 'Compare' }).click()
  const compare = page.getByRole('dialog', { name: 'Compare' })
  await compare.waitFor()
  return { page, seen, compare }
}

async function close({ page, seen }: Opened): Promise<void> {
  expect(seen.problems).toEqual([])
  await page.context().close()
}

async function race({ compare }: Opened): Promise<void> {
  await compare.getByRole('button', { name: /^Start/ }).click()
  await until(
    'the race ends',
    async () => (await compare.getByRole('button', { name: 'Start again' }).count()) > 0,
  )
}

async function saved({ page, compare }: Opened, name: string): Promise<Buffer> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    compare.getByRole('button', { name, exact: true }).click(),
  ])
  return readFile(await download.path())
}

test('the sample runs: three lines each, the bytes of the ledger, files to keep', async () => {
  const opened = await open()
  const { compare } = opened
  await race(opened)
  const memory = compare.getByRole('img', { name: /^Context memory/ })
  expect(await memory.getAttribute('aria-label')).toMatch(
    /^Context memory: NHA 413 KB, Full attention \d+(\.\d+)? MB$/,
  )
  expect(await compare.getByRole('img').count()).toBe(3)
  await says(compare, /NHA: \d+ times less/)

  const rows = (await saved(opened, 'CSV')).toString().trim().split('\r\n').slice(1)
  const cells = rows.map((row) => row.replaceAll('"', '').split(','))
  expect(new Set(cells.map(([side]) => side))).toEqual(new Set(['NHA', 'Full attention']))
  for (const [side, tokens, , bytes] of cells)
    expect(Number(bytes)).toBe(
      side === 'NHA' ? SCRIPTED_STATE_BYTES : Number(tokens) * SCRIPTED_BYTES_PER_TOKEN,
    )
  const json = JSON.parse((await saved(opened, 'JSON')).toString()) as { left: { stateBytes: number } }
  expect(json.left.stateBytes).toBe(SCRIPTED_STATE_BYTES)
  for (const name of ['PNG', 'Share card'])
    expect((await saved(opened, name)).subarray(1, 4).toString()).toBe('PNG')

  await compare.getByRole('button', { name: 'Show as a table' }).click()
  const table = compare.getByRole('table')
  expect(await table.getByRole('row').count()).toBe(rows.length + 1)
  await says(table, new RegExp(`${SCRIPTED_STATE_BYTES.toLocaleString('en')} B`))
  await close(opened)
})

test('answers have no names until one is voted for; votes are counted', async () => {
  const opened = await open()
  const { compare } = opened
  await compare.getByLabel('What both read').selectOption('none')
  await compare.getByLabel('What both are asked').fill('My name is Mira.')
  const votes = compare.getByRole('status').filter({ hasText: 'Your votes so far' })
  for (const count of [1, 2]) {
    await race(opened)
    const first = compare.getByRole('article', { name: 'Answer A' })
    expect(await first.innerText()).toBe(
      'Answer A\n\nNice to meet you, Mira. What would you like to talk about?',
    )
    await compare.getByRole('button', { name: 'No difference' }).click()
    await says(votes, new RegExp(`no difference ${count}`))
    expect(await first.innerText()).toMatch(/NHA|Full attention/)
  }
  await compare.getByLabel('Right').selectOption('nha')
  await compare.getByLabel('Window, right').selectOption('number')
  await compare.getByLabel('Window in tokens, right').fill('16')
  await compare.getByLabel('Window in tokens, right').press('Tab')
  await race(opened)
  await says(compare, /NHA, window 16/)
  await close(opened)
})

test('a memory that grows stops before its limit, with a sentence', async () => {
  const opened = await open()
  const { compare } = opened
  await compare.getByLabel('Stop a side before it takes more than').fill('1')
  await compare.getByLabel('Stop a side before it takes more than').press('Tab')
  await race(opened)
  await says(
    compare,
    /Full attention: It stopped after [\d,]+ tokens: to go on it could take more than 10\.7 MB, the limit\./,
  )
  expect(await compare.getByRole('button', { name: 'No difference' }).count()).toBe(0)
  await says(compare, /Full attention\s+It was stopped before it was asked\./)
  await close(opened)
})

test('a run that was stopped has no winner', async () => {
  const opened = await open()
  const { compare } = opened
  await compare.getByLabel('What both read').selectOption({ index: 0 })
  await compare.getByRole('button', { name: 'Start', exact: true }).click()
  await compare.getByRole('button', { name: 'Stop', exact: true }).click()
  await compare.getByRole('button', { name: 'Start again' }).waitFor()
  expect(await compare.getByRole('button', { name: 'No difference' }).count()).toBe(0)
  await close(opened)
})

test('Escape loses no result: opened again, Compare is as it was left; a run is not ended by it', async () => {
  const opened = await open('My name is Mira.')
  const { page, compare } = opened
  const reopen = async () => {
    await page.keyboard.press('Escape')
    await page.locator('dialog').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Compare' }).click()
    await compare.waitFor()
  }
  await compare.getByLabel('What both read').selectOption({ label: 'This chat, 2 messages' })
  await compare.getByLabel('What both are asked').fill('Who am I?')
  await race(opened)
  await compare.getByRole('button', { name: 'No difference' }).click()
  const memory = compare.getByRole('img', { name: /^Context memory/ })
  const before = await memory.getAttribute('aria-label')
  await reopen()
  expect(await memory.getAttribute('aria-label')).toBe(before)
  expect(await compare.getByLabel('What both are asked').inputValue()).toBe('Who am I?')
  expect(await compare.getByRole('article', { name: 'Answer A' }).innerText()).toMatch(/NHA|Full attention/)
  expect(await compare.getByRole('button', { name: 'Start again' }).count()).toBe(1)

  await compare.getByRole('tab', { name: 'Needles' }).click()
  await compare.getByRole('button', { name: 'Plant the needles' }).click()
  const stop = compare.getByRole('button', { name: 'Stop' })
  await stop.waitFor()
  await page.keyboard.press('Escape')
  await until('all are asked', async () => (await stop.count()) === 0)
  await reopen()
  // Not one question was left out.
  const nha = compare.getByRole('table', { name: 'NHA' })
  expect(await nha.getByText(/^\d of 2$/).count()).toBe(20)
  await says(compare, /Knew more, outlined: NHA at \d+ and Full attention at \d+ of 20 places\./)

  // A chat that is not there any more is not chosen any more; what was measured of it stays.
  await page.keyboard.press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'New chat' }).click()
  await page.getByRole('button', { name: 'Compare' }).click()
  await compare.getByRole('tab', { name: 'Race' }).click()
  expect(await compare.getByLabel('What both read').inputValue()).not.toBe('chat')
  expect(await memory.getAttribute('aria-label')).toBe(before)
  await close(opened)
})

test('the chat behind, or a document of one’s own, is read by both, and the chat stays as it is', async () => {
  const opened = await open('My name is Mira.')
  const { page, compare } = opened
  const source = compare.getByLabel('What both read')
  await source.selectOption({ label: 'This chat, 2 messages' })
  await race(opened)
  await says(compare, /After (?:[89]\d|1\d\d) tokens/)
  const file = {
    name: 'ship.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('The ship sailed on. '.repeat(400)),
  }
  await compare.getByLabel('Document to compare with').setInputFiles(file)
  await until(
    'it is chosen',
    async () => (await compare.getByLabel('What both read').inputValue()) === 'document',
  )
  await race(opened)
  await says(compare, /After 8,\d+ tokens/)
  await page.keyboard.press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
  expect(await page.getByText('ship.txt').count()).toBe(0)
  expect(await page.getByRole('article').count()).toBe(2)
  await close(opened)
})

test('axe finds nothing: race, needles, window', async () => {
  const opened = await open()
  const { page, compare } = opened
  await compare.getByLabel('What both read').selectOption('letter')
  await race(opened)
  expect(await violations(page)).toEqual([])
  await compare.getByRole('button', { name: 'Show as a table' }).click()
  expect(await violations(page)).toEqual([])

  await compare.getByRole('tab', { name: 'Needles' }).click()
  await compare.getByRole('button', { name: 'Plant the needles' }).click()
  await until(
    'all are asked',
    async () => (await compare.getByRole('button', { name: 'Stop' }).count()) === 0,
  )
  expect(
    await compare
      .getByRole('table', { name: 'NHA' })
      .getByText(/^\d of 2$/)
      .count(),
  ).toBe(20)
  await says(compare, /Knew more, outlined: NHA at \d+ and Full attention at \d+ of 20 places\./)
  expect(await violations(page)).toEqual([])

  await compare.getByRole('tab', { name: 'Window' }).click()
  const answer = compare.getByRole('article', { name: 'Its answer' })
  await says(compare, /413 KB/)
  await compare.getByRole('slider', { name: 'Window' }).press('End')
  await says(compare, /Every token is kept: full attention/)
  await until(
    'both are measured',
    async () => (await compare.getByRole('table').getByRole('row').count()) === 3,
  )
  expect(await answer.getAttribute('aria-busy')).toBe('false')
  expect(await violations(page)).toEqual([])
  await close(opened)
})
