import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Bridge } from '../../electron/bridge.ts'
import { type BrowserShell, startBrowserShell } from '../../electron/browser-shell.ts'
import { violations } from '../support/axe.ts'
import { answerEnds, launchBrowser, says, send, until, watch, type Watch } from '../support/browser.ts'
import { builtPage } from '../support/built-page.ts'
import { scriptedCompletions } from '../support/scripted-completions.ts'
import { LOCAL_PORTS, publish } from '../support/published-model.ts'
import { ScriptedFits } from '../support/scripted-fit.ts'
import { ScriptedFileServer } from '../support/scripted-file-server.ts'
import { temporaryFolder, testBridge } from '../support/test-bridge.ts'
import { tinyGguf } from '../support/tiny-gguf.ts'
import { TINY, tinyModel } from '../support/tiny-model.ts'

// On two cores without a GPU, beside other tests, the slowest of these took a third of this.
vi.setConfig({ testTimeout: 180_000 })

/** The library as a user has it: from a file and from a hub into the window, used, and deleted. */
const LOAD_MILLISECONDS = 120_000
const PLAIN = { ...TINY, family: 'qwen3' } as const

const server = scriptedCompletions()
const fits = new ScriptedFits()
let folder: string
let bridge: Bridge
let hub: ScriptedFileServer
let browser: Browser
let shell: BrowserShell
let page: Page
let seen: Watch

beforeAll(async () => {
  const renderer = await builtPage('window')
  folder = temporaryFolder()
  hub = new ScriptedFileServer()
  await hub.start()
  mkdirSync(join(folder, 'from/tiny'), { recursive: true })
  for (const [file, bytes] of tinyModel(PLAIN)) writeFileSync(join(folder, 'from/tiny', file), bytes)
  const gguf = await tinyGguf({ ...PLAIN, types: 'Q8_0' })
  mkdirSync(join(folder, 'models'))
  writeFileSync(join(folder, 'models/Block 8.gguf'), gguf)
  publish(hub, 'me/Tiny-GGUF', new Map([['tiny.gguf', gguf]]))
  publish(hub, 'me/strange', new Map([['config.json', new TextEncoder().encode('{"model_type": "rwkv"}')]]))

  const app = { version: '0.0.0', shell: 'browser', webgpu: '' } as const
  ;({ bridge } = await testBridge(app, folder, { url: hub.origin, ports: LOCAL_PORTS, runJob: fits.run }))
  const folders = { renderer, pocket: 'assets/pocket', models: join(folder, 'models') }
  shell = await startBrowserShell(folders, bridge, 0)
  browser = await launchBrowser()
  page = await (
    await browser.newContext({ reducedMotion: 'reduce', viewport: { width: 900, height: 700 } })
  ).newPage()
  seen = watch(page)
  await page.goto(shell.entryUrl)
})

afterAll(async () => {
  await browser.close()
  shell.close()
  hub.stop()
})

const sheet = () => page.getByRole('dialog', { name: 'Models' })
const row = (name: string) => sheet().getByRole('listitem', { name, exact: true })

async function openSheet(): Promise<void> {
  await page.keyboard.press('Control+Shift+L')
  await sheet().waitFor()
}

/** A sheet that is closing is still in the document, hidden. */
async function closeSheet(): Promise<void> {
  await page.keyboard.press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
}

async function use(name: string): Promise<void> {
  const each = row(name)
  await each.getByRole('button', { name: `Use ${name}` }).click()
  await each.getByText('In use').waitFor({ timeout: LOAD_MILLISECONDS })
}

async function answers(question: string): Promise<void> {
  await send(page, question)
  await answerEnds(page, LOAD_MILLISECONDS)
  expect(await page.getByRole('alert').allInnerTexts()).toEqual([])
}

