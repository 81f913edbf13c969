import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { modelFolder } from '../../bin/model-folder.ts'
import { POCKET } from '../../bin/root.ts'
import { exactTokens, Looking, placesOf } from '../../engine/documents/looking.ts'
import { pagesOfText } from '../../engine/documents/paging.ts'
import { readPages } from '../../engine/documents/reading.ts'
import { loadEngine } from '../../engine/engine.ts'
import { asLookedUp, asPassage } from '../../engine/memory/heard.ts'
import { isRefusal } from '../../engine/recall/judge.ts'
import { ASKED_LATER, ASKED_OF_ALICE } from '../support/alice-asked.ts'
import { capturingGpu } from '../support/gpu.ts'
import { OPTIONS } from '../support/memory-scripts.ts'
import { answerTo } from './answer.ts'
import { row, times } from './rows.ts'

const NEVER = new AbortController().signal
const FORTY_PAGES = 40 * 1_800
const BOOK = process.env['BOOK']
const MODEL = process.env['MODEL'] ?? POCKET

/**
 * `BOOK=alice.txt npm run soak -- test/soak/alice-asked.soak.ts`: what a reader asks of a story in words of their own,
 * each from the same memory. `MODEL=DIR` asks that model. The text of Project Gutenberg, which is not in this repository.
 */
test.skipIf(!BOOK).each([
  ['the first forty pages of a story', /^CHAPTER I\. /m, ASKED_OF_ALICE],
  ['the second half, asked about by somebody else', /^CHAPTER VII\. /m, ASKED_LATER],
] as const)('%s', async (what, begin, questions) => {
  const engine = await loadEngine({ gpu: capturingGpu().gpu, forceCpu: false, files: modelFolder(MODEL) })
  const book = readFileSync(BOOK ?? '', 'utf8')
  const from = book.search(begin)
  expect(from).toBeGreaterThanOrEqual(0)
  const text = book.slice(from, from + FORTY_PAGES)
  const conversation = await engine.open(OPTIONS)
  const document = { name: 'alice.txt', text, pages: pagesOfText(text) }
  const reading = readPages(conversation, document, 0, () => Promise.resolve(), NEVER)
  while (!(await reading.next()).done);
  const { position } = conversation.memory
  const saved = await conversation.save()
  conversation.dispose()

  const looking = new Looking(exactTokens(OPTIONS, engine.info.windows))
  const said = { node: 1, kind: 'document', name: 'alice.txt', text, memory: { position } } as const
  const asked = questions.slice(0, times(questions.length))
  const counts = { answered: 0, passedOn: 0, below: 0, declined: 0, wrong: 0 }
  for (const { question, right } of asked) {
    const lookedUp = looking.find(question, [said], position)
    const chat = await engine.open(OPTIONS, saved)
    const words = await answerTo(chat, question, asLookedUp(lookedUp, looking.misses(question, lookedUp)), 64)
    chat.dispose()
    const below = placesOf({ lookedUp, ...looking.grounds(question, words, lookedUp) })
    const declines = isRefusal(words) || /\bdo not (know|find)\b/.test(words)
    const quotes = /find only this/.test(words)
    const how = right.test(words)
      ? quotes
        ? 'passedOn'
        : 'answered'
      : below.some(({ at }) => right.test(at.quote))
        ? 'below'
        : declines
          ? 'declined'
          : 'wrong'
    counts[how]++
    process.stdout.write(`${how} · ${question} · ${words} · ${asPassage(lookedUp)}\n`)
  }
  engine.dispose()
  row(
    `${what}, ${position} tokens`,
    `${asked.length} asked`,
    `${counts.answered} answered`,
    `${counts.passedOn} more passed on word for word`,
    `${counts.below} more shown below another answer`,
    `${counts.declined} declined or passed on what does not answer`,
    `${counts.wrong} wrong`,
  )
  expect(counts.answered + counts.passedOn).toBeGreaterThan(0)
})
