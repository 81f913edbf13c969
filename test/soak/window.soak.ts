import { afterAll, beforeAll, expect, test } from 'vitest'
import { answerEnds, until } from '../support/browser.ts'
import { count } from './progress.ts'
import { LOAD_MILLISECONDS, RealWindow } from '../support/real-window.ts'
import { row, times } from './rows.ts'

const QUESTION = 'Tell me a long story about a lake.'
/** Long enough that most of them are still written when they are killed. */
const TOKENS = 300

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
  const { done, wrong } = await count('GPU process killed', times(20), async (_, random) => {
    const text = await tell(async () => {
      await new Promise((resolve) => setTimeout(resolve, random() * 300))
      await window.kill('GPU')
    })
    return text === straight ? null : text
  })
  row('GPU process killed in Chromium', done, `${wrong.length} with other text`)
  expect(wrong).toEqual([])
})

test('asleep in the middle of an answer, at times with the GPU lost on waking: the same text', async () => {
  await window.setAnswers(60)
  const straight = await tell(() => Promise.resolve())
  const { done, wrong } = await count('asleep and awake again', times(40), async (sleep, random) => {
    const text = await tell(() => window.sleep(500 + random() * 4000, sleep % 2 === 1))
    return text === straight ? null : text
  })
  row('asleep and awake again', done, `${wrong.length} with other text`)
  expect(wrong).toEqual([])
})

test('kill -9 of the browser in an answer: no message is lost, no words older than a second, every journal opens', async () => {
  await window.setAnswers(TOKENS)
  const { done, wrong } = await count('kill -9 of the browser', times(200), (kill, random) =>
    window.dieInAnswer(`Message ${kill}: my name is Mira. ${QUESTION}`, random),
  )
  row('kill -9 of the browser', done, `${wrong.length} with anything lost or a journal that does not open`)
  expect(wrong).toEqual([])
})