test('the built-in model is in use, and a GGUF file in the folder is beside it', async () => {
  await until('the model', async () => (await page.locator('.meter').count()) === 1, LOAD_MILLISECONDS)
  await openSheet()
  await row('Pocket').getByText('In use').waitFor()
  await says(row('Block 8'), /Q8_0/)
  await until('the catalogue', async () => (await sheet().getByText('SmolLM2 135M').count()) > 0)
})

test('a folder of this machine is rounded on arrival, used, and answers', async () => {
  await sheet()
    .getByLabel(/^Path of a GGUF file/)
    .fill(join(folder, 'from/tiny'))
  await page.keyboard.press('Enter')
  await row('tiny').getByRole('button', { name: 'Use tiny' }).waitFor()
  await says(row('tiny'), /4-bit/)
  await use('tiny')
  await closeSheet()
  await says(page.getByRole('button', { name: /^Models, in use/ }), /Tiny/)
  await answers('Who are you?')
})

test('the slider and the needles of Compare take it as it is', async () => {
  await page.keyboard.press('Control+Shift+E')
  const compare = page.getByRole('dialog', { name: 'Compare' })
  await compare.getByRole('tab', { name: 'Window' }).click()
  await says(compare, /The last 64 tokens exactly, the rest in slots/)
  const figures = /after this page\s+[\d.]+ KB[^]*After 100,000 tokens\s+[\d.]+ KB[^]*measured\s+[\d.]+ ms/
  await until('it is measured', async () => figures.test(await compare.innerText()), LOAD_MILLISECONDS)
  await compare.getByRole('tab', { name: 'Needles' }).click()
  await compare.getByRole('button', { name: 'Plant the needles' }).click()
  const cells = compare.getByRole('table', { name: 'NHA' }).getByText(/^\d of \d$/)
  await until('one is asked for', async () => (await cells.count()) > 0, LOAD_MILLISECONDS)
  await compare.getByRole('button', { name: 'Stop' }).click()
  await compare.getByRole('button', { name: 'Plant the needles' }).waitFor({ timeout: LOAD_MILLISECONDS })
  expect(await compare.getByRole('alert').allInnerTexts()).toEqual([])
  await closeSheet()
})

test('the chat goes on with a GGUF file, from its text', async () => {
  await openSheet()
  await use('Block 8')
  await closeSheet()
  await answers('And now?')
  expect(await page.getByRole('article', { name: 'Plateau' }).count()).toBe(2)
})

test('a model with full attention is given a memory: chosen text, a curve, a pause, a report', async () => {
  await openSheet()
  await row('tiny').getByRole('button', { name: 'Give it a memory tiny' }).click()
  const form = page.getByRole('dialog', { name: 'Give tiny a memory' })
  await form.waitFor()
  expect(await form.getByRole('button', { name: 'Start' }).isDisabled()).toBe(true)
  const talk = join(folder, 'talk.jsonl')
  writeFileSync(talk, '{"messages": []}\n')
  await form.getByLabel('Text to learn from').last().setInputFiles(['assets/samples/letter.txt', talk])
  await form.getByText('talk.jsonl').waitFor()
  await form.getByText('What to keep alone').click()
  await form.getByText('500,000').click()
  await says(form, /About \d+ (min|h) on the processor/)
  expect(await violations(page, 'dialog')).toEqual([])
  await form.getByRole('button', { name: 'Start' }).click()
  await form.waitFor({ state: 'detached' })

  const learning = row('tiny with memory')
  await until('it is begun', () => Promise.resolve(fits.jobs.length === 1))
  expect(fits.jobs[0]).toMatchObject({ stage: 'gates', tokens: 500_000 })
  expect(fits.texts[0]).toEqual([expect.stringContaining('wedding') as unknown, '{"messages": []}\n'])
  fits.tell(40, 100, { phase: 'gates', losses: [0.9, 0.5, 0.412] })
  await says(learning, /Learning what to keep · loss 0\.412/)
  await learning.getByRole('img', { name: 'Loss, by step' }).waitFor()
  expect(await violations(page, 'dialog')).toEqual([])
  await learning.getByRole('button', { name: 'Pause tiny with memory' }).click()
  await says(learning, /Paused/)
  await learning.getByRole('button', { name: /^Go on/ }).click()
  await until('it goes on', () => Promise.resolve(fits.jobs.length === 2))
  expect(fits.jobs[1]).toEqual(fits.jobs[0])
  fits.finish()
  await row('tiny with memory').getByRole('button', { name: 'Report tiny with memory' }).click()
  const report = page.getByRole('dialog', { name: 'What tiny with memory remembers' })
  await says(report, /The slots help: of the facts told more than 64 tokens before, 50 %/)
  await report.getByRole('row', { name: 'Slots and window 9 8.71' }).waitFor()
  expect(await violations(page, 'dialog')).toEqual([])
  await page.keyboard.press('Escape')
  await report.waitFor({ state: 'detached' })
  await row('tiny with memory').getByRole('button', { name: 'Delete tiny with memory' }).click()
  await sheet()
    .getByRole('button', { name: /^Delete .* for good$/ })
    .click()
  await row('tiny with memory').waitFor({ state: 'detached', timeout: LOAD_MILLISECONDS })
  await closeSheet()
})

