import type { Browser, Locator, Page } from 'playwright-core'
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
  watch,
} from '../support/browser.ts'
import { builtPage } from '../support/built-page.ts'
import { openKept, openShell } from '../support/opened-shell.ts'
import { writeDocx, writeEpub, writePdf } from '../support/write-documents.ts'

// On two cores without a GPU, beside other tests, the slowest of these took a third of this.
vi.setConfig({ testTimeout: 180_000 })

/** Documents in the window: the real extraction in its worker under the real policy, the scripted engine behind it. */
let browser: Browser
let server: Loopback
let page: Page
let seen: Watch

beforeAll(async () => {
  server = await serveBundle(await builtPage('scripted'))
  browser = await launchBrowser()
  page = await (await browser.newContext({ reducedMotion: 'reduce' })).newPage()
  seen = watch(page)
  page.on('request', (request) => {
    if (request.method() !== 'GET') seen.problems.push(`${request.method()} ${request.url()}`)
  })
  await page.goto(`${server.url}?pace=1`)
})

const read = (name: string) =>
  page.getByRole('list', { name: 'Messages' }).getByRole('button', { name: `Read ${name}`, exact: true })
const panel = () => page.getByRole('complementary', { name: 'What was read' })

async function pick(name: string, bytes: Uint8Array): Promise<void> {
  await page
    .getByLabel('Documents', { exact: true })
    .setInputFiles({ name, mimeType: '', buffer: Buffer.from(bytes) })
}

test.each([
  ['a.pdf', writePdf(['The harbour was quiet.', 'The code of the gate is 4821.'])],
  ['b.docx', writeDocx(['The harbour was quiet.', 'The code of the gate is 4821.'])],
  [
    'c.epub',
    writeEpub([
      { title: 'Harbour', paragraphs: ['It was quiet.'] },
      { title: 'Gate', paragraphs: ['The code of the gate is 4821.'] },
    ]),
  ],
])('%s is read, and its pages can be looked at', async (name, bytes) => {
  await pick(name, bytes)
  await read(name).waitFor()
  await until('it is read', async () => (await page.locator('article[aria-busy=true]').count()) === 0)
  await read(name).click()
  await page.getByRole('button', { name: 'Next' }).click()
  expect(await panel().innerText()).toContain('Page 2 of 2')
  expect(await panel().innerText()).toContain('The code of the gate is 4821.')
  await page.getByRole('button', { name: 'Close what was read' }).click()
  await send(page, 'hello')
  await answerEnds(page)
})

const grounds = () => page.getByRole('list', { name: 'What the answer rests on' }).getByRole('button')

test('an answer says the page it rests on, which opens with the words marked; a message opens where it is', async () => {
  const rain = 'The rain fell softly on the harbour wall. '.repeat(20)
  const fact = 'The name of the lighthouse is Eldmoor.'
  const page2 = [rain, fact, rain].join('\n').replaceAll('. ', '.\n')
  await pick('isle.pdf', writePdf(['It was quiet.', page2]))
  await read('isle.pdf').waitFor()
  await until('it is read', async () => (await page.locator('article[aria-busy=true]').count()) === 0)
  await send(page, 'What is the name of the lighthouse?')
  await answerEnds(page)
  const cited = grounds().filter({ hasText: `From isle.pdf, page 2: “${fact}”` })
  await cited.press('Enter')
  const mark = panel().locator('mark')
  expect((await mark.innerText()).replace(/\s+/g, ' ')).toBe(fact)
  await until('the words are in view', () =>
    mark.evaluate((element) => {
      const [words, view] = [element, element.parentElement ?? element].map((each) =>
        each.getBoundingClientRect(),
      )
      return words !== undefined && view !== undefined && words.top >= view.top && words.bottom <= view.bottom
    }),
  )
  expect(await panel().innerText()).toContain('Page 2 of 2')
  expect(await violations(page)).toEqual([])
  // Between the list and the page there is still room for the buttons above the chat.
  const size = page.viewportSize()
  await page.setViewportSize({ width: 1050, height: 780 })
  const above = page.locator('header').filter({ has: page.locator('h1') })
  expect(await above.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0)
  if (size) await page.setViewportSize(size)
  await page.keyboard.press('Escape').then(() => panel().waitFor({ state: 'detached' }))
  // What comes near the question is there to be read below an answer that no page says.
  await send(page, 'Who sold the lighthouse?')
  await answerEnds(page)
  expect(await page.getByText('Not found in the document.').count()).toBe(1)
  await grounds()
    .filter({ hasText: `Nearest in isle.pdf, page 2: “${fact} The rain` })
    .click()
  expect((await mark.innerText()).replace(/\s+/g, ' ')).toMatch(new RegExp(`^${fact} The rain`))
  expect(await violations(page, 'li:last-child')).toEqual([])
  await page.keyboard.press('Escape').then(() => panel().waitFor({ state: 'detached' }))
  // There is nothing else, and it cannot be asked for once more.
  const last = page.locator('article').last()
  await last.getByRole('button', { name: 'What else?' }).click()
  await answerEnds(page)
  expect(await last.innerText()).toMatch(/Not found in the document\.(?!.*(?:Nearest in|What else))/s)
  await send(page, 'My dog is called Bramble.')
  await answerEnds(page)
  await send(page, rain)
  await answerEnds(page)
  await send(page, 'How is my dog called?')
  await answerEnds(page)
  const chip = grounds().filter({ hasText: 'Looked up in this chat' })
  await chip.click()
  await says(page.locator('blockquote'), /^My dog is called Bramble\.$/)
  // It is the user's own, and need not stand in the document.
  expect(await page.getByText('Not found in the document.').count()).toBe(2)
  // What is scrolled away is not painted, and axe misjudges its colours.
  expect(await violations(page, 'li:last-child')).toEqual([])

  await page.keyboard.press('Control+,')
  await page.getByRole('dialog', { name: 'Settings' }).getByLabel('Look up what left the window').uncheck()
  await page.keyboard.press('Escape')
  await send(page, 'How is my dog called?')
  await answerEnds(page)
  expect(await chip.count()).toBe(1)

  // A chat says it for itself, whatever the settings say.
  const askWith = async (on: boolean) => {
    await page.locator('.meter').click()
    await page.locator('#memory-details').getByLabel('Look up what left the window').setChecked(on)
    await page.keyboard.press('Escape')
    await send(page, 'How is my dog called?')
    await answerEnds(page)
  }
  await askWith(true)
  await until('it is looked up', async () => (await chip.count()) === 2)
  await askWith(false)
  expect(await chip.count()).toBe(2)
  // What was looked up before is still there to be opened.
  await chip.last().click()
  await says(page.locator('blockquote').last(), /^My dog is called Bramble\.$/)
})

