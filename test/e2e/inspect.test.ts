import type { Page } from 'playwright-core'
import { beforeAll, expect, test, vi } from 'vitest'
import pocket from '../../assets/pocket/config.json' with { type: 'json' }
import type { Bridge } from '../../electron/bridge.ts'
import { violations } from '../support/axe.ts'
import { answerEnds, launchBrowser, openPage, says, send, until, type Watch } from '../support/browser.ts'
import { openShell } from '../support/opened-shell.ts'
import { scriptedCompletions } from '../support/scripted-completions.ts'

// On two cores without a GPU, beside other tests, the slowest of these took a third of this.
vi.setConfig({ testTimeout: 180_000 })

/** The look inside, and a race against another engine, with the real one and Pocket behind them. */

let bridge: Bridge
let page: Page
let seen: Watch
const server = scriptedCompletions()

beforeAll(async () => {
  const opened = await openShell('window')
  bridge = opened.bridge
  const options = { reducedMotion: 'reduce', viewport: { width: 1300, height: 900 } } as const
  ;({ page, seen } = await openPage(await launchBrowser(), opened.shell.entryUrl, options))
  await page.locator('.meter').waitFor({ timeout: 100_000 })
}, 180_000)

const panel = () => page.getByRole('complementary', { name: 'Look inside' })
const words = () => panel().getByRole('listbox', { name: 'Words of the answer' })
const grid = () => panel().getByRole('table', { name: 'Share of attention by layer and head' })

/** Its word is longer than the tokens of one answer: no model can say it, whatever it recalls. */
const DOOR = 'The word at the door is Qvkzwjxpbgtmqhdfzkvnjwxqpzgkvb.'

/** Tokens that the memory shown has taken in. */
async function position(): Promise<number> {
  const [, tokens = ''] = /after ([\d,]+) tokens/.exec(await page.locator('.meter').innerText()) ?? []
  return Number(tokens.replace(',', ''))
}

/** Eight short answers, or a passage and one: beside other work they take minutes. */
async function asked(): Promise<void> {
  await until(
    'all are asked',
    () => panel().getByRole('button', { name: 'Check memory' }).isEnabled(),
    150_000,
  )
}

async function ask(text: string): Promise<void> {
  await send(page, text)
  await answerEnds(page)
}

/** The three parts that a sentence names, in per cent. */
function parts(sentence: string): number[] {
  return [...sentence.matchAll(/(?:(\d+)|under 1) %/g)].map(([, number]) => Number(number ?? 0))
}

test('what the answer looked at is told by word, layer and head, and in words', async () => {
  await page.getByRole('button', { name: 'Look inside' }).click()
  await panel().getByText('Ask something').waitFor()
  await ask('My dog is called Bruno.')
  await words().waitFor()
  const answer = await page.getByRole('article', { name: 'Plateau' }).last().locator('.words').innerText()
  expect((await words().innerText()).replace(/\s+/g, '')).toBe(answer.replace(/\s+/g, ''))

  const cells = grid().getByRole('button')
  const said = await cells.evaluateAll((all) => all.map((cell) => cell.getAttribute('aria-label') ?? ''))
  expect(said).toHaveLength(pocket.num_hidden_layers * pocket.num_attention_heads)
  for (const sentence of said) {
    const sum = parts(sentence).reduce((total, part) => total + part, 0)
    expect(Math.abs(sum - 100), sentence).toBeLessThanOrEqual(1)
  }
  // Layers 1 and 2 of Pocket have no slots.
  expect(said[0]).toContain('slots 0 %')

  const word = words().getByRole('option').nth(2)
  await word.click()
  await panel()
    .getByText(`\u201c${(await word.innerText()).trim()}`)
    .waitFor()
  await cells.first().focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await says(panel(), /Layer 2, head 1: slots \d+ %/)
  await page.keyboard.press('Enter')
})

