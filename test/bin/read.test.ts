import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { nodeDisk } from '../../electron/disk.ts'
import type { DocumentMemory } from '../../electron/document-bridge.ts'
import { DocumentMemories } from '../../electron/documents.ts'
import { pagesOfText } from '../../engine/documents/paging.ts'
import { readPages } from '../../engine/documents/reading.ts'
import { loadEngine } from '../../engine/engine.ts'
import { FaultyDisk } from '../support/fault-ports.ts'
import { seeded } from '../support/numerics.ts'
import { FOLDER, PAGES, pdf, ReadingWorld, run, stateOf } from '../support/reading-world.ts'
import { temporaryFolder } from '../support/test-bridge.ts'
import { modelFilesOf } from '../support/tiny-model.ts'
import { writeEpub, writePdf } from '../support/write-documents.ts'

const GREEDY = ['--temperature', '0', '--max-tokens', '6']

test('a document is read once, listed with its size, and asked from any new chat without reading it again', async () => {
  const folder = temporaryFolder()
  const read = await run(['read', pdf(folder), '--json'], new ReadingWorld(folder))
  expect(read.code, read.err).toBe(0)
  const memory = JSON.parse(read.out) as DocumentMemory
  expect(memory).toMatchObject({ name: 'rain.pdf', pages: 5, saved: [1, 2, 3, 4, 5] })
  const { out } = await run(['read', '--list'], new ReadingWorld(folder))
  expect(out).toMatch(/^rain\.pdf · 5 pages · [\d,]+ tokens · .+B · tiny/i)
  const ask = ['chat', '--memory', 'rain.pdf', '--prompt', 'And?', ...GREEDY]
  const [one, two] = [await run(ask, new ReadingWorld(folder)), await run(ask, new ReadingWorld(folder))]
  expect(one.err).toContain('· 0 tokens re-read ·')
  expect(one.out).toBe(two.out)
  expect((await run(['read', '--delete', 'rain.pdf'], new ReadingWorld(folder))).code).toBe(0)
  expect((await run(ask, new ReadingWorld(folder))).err).toBe(
    'There is no document memory called "rain.pdf".\n',
  )
})

test('wherever reading breaks off, it goes on to the same state, bit for bit', async () => {
  const whole = temporaryFolder()
  await run(['read', pdf(whole)], new ReadingWorld(whole))
  const expected = stateOf(whole, 5)
  for (const stopAfter of [1, 3]) {
    const folder = temporaryFolder()
    const world = new ReadingWorld(folder)
    // Each page is saved as though it had taken long; then the program is gone.
    const engine = await world.loadEngine()
    const memories = world.openDocuments()
    const document = await world.extract(
      { name: 'rain.pdf', bytes: writePdf(PAGES) },
      () => undefined,
      world.interrupted,
    )
    const options = { attention: 'nha', window: null, system: '' } as const
    const fresh = { name: 'rain.pdf', file: 'rain.pdf', pages: 5, characters: 0, model: 'tiny' }
    await memories.begin({ ...fresh, options }, document.text)
    const conversation = await engine.open(options)
    for (let page = 1; page <= stopAfter; page++) {
      const { start } = document.pages[page - 1]!
      const reading = conversation.read(
        '',
        document.text.slice(start, document.pages[page]?.start),
        world.interrupted,
      )
      while (!(await reading.next()).done);
      const { position: tokens, stateBytes } = conversation.memory
      await memories.save('rain.pdf', page, { tokens, stateBytes }, await conversation.snapshot())
    }
    engine.dispose()
    const resumed = await run(['read', pdf(folder)], new ReadingWorld(folder))
    expect(resumed.code, resumed.err).toBe(0)
    expect(stateOf(folder, 5)).toBe(expected)
    const asOf = await run(
      ['chat', '--memory', 'rain.pdf', '--page', String(stopAfter), '--prompt', 'x', ...GREEDY],
      new ReadingWorld(folder),
    )
    expect(asOf.err).toContain(`As of page ${stopAfter} of 5.`)
  }
})

/** Read, and break off at so many random events of it: what goes on has only what was kept. */
async function readWithKills(
  memories: DocumentMemories,
  text: string,
  kills: number,
): Promise<DocumentMemory> {
  const random = seeded(5)
  const document = { name: 'log', text, pages: pagesOfText(text) }
  const options = { attention: 'nha', window: null, system: '' } as const
  const about = { name: 'log', file: 'log', model: 'tiny', options, characters: text.length }
  const engine = await loadEngine({ gpu: null, forceCpu: true, files: modelFilesOf(FOLDER) })
  for (let left = kills; ; left--) {
    const { saved } = await memories.begin({ ...about, pages: document.pages.length }, text)
    const from = saved.at(-1) ?? 0
    const state = from > 0 ? await memories.load('log', from) : null
    const conversation = await (state ? engine.restore(options, state) : engine.open(options))
    const reading = readPages(
      conversation,
      document,
      from,
      async (page, { position: tokens, stateBytes }, bytes) => {
        await memories.save('log', page, { tokens, stateBytes }, bytes)
      },
      new AbortController().signal,
      0,
    )
    let events = left > 0 ? 1 + Math.floor(random() * 6) : Infinity
    while (events > 0 && !(await reading.next()).done) events--
    await reading.return(undefined)
    conversation.dispose()
    if (left > 0) continue
    engine.dispose()
    return memories.find('log')
  }
}

