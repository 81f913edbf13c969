import { join } from 'node:path'
import { expect, test } from 'vitest'
import { buildStale } from '../../bin/build.js'
import { threadReader } from '../../bin/documents/thread.ts'
import { modelFolder } from '../../bin/model-folder.ts'
import { nodeDisk } from '../../electron/disk.ts'
import { DocumentMemories } from '../../electron/documents.ts'
import { MOST_PDF_PAGES } from '../../engine/documents/document.ts'
import { DocumentError } from '../../engine/documents/failure.ts'
import { pagesOfText } from '../../engine/documents/paging.ts'
import { readPages } from '../../engine/documents/reading.ts'
import { loadEngine } from '../../engine/engine.ts'
import { createFiller } from '../../engine/recall/filler.ts'
import { capturingGpu } from '../support/gpu.ts'
import { HOSTILE_DOCUMENTS } from '../support/hostile-documents.ts'
import { OPTIONS } from '../support/memory-scripts.ts'
import { seeded } from '../support/numerics.ts'
import { temporaryFolder } from '../support/test-bridge.ts'
import { writePdf } from '../support/write-documents.ts'
import { row, times } from './rows.ts'

const ROOT = join(import.meta.dirname, '../..')
/** The thread of the product, as it is built. */
const read = threadReader(join(ROOT, 'dist/bin/documents-worker.js'))
const NEVER = new AbortController().signal
/** After so many milliseconds a file is stopped; some are done before. */
const MOMENTS = [0, 5, 30, 100, 300, 1000, 3000] as const
/** A file that says nothing of itself for so long hangs. */
const LONGEST_SILENCE = 5000
const PDF_PAGES = 5000
const GOAL_MILLISECONDS = 200

const { gpu } = capturingGpu()

const pdfOf = (count: number) =>
  writePdf(Array.from({ length: count }, (_, i) => `Page ${i + 1}. The rain fell.`))

/** The sentence that a file gets in its thread; empty when it was read. */
async function sentenceOf(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  signal = NEVER,
  onPage: () => void = () => undefined,
): Promise<string> {
  try {
    await read({ name, bytes }, onPage, signal)
    return ''
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error
    return error.message
  }
}

/** The sentence, how long it took, and the longest that nothing was heard of it. */
async function wholeOf(name: string, bytes: Uint8Array<ArrayBuffer>) {
  const start = performance.now()
  let [heard, silence] = [start, 0]
  const hear = () => {
    const now = performance.now()
    silence = Math.max(silence, now - heard)
    heard = now
  }
  const sentence = await sentenceOf(name, bytes, NEVER, hear)
  hear()
  return { sentence, milliseconds: heard - start, silence }
}

/** The milliseconds from Stop to its end; `null` where it was done before. */
async function stopped(name: string, bytes: Uint8Array<ArrayBuffer>, moment: number): Promise<number | null> {
  const stop = new AbortController()
  const reading = sentenceOf(name, bytes, stop.signal)
  const isOver = await Promise.race([
    reading.then(() => true),
    new Promise<false>((resolve) => setTimeout(resolve, moment, false)),
  ])
  if (isOver) return null
  const at = performance.now()
  stop.abort()
  expect(await reading).toContain('was stopped')
  return performance.now() - at
}

/** `npx vitest run --config test/soak/vitest.config.ts test/soak/documents-stop.soak.ts -t hostile`. */
test('every hostile file, and a PDF of 5,000 pages, gets its sentence in time and is stopped at any moment', async () => {
  await buildStale('bin')
  const files = [
    ...HOSTILE_DOCUMENTS,
    { what: `a PDF of ${PDF_PAGES} pages`, name: 'long.pdf', bytes: () => pdfOf(PDF_PAGES), says: /^$/ },
    {
      what: `a PDF of ${MOST_PDF_PAGES + 1} pages`,
      name: 'longest.pdf',
      bytes: () => pdfOf(MOST_PDF_PAGES + 1),
      says: /has 20001 pages, and 20000 is the most that is read; split it\.$/,
    },
  ]
  const slow: string[] = []
  for (const { what, name, bytes, says } of files) {
    const whole = await wholeOf(name, bytes())
    expect(whole.sentence).toMatch(says)
    const stops: number[] = []
    for (const moment of MOMENTS) {
      const milliseconds = await stopped(name, bytes(), moment)
      if (milliseconds !== null) stops.push(milliseconds)
    }
    const longest = Math.max(0, ...stops)
    if (longest >= GOAL_MILLISECONDS || whole.silence >= LONGEST_SILENCE) slow.push(what)
    row(
      what,
      `${whole.milliseconds.toFixed(0)} ms`,
      `silent for ${whole.silence.toFixed(0)} ms at most`,
      `${stops.length} stops`,
      `${longest.toFixed(0)} ms at most`,
    )
  }
  expect(slow).toEqual([])
})

test('a book that was read is ready again, with nothing read anew, and reading is stopped at any moment', async () => {
  const engine = await loadEngine({ gpu, forceCpu: false, files: modelFolder(join(ROOT, 'assets/pocket')) })
  const filler = createFiller(seeded(2), null)
  let text = ''
  while (text.length < times(1_000_000)) for (const { content } of filler(500)) text += `${content}\n\n`
  const document = { name: 'book', text, pages: pagesOfText(text) }
  const memories = new DocumentMemories(nodeDisk, temporaryFolder())
  const about = { name: 'book', file: 'book', model: engine.info.modelName, options: OPTIONS }
  await memories.begin({ ...about, pages: document.pages.length, characters: text.length }, text)
  const random = seeded(3)
  const stops: number[] = []
  for (let from = 0; from < document.pages.length;) {
    const conversation = await (from > 0
      ? engine.restore(OPTIONS, await memories.load('book', from))
      : engine.open(OPTIONS))
    const stop = new AbortController()
    let at = 0
    const stopSoon = stops.length < 20
    const timer = setTimeout(
      () => {
        at = performance.now()
        stop.abort()
      },
      stopSoon ? 3000 * random() : 2 ** 30,
    )
    const keep: Parameters<typeof readPages>[3] = async (page, { position: tokens, stateBytes }, bytes) => {
      await memories.save('book', page, { tokens, stateBytes }, bytes)
      from = page
    }
    const reading = readPages(conversation, document, from, keep, stop.signal)
    while (!(await reading.next()).done);
    clearTimeout(timer)
    if (at > 0) stops.push(performance.now() - at)
    conversation.dispose()
  }
  stops.sort((a, b) => a - b)
  const middle = stops[stops.length >> 1] ?? 0
  row(
    'stops while reading',
    stops.length,
    `${middle.toFixed(0)} ms`,
    `${(stops.at(-1) ?? 0).toFixed(0)} ms at most`,
  )

  const { tokens } = await memories.find('book')
  const ready: number[] = []
  for (let turn = 0; turn < 5; turn++) {
    const start = performance.now()
    const conversation = await engine.restore(OPTIONS, await memories.load('book', document.pages.length))
    ready.push(performance.now() - start)
    expect(conversation.memory.position).toBe(tokens)
    conversation.dispose()
  }
  const slowest = Math.max(...ready)
  row('a book ready again', `${tokens} tokens`, `${slowest.toFixed(0)} ms at most`, '0 tokens re-read')
  engine.dispose()
  expect(slowest).toBeLessThan(GOAL_MILLISECONDS)
})
