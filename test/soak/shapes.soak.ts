import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { SHAPES } from '../../bin/bench/shapes.ts'
import { buildStale } from '../../bin/build.js'
import { answerEnds, send } from '../support/browser.ts'
import { PeakMemory } from '../support/peak-memory.ts'
import { Progress } from './progress.ts'
import { RealWindow } from '../support/real-window.ts'
import { row } from './rows.ts'
import { SOURCES } from './shape-sources.ts'

const TOKENS = 4
const PROMPT = 'Hi'
/** A processor that stands in for a GPU, shared with others. */
const PATIENCE = 3600_000
const done = new Progress<readonly string[]>('shapes')

beforeAll(() => buildStale('bin'))

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`
const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(0)} s`

/** A command as it is typed: the last object that it prints, and the most memory it took. */
async function plateau(
  ...args: string[]
): Promise<{ readonly said: Record<string, unknown>; readonly peak: string; readonly took: string }> {
  const start = performance.now()
  const child = spawn(process.execPath, ['dist/bin/plateau.js', ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const peak = new PeakMemory(child.pid ?? 0)
  let text = ''
  for await (const part of child.stdout) text += String(part)
  const said = JSON.parse(text.trim().split('\n').at(-1) ?? '') as Record<string, unknown>
  return { said, peak: megabytes(peak.end()), took: seconds(start) }
}

async function inTerminal(from: string, folder: string): Promise<readonly string[]> {
  const out = join(folder, 'out')
  const imported = await plateau('import', from, '--quant', 'q4', '--out', out)
  const { size } = await stat(join(out, 'model.safetensors'))
  expect(size).toBe(imported.said['weightBytes'])
  const limits = ['--max-tokens', String(TOKENS), '--temperature', '0', '--seed', '1']
  const answer = await plateau('chat', '--model', out, '--prompt', PROMPT, ...limits)
  expect(answer.said['newTokens']).toBe(TOKENS)
  return [
    `${megabytes(size)} as q4, imported in ${imported.took} (peak ${imported.peak})`,
    `start to exit ${answer.took} (peak ${answer.peak})`,
    JSON.stringify(answer.said['text']),
  ]
}

async function inWindow(from: string, folder: string): Promise<readonly string[]> {
  const window = new RealWindow(join(folder, 'data'))
  await window.open()
  try {
    await window.modelIsReady()
    await window.setAnswers(TOKENS)
    const { page } = window
    await page.keyboard.press('Control+Shift+L')
    const sheet = page.getByRole('dialog', { name: 'Models' })
    await sheet.getByLabel(/^Path of a GGUF file/).fill(from)
    const start = performance.now()
    await page.keyboard.press('Enter')
    const use = sheet.getByRole('button', { name: /^Use (?!Pocket)/ })
    await use.waitFor({ timeout: PATIENCE })
    const imported = seconds(start)
    const before = await window.peaks()
    const loading = performance.now()
    await use.click()
    await use.waitFor({ state: 'detached', timeout: PATIENCE })
    await sheet.getByText('In use').waitFor({ timeout: PATIENCE })
    const loaded = seconds(loading)
    await page.keyboard.press('Escape')
    await page.locator('dialog').waitFor({ state: 'detached' })
    await send(page, PROMPT)
    await answerEnds(page, PATIENCE)
    expect(await page.getByRole('alert').allInnerTexts()).toEqual([])
    const words = await window.answers.last().locator('.words').innerText()
    expect(words).not.toBe('')
    const after = await window.peaks()
    return [
      `imported in ${imported}, loaded in ${loaded}`,
      `page ${megabytes(after.page)} (Pocket alone ${megabytes(before.page)}), GPU process ${megabytes(after.gpu)}`,
      JSON.stringify(words),
    ]
  } finally {
    await window.close()
  }
}

for (const name of ['smollm2-135m', 'qwen3-0.6b'])
  describe.each(Object.entries(SOURCES))(`${name} from %s as q4`, (what, write) => {
    test.each(Object.entries({ terminal: inTerminal, window: inWindow }))(
      'is loaded by the %s, and decodes',
      async (place, load) => {
        const title = `${name} from ${what}, ${place}`
        const shape = SHAPES[name]
        if (!shape) throw new Error(`${name} is no shape`)
        if (!done.get(title)) {
          // On a disk and not in memory, which has other uses here.
          const folder = await mkdtemp(join(tmpdir(), 'plateau-shapes-'))
          try {
            await mkdir(join(folder, 'data'))
            done.set(title, await load(await write(join(folder, 'from'), shape), folder))
          } finally {
            await rm(folder, { recursive: true })
          }
        }
        const [first = '', ...rest] = done.get(title) ?? []
        row(title, first, ...rest)
      },
    )
  })
