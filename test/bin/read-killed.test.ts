import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test, vi } from 'vitest'
import { buildStale } from '../../bin/build.js'
import { ROOT } from '../../bin/root.ts'
import { temporaryFolder } from '../support/test-bridge.ts'
import { TINY, tinyModel } from '../support/tiny-model.ts'

// Seconds on an idle core; a machine with other work to do may take long.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const PAGES = 40
const root = temporaryFolder()
const [model, file] = [join(root, 'tiny'), join(root, 'days.txt')]

beforeAll(async () => {
  await buildStale('bin')
  mkdirSync(model)
  for (const [name, bytes] of tinyModel(TINY)) writeFileSync(join(model, name), bytes)
  const day = (i: number) => `Day ${i}. ${'The rain fell softly on the old harbour. '.repeat(3)}`
  writeFileSync(file, Array.from({ length: PAGES }, (_, i) => day(i)).join('\f'))
})

const folderOf = (data: string) => join(data, 'plateau', 'documents')
const stateOf = (data: string, page: number) => join(folderOf(data), `days.txt.${page}.state`)

/** The program in a terminal, as a user runs it; killed without a word as soon as the state after that page is on the disk. */
async function readFile(
  data: string,
  killAt: number | null,
): Promise<{ signal: string | null; err: string }> {
  // Without drivers there is no GPU, and nothing to wait for.
  const env = { ...process.env, VK_ICD_FILENAMES: '', PLATEAU_SOFTWARE_VULKAN: '1', XDG_DATA_HOME: data }
  const command = [join(ROOT, 'dist/bin/plateau.js'), 'read', file, '--model', model]
  const child = spawn(process.execPath, command, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let err = ''
  child.stderr.on('data', (text: Buffer) => (err += text.toString()))
  const look = setInterval(() => {
    if (killAt !== null && existsSync(stateOf(data, killAt))) child.kill('SIGKILL')
  }, 2)
  const signal = await new Promise<string | null>((resolve) => child.once('close', (_, by) => resolve(by)))
  clearInterval(look)
  return { signal, err }
}

test('killed with kill -9 while it reads, the terminal goes on to the same state, bit for bit', async () => {
  const [calm, hunted] = [temporaryFolder(), temporaryFolder()]
  expect((await readFile(calm, null)).signal).toBeNull()
  for (const page of [8, 20]) {
    expect(await readFile(hunted, page)).toMatchObject({ signal: 'SIGKILL' })
    expect(existsSync(stateOf(hunted, PAGES))).toBe(false)
  }
  const { signal, err } = await readFile(hunted, null)
  expect(signal, err).toBeNull()
  // It did not begin anew.
  expect(err).not.toMatch(/ [0-4]\d? % · [0-9] of 40 pages/)
  expect(Buffer.compare(readFileSync(stateOf(hunted, PAGES)), readFileSync(stateOf(calm, PAGES)))).toBe(0)
  const list = (data: string): unknown =>
    JSON.parse(readFileSync(join(folderOf(data), 'days.txt.json'), 'utf8'))
  expect(list(hunted)).toEqual(list(calm))
  expect(readdirSync(folderOf(hunted)).filter((name) => /lock|plateau-new/.test(name))).toEqual([])
})
