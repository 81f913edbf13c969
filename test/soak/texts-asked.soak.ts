import { passedOn } from '../../engine/documents/cite.ts'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { modelFolder } from '../../bin/model-folder.ts'
import { POCKET } from '../../bin/root.ts'
import { exactTokens, Looking, placesOf } from '../../engine/documents/looking.ts'
import { pagesOfText } from '../../engine/documents/paging.ts'
import { readPages } from '../../engine/documents/reading.ts'
import { loadEngine } from '../../engine/engine.ts'
import { asLookedUp, asPassage } from '../../engine/memory/heard.ts'
import { isRefusal } from '../../engine/recall/judge.ts'
import { ASKED_OF_TEXTS } from '../support/asked-of-texts.ts'
import { capturingGpu } from '../support/gpu.ts'
import { OPTIONS } from '../support/memory-scripts.ts'
import { answerTo } from './answer.ts'
import { row, times } from './rows.ts'

const NEVER = new AbortController().signal
const FORTY_PAGES = 40 * 1_800
/** As in the app, unless it is set to more. */
const MOST_TOKENS = 512
const ELSE = 'What else?'
const BOOKS = process.env['BOOKS']
const MODEL = process.env['MODEL'] ?? POCKET

function textOf(file: string, from: RegExp | null): string {
  if (!from) return readFileSync(join(import.meta.dirname, '../support', file), 'utf8')
  const book = readFileSync(join(BOOKS ?? '', file), 'utf8')
  // A table of contents may have the same line.
  const start = [...book.matchAll(from)].at(-1)?.index
  const text = book.slice(start, (start ?? 0) + FORTY_PAGES)
  expect(text.length).toBe(FORTY_PAGES)
  return text
}

/**
 * `BOOKS=FOLDER npm run soak -- test/soak/texts-asked.soak.ts`: what readers ask of texts in words of their own, each from
 * the same memory. `MODEL=DIR` asks that model. The books are Project Gutenberg's, which are not in this repository.
 */
test.each(ASKED_OF_TEXTS.filter(({ from }) => BOOKS ?? !from))(
  '$what',
  async ({ what, file, from, asked: questions }) => {
    const text = textOf(file, from)
    const engine = await loadEngine({ gpu: capturingGpu().gpu, forceCpu: false, files: modelFolder(MODEL) })
    const conversation = await engine.open(OPTIONS)
    const document = { name: file, text, pages: pagesOfText(text) }
    const reading = readPages(conversation, document, 0, () => Promise.resolve(), NEVER)
    while (!(await reading.next()).done);
    const { position } = conversation.memory
    const saved = await conversation.save()
    conversation.dispose()

    const looking = new Looking(exactTokens(OPTIONS, engine.info.windows))
    const said = { node: 1, kind: 'document', name: file, text, memory: { position } } as const
    const asked = questions.slice(0, times(questions.length))
    const counts = { answered: 0, passedOn: 0, below: 0, declined: 0, wrong: 0 }
    let foundNext = 0
    for (const { question, right } of asked) {
      const lookedUp = looking.find(question, [said], position)
      const chat = await engine.open(OPTIONS, saved)
      const words = await answerTo(
        chat,
        question,
        asLookedUp(lookedUp, looking.missed(question)),
        MOST_TOKENS,
      )
      const below = placesOf({ lookedUp, ...looking.grounds(question, words, lookedUp) })
      const quotes = passedOn(words) !== null
      const declines = quotes || isRefusal(words) || /\bdo not (know|find)\b/.test(words)
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
      if (how !== 'answered' && how !== 'passedOn') {
        const asking = { node: 2, kind: 'user', name: '', text: question, memory: null } as const
        const way = [said, asking, { ...asking, node: 3, kind: 'reply', text: words } as const]
        const meant = looking.meant(ELSE, way, position)
        const next = asLookedUp(looking.find(meant.question, way, position, meant.times), {})
        const isFound = right.test(await answerTo(chat, ELSE, next, MOST_TOKENS))
        foundNext += Number(isFound)
        process.stdout.write(`${isFound ? 'found' : 'not found'} · ${ELSE}\n`)
      }
      chat.dispose()
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
      `of all that are not in the reply ${foundNext} asked "${ELSE}" once`,
    )
    expect(counts.answered + counts.passedOn).toBeGreaterThan(0)
  },
)
