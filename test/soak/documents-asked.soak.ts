import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { modelFolder } from '../../bin/model-folder.ts'
import { exactTokens, Looking } from '../../engine/documents/looking.ts'
import { pagesOfText } from '../../engine/documents/paging.ts'
import { readPages } from '../../engine/documents/reading.ts'
import { loadEngine } from '../../engine/engine.ts'
import { asPassage } from '../../engine/memory/heard.ts'
import { createFiller } from '../../engine/recall/filler.ts'
import { capturingGpu } from '../support/gpu.ts'
import { OPTIONS } from '../support/memory-scripts.ts'
import { seeded } from '../support/numerics.ts'
import { plant } from '../support/planted-facts.ts'
import { row, times } from './rows.ts'

const ROOT = join(import.meta.dirname, '../..')
const BOOKS = 5
const FACTS = 20
const CHARACTERS = 300_000
const SAMPLING = { temperature: 0, repetitionPenalty: 1 } as const

const { gpu } = capturingGpu()

/** `BOOKS=FILE:FILE:...` reads those; else made-up prose, as long as a short novel. */
function books(): string[] {
  const files = process.env['BOOKS']?.split(':')
  if (files) return files.map((file) => readFileSync(file, 'utf8').slice(0, times(CHARACTERS)))
  return Array.from({ length: BOOKS }, (_, seed) => {
    const filler = createFiller(seeded(seed + 1), null)
    const paragraphs: string[] = []
    for (let length = 0; length < times(CHARACTERS);)
      for (const { content } of filler(500)) {
        paragraphs.push(content)
        length += content.length
      }
    return paragraphs.join('\n\n')
  })
}

interface Score {
  asked: number
  alone: number
  lookedUp: number
}

/** How far from the end, in quarters of the book. */
const DEPTHS = ['last quarter', 'third quarter', 'second quarter', 'first quarter'] as const

/**
 * 100 facts in five books, asked after each book was read to its end, each question from that same state: is the value in
 * Pocket's words, from memory alone and with what was looked up. Ten of them: `SHARE=0.1 npx vitest run --config
 * test/soak/vitest.config.ts test/soak/documents-asked.soak.ts`.
 */
test('100 planted questions, answered in words, with and without look-up, by depth', async () => {
  const engine = await loadEngine({ gpu, forceCpu: false, files: modelFolder(join(ROOT, 'assets/pocket')) })
  const signal = new AbortController().signal
  const scores = DEPTHS.map((): Score => ({ asked: 0, alone: 0, lookedUp: 0 }))
  for (const [i, book] of books().entries()) {
    const { text, facts } = plant(book, times(FACTS), i + 1)
    const conversation = await engine.open(OPTIONS)
    const document = { name: 'book.txt', text, pages: pagesOfText(text) }
    const reading = readPages(conversation, document, 0, () => Promise.resolve(), signal)
    while (!(await reading.next()).done);
    const state = await conversation.snapshot()
    const { position } = conversation.memory
    conversation.dispose()
    const said = { node: 1, kind: 'document', name: 'book.txt', text, memory: { position } } as const
    const looking = new Looking(exactTokens(OPTIONS, engine.info.windows))

    const answer = async (message: string, passage: string): Promise<string> => {
      const chat = await engine.restore(OPTIONS, state)
      let words = ''
      const request = {
        message,
        sampling: SAMPLING,
        maxNewTokens: 40,
        ...(passage === '' ? {} : { passage }),
      }
      for await (const event of chat.generate(request, signal))
        if (event.type === 'delta') words += event.text
      chat.dispose()
      return words
    }
    const before = totals(scores)
    for (const { ask, value, start } of facts) {
      const depth = Math.min(
        DEPTHS.length - 1,
        Math.floor(((text.length - start) / text.length) * DEPTHS.length),
      )
      const score = scores[depth]
      if (!score) continue
      const isTold = (words: string) => words.toLowerCase().includes(value.toLowerCase())
      score.asked++
      if (isTold(await answer(ask, ''))) score.alone++
      if (isTold(await answer(ask, asPassage(looking.find(ask, [said], position))))) score.lookedUp++
    }
    const now = totals(scores)
    row(
      `book ${i + 1}`,
      `${text.length} characters, ${position} tokens`,
      `${facts.length} asked`,
      `${now.alone - before.alone} from memory`,
      `${now.lookedUp - before.lookedUp} with look-up`,
    )
  }
  engine.dispose()
  for (const [i, { asked, alone, lookedUp }] of scores.entries())
    row(DEPTHS[i] ?? '', `${asked} asked`, `${alone} from memory`, `${lookedUp} with look-up`)
  const { asked, alone, lookedUp } = totals(scores)
  row('all', `${asked} asked`, `${alone} from memory`, `${lookedUp} with look-up`)
  expect(lookedUp).toBeGreaterThanOrEqual(alone)
})

function totals(scores: readonly Score[]): Score {
  const sum = (of: keyof Score) => scores.reduce((total, score) => total + score[of], 0)
  return { asked: sum('asked'), alone: sum('alone'), lookedUp: sum('lookedUp') }
}
