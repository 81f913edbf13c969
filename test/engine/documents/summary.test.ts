import { expect, test } from 'vitest'
import { pagesOfText } from '../../../engine/documents/paging.ts'
import { sectionsOf } from '../../../engine/documents/sections.ts'
import { type AskAside } from '../../../engine/documents/summary.ts'
import { carryOut, groundsOf, wholeTaskOf } from '../../../engine/documents/whole-task.ts'
import type { ChatMessage, GenerationEvent, GenerationRequest } from '../../../engine/protocol.ts'

const WINDOW = 64
const NEVER = new AbortController().signal
const MEMORY = { position: 1, stateBytes: 1, tokens: '' }

const RAIN = [
  'Rain fell on that day.',
  'Nobody spoke of it.',
  'Then it was evening again.',
  'The wind went round.',
]
/** Four chapters of about the same length, each about something else. */
const SUBJECTS = ['lighthouse', 'orchard', 'railway', 'violin'] as const
const CHAPTERS = SUBJECTS.map((subject, i) => {
  const about = `The old ${subject} of Elm was sold by the keeper. It was a fine ${subject}, a loved ${subject}.`
  return `CHAPTER ${'I'.repeat(i + 1)}\n\n${[...RAIN, ...RAIN, ...RAIN, about, ...RAIN].join(' ')}\n\n`
})
const BOOK = CHAPTERS.join('\f')

function planOf(message: string, documents = [{ node: 7, name: 'book.txt', text: BOOK }]) {
  const steps = wholeTaskOf(message, documents, WINDOW)
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

function summaryPlan(message = 'Summarise the book.') {
  const task = planOf(message)
  if (task?.type !== 'summary') throw new Error('no summary')
  return task
}

/** A model that says what `answer` does of each passage; what it was asked, and what was heard afterwards. */
function scripted(answer: (request: GenerationRequest, asked: number) => string) {
  const asked: GenerationRequest[] = []
  const heard: ChatMessage[] = []
  const ask: AskAside = async function* (request, signal): AsyncGenerator<GenerationEvent> {
    await Promise.resolve()
    asked.push(request)
    yield { type: 'delta', text: answer(request, asked.length), newTokens: 5 }
    const finishReason = signal.aborted ? 'abort' : 'stop'
    yield { type: 'end', finishReason, newTokens: 5, milliseconds: 50, memory: MEMORY }
  }
  const conversation = {
    memory: MEMORY,
    async *rehear(messages: readonly ChatMessage[]) {
      await Promise.resolve()
      heard.push(...messages)
      yield { type: 'read', tokens: 9, milliseconds: 1, memory: MEMORY } as const
    },
  }
  return { asked, heard, ask, conversation }
}

async function told(
  task: ReturnType<typeof summaryPlan>,
  { ask, conversation }: ReturnType<typeof scripted>,
  signal = NEVER,
) {
  let text = ''
  let last: GenerationEvent | undefined
  for await (const event of carryOut(task, conversation, 'Summarise.', ask, signal)) {
    if (event.type === 'delta') text += event.text
    last = event
  }
  return { text, last }
}

test('parts are whole, in order, cut at chapters where these lie near, and at most twelve', () => {
  const sections = sectionsOf(BOOK, pagesOfText(BOOK))
  expect(sections.map(({ start, end }) => BOOK.slice(start, end)).join('')).toBe(BOOK)
  const starts = new Set(sections.map(({ start }) => start))
  for (const { index } of BOOK.matchAll(/CHAPTER/g)) expect(starts).toContain(index)
  expect(sections.at(-1)?.lastPage).toBe(4)
  const one = 'word '.repeat(100_000)
  expect(sectionsOf(one, pagesOfText(one))).toHaveLength(12)
  expect(sectionsOf('Short.', pagesOfText('Short.'))).toHaveLength(1)
})

test('each part is asked about with its own passage in the window, and the lines are joined and remembered', async () => {
  const model = scripted(({ passage = '' }) => `In short: ${passage}`)
  const task = summaryPlan()
  const { text, last } = await told(task, model)
  const parts = task.plans[0]?.gists.length ?? 0
  expect(model.asked).toHaveLength(parts)
  for (const { passage = '' } of model.asked) expect(passage.length).toBeLessThanOrEqual(WINDOW * 0.6 * 3)
  for (const subject of SUBJECTS) expect(text).toContain(`The old ${subject} of Elm`)
  expect(text).toContain(`Summary of book.txt, in ${parts} parts:`)
  expect(text).toContain('The model wrote every line from it')
  expect(model.heard).toEqual([
    { role: 'user', content: 'Summarise.' },
    { role: 'assistant', content: text },
  ])
  expect(last).toMatchObject({ type: 'end', finishReason: 'stop', newTokens: 5 * parts })
  const { cited } = groundsOf(task)
  for (const { node, page, quote } of cited) {
    expect(node).toBe(7)
    expect(BOOK.split('\f')[page - 1]).toContain(quote)
  }
})

test('asked in German, it is told in German', async () => {
  const model = scripted(() => 'Nichts davon steht dort.')
  const { text } = await told(summaryPlan('Worum geht es in book.txt?'), model)
  expect(text).toMatch(/^Zusammenfassung von book\.txt, in \d+ Teilen:\n\n1\. Seite 1: “/)
  expect(text).toContain('Die Zeilen sind Sätze des Dokuments')
  expect(model.asked[0]?.message).toBe('Fasse den Text oben in einem kurzen Satz zusammen.')
})

test('what the model makes up is not told: the document speaks for itself, and the answer says so', async () => {
  const model = scripted((_request, asked) =>
    asked === 1 ? 'The old lighthouse of Elm was sold.' : 'A dragon ate them all.',
  )
  const { text } = await told(summaryPlan(), model)
  expect(text).not.toContain('dragon')
  expect(text).toContain('“The old railway of Elm was sold by the keeper.”')
  expect(text).toMatch(/sentences of the document/)
})

test('stopped, no further part is asked about, and what was told is remembered', async () => {
  const stop = new AbortController()
  const model = scripted(({ passage = '' }, asked) => {
    if (asked === 2) stop.abort()
    return passage
  })
  const { text, last } = await told(summaryPlan(), model, stop.signal)
  expect(model.asked).toHaveLength(2)
  expect(last).toMatchObject({ type: 'end', finishReason: 'abort' })
  expect(text).toContain('2. Page')
  expect(model.heard.at(-1)?.content).toBe(text)
})

test('a task is of the documents that it names, or of all', () => {
  const documents = [
    { node: 1, name: 'a.txt', text: 'The rain fell on Elm. Rain again.' },
    { node: 2, name: 'b.txt', text: 'The snow fell.' },
  ]
  expect(planOf('How often does “rain” occur in a.txt?', documents)).toMatchObject({
    type: 'told',
    answer: expect.not.stringContaining('b.txt') as string,
  })
  expect(planOf('Summarise b.txt', documents)).toMatchObject({ plans: [{ node: 2 }] })
  expect(planOf('Summarise.', documents)).toMatchObject({ plans: [{ node: 1 }, { node: 2 }] })
  expect(planOf('Where is Elm?', documents)).toBeNull()
  expect(planOf('Summarise.', [])).toBeNull()
})