test('the slots say what wrote them, and messages how much of them is left', async () => {
  const slots = panel().getByRole('table', { name: 'Slots, the most looked at first' })
  await ask(
    `I live in Oslo, my sister works as a nurse, and my brother is a baker in a small town by the sea. ${DOOR}`,
  )
  await ask('The code of the gate is 4821. What is my dog called?')
  await ask('Where do I live?')
  await slots.waitFor()
  await says(slots, /Estimate: \d+ % \u201c/)
  await says(slots, /\d+ tokens?/)
  await panel()
    .getByRole('button', { name: /^Show 96 of|^Show \d+ of/ })
    .click()
  await until('all slots', async () => (await slots.locator('tbody tr').count()) > 50)
  await panel().getByRole('button', { name: 'Show fewer' }).click()
  const list = page.getByRole('list', { name: 'Messages' })
  await says(list, /\d+ % still in memory \(estimate\)/)
  await says(list, /In the window, word for word/)
})

test('a message is read once more', async () => {
  await page.getByRole('button', { name: /^Remind of: My dog/ }).click()
  const list = page.getByRole('list', { name: 'Messages' })
  await list.getByRole('button', { name: /^Read once more: My dog is called Bruno/ }).waitFor()
  await until('it is read', async () => (await page.locator('article[aria-busy=true]').count()) === 0)
})

test('the memory check asks, says what was recalled, and the chat does not remember it', async () => {
  const meter = await page.locator('.meter').innerText()
  await panel().getByRole('button', { name: 'Check memory' }).click()
  await asked()
  await says(panel(), /[0-9] of [0-9] recalled/)
  const results = await panel().getByRole('list', { name: 'What was asked, from the oldest on' }).innerText()
  expect(results).toContain('Your dog is called')
  expect(await page.locator('.meter').innerText()).toBe(meter)
})

test('what was not recalled is read once more from where it stands, and asked for again', async () => {
  const row = panel().getByRole('listitem').filter({ hasText: 'Qvkzwjx' })
  expect(await row.innerText()).toMatch(/^✗\s+Not recalled:/)
  const [before, rows] = [await position(), await panel().getByRole('listitem').count()]
  await row.getByRole('button', { name: 'Re-read' }).click()
  await asked()
  await says(row, /, read once more$/m)
  const list = page.getByRole('list', { name: 'Messages' })
  await list.getByRole('button', { name: /^Read once more: I live in Oslo/ }).waitFor()
  // The passage has more tokens than its long word has pairs of letters; and one row changed, none was added.
  expect((await position()) - before).toBeGreaterThan(15)
  expect(await panel().getByRole('listitem').count()).toBe(rows)
})

test('it is fit for a screen reader, light and dark, and closes', async () => {
  expect(await violations(page)).toEqual([])
  await panel().getByRole('button', { name: 'Close look inside' }).click()
  await until('it is gone', async () => (await panel().count()) === 0)
  await ask('Where do I live?')
  expect(await page.getByText('still in memory').count()).toBe(0)
  expect(seen.problems).toEqual([])
})

test('a server elsewhere takes a side of Compare: marked there and at the answers, though nobody is told whose they are', async () => {
  await bridge.setRemote({ url: server.url, model: 'large' })
  await page.keyboard.press('Control+Shift+E')
  const compare = page.getByRole('dialog', { name: 'Compare' })
  await compare.getByLabel('Right').selectOption({ label: `large at ${server.host}` })
  await compare.getByLabel('What both read').selectOption('none')
  await compare.getByRole('button', { name: 'Start', exact: true }).click()
  await compare.getByRole('button', { name: 'Start again' }).waitFor({ timeout: 150_000 })
  const answers = compare.getByRole('region', { name: 'Answers' })
  await says(answers, /^Leaves this computer\s+Answer A\s/)
  await answers.getByRole('button', { name: 'Show whose they are' }).click()
  await answers
    .getByRole('article')
    .filter({ hasText: server.host })
    .getByText('Leaves this computer')
    .waitFor()
  expect(await compare.getByText('Leaves this computer').count()).toBe(2)
  expect(server.sent.length).toBeGreaterThan(1)
  await page.keyboard.press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
  expect(seen.problems).toEqual([])
})
