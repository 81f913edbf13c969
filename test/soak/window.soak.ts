import { afterAll, beforeAll, expect, test } from 'vitest'
import { answerEnds, until } from '../support/browser.ts'
import { seeded } from '../support/numerics.ts'
import { LOAD_MILLISECONDS, RealWindow } from './real-window.ts'
import { row, times } from './rows.ts'

const QUESTION = 'Tell me a long story about a lake.'
/** Long enough that most of them are still written when they are killed. */
const TOKENS = 300
const KEPT_WITHIN_MILLISECONDS = 1000

const window = new RealWindow()

beforeAll(async () => {
  await window.open()
  await window.modelIsReady()
})

afterAll(() => window.close())

/** The answer in a new chat; `during` happens after its first words. */
async function tell(during: () => Promise<void>): Promise<string> {
  await window.page.keyboard.press('Control+Shift+O')
  await until('an empty chat', async () => (await window.answers.count()) === 0)
  await window.ask(QUESTION)
  await during()
  await answerEnds(window.page, LOAD_MILLISECONDS)
  return window.answers.last().locator('.words').innerText()
}

test('the GPU process killed in the middle of an answer: the same text', async () => {
  await window.setAnswers(60)
  const straight = await tell(() => Promise.resolve())
  const random = seeded(23)
  const kills = times(20)
  let different = 0
  for (let kill = 0; kill < kills; kill++) {
    const text = await tell(async () => {
      await new Promise((resolve) => setTimeout(resolve, random() * 300))
      await window.kill('GPU')
    })
    if (text !== straight) different++
  }
  row('GPU process killed in Chromium', kills, `${different} with other text`)
  expect(different).toBe(0)
})

test('asleep in the middle of an answer, at times with the GPU lost on waking: the same text', async () => {
  await window.setAnswers(60)
  const straight = await tell(() => Promise.resolve())
  const random = seeded(37)
  const sleeps = times(20)
  let different = 0
  for (let sleep = 0; sleep < sleeps; sleep++)
    for (const gpuIsLost of [false, true]) {
      const text = await tell(() => window.sleep(500 + random() * 4000, gpuIsLost))
      if (text !== straight) different++
    }
  row('asleep and awake again', 2 * sleeps, `${different} with other text`)
  expect(different).toBe(0)
})

const letters = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, '')

test('kill -9 of the browser in an answer: no message is lost, no words older than a second, every journal opens', async () => {
  await window.setAnswers(TOKENS)
  const random = seeded(29)
  const kills = times(200)
  let [lost, lostWords, unopenable] = [0, 0, 0]
  for (let kill = 0; kill < kills; kill++) {
    const message = `Message ${kill}: my name is Mira. ${QUESTION}`
    await window.ask(message)
    await new Promise((resolve) => setTimeout(resolve, random() * 400))
    const words = await window.answers.last().locator('.words').innerText()
    await new Promise((resolve) => setTimeout(resolve, KEPT_WITHIN_MILLISECONDS))
    await window.kill('browser')
    await window.close()
    await window.open()
    const [newest] = await window.conversations.list()
    const { transcript, readOnly } = await window.conversations.openConversation(newest?.id ?? '')
    await window.conversations.closeConversation(newest?.id ?? '')
    if (readOnly !== '') unopenable++
    const asked = transcript.nodes.find(({ text }) => text === message)
    const answer = transcript.nodes.find(({ parent }) => asked && parent === asked.node)
    if (!asked) lost++
    else if (!letters(answer?.text ?? '').startsWith(letters(words))) lostWords++
    await window.modelIsReady()
  }
  row(
    'kill -9 of the browser',
    kills,
    `${lost} messages lost`,
    `${lostWords} answers without words that were there for a second`,
    `${unopenable} journals that do not open`,
  )
  expect([lost, lostWords, unopenable]).toEqual([0, 0, 0])
})
