import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { nodeDisk, replaceFile } from '../../electron/disk.ts'
import { DOCUMENT_PARSERS } from '../../electron/document-calls.ts'
import { DocumentMemories } from '../../electron/documents.ts'
import { sayRefusal } from '../../renderer/state/refusal-words.ts'
import { temporaryFolder } from '../support/test-bridge.ts'

const FRESH = {
  name: 'rain.txt',
  file: 'rain.txt',
  pages: 2,
  characters: 9,
  model: 'tiny',
  options: { attention: 'nha', window: null, system: '' },
} as const
const TEXT = 'One.\fTwo.'
const STATE = { tokens: 4, stateBytes: 3 }
const BUSY = '"rain.txt" is being read by another window or program.'

const begun = async (folder: string) => {
  const memories = new DocumentMemories(nodeDisk, folder)
  await memories.begin(FRESH, TEXT)
  return memories
}
const lockOf = (folder: string) => join(folder, 'documents', 'rain.txt.lock')

describe('two writers', () => {
  test('the second is refused in one sentence for as long as the first reads, and nothing changes', async () => {
    const folder = temporaryFolder()
    const first = await begun(folder)
    expect(readFileSync(lockOf(folder), 'utf8')).toBe(`${process.pid}\n`)
    await first.save('rain.txt', 1, STATE, Uint8Array.of(1))
    expect(existsSync(lockOf(folder))).toBe(true)
    await first.close()
    expect(existsSync(lockOf(folder))).toBe(false)
    // The parent of this process is another program that runs.
    writeFileSync(lockOf(folder), `${process.ppid}\n`)
    const before = await first.find('rain.txt')
    const second = new DocumentMemories(nodeDisk, folder)
    for (const write of [
      () => second.begin(FRESH, TEXT),
      () => second.begin({ ...FRESH, pages: 3 }, `${TEXT}\fThree.`),
      () => second.beginAnywhere(FRESH, TEXT),
      () => second.save('rain.txt', 2, STATE, Uint8Array.of(2)),
      () => second.rename('rain.txt', 'Rain'),
      () => second.remove('rain.txt'),
    ])
      await expect(write()).rejects.toThrow(BUSY)
    expect(await second.find('rain.txt')).toEqual(before)
    expect(await second.text('rain.txt')).toBe(TEXT)
    expect(Array.from(await second.load('rain.txt', 1))).toEqual([1])
    expect(sayRefusal(BUSY)).toBe(BUSY)
  })

  test('a name that another program is just beginning is refused too', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'documents'))
    writeFileSync(lockOf(folder), `${process.ppid}\n`)
    await expect(begun(folder)).rejects.toThrow(BUSY)
    expect(readdirSync(join(folder, 'documents'))).toEqual(['rain.txt.lock'])
  })

  test('what is read, renamed or deleted is free again; a program that died holds nothing', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'documents'))
    writeFileSync(lockOf(folder), '999999999\n')
    const memories = await begun(folder)
    await memories.save('rain.txt', 2, STATE, Uint8Array.of(2))
    expect(existsSync(lockOf(folder))).toBe(false)
    // All of it is read: asking for it again writes nothing, whoever has it.
    writeFileSync(lockOf(folder), `${process.ppid}\n`)
    expect((await memories.begin(FRESH, TEXT)).saved).toEqual([2])
    writeFileSync(lockOf(folder), '999999999\n')
    await memories.rename('rain.txt', 'Rain')
    await memories.remove('Rain')
    expect(readdirSync(join(folder, 'documents'))).toEqual([])
  })

  test('reading that was stopped in a window that stays open is let go of after a while', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const folder = temporaryFolder()
    const memories = await begun(folder)
    await vi.advanceTimersByTimeAsync(119_000)
    expect(existsSync(lockOf(folder))).toBe(true)
    await memories.save('rain.txt', 1, STATE, Uint8Array.of(1))
    await vi.advanceTimersByTimeAsync(119_000)
    expect(existsSync(lockOf(folder))).toBe(true)
    await vi.advanceTimersByTimeAsync(2000)
    vi.useRealTimers()
    await vi.waitUntil(() => !existsSync(lockOf(folder)))
    expect((await memories.save('rain.txt', 2, STATE, Uint8Array.of(2))).saved).toEqual([1, 2])
  })

  test('a file put in place by two at once is one of theirs, whole', async () => {
    const path = join(temporaryFolder(), 'list')
    const contents = Array.from({ length: 20 }, (_, i) => new Uint8Array(50_000 + 5000 * i).fill(i))
    await Promise.all(contents.map((bytes) => replaceFile(nodeDisk, path, bytes)))
    const found = readFileSync(path)
    expect(contents.some((bytes) => Buffer.compare(bytes, found) === 0)).toBe(true)
  })

  test('what a program left that died while it wrote is removed; that of one that runs stays', async () => {
    const folder = temporaryFolder()
    const [dead, alive] = ['a.json.999999999-1.plateau-new', `a.json.${process.ppid}-1.plateau-new`]
    for (const name of [dead, alive]) writeFileSync(join(folder, name), 'half')
    await replaceFile(nodeDisk, join(folder, 'b.json'), Uint8Array.of(1))
    expect(readdirSync(folder).sort()).toEqual([alive, 'b.json'].sort())
  })
})

