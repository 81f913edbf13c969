import { mkdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { modelFolder } from '../../bin/model-folder.ts'
import { nodeDisk, replaceFile } from '../../electron/disk.ts'
import { exactTokens, Looking } from '../../engine/documents/looking.ts'
import { pagesOfText } from '../../engine/documents/paging.ts'
import { readPages } from '../../engine/documents/reading.ts'
import { type Engine, loadEngine } from '../../engine/engine.ts'
import { asLookedUp } from '../../engine/memory/heard.ts'
import type { LookedUpRequest } from '../../engine/protocol.ts'
import { createFiller } from '../../engine/recall/filler.ts'
import { capturingGpu } from '../support/gpu.ts'
import { OPTIONS } from '../support/memory-scripts.ts'
import { seeded } from '../support/numerics.ts'
import { plant } from '../support/planted-facts.ts'
import { answerTo } from './answer.ts'
import { KEPT, pocketHash, Progress, shortHash } from './progress.ts'
import { row, times } from './rows.ts'

const ROOT = join(import.meta.dirname, '../..')
const BOOKS = 5
const FACTS = 20
const CHARACTERS = 200_000
const NEVER = new AbortController().signal

const { gpu } = capturingGpu()

/** `BOOKS=FILE:FILE:...` reads those; else made-up prose, as long as a short novel. */
function books(): { readonly name: string; readonly text: string }[] {
  const files = process.env['BOOKS']?.split(':')
  if (files)
    return files.map((file) => ({
      name: basename(file),
      text: readFileSync(file, 'utf8').slice(0, times(CHARACTERS)),
    }))
  return Array.from({ length: BOOKS }, (_, seed) => {
    const filler = createFiller(seeded(seed + 1), null)
    const paragraphs: string[] = []
    for (let length = 0; length < times(CHARACTERS);)
      for (const { content } of filler(500)) {
        paragraphs.push(content)
        length += content.length
      }
    return { name: `prose ${seed + 1}`, text: paragraphs.join('\n\n') }
  })
}

/** How far from the end, in quarters of the book. */
const DEPTHS = ['last quarter', 'third quarter', 'second quarter', 'first quarter'] as const
type Depth = (typeof DEPTHS)[number]

/** How far a book is read. */
interface Read {
  readonly page: number
  readonly position: number
}

/** How one question was answered. */
interface Answered {
  readonly depth: Depth
  readonly alone: boolean
  readonly lookedUp: boolean
}

/** The memory of a book that was read to its end; goes on from the last page that is kept. */
async function readBook(
  engine: Engine,
  text: string,
  key: string,
  kept: Progress<Read>,
): Promise<Uint8Array> {
  const file = join(KEPT, `${key}.state`)
  const document = { name: 'book.txt', text, pages: pagesOfText(text) }
  const from = kept.get(key)?.page ?? 0
  if (from === document.pages.length) return new Uint8Array(readFileSync(file))
  const conversation = await (from > 0
    ? engine.restore(OPTIONS, new Uint8Array(readFileSync(file)))
    : engine.open(OPTIONS))
  const keep: Parameters<typeof readPages>[3] = async (page, { position }, snapshot) => {
    await replaceFile(nodeDisk, file, snapshot)
    kept.set(key, { page, position })
  }
  const reading = readPages(conversation, document, from, keep, NEVER)
  while (!(await reading.next()).done);
  conversation.dispose()
  return new Uint8Array(readFileSync(file))
}

async function answer(
  engine: Engine,
  state: Uint8Array,
  message: string,
  lookedUp?: LookedUpRequest,
): Promise<string> {
  const chat = await engine.restore(OPTIONS, state)
  const words = await answerTo(chat, message, lookedUp)
  chat.dispose()
  return words
}

/**
 * 100 facts in five books, asked after each book was read to its end, each question from that same state: is the value in
 * Pocket's words, from memory alone and with what was looked up. What was read and asked is kept, so that it can be
 * ended at any time and goes on there. Ten of them: `SHARE=0.1 npx vitest run --config test/soak/vitest.config.ts
 * test/soak/documents-asked.soak.ts`.
 */
test('100 planted questions, answered in words, with and without look-up, by depth', async () => {
  mkdirSync(KEPT, { recursive: true })
  const engine = await loadEngine({ gpu, forceCpu: false, files: modelFolder(join(ROOT, 'assets/pocket')) })
  const weights = pocketHash()
  const read = new Progress<Read>(`asked-read-${weights}`)
  const asked = new Progress<Answered>(`asked-${weights}`)
  const all: Answered[] = []
  for (const [i, { name, text: book }] of books().entries()) {
    const { text, facts } = plant(book, times(FACTS), i + 1)
    const key = `asked-${weights}-${shortHash(text)}`
    const state = await readBook(engine, text, key, read)
    const position = read.get(key)?.position ?? 0
    const said = { node: 1, kind: 'document', name: 'book.txt', text, memory: { position } } as const
    const looking = new Looking(exactTokens(OPTIONS, engine.info.windows))
    const ofBook: Answered[] = []
    for (const { ask, value, start } of facts) {
      const question = `${key} ${start}`
      let answered = asked.get(question)
      if (!answered) {
        const quarter = Math.floor(((text.length - start) / text.length) * DEPTHS.length)
        const isTold = (words: string) => words.toLowerCase().includes(value.toLowerCase())
        const found = looking.find(ask, [said], position)
        answered = {
          depth: DEPTHS[quarter] ?? 'first quarter',
          alone: isTold(await answer(engine, state, ask)),
          lookedUp: isTold(await answer(engine, state, ask, asLookedUp(found, looking.missed(ask)))),
        }
        asked.set(question, answered)
      }
      ofBook.push(answered)
    }
    tell(name, ofBook, `${text.length} characters, ${position} tokens`)
    all.push(...ofBook)
  }
  engine.dispose()
  for (const depth of DEPTHS)
    tell(
      depth,
      all.filter((each) => each.depth === depth),
    )
  tell('all', all)
  expect(all.length).toBeGreaterThan(0)
  expect(all.filter(({ lookedUp }) => lookedUp).length).toBeGreaterThanOrEqual(
    all.filter(({ alone }) => alone).length,
  )
})

function tell(what: string, answers: readonly Answered[], ...about: string[]): void {
  row(
    what,
    `${answers.length} asked`,
    `${answers.filter(({ alone }) => alone).length} from memory`,
    `${answers.filter(({ lookedUp }) => lookedUp).length} with look-up`,
    ...about,
  )
}
