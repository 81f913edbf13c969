import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test, vi } from 'vitest'
import { answerEnds, launchBrowser, NO_GPU, openPage, send, until, type Watch } from '../support/browser.ts'
import { openKept, openShell } from '../support/opened-shell.ts'
import { walk } from '../support/tab-stops.ts'

// On two cores without a GPU, beside other tests, the slowest of these took a third of this.
vi.setConfig({ testTimeout: 180_000 })

/** The window without a mouse: the scripted engine, the browser shell and a disk behind it. No kernel runs. */

let page: Page
let seen: Watch

beforeAll(async () => {
  const { shell } = await openShell('scripted')
  ;({ page, seen } = await openPage(await launchBrowser(NO_GPU), shell.entryUrl, {
    viewport: { width: 1120, height: 760 },
    reducedMotion: 'reduce',
    locale: 'en-GB',
    permissions: ['clipboard-read', 'clipboard-write'],
  }))
  await openKept(page, shell, '&pace=0')
  await ask('My name is Mira.')
  await ask('markdown')
})

const box = () => page.getByLabel('Message', { exact: true })

async function ask(text: string): Promise<void> {
  await send(page, text)
  await answerEnds(page)
}

test('Tab goes through the whole window: each stop has a name and shows that it has the focus; and back', async () => {
  await box().fill('Not sent yet')
  await page.evaluate(() => {
    document.body.tabIndex = -1
    document.body.focus()
    document.body.removeAttribute('tabindex')
  })
  const stops = await walk(page, 'Tab')
  expect(stops.map(({ wrong }) => wrong).filter(Boolean)).toEqual([])
  const names = stops.map(({ name }) => name)
  for (const name of ['New chat', 'Settings', 'Edit message', 'Copy code', 'Message', 'Send the message'])
    expect(names).toContain(name)
  // What can be pressed can be come to.
  const all = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('a[href], button, input, textarea, select, [tabindex="0"]')]
      .filter((each) => each.tabIndex >= 0 && !each.matches(':disabled') && each.checkVisibility())
      .map((each) => each.outerHTML.slice(0, 160)),
  )
  expect(stops.length, all.join('\n')).toBe(all.length)
  const back = await walk(page, 'Shift+Tab')
  expect(back.map(({ at }) => at)).toEqual(stops.map(({ at }) => at).reverse())
})

const dialog = (name: string) => page.getByRole('dialog', { name })
const hasFocus = (element: Element) => element === document.activeElement

test.each([
  ['Control+k', 'Commands'],
  ['Control+/', 'Keyboard shortcuts'],
  ['Control+,', 'Settings'],
  ['Control+Shift+E', 'Compare'],
  ['Control+Shift+L', 'Models'],
  ['Control+Shift+Y', 'Branches of this chat'],
])('%s opens “%s”, Escape closes it, and the focus is where it was', async (keys, name) => {
  await box().focus()
  await page.keyboard.press(keys)
  await dialog(name).waitFor()
  expect(await page.evaluate(() => document.activeElement?.closest('dialog') !== null)).toBe(true)
  await page.keyboard.press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
  expect(await box().evaluate(hasFocus)).toBe(true)
})

test('a question mark shows the keys; in the box it is a question mark', async () => {
  await box().fill('Why')
  await box().press('?')
  expect(await box().inputValue()).toBe('Why?')
  await box().fill('')
  await page.getByRole('button', { name: 'Settings' }).press('?')
  await dialog('Keyboard shortcuts').waitFor()
  await page.keyboard.press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
})

test('Escape closes what opened beside the chat: the search, the memory and a menu', async () => {
  await box().focus()
  await page.keyboard.press('Control+f')
  const words = page.getByLabel('Words to find')
  await words.waitFor()
  expect(await words.evaluate(hasFocus)).toBe(true)
  await page.keyboard.press('Escape')
  await words.waitFor({ state: 'detached' })

  const row = page.getByRole('navigation', { name: 'Chats' }).locator('button[aria-keyshortcuts]')
  for (const [opener, opened, after] of [
    [page.locator('.meter'), page.locator(':popover-open'), page.locator('.meter')],
    [page.getByRole('button', { name: /^More for / }), page.getByRole('menu'), row],
  ] as const) {
    await opener.focus()
    await page.keyboard.press('Enter')
    await opened.waitFor()
    await page.keyboard.press('Escape')
    await opened.waitFor({ state: 'hidden' })
    await until('the focus is back', () => after.evaluate(hasFocus))
  }
})