test('what takes all of a document stands on its chip: a summary, the people, a word counted', async () => {
  const talk = 'Then Mira and Tom went along the wall, and Mira told of the lighthouse of Eldmoor.'
  await pick('whole.pdf', writePdf(['It was quiet on that day.', [talk, talk].join('\n')]))
  const task = (name: string) => page.getByRole('button', { name, exact: true })
  await task('Summarise whole.pdf').click()
  await answerEnds(page)
  const said = page.getByRole('article', { name: 'Plateau' }).last()
  await says(said, /Summary of whole.pdf, in one part:[^]*lighthouse[^]*Code cut the document into parts/)
  await grounds().filter({ hasText: 'From whole.pdf, page 2' }).click()
  await says(panel().locator('mark'), /Eldmoor/)
  await page.getByRole('button', { name: 'Close what was read' }).click()
  await task('People in whole.pdf').click()
  await answerEnds(page)
  await says(said, /Names in whole.pdf, found by code[^]*Mira: [34] times/)
  await task('Count a word… in whole.pdf').click()
  await page.keyboard.type('mira')
  expect(await violations(page, 'li:has(form)')).toEqual([])
  await page.keyboard.press('Enter')
  await answerEnds(page)
  await says(said, /“mira” stands 4 times in whole.pdf, on 1 of 2 pages, first on page 2. Counted by code/)
})

test('a scan is one sentence, and nothing is read', async () => {
  await pick('scan.pdf', writePdf(['', '']))
  const problem = page.getByRole('alert')
  await problem.waitFor()
  expect(await problem.innerText()).toContain('The file scan.pdf has 2 pages and no text on them')
  expect(await read('scan.pdf').count()).toBe(0)
})

test('a long paste becomes a document, a short one stays text', async () => {
  /** Whether it was left to the field. */
  const paste = (text: string, place: Locator) =>
    place.evaluate((box, words) => {
      const clipboardData = new DataTransfer()
      clipboardData.setData('text/plain', words)
      const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true })
      return box.dispatchEvent(event)
    }, text)
  const box = page.getByLabel('Message', { exact: true })
  const long = 'The rain fell softly. '.repeat(200)
  expect(await paste('short', box)).toBe(true)
  expect(await paste(long, box)).toBe(false)
  await read('Pasted text.txt').waitFor()
  await until('it is read', async () => (await page.locator('article[aria-busy=true]').count()) === 0)

  // In any other field it is what is pasted there: a message that is edited, a setting.
  await send(page, 'My name is Mira.')
  await answerEnds(page)
  await page.getByRole('button', { name: 'Edit message' }).last().click()
  expect(await paste(long, page.locator('main textarea'))).toBe(true)
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+,')
  await page.getByLabel('All', { exact: true }).check()
  expect(await paste(long, page.getByLabel('System prompt'))).toBe(true)
  await page.keyboard.press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
  expect(await read('Pasted text.txt').count()).toBe(1)
})

const sheet = () => page.getByRole('dialog', { name: 'Documents' })
const offered = () => page.getByRole('list', { name: 'Documents that were read' }).getByRole('button')
const row = (name: string) => sheet().getByRole('listitem').filter({ hasText: name })

