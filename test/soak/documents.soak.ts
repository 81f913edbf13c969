import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { modelFolder } from '../../bin/model-folder.ts'
import { createFiller } from '../../engine/recall/filler.ts'
import { pagesOfText } from '../../engine/documents/paging.ts'
import { readPages } from '../../engine/documents/reading.ts'
import { loadEngine } from '../../engine/engine.ts'
import { capturingGpu } from '../support/gpu.ts'
import { OPTIONS } from '../support/memory-scripts.ts'
import { seeded } from '../support/numerics.ts'
import { row, times } from './rows.ts'

const ROOT = join(import.meta.dirname, '../..')
/** Characters of War and Peace. */
const NOVEL_LENGTH = 3_200_000
const LARGEST_DRIFT = 200e6

const { gpu } = capturingGpu()

/** `NOVEL=FILE` reads that one; else made-up prose as long. */
function novel(): string {
  const file = process.env['NOVEL']
  if (file !== undefined) return readFileSync(file, 'utf8')
  const filler = createFiller(seeded(1), null)
  const paragraphs: string[] = []
  for (let length = 0; length < NOVEL_LENGTH;)
    for (const { content } of filler(500)) {
      paragraphs.push(content)
      length += content.length
    }
  return paragraphs.join('\n\n')
}

/** Seconds of processor time, which other programs on the machine do not stretch as they do the clock's. */
function busy(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

test('a novel through Pocket, page by page: state bytes constant, no more in the process, as fast at the end', async () => {
  const engine = await loadEngine({ gpu, forceCpu: false, files: modelFolder(join(ROOT, 'assets/pocket')) })
  const all = novel()
  const whole = pagesOfText(all)
  const pages = whole.slice(0, times(whole.length))
  const text = all.slice(0, whole[pages.length]?.start ?? all.length)
  const conversation = await engine.open(OPTIONS)
  const bytes = conversation.memory.stateBytes
  const marks = [{ tokens: 0, busy: busy(), at: performance.now() }]
  let resident = 0
  let drift = 0
  const keep = () => {
    expect(conversation.memory.stateBytes).toBe(bytes)
    return Promise.resolve()
  }
  const document = { name: 'novel', text, pages }
  for await (const { page } of readPages(conversation, document, 0, keep, new AbortController().signal)) {
    resident ||= process.memoryUsage().rss
    drift = Math.max(drift, process.memoryUsage().rss - resident)
    if (page < (marks.length * pages.length) / 10) continue
    marks.push({ tokens: conversation.memory.position, busy: busy(), at: performance.now() })
    const [before, now] = marks.slice(-2)
    if (!before || !now) continue
    const tokens = now.tokens - before.tokens
    row(
      `tenth ${marks.length - 1}`,
      `${tokens} tokens`,
      `${Math.round((tokens * 1000) / (now.at - before.at))} tokens/s`,
      `${((now.busy - before.busy) / tokens).toFixed(6)} s of processor time a token`,
    )
  }
  const cost = (tenth: number) => {
    const [before, after] = [marks[tenth - 1], marks[tenth]]
    return before && after ? (after.busy - before.busy) / (after.tokens - before.tokens) : 0
  }
  const speed = cost(1) / cost(10)
  row(
    'pages of a novel through Pocket',
    pages.length,
    `${text.length} characters`,
    `${conversation.memory.position} tokens`,
    `${bytes} bytes of state`,
    `RSS ${drift} bytes more at most`,
    `last tenth ${speed.toFixed(3)} times as fast as the first`,
  )
  conversation.dispose()
  engine.dispose()
  expect(drift).toBeLessThan(LARGEST_DRIFT)
  expect(speed).toBeGreaterThan(0.97)
})
