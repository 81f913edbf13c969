import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { DocumentMemory } from '../../electron/document-bridge.ts'
import { ReadingWorld, run } from '../support/reading-world.ts'
import { temporaryFolder } from '../support/test-bridge.ts'

test('a file that has grown is gone on with, to the state of a file that was always so long', async () => {
  const [folder, whole] = [temporaryFolder(), temporaryFolder()]
  const file = join(folder, 'a.log')
  writeFileSync(file, 'One.\fTwo.\fThr')
  await run(['read', file], new ReadingWorld(folder))
  const second = () => statSync(join(folder, 'documents', 'a.log.2.state')).mtimeMs
  const before = second()
  appendFileSync(file, 'ee.\fFour.')
  const grown = await run(['read', file, '--json'], new ReadingWorld(folder))
  expect(grown.code, grown.err).toBe(0)
  // Begun anew, the second page would be read again.
  expect(JSON.parse(grown.out)).toMatchObject({ pages: 4, saved: [1, 2, 3, 4] })
  expect(second()).toBe(before)
  await run(['read', file], new ReadingWorld(whole))
  const bytes = (at: string) => readFileSync(join(at, 'documents', 'a.log.4.state')).toString('latin1')
  expect(bytes(folder)).toBe(bytes(whole))
})

/** A log of one line, and what following it in a world prints for each time that it was read. */
function log() {
  const folder = temporaryFolder()
  const file = join(folder, 'a.log')
  writeFileSync(file, 'One.\n')
  const world = new ReadingWorld(folder)
  const memories = () => world.stdout.text.split('\n').slice(0, -1)
  const read = (times: number) => vi.waitUntil(() => memories().length === times, 20_000)
  return { file, world, memories, read, follow: () => run(['read', file, '--follow', '--json'], world) }
}

test('--follow reads what a file grows by until it is ended', async () => {
  const { file, world, memories, read, follow } = log()
  const ended = follow()
  await read(1)
  appendFileSync(file, 'Two.\n')
  await read(2)
  world.interrupt.abort()
  expect((await ended).code).toBe(130)
  const [one, two] = memories().map((each) => JSON.parse(each) as DocumentMemory)
  expect([one?.characters, two?.characters]).toEqual([5, 10])
})

test('--follow reads what its file grew by while it was read for the first time', async () => {
  const { file, world, memories, read, follow } = log()
  const load = world.loadEngine.bind(world)
  world.loadEngine = () => {
    appendFileSync(file, 'Two.\n')
    return load()
  }
  const ended = follow()
  await read(2)
  world.interrupt.abort()
  await ended
  expect((JSON.parse(memories()[1] ?? '') as DocumentMemory).characters).toBe(10)
})

test.each(['', 'On'])(
  '--follow waits for a file that became shorter, and says so once: "%s"',
  async (less) => {
    const { file, world, memories, read, follow } = log()
    const ended = follow()
    await read(1)
    const waiting = `${file} no longer begins with what was read of it; waiting until it does.`
    writeFileSync(file, less)
    await vi.waitUntil(() => world.stderr.text.includes(waiting), 20_000)
    // As long as it was, and another text.
    writeFileSync(file, 'Six. Seven.\n')
    await new Promise((resolve) => setTimeout(resolve, 1200))
    expect(memories()).toHaveLength(1)
    writeFileSync(file, 'One.\nTwo.\n')
    await read(2)
    world.interrupt.abort()
    expect((await ended).code).toBe(130)
    expect(world.stderr.text.split(waiting)).toHaveLength(2)
  },
)