describe('chapters and notes', () => {
  const chapters = [5, 12, 19].map((page) => ({ title: `To ${page}`, page }))
  const notes = ['Left out: 1 piece of text that is hidden.']

  test('are kept with a memory, and are those of the whole text when it has grown', async () => {
    const folder = temporaryFolder()
    const memories = new DocumentMemories(nodeDisk, folder)
    await memories.begin({ ...FRESH, chapters, notes }, TEXT)
    expect(await new DocumentMemories(nodeDisk, folder).find('rain.txt')).toMatchObject({ chapters, notes })
    await memories.begin({ ...FRESH, pages: 3, chapters: chapters.slice(1) }, `${TEXT}\fThree.`)
    const { notes: left, ...grown } = await new DocumentMemories(nodeDisk, folder).find('rain.txt')
    expect([grown.chapters, left]).toEqual([chapters.slice(1), undefined])
  })

  test('come to a memory that an earlier version has read, and nothing is read again', async () => {
    const folder = temporaryFolder()
    const old = await begun(folder)
    for (const page of [1, 2]) await old.save('rain.txt', page, STATE, Uint8Array.of(page))
    const memories = new DocumentMemories(nodeDisk, folder)
    const before = await memories.find('rain.txt')
    const after = await memories.begin({ ...FRESH, chapters, notes }, TEXT)
    expect(after).toEqual({ ...before, chapters, notes })
    expect(await memories.find('rain.txt')).toEqual(after)
    expect(existsSync(lockOf(folder))).toBe(false)
    // What says nothing of them takes nothing away.
    expect(await memories.begin(FRESH, TEXT)).toEqual(after)
  })

  test('keep their states when there are too many', async () => {
    const memories = new DocumentMemories(nodeDisk, temporaryFolder())
    await memories.begin({ ...FRESH, pages: 40, chapters }, TEXT)
    for (let page = 1; page <= 40; page++) await memories.save('rain.txt', page, STATE, Uint8Array.of(page))
    const { saved } = await memories.find('rain.txt')
    expect(saved.length).toBeLessThanOrEqual(24)
    expect(saved).toEqual(expect.arrayContaining([5, 12, 19, 40]))
  })
})

test('a state in place of another is let go of in one sentence, and reading goes on from the page before', async () => {
  const folder = temporaryFolder()
  const memories = await begun(folder)
  await memories.save('rain.txt', 1, STATE, Uint8Array.of(1))
  await memories.save('rain.txt', 2, STATE, Uint8Array.of(2))
  const state = (page: number) => join(folder, 'documents', `rain.txt.${page}.state`)
  writeFileSync(state(2), readFileSync(state(1)))
  const sentence =
    'The memory of "rain.txt" at page 2 is not the one that was saved and was let go of; read it again from the page before.'
  await expect(memories.load('rain.txt', 2)).rejects.toThrow(sentence)
  expect(existsSync(state(2))).toBe(false)
  const after = await memories.find('rain.txt')
  expect([after.saved, Object.keys(after.hashes ?? {})]).toEqual([[1], ['1']])
  expect(Array.from(await memories.load('rain.txt', 1))).toEqual([1])
  expect(await memories.text('rain.txt')).toBe(TEXT)
  await memories.save('rain.txt', 2, STATE, Uint8Array.of(2))
  expect(Array.from(await memories.load('rain.txt', 2))).toEqual([2])
  // Lists of before have no hashes.
  const list = join(folder, 'documents', 'rain.txt.json')
  const older = JSON.parse(readFileSync(list, 'utf8')) as Record<string, unknown>
  delete older['hashes']
  writeFileSync(list, JSON.stringify(older))
  expect(Array.from(await new DocumentMemories(nodeDisk, folder).load('rain.txt', 2))).toEqual([2])
  await memories.close()
})

test('what documents take on the disk is told, without locks', async () => {
  const folder = temporaryFolder()
  const memories = new DocumentMemories(nodeDisk, folder)
  expect(await memories.size()).toEqual({ documents: 0, documentBytes: 0 })
  await memories.begin(FRESH, TEXT)
  await memories.save('rain.txt', 1, STATE, new Uint8Array(1000))
  const { length } = readFileSync(join(folder, 'documents', 'rain.txt.json'))
  expect(await memories.size()).toEqual({ documents: 1, documentBytes: 1000 + TEXT.length + length })
  await memories.remove('rain.txt')
  expect(await memories.size()).toEqual({ documents: 0, documentBytes: 0 })
})