test('in the smallest window nothing lies beside the edge', async () => {
  await page.setViewportSize({ width: 360, height: 640 })
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  expect(await overflow()).toBe(0)
  await openSheet()
  expect(await overflow()).toBe(0)
  expect(await sheet().evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0)
  await closeSheet()
  await page.setViewportSize({ width: 900, height: 700 })
})

test('the choice lasts', async () => {
  await page.reload()
  await until('the model', async () => (await page.locator('.meter').count()) === 1, LOAD_MILLISECONDS)
  await openSheet()
  await says(row('Block 8'), /In use/)
  expect(await row('Pocket').innerText()).not.toContain('In use')
  await closeSheet()
})

test('a model of the hub is looked up, fetched and listed; one that cannot run is refused before', async () => {
  await openSheet()
  const name = sheet().getByLabel('Name of the model, or words to search for')
  await name.fill('me/strange')
  await page.keyboard.press('Enter')
  await sheet().getByText('Models of type "rwkv" cannot run here').waitFor()
  const found = [
    { id: 'me/strange', config: { model_type: 'rwkv' } },
    { id: 'me/Tiny-GGUF', downloads: 1200 },
  ]
  const body = new TextEncoder().encode(JSON.stringify(found))
  const asked = 'search=tiny+gguf&filter=text-generation&sort=downloads&direction=-1&limit=20&config=true'
  hub.files.set(`/api/models?${asked}`, { body, etag: '"found"' })
  await name.fill('tiny gguf')
  await page.keyboard.press('Enter')
  await sheet().getByText('1,200 downloads in the last month').waitFor()
  expect(
    await sheet()
      .getByRole('button', { name: /^Open me/ })
      .count(),
  ).toBe(1)
  await sheet().getByRole('button', { name: 'Open me/Tiny-GGUF' }).click()
  await sheet().getByRole('button', { name: 'Add tiny.gguf' }).click()
  await until('it is here', () =>
    Promise.resolve(existsSync(join(folder, 'models/me--Tiny-GGUF--tiny/tiny.gguf'))),
  )
})

test('a damaged file is one sentence, and the model in use stays', async () => {
  writeFileSync(join(folder, 'models/me--Tiny-GGUF--tiny/tiny.gguf'), 'GGUF')
  await closeSheet()
  await openSheet()
  await sheet()
    .getByText(/tiny\.gguf is damaged/)
    .waitFor()
  await row('Block 8').getByText('In use').waitFor()
})

test('axe finds nothing in the sheet', async () => {
  expect(await violations(page, 'dialog')).toEqual([])
})

