import type { Page } from 'playwright-core'
import { beforeAll, expect, test, vi } from 'vitest'
import { violations } from '../support/axe.ts'
import { answerEnds, launchBrowser, NO_GPU, openPage, until, type Watch } from '../support/browser.ts'
import { longChat, watchBlocks } from '../support/long-chat.ts'
import { openKept, openShell } from '../support/opened-shell.ts'

// On two cores without a GPU, beside other tests, the slowest of these took a third of this.
vi.setConfig({ testTimeout: 180_000 })

/** A chat of 2,000 messages of 300 words, with the real shell and disk, and the scripted engine. */

let page: Page
let seen: Watch

beforeAll(async () => {
  const { shell, conversations } = await openShell('scripted')
  await longChat(conversations, 2000, 300)
  const options = { reducedMotion: 'reduce', viewport: { width: 1200, height: 800 } } as const
  ;({ page, seen } = await openPage(await launchBrowser(NO_GPU), shell.entryUrl, options))
  await openKept(page, shell)
})

const box = () => page.getByLabel('Message', { exact: true })

/** The first of the marked words that stands in a text with these stands in the view, below what is searched with. */
async function sees(words: string): Promise<void> {
  await until(`${words} in sight`, () =>
    page.evaluate((text) => {
      const view = document.querySelector('main')?.getBoundingClientRect()
      const marked = [...(CSS.highlights.get('found') ?? [])]
      const found = marked.find(({ startContainer }) => startContainer.textContent?.includes(text))
      const word = found instanceof Range ? found.getBoundingClientRect() : null
      return view !== undefined && word !== null && word.top >= view.top + 40 && word.bottom <= view.bottom
    }, words),
  )
  expect(await page.locator('main li:is(.user, .reply)').count()).toBeLessThan(30)
}

test('a chat of 2,000 messages has few of them in the document, wherever one is in it', async () => {
  const list = page.getByRole('navigation', { name: 'Chats' })
  await list.getByRole('button', { name: 'A long chat', exact: false }).first().click()
  const rows = page.locator('main li:is(.user, .reply)')
  const scroller = page.locator('main')
  const middle = () =>
    scroller.evaluate((main) => {
      const { left, top, width, height } = main.getBoundingClientRect()
      const row = document.elementFromPoint(left + width / 2, top + height / 2)?.closest('li[aria-posinset]')
      return row?.getAttribute('aria-posinset') ?? ''
    })
  const few = async () => {
    expect(await rows.count()).toBeLessThan(30)
    expect(await page.locator('main *').count()).toBeLessThan(1500)
  }
  await rows.filter({ hasText: 'Number 2000:' }).waitFor()
  await until('its end', () =>
    scroller.evaluate((main) => main.scrollHeight - main.scrollTop - main.clientHeight < 40),
  )
  expect(await rows.last().getAttribute('aria-setsize')).toBe('2000')
  await few()
  await scroller.hover()
  let last = 2001
  for (let turn = 0; turn < 10; turn++) {
    await page.mouse.wheel(0, -5000)
    await until('a message further up', async () => (await middle()) !== '' && Number(await middle()) < last)
    last = Number(await middle())
    await few()
  }
  const timeline = page.getByRole('navigation', { name: 'Timeline' })
  await timeline.getByRole('button').first().focus()
  await page.keyboard.press('Enter')
  await until('the first message has the focus', () =>
    page.evaluate(() => document.activeElement?.textContent.includes('Number 1:') === true),
  )
  await few()
  expect(await violations(page)).toEqual([])
})

test('words are found in messages far away, and gone through by keys', async () => {
  await page.keyboard.press('Control+f')
  const search = page.getByRole('search', { name: 'Find in this chat' })
  const says = (words: string) =>
    until(words, async () => (await search.getByRole('status').innerText()) === words)
  // From the first message on, where one is: 100, and 1000 to 1009.
  await page.keyboard.type('NUMBER 100')
  await says('1 of 11 messages')
  await sees('Number 100:')
  await page.keyboard.press('Shift+Enter')
  await says('11 of 11 messages')
  await sees('Number 1009:')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await says('2 of 11 messages')
  await sees('Number 1000:')
  expect(await violations(page)).toEqual([])
  await search.getByRole('textbox').fill('no such words')
  await says('Nothing found')
  await page.keyboard.press('Escape')
  await search.waitFor({ state: 'detached' })
  expect(await page.evaluate(() => CSS.highlights.has('found'))).toBe(false)
})

test('while an answer is written at its end only the last blocks change, and one can type', async () => {
  await page.getByRole('button', { name: 'Latest' }).click()
  await page.locator('main li').filter({ hasText: 'Number 2000:' }).waitFor()
  const changes = await watchBlocks(page)
  await box().fill('markdown')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'A small tour' }).waitFor()
  await page.keyboard.type('One can type meanwhile.')
  expect(await box().inputValue()).toBe('One can type meanwhile.')
  await page.getByRole('checkbox', { name: 'not done' }).waitFor()
  await answerEnds(page)
  const counts = await changes()
  expect(counts).toMatchObject({ others: 0 })
  expect(counts).toHaveProperty(
    'last',
    expect.toSatisfy((last: number) => last > 20),
  )
  expect(await page.locator('main li:is(.user, .reply)').count()).toBeLessThan(30)
})

test('nothing was complained about', () => {
  expect(seen.problems).toEqual([])
})
