import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { choicesIn } from '../../bin/gpu-choices.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plateau-choices-'))
})

afterAll(() => rm(folder, { recursive: true }))

test('what is kept is there for the next program, beside what was kept before', async () => {
  const path = join(folder, 'not', 'yet', 'choices.json')
  expect(await choicesIn(path).get('a')).toBeUndefined()
  await choicesIn(path).set('a', 'whole')
  await choicesIn(path).set('b', 'subgroup')
  expect(await choicesIn(path).get('a')).toBe('whole')
  expect(await choicesIn(path).get('b')).toBe('subgroup')
  expect(await readdir(join(folder, 'not', 'yet'))).toEqual(['choices.json'])
})

test.each(['', '{"a": ', '[1]', 'null', '{"a": 7}'])(
  'a file with %j has no choice, and takes one',
  async (text) => {
    const path = join(folder, 'broken.json')
    await writeFile(path, text)
    expect(await choicesIn(path).get('a')).toBeUndefined()
    await choicesIn(path).set('a', 'whole')
    expect(await choicesIn(path).get('a')).toBe('whole')
  },
)