test('what is in use is deleted after a question, and the built-in model answers', async () => {
  await row('Block 8').getByRole('button', { name: 'Delete Block 8' }).click()
  await until('the safe answer has the focus', () =>
    page.evaluate(() => document.activeElement?.textContent === 'Keep'),
  )
  await page.keyboard.press('Escape')
  expect(await sheet().isVisible()).toBe(true)
  await until('the focus is back', () =>
    page.evaluate(() => document.activeElement?.getAttribute('aria-label') === 'Delete Block 8'),
  )
  await page.keyboard.press('Enter')
  await sheet()
    .getByRole('button', { name: /^Delete .* for good$/ })
    .click()
  await row('Block 8').waitFor({ state: 'detached', timeout: LOAD_MILLISECONDS })
  await row('Pocket').getByText('In use').waitFor({ timeout: LOAD_MILLISECONDS })
  expect(readdirSync(join(folder, 'models')).sort()).toEqual(['me--Tiny-GGUF--tiny', 'tiny-q4'])
  await closeSheet()
  await answers('Who are you now?')
})

test('the server that is named answers where it is chosen, and every message that it gets is marked', async () => {
  await openSheet()
  await says(sheet(), /once the server is named in the settings/)
  await closeSheet()
  await bridge.setRemote({ url: server.url, model: 'large' })
  await openSheet()
  const large = row(`large at ${server.host}`)
  await says(large, /Leaves this computer/)
  await large.getByRole('button', { name: 'Use for this chat' }).click()
  await says(large, /will be sent the whole text of this chat with its documents, [\d,]+ characters so far/)
  expect(server.sent).toEqual([])
  await large.getByRole('button', { name: /^Send this chat to/ }).click()
  await page.locator('dialog').waitFor({ state: 'detached' })
  expect(await page.locator('.meter').count()).toBe(0)
  await answers('And who is this?')
  expect(JSON.stringify(server.sent[0]?.body.messages)).toMatch(/Who are you now\?.*And who is this\?/)
  const messages = page.getByRole('list', { name: 'Messages' })
  const marks = messages.getByText(/^Leaves this computer/)
  await until('the question has its mark too', async () => (await marks.count()) === 4)
  expect(await messages.getByRole('listitem').count()).toBe(4)
  await says(marks.last(), new RegExp(`large at ${server.host}$`))
  await says(page.locator('footer').last(), /is sent all of this chat.*No memory grows here/)
  expect(await violations(page)).toEqual([])

  await page.keyboard.press('Control+Shift+Y')
  await says(page.getByRole('dialog', { name: 'Branches of this chat' }), /Leaves this computer/)
  await closeSheet()
  await page.keyboard.press('Control+i')
  await page.getByText('cannot be seen from here').waitFor()
  await page.keyboard.press('Control+i')

  await page.getByRole('button', { name: 'Answer with Pocket again' }).click()
  await until(
    'its memory is back',
    async () => (await page.locator('.meter').count()) === 1,
    LOAD_MILLISECONDS,
  )
  await answers('Who are you again?')
  expect([await marks.count(), server.sent.length]).toEqual([4, 1])
})

test('a model that was chosen and is gone gives way to the built-in one, and says so', async () => {
  await openSheet()
  await use('tiny')
  rmSync(join(folder, 'models/tiny-q4'), { recursive: true })
  await page.reload()
  const notice = page.getByRole('complementary', { name: 'The model that was chosen' })
  await notice.waitFor({ timeout: LOAD_MILLISECONDS })
  await says(notice, /the answer was 404\. The built-in model answers instead/)
  await until('the model', async () => (await page.locator('.meter').count()) === 1, LOAD_MILLISECONDS)
  await notice.getByRole('button', { name: 'Models' }).click()
  await row('Pocket').getByText('In use').waitFor()
  // Chromium itself writes a line about what was not found.
  const expected = seen.problems.filter((problem) => !problem.includes('404'))
  expect(expected).toEqual([])
  seen.problems.length = 0
})

test('nothing was asked of any other place, and nothing went wrong', () => {
  expect(seen.problems).toEqual([])
  expect(seen.requests.filter((url) => !url.startsWith(shell.origin) && !url.startsWith('data:'))).toEqual([])
})
