import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { modelFolder } from '../../bin/model-folder.ts'
import { POCKET } from '../../bin/root.ts'
import type { Conversation } from '../../engine/conversation.ts'
import { exactTokens, Looking } from '../../engine/documents/looking.ts'
import { pagesOfText } from '../../engine/documents/paging.ts'
import { readPages } from '../../engine/documents/reading.ts'
import { type Engine, loadEngine } from '../../engine/engine.ts'
import type { SavedConversation } from '../../engine/memory/snapshot.ts'
import { asLookedUp } from '../../engine/memory/heard.ts'
import { createFiller } from '../../engine/recall/filler.ts'
import { isRefusal } from '../../engine/recall/judge.ts'
import { capturingGpu } from '../support/gpu.ts'
import { OPTIONS } from '../support/memory-scripts.ts'
import { seeded } from '../support/numerics.ts'
import { PEOPLE, type Person } from '../support/other-words.ts'
import { answerTo } from './answer.ts'
import { row, times } from './rows.ts'

const NEVER = new AbortController().signal
const FORTY_PAGES = 40 * 1_800
/** So many people also have a text of forty pages read before they are asked. */
const READERS = 3
const MODEL = process.env['MODEL'] ?? POCKET

type Way = Parameters<Looking['find']>[1][number]

/** Right answers, of so many; `quoted` are not among them: "I am not sure", and then the sentence that says it. */
type Score = Record<'plain' | 'other' | 'never', [right: number, asked: number, quoted: number]>

async function say(
  conversation: Conversation,
  looking: Looking,
  way: Way[],
  message: string,
): Promise<string> {
  const { position } = conversation.memory
  const found = looking.find(message, way, position)
  return answerTo(conversation, message, asLookedUp(found, looking.missed(message)))
}

/** Ask for all that was told, each from the same memory. */
async function ask(engine: Engine, saved: SavedConversation, way: Way[], person: Person): Promise<Score> {
  const score = none()
  const one = async (kind: keyof Score, message: string, isRight: (answer: string) => boolean) => {
    const chat = await engine.open(OPTIONS, saved)
    const answer = await say(chat, new Looking(exactTokens(OPTIONS, engine.info.windows)), way, message)
    chat.dispose()
    const right = isRight(answer.toLowerCase())
    const quoted = right && kind !== 'never' && isRefusal(answer)
    score[kind][0] += right && !quoted ? 1 : 0
    score[kind][1]++
    score[kind][2] += quoted ? 1 : 0
    process.stdout.write(`${quoted ? '“ ' : right ? '  ' : '! '}${kind} · ${message} · ${answer}\n`)
  }
  for (const told of person.told)
    for (const kind of ['plain', 'other'] as const) {
      const { question, right } = told[kind]
      await one(kind, question, (answer) => answer.includes(right.toLowerCase()))
    }
  for (const question of person.never)
    await one('never', question, (answer) => isRefusal(answer) || /do not (know|find)/.test(answer))
  return score
}

function none(): Score {
  return { plain: [0, 0, 0], other: [0, 0, 0], never: [0, 0, 0] }
}

function add(sum: Score, { plain, other, never }: Score): void {
  for (const [kind, counts] of Object.entries({ plain, other, never }) as [keyof Score, number[]][])
    counts.forEach((count, i) => (sum[kind][i]! += count))
}

function tell(what: string, { plain, other, never }: Score): void {
  const of = ([right, asked, quoted]: Score['plain']) =>
    `${right} of ${asked}${quoted > 0 ? `, ${quoted} more quoted` : ''}`
  row(what, `as told ${of(plain)}`, `in other words ${of(other)}`, `never told ${of(never)}`)
}

/** All that somebody tells, one message after the other. */
async function tellAll(engine: Engine, person: Person): Promise<{ conversation: Conversation; way: Way[] }> {
  const conversation = await engine.open(OPTIONS)
  const looking = new Looking(exactTokens(OPTIONS, engine.info.windows))
  const way: Way[] = []
  for (const { said } of person.told) {
    const answer = await say(conversation, looking, way, said)
    process.stdout.write(`> ${said} · ${answer}\n`)
    const { position } = conversation.memory
    way.push({ node: way.length, kind: 'user', name: '', text: said, memory: { position } })
    way.push({ node: way.length, kind: 'reply', name: '', text: answer, memory: { position } })
  }
  return { conversation, way }
}

function fortyPages(): string {
  const book = process.env['BOOK']
  if (book) return readFileSync(book, 'utf8').slice(0, FORTY_PAGES)
  const prose = createFiller(seeded(1), null)(FORTY_PAGES)
  return prose.map(({ content }) => content).join('\n\n')
}

let engine: Engine
beforeAll(async () => {
  engine = await loadEngine({ gpu: capturingGpu().gpu, forceCpu: false, files: modelFolder(MODEL) })
})
afterAll(() => engine.dispose())

/** `MODEL=DIR` asks that model. */
test('five things told in words that nobody taught, asked for at once', async () => {
  const all = none()
  for (const person of PEOPLE.slice(0, times(PEOPLE.length))) {
    const { conversation, way } = await tellAll(engine, person)
    add(all, await ask(engine, await conversation.save(), way, person))
    conversation.dispose()
  }
  tell('at once', all)
  expect(all.plain[0]).toBeGreaterThan(0)
})

/** `BOOK=FILE` reads that instead of made-up prose. */
test('the same, after a text of forty pages', async () => {
  const all = none()
  const text = fortyPages()
  const document = { name: 'book.txt', text, pages: pagesOfText(text) }
  for (const person of PEOPLE.slice(0, times(READERS))) {
    const { conversation, way } = await tellAll(engine, person)
    const reading = readPages(conversation, document, 0, () => Promise.resolve(), NEVER)
    while (!(await reading.next()).done);
    const { position } = conversation.memory
    way.push({ node: way.length, kind: 'document', name: document.name, text, memory: { position } })
    add(all, await ask(engine, await conversation.save(), way, person))
    conversation.dispose()
  }
  tell('after forty pages', all)
  expect(all.plain[1]).toBeGreaterThan(0)
})
