import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { SHAPES } from '../../bin/bench/shapes.ts'
import { buildStale } from '../../bin/build.js'
import type { Hybridized } from '../../bin/hybridize/job.ts'
import { peakMemory } from '../support/peak-memory.ts'
import { row } from './rows.ts'
import { SOURCES } from './shape-sources.ts'

/** The last that a phase says. */
const ENDS = {
  ranking: 'Ranking layers 100 %',
  'stage 1': 'Fitting gates 100 %',
  'stage 2': 'Fitting adapters 100 %',
  measuring: 'Measuring 100 %',
} as const
/** The fewest that the command takes: a peak needs no more steps. */
const TOKENS = 1000
const LOOK_MILLISECONDS = 100
/** `Peak memory at most twice the model`, which is there in f32. */
const MOST = 2

beforeAll(() => buildStale('bin'))

/** The most memory of the whole process in each phase, in bytes. It is ended before it asks the model that it made. */
async function peaksOf(out: string, ...args: readonly string[]): Promise<Map<string, number>> {
  // Without drivers there is no GPU, and nothing to wait for.
  const env = { ...process.env, VK_ICD_FILENAMES: '', PLATEAU_SOFTWARE_VULKAN: '1' }
  const command = ['dist/bin/plateau.js', 'hybridize', '--out', out, ...args]
  const child = spawn(process.execPath, command, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const id = child.pid ?? 0
  const peaks = new Map<string, number>()
  let said = ''
  child.stderr.on('data', (part: Buffer) => (said += part.toString()))
  while (child.exitCode === null && !existsSync(join(out, 'hybridize.json'))) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS))
    for (const [phase, end] of Object.entries(ENDS)) {
      if (!said.includes(end) || peaks.has(phase)) continue
      peaks.set(phase, await peakMemory(id))
      // 5: the peak begins anew, from what is there now.
      await writeFile(`/proc/${id}/clear_refs`, '5')
    }
  }
  peaks.set('writing', await peakMemory(id))
  child.kill('SIGKILL')
  expect([...peaks.keys()], said).toEqual([...Object.keys(ENDS), 'writing'])
  return peaks
}

test.each([32, 64])('a fit of SmolLM2-135M’s shape stays within twice the model, W = %i', async (window) => {
  const shape = SHAPES['smollm2-135m']
  const write = SOURCES['Hugging Face folder, BF16']
  if (!shape || !write) throw new Error('there is no such shape')
  const folder = await mkdtemp(join(tmpdir(), 'plateau-hybridize-'))
  try {
    const [base, text, out] = ['base', 'text.txt', 'out'].map((name) => join(folder, name))
    if (!base || !text || !out) throw new Error('three paths are three')
    await write(base, shape)
    await writeFile(text, 'The rain fell softly on the old harbour, and nobody came. '.repeat(1000))
    const files = ['--model', base, '--text', text]
    const how = ['--tokens', String(TOKENS), '--window', String(window), '--stage', 'gates+lora']
    const peaks = await peaksOf(out, ...files, ...how, '--rounds', '1')
    const { memory } = JSON.parse(await readFile(join(out, 'hybridize.json'), 'utf8')) as Hybridized
    const times = (bytes: number) => (bytes / memory.weightBytes).toFixed(2)
    const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`
    const found = [...peaks].map(([phase, bytes]) => `${phase} ${megabytes(bytes)}, ${times(bytes)}`)
    row(`memory of a fit, W = ${window}`, `model ${megabytes(memory.weightBytes)} in f32`, ...found)
    expect(Math.max(...peaks.values()) / memory.weightBytes).toBeLessThanOrEqual(MOST)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
