import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test, vi } from 'vitest'
import type { BrowserShell } from '../../electron/browser-shell.ts'
import type { Conversations } from '../../electron/conversations.ts'
import { violations } from '../support/axe.ts'
import { answerEnds, launchBrowser, openPage, says, send, until, type Watch } from '../support/browser.ts'
import { dropFiles } from '../support/drop-files.ts'
import { openKept, openShell } from '../support/opened-shell.ts'
import { temporaryFolder } from '../support/test-bridge.ts'

// On two cores without a GPU, beside other tests, the slowest of these took a third of this.
vi.setConfig({ testTimeout: 180_000 })

/** What is kept of conversations, in the window: the real shell, disk and locks, with the scripted engine. */

let shell: BrowserShell
let conversations: Conversations
let page: Page
let seen: Watch
/** the chat as a file */
let saved: Uint8Array

beforeAll(async () => {
  ;({ shell, conversations } = await openShell('scripted'))
  const options = { reducedMotion: 'reduce', viewport: { width: 1200, height: 800 } } as const
  ;({ page, seen } = await openPage(await launchBrowser(), shell.entryUrl, options))
  await openKept(page, shell)
})

const messages = (where = page) => where.getByRole('article', { name: 'You' }).locator('p').allInnerTexts()
const box = (where = page) => where.getByLabel('Message', { exact: true })
const list = (where = page) => where.getByRole('navigation', { name: 'Chats' })
const meter = () => page.locator('.meter').innerText()

async function ask(text: string): Promise<void> {
  await send(page, text)
  await answerEnds(page)
}

async function shows(texts: readonly string[], where = page): Promise<void> {
  await until(`the messages ${texts.join(', ')}`, async () => (await messages(where)).join() === texts.join())
}

test('an aside is answered and not remembered; taking back returns the question to the box', async () => {
  await ask('one')
  const before = await meter()
  await box().fill('just between us')
  await page.keyboard.press('Alt+Enter')
  await shows(['one', 'just between us'])
  await answerEnds(page)
  await page.getByText('Asked aside: the chat does not remember this').waitFor()
  expect(await meter()).toBe(before)
  await ask('two')
  await page.keyboard.press('Control+Shift+Backspace')
  await shows(['one', 'just between us'])
  await until('the question in the box', async () => (await box().inputValue()) === 'two')
  await until('the memory from before', async () => (await meter()) === before)
  await page.keyboard.press('Enter')
  await shows(['one', 'just between us', 'two'])
  await answerEnds(page)
  expect(await violations(page)).toEqual([])
})

test('the timeline goes to a message, by keys', async () => {
  const marks = page.getByRole('navigation', { name: 'Timeline' }).getByRole('button')
  await until('its marks', async () => (await marks.allInnerTexts()).join() === 'one,just between us,two')
  await marks.first().focus()
  await page.keyboard.press('End')
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Enter')
  await until('the message has the focus', () =>
    page.evaluate(() => document.activeElement?.textContent.includes('just between us') === true),
  )
})

test('one goes back to an answer, on from there, and over the map to where one was', async () => {
  await page.getByRole('button', { name: 'Go back to this answer' }).first().focus()
  await page.keyboard.press('Enter')
  await shows(['one', 'just between us'])
  await page.getByText(/^Memory restored/).waitFor()
  await ask('zwei')
  await page.keyboard.press('Control+Shift+Y')
  const map = page.getByRole('dialog', { name: 'Branches of this chat' })
  await until(
    'all branches',
    async () => (await map.locator('.asked').allInnerTexts()).join() === 'one,two,two,zwei',
  )
  await says(map.locator('[aria-current]'), /You are here/)
  expect(await violations(page)).toEqual([])
  await map.getByRole('button', { name: 'two' }).last().click()
  await shows(['one', 'just between us', 'two'])
})

test('forgetting can be undone', async () => {
  await page.getByRole('button', { name: 'Forget from here' }).last().focus()
  await page.keyboard.press('Enter')
  await shows(['one', 'just between us'])
  await page.getByRole('button', { name: 'Undo' }).click()
  await shows(['one', 'just between us', 'two'])
})

test('what was forgotten last is gone for good when the window is loaded again', async () => {
  const found = async () => (await conversations.search('forget me')).length
  await ask('forget me')
  await until('its words on the disk', async () => (await found()) === 1)
  await page.getByRole('button', { name: 'Forget from here' }).last().focus()
  await page.keyboard.press('Enter')
  await shows(['one', 'just between us', 'two'])
  await page.reload()
  await until('no words of it', async () => (await found()) === 0)
  await list().getByRole('button', { name: 'one' }).first().click()
  await shows(['one', 'just between us', 'two'])
})