test('Escape leaves a message as it was, and the focus is back on its button', async () => {
  const edit = page.getByRole('button', { name: 'Edit message' }).last()
  await edit.focus()
  await page.keyboard.press('Enter')
  const field = page.getByRole('textbox', { name: 'Edit message' })
  await until('the focus is in it', async () => (await field.count()) === 1 && field.evaluate(hasFocus))
  await page.keyboard.type('something else')
  await page.keyboard.press('Escape')
  await until('the focus is back', () => edit.evaluate(hasFocus))
  expect(await page.getByRole('article', { name: 'You' }).last().innerText()).toMatch(/markdown$/)
})

test('F2 renames the chat in the list; Escape leaves its title as it was', async () => {
  const row = page.getByRole('navigation', { name: 'Chats' }).locator('button[aria-keyshortcuts]').first()
  const title = () => row.locator('.title').innerText()
  await row.focus()
  await page.keyboard.press('F2')
  await page.getByLabel('Title', { exact: true }).fill('A tour')
  await page.keyboard.press('Escape')
  expect(await title()).toBe('My name is Mira.')
  await row.focus()
  await page.keyboard.press('F2')
  await page.keyboard.type('A tour of the house')
  await page.keyboard.press('Enter')
  await until('the new title', async () => (await title()) === 'A tour of the house')
  expect(await row.evaluate(hasFocus)).toBe(true)
})

test('the palette runs what is picked with Enter', async () => {
  await page.keyboard.press('Control+k')
  await page.keyboard.type('keyb')
  await page.keyboard.press('Enter')
  await dialog('Keyboard shortcuts').waitFor()
  await page.keyboard.press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
  const scheme = () => page.evaluate(() => document.documentElement.dataset['theme'] ?? 'system')
  const run = async (words: string) => {
    await page.keyboard.press('Control+k')
    await page.keyboard.type(words)
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    await page.locator('dialog').waitFor({ state: 'detached' })
  }
  await run('colours dark')
  await until('dark colours', async () => (await scheme()) === 'dark')
  await run('colours system')
  await until('those of the system', async () => (await scheme()) === 'system')
})

test('a block of code goes to the clipboard as it was written', async () => {
  const copy = page.getByRole('button', { name: 'Copy code' })
  await copy.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  const code = `def remember(state, token):
    # one leaves, one enters: the size is constant
    state.fold(state.window.popleft())
    state.window.append(token)
    return state`
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(code)
})

test('formulas are laid out, in a line and on their own; a price is none', async () => {
  await ask('formulas')
  const answer = page.getByRole('article', { name: 'Plateau' }).last()
  await answer.locator('math[display="block"]').waitFor()
  expect(await answer.locator('math').count()).toBe(2)
  expect(await answer.locator('math[display="block"] mover').count()).toBe(2)
  const text = await answer.innerText()
  expect(text).toContain('5 $ a token')
  expect(text).not.toContain('$$')
})

test('an answer says how quickly it was written, and opened also how quickly the question was read', async () => {
  const answer = page.getByRole('article', { name: 'Plateau' }).last()
  const speed = answer.getByRole('button', { name: / per second$/ })
  expect(await answer.locator('dt').count()).toBe(0)
  await speed.press('Enter')
  expect(await answer.locator('dt').allInnerTexts()).toEqual(['Read', 'Written'])
  expect(await answer.locator('dl').innerText()).toMatch(
    /Read\s+[\d,]+ tokens in .*\s+[\d,.]+ tok\/s\s+Written/,
  )
  await speed.press('Enter')
  expect(await answer.locator('dt').count()).toBe(0)
})

test('nothing moves by itself where the system asks for that', async () => {
  const moving = () =>
    page.evaluate(
      () =>
        [...document.querySelectorAll('*')].filter((element) => {
          const { animationName, transitionDuration } = getComputedStyle(element)
          return animationName !== 'none' || transitionDuration.split(', ').some((time) => time !== '0s')
        }).length,
    )
  expect(await moving()).toBe(0)
  await page.emulateMedia({ reducedMotion: 'no-preference' })
  expect(await moving()).toBeGreaterThan(0)
  await page.emulateMedia({ reducedMotion: 'reduce' })
})

