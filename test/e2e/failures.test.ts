import type { Page } from 'playwright-core'
import { beforeAll, expect, test, vi } from 'vitest'
import type { Loopback } from '../../bin/loopback.ts'
import {
  answerEnds,
  LASTING_WEBGPU,
  launchBrowser,
  NO_GPU,
  says,
  send,
  serveBundle,
  until,
} from '../support/browser.ts'
import { builtPage } from '../support/built-page.ts'

// On two cores without a GPU, beside other tests, the slowest of these took a third of this.
vi.setConfig({ testTimeout: 180_000 })

/** What a user meets when something is missing or breaks, with the real worker. */

const LOAD_MILLISECONDS = 120_000
const ANSWER_MILLISECONDS = 60_000

let server: Loopback

beforeAll(async () => {
  server = await serveBundle(await builtPage('window'))
})

async function newPage(flags: readonly string[]): Promise<Page> {
  return (await launchBrowser(flags)).newPage()
}

async function loaded(page: Page): Promise<void> {
  await until('the model', async () => (await page.locator('.meter').count()) === 1, LOAD_MILLISECONDS)
}

/** Ask, and wait for the first words of the answer. */
async function ask(page: Page, text: string): Promise<void> {
  await send(page, text)
  await page
    .getByRole('article', { name: 'Plateau' })
    .last()
    .locator('.words p')
    .first()
    .waitFor({ timeout: ANSWER_MILLISECONDS })
}

async function killGpuProcess(page: Page): Promise<void> {
  const session = await page.context().browser()!.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  const gpu = processInfo.find(({ type }) => type === 'GPU')
  expect(gpu).toBeDefined()
  process.kill(gpu!.id, 'SIGKILL')
}

test('without WebGPU the processor answers, announced, with a check that says what was found', async () => {
  const page = await newPage(NO_GPU)
  await page.goto(server.url)
  await loaded(page)
  expect(await page.getByRole('complementary', { name: 'Notice' }).innerText()).toContain(
    'Running on the processor',
  )
  await ask(page, 'What can you do?')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'GPU check' }).click()
  await says(
    page.getByRole('dialog', { name: 'GPU check' }),
    /No GPU can be used[\s\S]*Pocket runs on the processor[\s\S]*What to do/,
  )
})

test('a missing weight file is one sentence, and its button loads the model once it is there', async () => {
  const page = await newPage(LASTING_WEBGPU)
  await page.route('**/model.safetensors', (route) => route.fulfill({ status: 404, body: '' }))
  await page.goto(server.url)
  const problem = page.getByRole('alert')
  await problem.waitFor({ timeout: LOAD_MILLISECONDS })
  expect(await problem.locator('p').innerText()).toMatch(
    /^The model's file model\.safetensors could not be read: .*404/,
  )
  await page.unroute('**/model.safetensors')
  await page.getByRole('button', { name: 'Load the model again' }).click()
  await loaded(page)
  expect(await problem.count()).toBe(0)
})

test('after the GPU process died the next message is answered, from the same memory', async () => {
  const page = await newPage(LASTING_WEBGPU)
  await page.goto(server.url)
  await loaded(page)
  await ask(page, 'My name is Mira.')
  await killGpuProcess(page)
  // Killed in the middle of the answer or just after it: either way it ends.
  await answerEnds(page)
  await ask(page, 'What is my name?')
  await answerEnds(page)
  expect(await page.getByRole('alert').count()).toBe(0)
  // Every token of both turns is in memory: the first was not begun anew.
  await until('both turns in memory', async () => {
    return Number(/after ([\d,]+) tokens/.exec(await page.locator('.meter').innerText())?.[1]) > 30
  })
})