test('a document that was read is there after a restart: nothing is read again, and the page is shown', async () => {
  const { shell } = await openShell('scripted')
  const options = { reducedMotion: 'reduce', viewport: { width: 1200, height: 800 } } as const
  const kept = await openPage(browser, shell.entryUrl, options)
  page = kept.page
  await openKept(page, shell, '&pace=0')
  const rain = 'The rain fell softly on the harbour wall.'
  const fact = 'The name of the lighthouse is Eldmoor.'
  const files: readonly [string, Uint8Array][] = [
    ['isle.pdf', writePdf([rain, fact, rain])],
    ['isle.docx', writeDocx([rain, fact, rain])],
    [
      'isle.epub',
      writeEpub([rain, fact, rain].map((text, i) => ({ title: `Part ${i + 1}`, paragraphs: [text] }))),
    ],
  ]
  for (const [name, bytes] of files) {
    await pick(name, bytes)
    await page.getByText(/^Memory restored .* 0 tokens re-read$/).waitFor()
    expect(await read(name).count()).toBe(1)
    await page.keyboard.press('Control+Shift+O')
    await offered()
      .filter({ hasText: `Ask ${name}` })
      .waitFor()
  }
  expect(await violations(page)).toEqual([])

  // Closed and opened again.
  await openKept(page, shell, '&pace=0')
  for (const [name] of files) {
    await offered()
      .filter({ hasText: `Ask ${name}` })
      .click()
    await page.getByText(/^Memory restored .* 0 tokens re-read$/).waitFor()
    await send(page, 'What is the name of the lighthouse?')
    await answerEnds(page)
    await grounds()
      .filter({ hasText: `From ${name}, page 2: “${fact}”` })
      .click()
    await says(panel().locator('mark'), /Eldmoor/)
    await page.keyboard.press('Control+Shift+O')
    await page.getByRole('button', { name: 'Close what was read' }).click()
  }

  await page.getByRole('button', { name: 'Documents (3)' }).click()
  await page.getByLabel('Question to every document').fill('What is the name of the lighthouse?')
  await page.keyboard.press('Enter')
  const answers = page.getByRole('list', { name: 'Answers' }).locator('> li')
  await until('three answers', async () => {
    const texts = await answers.allInnerTexts()
    return texts.length === 3 && texts.every((text) => text.includes(`page 2: “${fact}”`))
  })
  await says(sheet().locator('[aria-live]:not(:has(.answer))'), /isle\.pdf\s+.*Eldmoor/s)
  await row('isle.pdf').getByRole('combobox').selectOption({ label: 'As of page 2' })
  expect(await violations(page)).toEqual([])
  await row('isle.pdf').getByRole('button', { name: 'Ask isle.pdf' }).click()
  await read('isle.pdf').click()
  await says(panel(), /Page 1 of 2/)
  await page.getByRole('button', { name: 'Documents (3)' }).click()
  await row('isle.pdf').getByRole('button', { name: 'Rename isle.pdf' }).click()
  await page.keyboard.type('The isle')
  await page.keyboard.press('Enter')
  await row('The isle').waitFor()
  await row('The isle').getByRole('button', { name: 'Delete The isle' }).click()
  await row('The isle').getByRole('button', { name: 'Delete for good' }).click()
  const rows = sheet().getByRole('button', { name: /^Rename / })
  await until('two are left', async () => (await rows.count()) === 2)
  await page.keyboard.press('Escape')

  // What an answer cites is kept with it, and the page is still there to be shown.
  await openKept(page, shell, '&pace=20')
  const chats = page.getByRole('navigation', { name: 'Chats' }).getByRole('listitem')
  await chats.filter({ hasText: 'lighthouse' }).first().getByRole('button').first().click()
  await grounds().filter({ hasText: 'From isle' }).click()
  await says(panel().locator('mark'), /Eldmoor/)
  await page.keyboard.press('Control+Shift+O')

  // Paused, and gone on with after the window was gone.
  await pick('long.txt', Buffer.from(Array.from({ length: 1000 }, (_, i) => `Day ${i + 1}.\f`).join('')))
  const reading = page.getByRole('progressbar', { name: 'Reading' })
  await reading.waitFor()
  await until('a page is read', async () =>
    /^[1-9]/.test((await reading.getAttribute('aria-valuetext')) ?? ''),
  )
  await page.getByRole('button', { name: 'Pause' }).click()
  const goOn = offered().filter({ hasText: /Go on reading long.txt: [1-9]\d* of 1,000 pages/ })
  await goOn.waitFor()
  await openKept(page, shell, '&pace=0')
  await goOn.click()
  await page.getByText(/^Memory restored .* 0 tokens re-read$/).waitFor()
  await page.getByRole('button', { name: 'Documents (3)' }).click()
  await says(row('long.txt'), /1,000 pages · /)
  expect(kept.seen.problems).toEqual([])
  expect(kept.seen.requests.filter((url) => !url.startsWith(shell.origin))).toEqual([])
})

test('nothing was asked of anyone else, and nothing complained', () => {
  expect(seen.problems).toEqual([])
  expect(seen.requests.filter((url) => !url.startsWith(server.url))).toEqual([])
})