test.each(['', '{"name":"rain.t', '[]', '{"name":"rain.txt"}'])(
  'a damaged list is said to be damaged and kept aside: %s',
  async (damaged) => {
    const folder = temporaryFolder()
    const memories = await begun(folder)
    await memories.save('rain.txt', 1, STATE, Uint8Array.of(1))
    await memories.begin({ ...FRESH, name: 'snow.txt' }, 'Snow.\fIce.')
    const list = join(folder, 'documents', 'rain.txt.json')
    writeFileSync(list, damaged)
    await expect(memories.list()).rejects.toThrow(
      `A document memory is damaged and kept aside as ${list}.damaged; read its file again.`,
    )
    // The others are there, and what is read under its name again destroys nothing of it.
    expect((await memories.list()).map(({ name }) => name)).toEqual(['snow.txt'])
    await memories.begin({ ...FRESH, pages: 1 }, 'Another text.')
    expect(await memories.text('rain.txt')).toBe('Another text.')
    expect(readFileSync(`${list}.damaged`, 'utf8')).toBe(damaged)
    expect(readFileSync(join(folder, 'documents', 'rain.txt.txt'), 'utf8')).toBe(TEXT)
    expect(Array.from(readFileSync(join(folder, 'documents', 'rain.txt.1.state')))).toEqual([1])
  },
)

test('a list that the disk does not give is no memory that is not there', async () => {
  const folder = temporaryFolder()
  await begun(folder)
  const failing = {
    ...nodeDisk,
    read: () => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' })),
  }
  await expect(new DocumentMemories(failing, folder).find('rain.txt')).rejects.toThrow('EIO')
})

describe('long names of other scripts', () => {
  const TITLE = 'Преступление и наказание роман в шести частях с эпилогом том первый'
  const RARE = '𠀀'.repeat(90)

  test.each([`${TITLE}.txt`, `${'雨'.repeat(90)}.pdf`, `a${RARE}.txt`, RARE])(
    '%s is read and found',
    async (file) => {
      const folder = temporaryFolder()
      const memories = new DocumentMemories(nodeDisk, folder)
      const { name } = await memories.beginAnywhere({ ...FRESH, name: '', file }, TEXT)
      expect(file.startsWith(name)).toBe(true)
      expect(Array.from(name).length).toBeGreaterThan(60)
      await memories.save(name, 2, STATE, Uint8Array.of(2))
      const again = new DocumentMemories(nodeDisk, folder)
      expect(await again.list()).toMatchObject([{ name, saved: [2] }])
      expect(await again.text(name)).toBe(TEXT)
      expect(DOCUMENT_PARSERS.documentText({ name })).toEqual({ name })
      const files = readdirSync(join(folder, 'documents'))
      for (const each of files) {
        expect(each.length).toBeLessThan(220)
        expect(() => decodeURIComponent(each)).not.toThrow()
      }
      // Another text of that name.
      const second = await again.beginAnywhere({ ...FRESH, name: '', file }, 'Three.\fFour.')
      expect(second.name.endsWith(' 2')).toBe(true)
      expect(await again.list()).toHaveLength(2)
    },
  )

  test('that differ at their end alone have files of their own', async () => {
    const memories = new DocumentMemories(nodeDisk, temporaryFolder())
    for (const end of ['1', '2']) {
      const name = `${TITLE} ${end}`
      await memories.begin({ ...FRESH, name, file: name }, `${TEXT}${end}`)
    }
    for (const end of ['1', '2']) expect(await memories.text(`${TITLE} ${end}`)).toBe(`${TEXT}${end}`)
  })

  test('what is kept under all of its name is still found', async () => {
    const folder = temporaryFolder()
    const name = TITLE.slice(0, 38)
    const stem = join(folder, 'documents', encodeURIComponent(name))
    mkdirSync(join(folder, 'documents'))
    writeFileSync(`${stem}.txt`, TEXT)
    writeFileSync(`${stem}.json`, JSON.stringify({ ...FRESH, ...STATE, name, saved: [] }))
    const memories = new DocumentMemories(nodeDisk, folder)
    expect(await memories.beginAnywhere({ ...FRESH, name: '', file: name }, TEXT)).toMatchObject({ name })
    await memories.save(name, 2, STATE, Uint8Array.of(2))
    expect(await memories.list()).toHaveLength(1)
    await memories.remove(name)
    expect(readdirSync(join(folder, 'documents'))).toEqual([])
  })
})