test('killed at 20 random moments, it ends in the same state, bit for bit', async () => {
  const text = Array.from({ length: 36 }, (_, i) => `Day ${i}. The rain fell.\f`).join('')
  const [calm, hunted] = [temporaryFolder(), temporaryFolder()].map(
    (folder) => new DocumentMemories(nodeDisk, folder),
  )
  if (!calm || !hunted) throw new Error('no folders')
  const [expected, found] = [await readWithKills(calm, text, 0), await readWithKills(hunted, text, 20)]
  expect(found.tokens).toBe(expected.tokens)
  expect(found.saved.length).toBeLessThanOrEqual(24)
  expect(Buffer.compare(await hunted.load('log', 36), await calm.load('log', 36))).toBe(0)
})

test('stopped while it reads, it reads no further chunk, keeps what it has, and goes on with the next page', async () => {
  const text = Array.from({ length: 60 }, (_, i) => `Day ${i}. ${'The rain fell. '.repeat(60)}\f`).join('')
  const document = { name: 'log', text, pages: pagesOfText(text) }
  const options = { attention: 'nha', window: null, system: '' } as const
  const engine = await loadEngine({ gpu: null, forceCpu: true, files: modelFilesOf(FOLDER) })
  const conversation = await engine.open(options)
  const stop = new AbortController()
  const kept: number[] = []
  const keep = (page: number) => Promise.resolve(void kept.push(page))
  let after = 0
  let position = 0
  for await (const { page, done } of readPages(conversation, document, 0, keep, stop.signal)) {
    if (stop.signal.aborted) after++
    // In the middle of the third page.
    if (page === 2 && done > (document.pages[2]?.start ?? 0)) {
      position ||= conversation.memory.position
      stop.abort()
    }
  }
  expect(after).toBe(0)
  expect(conversation.memory.position).toBe(position)
  expect(kept).toEqual([2])
  engine.dispose()
})

test('Ctrl-C says where it paused; the percent goes on from there', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'a.log')
  writeFileSync(file, Array.from({ length: 20 }, (_, i) => `Day ${i + 10}. It rained.\f`).join(''))
  const world = new ReadingWorld(folder)
  const ended = run(['read', file], world)
  await vi.waitUntil(() => world.stderr.text.includes('50 %'), { timeout: 20_000, interval: 1 })
  world.interrupt.abort()
  const { code, err } = await ended
  expect(code).toBe(130)
  const [, page] = /\nPaused at page (\d+) of 20; the same command goes on\.\n$/.exec(err) ?? []
  expect(Number(page)).toBeGreaterThanOrEqual(9)
  const again = await run(['read', file], new ReadingWorld(folder))
  expect(again.code, again.err).toBe(0)
  const [, percent, at] = /^Reading a\.log (\d+) % · (\d+) of 20 pages/.exec(again.err) ?? []
  expect(Math.abs(Number(percent) - Number(at) * 5)).toBeLessThanOrEqual(5)
})

test('one page is a page', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'a.txt')
  writeFileSync(file, 'One.')
  const read = await run(['read', file], new ReadingWorld(folder))
  expect(read.out).toMatch(/^a\.txt · 1 page · /)
  expect(read.err).not.toContain('1 pages')
})

test('while another program reads it, reading is refused in one sentence', async () => {
  const folder = temporaryFolder()
  await run(['read', pdf(folder)], new ReadingWorld(folder))
  expect(readdirSync(join(folder, 'documents')).filter((name) => name.endsWith('.lock'))).toEqual([])
  writeFileSync(join(folder, 'documents', 'rain.pdf.lock'), `${process.ppid}\n`)
  const refused = await run(['read', '--delete', 'rain.pdf'], new ReadingWorld(folder))
  expect(refused).toMatchObject({
    code: 1,
    err: '"rain.pdf" is being read by another window or program.\n',
  })
})

test('a long document has a state in each twentieth of it, however quickly it is read', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'days.txt')
  writeFileSync(file, Array.from({ length: 60 }, (_, i) => `Day ${i}. It rained.\f`).join(''))
  const { out } = await run(['read', file, '--json'], new ReadingWorld(folder))
  const { saved } = JSON.parse(out) as DocumentMemory
  expect(saved).toEqual([...Array.from({ length: 19 }, (_, i) => 3 * (i + 1)), 59, 60])
})