test('a temporary chat says so, and is in no list', async () => {
  await page.getByRole('button', { name: 'New chat' }).click()
  await page.getByRole('button', { name: 'Temporary chat' }).click()
  await page.getByText('Temporary chat: nothing is written down').waitFor()
  await ask('a secret')
  expect(await violations(page)).toEqual([])
  expect(await list().locator('li').count()).toBe(1)
  expect(await list().innerText()).not.toContain('secret')
})

test('search finds what was said, and shows where', async () => {
  const search = page.getByLabel('Search chats')
  await search.fill('zwei')
  await until('the excerpt', async () => (await list().innerText()).includes('zwei'))
  await search.fill('a secret')
  await page.getByText('No chat has all of these words.').waitFor()
  await page.keyboard.press('Escape')
  await until('the list', async () => (await list().locator('li').count()) === 1)
})

test('a chat is saved as a file, deleted, and comes back from it; another file is refused', async () => {
  const downloading = page.waitForEvent('download')
  await openMenu('one')
  await page.getByRole('menuitem', { name: 'Save as a file' }).click()
  const download = await downloading
  expect(download.suggestedFilename()).toBe('one.chat')
  const path = join(temporaryFolder(), 'one.chat')
  await download.saveAs(path)
  await list().getByRole('button', { name: 'Delete one' }).focus()
  await page.keyboard.press('Enter')
  await until('an empty list', async () => (await list().locator('li').count()) === 0)
  const other = join(temporaryFolder(), 'other.chat')
  writeFileSync(other, 'These are my notes.')
  const picker = list().locator('input[type=file]')
  await picker.setInputFiles(other)
  await page.getByText('The file is no chat that Plateau saved.').waitFor()
  saved = readFileSync(path)
  await picker.setInputFiles(path)
  await shows(['one', 'just between us', 'two'])
  await page.getByText(/^Memory restored/).waitFor()
  const chip = page.getByRole('status').filter({ hasText: 'Memory restored' })
  expect(await chip.innerText()).toMatch(/^Memory restored · 413 KB · \d+ ms · 0 tokens re-read$/)
})

test('a chat in a file that is dropped on the window becomes a chat; another file that bears the name is refused', async () => {
  await dropFiles(page, [{ name: 'Notes.chat', bytes: Buffer.from('These are my notes.') }])
  await page.getByRole('alert').getByText('Notes.chat: The file is no chat that Plateau saved.').waitFor()
  await dropFiles(page, [{ name: 'Holiday.chat', bytes: saved }])
  await until('two chats', async () => (await list().locator('li').count()) === 2)
  await shows(['one', 'just between us', 'two'])
  await page.getByText(/^Memory restored/).waitFor()
  await until('the complaint is gone', async () => (await page.getByRole('alert').count()) === 0)
  await deleteShown(page)
  await until('one chat', async () => (await list().locator('li').count()) === 1)
  await list().locator('button.open').click()
  await shows(['one', 'just between us', 'two'])
})

test('a second window shows the chat and writes nothing, until it takes over', async () => {
  const second = await page.context().newPage()
  await second.goto(`${shell.origin}/?kept`)
  await list(second).getByText('one').click()
  await shows(['one', 'just between us', 'two'], second)
  await second.getByText('Nothing can be added here: it is open in another window.').waitFor()
  await until('a closed box', async () => (await box(second).getAttribute('readonly')) !== null)
  expect(await second.getByRole('button', { name: 'Forget from here' }).count()).toBe(0)

  // It reads nothing, and says so; a chat in a file is opened in its place.
  await dropFiles(second, [{ name: 'a.txt', bytes: Buffer.from('It was quiet.') }])
  const refused = second.getByRole('alert').getByText('Nothing can be added here')
  await refused.waitFor()
  await dropFiles(second, [{ name: 'Holiday.chat', bytes: saved }])
  await until('the box', async () => (await box(second).getAttribute('readonly')) === null)
  await shows(['one', 'just between us', 'two'], second)
  await refused.waitFor({ state: 'detached' })
  await deleteShown(second)
  await until('one chat', async () => (await list(second).locator('li').count()) === 1)

  // With the list out of sight, what went wrong is said beside the box.
  await second.keyboard.press('Control+b')
  await second.route('**/openConversation', (route) => route.abort())
  await second.keyboard.press('Control+k')
  await second.keyboard.type('one')
  await second.keyboard.press('Enter')
  await second.getByRole('alert').waitFor()
  await second.unroute('**/openConversation')
  await second.keyboard.press('Control+b')
  await second.getByRole('alert').waitFor({ state: 'detached' })
  await list(second).locator('button.open').click()
  await until('a closed box', async () => (await box(second).getAttribute('readonly')) !== null)
  await page.close()
  await second.getByRole('button', { name: 'Take over' }).click()
  page = second
  await until('the box', async () => (await box().getAttribute('readonly')) === null)
  await ask('three')
  await shows(['one', 'just between us', 'two', 'three'])
})