test('presets: kept, used, exported, deleted and imported again', async () => {
  await page.keyboard.press('Control+,')
  const sheet = dialog('Settings')
  await sheet.getByLabel('More', { exact: true }).check()
  const system = sheet.getByLabel('System prompt')
  const preset = sheet.getByRole('button', { name: 'Brief', exact: true })
  const isUsed = async () => (await preset.getAttribute('aria-pressed')) === 'true'
  await system.fill('Be brief.')
  await sheet.getByLabel('Name for the settings as they are now').fill('Brief')
  await page.keyboard.press('Enter')
  await until('it is there and in use', isUsed)

  await sheet.getByRole('button', { name: 'Restore default for System prompt' }).press('Enter')
  await until('another prompt', async () => !(await isUsed()))
  expect(await system.inputValue()).toBe('')
  await until('the focus is on what was restored', () => system.evaluate(hasFocus))
  await preset.press('Enter')
  await until('in use again', isUsed)
  expect(await system.inputValue()).toBe('Be brief.')

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    sheet.getByRole('button', { name: 'Export' }).press('Enter'),
  ])
  expect(download.suggestedFilename()).toBe('plateau-presets.json')
  const file = await readFile(await download.path())
  expect(JSON.parse(file.toString())).toMatchObject({ presets: [{ name: 'Brief', system: 'Be brief.' }] })

  // The focus is on the way back.
  await sheet.getByRole('button', { name: 'Delete the preset Brief' }).press('Enter')
  await preset.waitFor({ state: 'detached' })
  await sheet.getByText('Deleted “Brief”').waitFor()
  await page.keyboard.press('Enter')
  await until(
    'it is there again, and has the focus',
    async () => (await preset.count()) === 1 && preset.evaluate(hasFocus),
  )
  await sheet.getByRole('button', { name: 'Delete the preset Brief' }).press('Enter')
  await preset.waitFor({ state: 'detached' })
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    sheet.getByRole('button', { name: 'Import' }).press('Enter'),
  ])
  await chooser.setFiles({ name: 'wrong.json', mimeType: '', buffer: Buffer.from('[]') })
  await sheet.getByRole('alert').waitFor()
  await chooser.setFiles({ name: 'presets.json', mimeType: '', buffer: file })
  await until('it is back', isUsed)
  expect(await sheet.getByRole('alert').count()).toBe(0)
  await sheet.getByText('Imported: Brief.', { exact: true }).waitFor()
  // Another of the same name takes nothing away.
  const other = file.toString().replace('Be brief.', 'Be very brief.')
  await chooser.setFiles({ name: 'presets.json', mimeType: '', buffer: Buffer.from(other) })
  await sheet.getByRole('button', { name: 'Brief 2', exact: true }).waitFor()
  await sheet.getByText('Imported: Brief 2. What had the name of another preset has a number.').waitFor()
  expect(await isUsed()).toBe(true)
  await chooser.setFiles({ name: 'presets.json', mimeType: '', buffer: Buffer.from(other) })
  await sheet.getByText('All of its presets are here already.').waitFor()
  expect(await sheet.getByRole('button', { name: /^Brief/ }).count()).toBe(2)

  // And all of it as at first, which one step takes back.
  await sheet.getByRole('button', { name: 'Restore every setting' }).press('Enter')
  await until('no prompt', async () => (await system.inputValue()) === '')
  expect(await preset.count()).toBe(1)
  await sheet.getByRole('button', { name: 'Undo', exact: true }).press('Enter')
  await until('the prompt again', async () => (await system.inputValue()) === 'Be brief.')
})

test('words found in the first message are not under the bar; with what is taken back below, the end is in sight', async () => {
  await page.keyboard.press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
  await page.keyboard.press('Control+f')
  await page.getByLabel('Words to find').fill('name is Mira')
  const bar = page.getByRole('search', { name: 'Find in this chat' })
  const first = page.getByRole('article', { name: 'You' }).first()
  await until('it is below the bar', async () => {
    const [over, under] = [await bar.boundingBox(), await first.boundingBox()]
    return over !== null && under !== null && under.y >= over.y + over.height
  })
  await page.keyboard.press('Escape')
  const latest = page.getByRole('button', { name: 'Latest' })
  await latest.waitFor()
  const asked = page.getByRole('article', { name: 'You' })
  for (const left of [2, 1]) {
    await page.keyboard.press('Control+Shift+Backspace')
    await until('it is taken back', async () => (await asked.count()) === left)
  }
  await latest.waitFor({ state: 'detached' })
})

test('in a window of middling width the words above the chat stand in one line, and the model is named', async () => {
  const size = page.viewportSize()
  await page.setViewportSize({ width: 700, height: 700 })
  const above = page.locator('header').filter({ has: page.locator('h1') })
  const heights = await above
    .getByRole('button')
    .evaluateAll((all) => all.map((button) => button.getBoundingClientRect().height))
  expect(Math.max(...heights) - Math.min(...heights)).toBeLessThan(1)
  const name = above.getByText('Pocket', { exact: true })
  const cutOff = () => name.evaluate((words) => words.scrollWidth - words.clientWidth)
  expect(await cutOff()).toBe(0)
  // What is said of a temporary chat gives way before it.
  await page.setViewportSize({ width: 1050, height: 700 })
  await page.keyboard.press('Control+Shift+O')
  await page.getByRole('button', { name: 'Temporary chat' }).click()
  await above.getByText('Temporary chat: nothing is written down').waitFor()
  expect(await cutOff()).toBe(0)
  if (size) await page.setViewportSize(size)
})

test('nothing was complained about', () => {
  expect(seen.problems).toEqual([])
})