test('a memory can be called something else', async () => {
  const folder = temporaryFolder()
  await run(['read', pdf(folder)], new ReadingWorld(folder))
  const renamed = await run(['read', '--rename', 'rain.pdf', '--as', 'Rain'], new ReadingWorld(folder))
  expect(renamed.out).toMatch(/^Rain · 5 pages/)
  // Its old name is free for another text.
  const other = join(folder, 'other.txt')
  writeFileSync(other, 'Something else.')
  expect((await run(['read', other, '--as', 'rain.pdf'], new ReadingWorld(folder))).code).toBe(0)
  const taken = await run(['read', '--rename', 'Rain', '--as', 'rain.pdf'], new ReadingWorld(folder))
  expect(taken.err).toBe('There is a memory called "rain.pdf" already.\n')
  const ask = ['chat', '--memory', 'Rain', '--prompt', 'And?', ...GREEDY]
  expect((await run(ask, new ReadingWorld(folder))).err).toContain('· 0 tokens re-read ·')
})

test('one question to several documents gets a result for each; counting is done by code', async () => {
  const folder = temporaryFolder()
  for (const [name, text] of [
    ['a.txt', 'The rain fell. The rain stopped.'],
    ['b.txt', 'The snow fell.'],
  ] as const) {
    writeFileSync(join(folder, name), text)
    await run(['read', join(folder, name)], new ReadingWorld(folder))
  }
  const asked = await run(['read', '--ask', 'What fell?', '--json'], new ReadingWorld(folder))
  expect(asked.code, asked.err).toBe(0)
  const answers = JSON.parse(asked.out) as { name: string; text: string }[]
  expect(answers.map(({ name }) => name)).toEqual(['a.txt', 'b.txt'])
  expect(asked.err.match(/· 0 tokens re-read/g)).toHaveLength(2)
  const counted = await run(
    ['read', '--ask', 'How often does rain occur?', '--in', 'a.txt'],
    new ReadingWorld(folder),
  )
  expect(counted.out).toBe(
    'a.txt: “rain” stands 2 times in a.txt, on 1 of 1 pages, first on page 1. Counted by code, not by the model.\n',
  )
  const none = await run(['read', '--ask', 'Well?', '--in', 'c.txt'], new ReadingWorld(folder))
  expect(none.err).toBe('There is no document memory called "c.txt".\n')
})

test('whichever write fails, what was saved before is whole and reading goes on from there', async () => {
  const whole = temporaryFolder()
  const file = join(whole, 'rain.txt')
  writeFileSync(file, 'One.\fTwo.')
  await run(['read', file, '--as', 'rain.pdf'], new ReadingWorld(whole))
  for (let failing = 1; ; failing++) {
    const folder = temporaryFolder()
    const disk = new FaultyDisk(nodeDisk, failing, 'once')
    const broken = await run(['read', file, '--as', 'rain.pdf'], new ReadingWorld(folder, disk))
    if (broken.code === 0) break
    const sentences = broken.err
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('Reading'))
    expect(sentences).toHaveLength(1)
    const again = await run(['read', file, '--as', 'rain.pdf'], new ReadingWorld(folder))
    expect(again.code, again.err).toBe(0)
    expect(stateOf(folder, 2)).toBe(stateOf(whole, 2))
  }
})

test('a memory can be begun after a chapter, by its number or words of its title', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'book.epub')
  const paragraphs = ['The rain fell on the old house.']
  writeFileSync(file, writeEpub(['Rain', 'The Wind', 'Snow'].map((title) => ({ title, paragraphs }))))
  await run(['read', file, '--as', 'book'], new ReadingWorld(folder))
  const ask = (...where: string[]) =>
    run(['chat', '--memory', 'book', ...where, '--prompt', 'x', ...GREEDY], new ReadingWorld(folder))
  expect((await ask('--chapter', '2')).err).toContain('As of “The Wind”, page 2 of 3.\n')
  expect((await ask('--chapter', 'rain')).err).toContain('As of “Rain”, page 1 of 3.\n')
  expect((await ask('--chapter', 'hail')).err).toBe(
    '"book" has no chapter "hail"; it has: 1 Rain · 2 The Wind · 3 Snow.\n',
  )
  expect((await ask('--chapter', '1', '--page', '1')).code).toBe(2)
  await run(['read', pdf(folder)], new ReadingWorld(folder))
  const none = ['chat', '--memory', 'rain.pdf', '--chapter', '1', '--prompt', 'x']
  expect((await run(none, new ReadingWorld(folder))).err).toBe(
    'No chapters are known of "rain.pdf"; --page N begins after a page of it.\n',
  )
})

test('a name is of one text only, and must be one', async () => {
  const folder = temporaryFolder()
  const other = join(folder, 'other.txt')
  writeFileSync(other, 'Something else.')
  await run(['read', pdf(folder)], new ReadingWorld(folder))
  const taken = await run(['read', other, '--as', 'rain.pdf'], new ReadingWorld(folder))
  expect(taken.err).toBe(
    'There is a memory called "rain.pdf" of another text; give another name with --as.\n',
  )
  const wrong = await run(['read', other, '--as', '../x'], new ReadingWorld(folder))
  expect(wrong.err).toContain('give one with --as')
  const both = await run(['chat', '--memory', 'a', '--restore', 'b'], new ReadingWorld(folder))
  expect(both.code).toBe(2)
})