/** Its row has the focus, and Delete is pressed. */
async function deleteShown(where: Page): Promise<void> {
  await list(where).locator('button.open[aria-current]').focus()
  await where.keyboard.press('Delete')
  await list(where)
    .getByText(/^Deleted/)
    .waitFor()
}

/** By keys: with the mouse its button is there once it is near. */
async function openMenu(title: string): Promise<void> {
  await list()
    .getByRole('button', { name: `More for ${title}` })
    .focus()
  await page.keyboard.press('Enter')
}

/** The list as it is shown: a line for each section. */
async function sections(): Promise<string[]> {
  return list()
    .locator('[data-section]')
    .evaluateAll((all) =>
      all.map((section) => {
        const texts = (selector: string) => [...section.querySelectorAll(selector)].map((e) => e.textContent)
        return `${texts('h2, .name').join('')}: ${texts('.title').join(' ')}`
      }),
    )
}

async function listed(lines: readonly string[]): Promise<void> {
  await until(`the list ${lines.join('; ')}`, async () => (await sections()).join() === lines.join())
}

test('chats are pinned, filed and moved, by keys, menu and mouse, and stand so after a reload', async () => {
  for (const text of ['alpha', 'beta']) {
    await page.getByRole('button', { name: 'New chat' }).click()
    await ask(text)
  }
  await listed([': beta alpha one'])
  const row = (title: string) => list().locator('li').filter({ hasText: title }).locator('button.open')
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '')
  await row('beta').focus()
  await page.keyboard.press('Alt+ArrowDown')
  await listed([': alpha beta one'])
  await list().getByText('beta in Chats: 2 of 3').waitFor({ state: 'attached' })
  await until('the focus goes with it', async () => (await focused()).startsWith('beta'))

  await openMenu('one')
  await until('the first of the menu', async () => (await focused()).startsWith('Pin'))
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Enter')
  await listed(['Pinned: one', 'Chats: alpha beta'])
  await row('alpha').click({ button: 'right' })
  await page.keyboard.press('m')
  await page.keyboard.press('Escape')
  await until('the focus is back', async () => (await focused()).startsWith('alpha'))
  await row('alpha').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Move to a new folder' }).click()
  await page.getByLabel('Name of the folder').fill('Work')
  await page.keyboard.press('Enter')
  await listed(['Pinned: one', 'Work: alpha', 'Chats: beta'])
  await row('beta').dragTo(list().locator('.folder'))
  await listed(['Pinned: one', 'Work: beta alpha', 'Chats: '])
  await row('one').dragTo(row('alpha'), { targetPosition: { x: 40, y: 3 } })
  await listed(['Work: beta one alpha', 'Chats: '])
  expect(await violations(page)).toEqual([])

  await page.reload()
  await listed(['Work: beta one alpha', 'Chats: '])
  await row('one').focus()
  await page.keyboard.press('Delete')
  await listed(['Work: beta alpha', 'Chats: '])
  await until('the focus is on the next', async () => (await focused()).startsWith('alpha'))
  await list().getByRole('button', { name: 'Undo' }).press('Enter')
  await listed(['Work: beta one alpha', 'Chats: '])
  await until('the focus is on what came back', async () => (await focused()).startsWith('one'))
  await list().locator('.folder button.open').focus()
  await page.keyboard.press('ArrowLeft')
  await listed(['Work: ', 'Chats: '])
  await page.keyboard.press('Delete')
  await until('the chats stay', async () => (await sections()).length === 1)
  await until('the focus is on the next', async () => (await focused()).startsWith('beta'))
  await list().getByRole('button', { name: 'Undo' }).press('Enter')
  // As it was: closed, with its chats in it, and under the keys.
  await listed(['Work: ', 'Chats: '])
  await until('the focus is on it', async () => (await focused()).includes('Work'))
  await page.keyboard.press('ArrowRight')
  await listed(['Work: beta one alpha', 'Chats: '])
})

test('nothing was complained about', () => {
  expect(seen.problems).toEqual([])
})
