import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { CommandEngine } from '../../bin/command.ts'
import { runCommandLine } from '../../bin/command-line.ts'
import { type Disk, nodeDisk } from '../../electron/disk.ts'
import { DocumentMemories, type DocumentMemory } from '../../electron/documents.ts'
import { loadEngine } from '../../engine/engine.ts'
import { FaultyDisk } from '../support/fault-ports.ts'
import { ScriptedWorld } from '../support/scripted-world.ts'
import { temporaryFolder } from '../support/test-bridge.ts'
import { modelFilesOf, TINY, tinyModel } from '../support/tiny-model.ts'
import { writePdf } from '../support/write-documents.ts'

const FOLDER = tinyModel(TINY)
const PAGES = Array.from({ length: 5 }, (_, i) => `Page ${i + 1}. The rain fell softly on the old house.`)
const GREEDY = ['--temperature', '0', '--max-tokens', '6']

/** A world with the real engine on a tiny model; every page's state is saved when `everyPage` says so. */
class ReadingWorld extends ScriptedWorld {
  override readonly dataFolder: string
  override readonly openDocuments: () => DocumentMemories

  constructor(dataFolder: string, disk: Disk = nodeDisk) {
    super({ answer: () => ({ text: '' }) })
    this.dataFolder = dataFolder
    this.openDocuments = () => new DocumentMemories(disk, dataFolder)
  }

  override loadEngine(): Promise<CommandEngine> {
    return loadEngine({ gpu: null, forceCpu: true, files: modelFilesOf(FOLDER) })
  }
}

async function run(args: readonly string[], world: ReadingWorld) {
  world.stdin.end()
  const code = await runCommandLine(args, world)
  return { code, out: world.stdout.text, err: world.stderr.text }
}

function pdf(folder: string): string {
  const file = join(folder, 'rain.pdf')
  writeFileSync(file, writePdf(PAGES))
  return file
}

const stateOf = (folder: string, page: number) =>
  readFileSync(join(folder, 'documents', `rain.pdf.${page}.state`)).toString('latin1')

test('a document is read once, listed with its size, and asked from any new chat without reading it again', async () => {
  const folder = temporaryFolder()
  const read = await run(['read', pdf(folder), '--json'], new ReadingWorld(folder))
  expect(read.code, read.err).toBe(0)
  const memory = JSON.parse(read.out) as DocumentMemory
  expect(memory).toMatchObject({ name: 'rain.pdf', pages: 5, saved: [5] })
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
    let memory = await memories.begin(
      { ...fresh, options, saved: [], tokens: 0, stateBytes: 0 },
      document.text,
    )
    const conversation = await engine.open(options)
    for (let page = 1; page <= stopAfter; page++) {
      const { start } = document.pages[page - 1]!
      const reading = conversation.read(
        '',
        document.text.slice(start, document.pages[page]?.start),
        world.interrupted,
      )
      while (!(await reading.next()).done);
      memory = await memories.save(memory, page, await conversation.snapshot())
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

test('whichever write fails, what was saved before is whole and reading goes on from there', async () => {
  const whole = temporaryFolder()
  await run(['read', pdf(whole)], new ReadingWorld(whole))
  for (let failing = 1; ; failing++) {
    const folder = temporaryFolder()
    const disk = new FaultyDisk(nodeDisk, failing, 'once')
    const broken = await run(['read', pdf(folder)], new ReadingWorld(folder, disk))
    if (broken.code === 0) break
    expect(broken.err.trim().split('\n')).toHaveLength(1)
    const again = await run(['read', pdf(folder)], new ReadingWorld(folder))
    expect(again.code, again.err).toBe(0)
    expect(stateOf(folder, 5)).toBe(stateOf(whole, 5))
  }
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
