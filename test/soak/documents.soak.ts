import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { modelFolder } from '../../bin/model-folder.ts'
import { nodeDisk, replaceFile } from '../../electron/disk.ts'
import { createFiller } from '../../engine/recall/filler.ts'
import { pagesOfText } from '../../engine/documents/paging.ts'
import { readPages } from '../../engine/documents/reading.ts'
import { loadEngine } from '../../engine/engine.ts'
import { capturingGpu } from '../support/gpu.ts'
import { OPTIONS } from '../support/memory-scripts.ts'
import { seeded } from '../support/numerics.ts'
import { KEPT, MINUTES, pocketHash, Progress, shortHash } from './progress.ts'
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

/** A tenth of the novel; in the two that are compared, the beginning of the novel read by another in between: a machine is not always as quick. */
interface Tenth {
  readonly position: number
  readonly tokens: number
  readonly busy: number
  readonly beginningTokens: number
  readonly beginningBusy: number
  /** bytes of memory more than before the first page of this run, at most */
  readonly drift: number
}

/** The tenths that are compared; in them, pages between two readings of the beginning, and pages that are read for it. */
const COMPARED = [1, 10]
const BETWEEN = 20
const BEGINNING = 2

/** Processor time a token, of the beginning's. */
function cost(tenth: Tenth): number {
  return tenth.busy / tenth.tokens / (tenth.beginningBusy / tenth.beginningTokens)
}

const NEVER = new AbortController().signal

/** Tenths are kept: `NOVEL=war-and-peace.txt MINUTES=10 npm run soak -- test/soak/documents.soak.ts`, again and again. */
test('a novel through Pocket, page by page: state bytes constant, no more in the process, as fast at the end', async () => {
  mkdirSync(KEPT, { recursive: true })
  const engine = await loadEngine({ gpu, forceCpu: false, files: modelFolder(join(ROOT, 'assets/pocket')) })
  const all = novel()
  const whole = pagesOfText(all)
  const pages = whole.slice(0, times(whole.length))
  const startOf = (page: number) => whole[page]?.start ?? all.length
  const key = `novel-${pocketHash()}-${shortHash(all.slice(0, startOf(pages.length)))}`
  // Of each tenth, since one that is ended half-way begins anew.
  const stateAfter = (number: number) => join(KEPT, `${key}-${number}.state`)
  const kept = new Progress<Tenth>(key)
  const upTo = (count: number) => ({
    name: 'novel',
    text: all.slice(0, startOf(count)),
    pages: pages.slice(0, count),
  })
  const beginning = upTo(Math.min(BEGINNING, pages.length))
  const end = performance.now() + MINUTES * 60_000
  const tenths: Tenth[] = []
  const resident = process.memoryUsage().rss
  for (let number = 1; number <= 10 && performance.now() < end; number++) {
    const known = kept.get(`${number}`)
    const tenth = known ?? (await read(number))
    if (!known) kept.set(`${number}`, tenth)
    tenths.push(tenth)
    const { tokens, position } = tenth
    row(
      `tenth ${number}`,
      `${tokens} tokens, ${position} in all`,
      COMPARED.includes(number) ? `${cost(tenth).toFixed(3)} times what a token of the beginning takes` : '',
    )
  }

  async function read(number: number): Promise<Tenth> {
    const [from, to] = [number - 1, number].map((tenth) => Math.round((tenth * pages.length) / 10))
    const conversation = await (number > 1
      ? engine.restore(OPTIONS, new Uint8Array(readFileSync(stateAfter(number - 1))))
      : engine.open(OPTIONS))
    const { position: before, stateBytes } = conversation.memory
    let state = new Uint8Array(0)
    let [tokens, drift, own, beginningTokens, beginningBusy] = [before, 0, 0, 0, 0]
    const keep: Parameters<typeof readPages>[3] = (_page, memory, snapshot) => {
      expect(memory.stateBytes).toBe(stateBytes)
      tokens = memory.position
      state = snapshot
      return Promise.resolve()
    }
    for (let page = from ?? 0, next = 0; page < (to ?? 0); page = next) {
      next = Math.min(page + BETWEEN, to ?? 0)
      const start = busy()
      const pagesRead = readPages(conversation, upTo(next), page, keep, NEVER)
      while (!(await pagesRead.next()).done) drift = Math.max(drift, process.memoryUsage().rss - resident)
      const between = busy()
      own += between - start
      if (!COMPARED.includes(number)) continue
      const other = await engine.open(OPTIONS)
      const reading = readPages(other, beginning, 0, () => Promise.resolve(), NEVER)
      while (!(await reading.next()).done);
      beginningTokens += other.memory.position
      other.dispose()
      beginningBusy += busy() - between
    }
    conversation.dispose()
    await replaceFile(nodeDisk, stateAfter(number), state)
    return { position: tokens, tokens: tokens - before, busy: own, beginningTokens, beginningBusy, drift }
  }

  engine.dispose()
  const drift = Math.max(...tenths.map((tenth) => tenth.drift))
  expect(drift).toBeLessThan(LARGEST_DRIFT)
  const [first, last] = [tenths[0], tenths[9]]
  if (!first || !last) return
  const speed = cost(first) / cost(last)
  row(
    'pages of a novel through Pocket',
    pages.length,
    `${startOf(pages.length)} characters`,
    `${last.position} tokens`,
    `RSS ${drift} bytes more at most`,
    `last tenth ${speed.toFixed(3)} times as fast as the first`,
  )
  expect(speed).toBeGreaterThan(0.97)
})
