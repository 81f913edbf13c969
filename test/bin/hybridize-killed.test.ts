import { spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { buildStale } from '../../bin/build.js'
import { hybridize, type Hybridized } from '../../bin/hybridize/job.ts'
import { planned } from '../../bin/hybridize/planned.ts'
import { startJob } from '../../bin/model-library.ts'
import { ROOT } from '../../bin/root.ts'
import { jobsIn, type JobProgress } from '../../electron/models/jobs.ts'
import type { FitWords } from '../../electron/models/model-bridge.ts'
import { ScriptedWorld } from '../support/scripted-world.ts'
import { temporaryFolder } from '../support/test-bridge.ts'
import { TINY, tinyModel } from '../support/tiny-model.ts'

// Seconds on an idle core; a machine with other work to do may take long.
vi.setConfig({ testTimeout: 300_000 })

const STAGE = 'gates'
const TOKENS = 6 * 320
let root: string
let base: string
let text: string
/** What the fit comes to when nothing happens to it. */
let straight: Hybridized

beforeAll(async () => {
  await buildStale('bin')
  root = temporaryFolder()
  base = join(root, 'base')
  text = join(root, 'text.txt')
  await mkdir(base)
  // Half the heads of other tests: four processes fit it.
  for (const [file, bytes] of tinyModel({ ...TINY, family: 'qwen2', queryHeads: 2, kvHeads: 1 }))
    await writeFile(join(base, file), bytes)
  await writeFile(text, 'The rain fell softly on the old harbour, and nobody came. '.repeat(60))
  const job = planned({
    model: base,
    text: [text],
    out: join(root, 'straight'),
    stage: STAGE,
    tokens: TOKENS,
  })
  const world = new ScriptedWorld({ answer: () => ({ text: '' }) })
  straight = await hybridize(job, world, null, () => undefined)
}, 300_000)

/** Killed as soon as it says this; what it said. */
async function killedInTerminal(words: string, out: string): Promise<string> {
  // Without drivers there is no GPU, and nothing to wait for.
  const env = { ...process.env, VK_ICD_FILENAMES: '', PLATEAU_SOFTWARE_VULKAN: '1' }
  const options = [
    '--model',
    base,
    '--text',
    text,
    '--out',
    out,
    '--stage',
    STAGE,
    '--tokens',
    String(TOKENS),
  ]
  const command = [join(ROOT, 'dist/bin/plateau.js'), 'hybridize', ...options]
  const child = spawn(process.execPath, command, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (line: Buffer) => {
    said += line.toString()
    if (said.includes(words)) child.kill('SIGKILL')
  })
  const signal = await new Promise((resolve) => child.once('close', (_, signal) => resolve(signal)))
  expect(signal, said).toBe('SIGKILL')
  return said
}

/** Paused as the library pauses, by ending the process; what was told until then. */
async function pausedInLibrary(isThere: (told: JobProgress) => boolean, out: string): Promise<JobProgress[]> {
  const run = jobsIn(() => startJob(join(ROOT, 'dist/bin/model-process.js')))
  const all: JobProgress[] = []
  const stop = new AbortController()
  const job = { type: 'fit', source: base, out, stage: STAGE, tokens: TOKENS, texts: [text] } as const
  const onProgress = (done: number, total: number, fit?: FitWords) => {
    const told = { done, total, ...(fit ? { fit } : {}) }
    all.push(told)
    if (isThere(told)) stop.abort()
  }
  await expect(run(job, onProgress, stop.signal)).rejects.toThrow('abort')
  return all
}

describe('a fit whose process is killed', () => {
  it('comes to the same losses and the same model to the last bit, in terminal and library', async () => {
    const out = join(root, 'killed')
    const said = await killedInTerminal('Fitting gates 33 %', out)
    expect(said).toContain('Fitting gates 16 %')
    const first = await pausedInLibrary(({ fit }) => fit?.phase === 'gates', out)
    const began = first.at(-1)
    // What was ranked before is not ranked again.
    expect(first.map(({ fit }) => fit?.phase)).toEqual(['gates'])
    // Two steps were told, so at least the one before was saved.
    expect(began?.done).toBeGreaterThanOrEqual(2)
    expect(began?.fit?.losses).toEqual(straight.losses.gates.slice(0, began?.done))

    const told = await pausedInLibrary(({ fit }) => fit?.phase === 'asking', out)
    const on = told.find(({ fit }) => fit?.phase === 'gates')
    expect(on?.done).toBeGreaterThanOrEqual(began?.done ?? Infinity)
    const phases = new Set(told.map(({ fit }) => fit?.phase))
    expect([...phases]).toEqual(['gates', 'measuring', 'asking'])
    for (const { done, total } of told) expect(done).toBeLessThanOrEqual(total)

    const report = JSON.parse(await readFile(join(out, 'hybridize.json'), 'utf8')) as Hybridized
    expect(report.losses).toEqual(straight.losses)
    expect(report.buckets).toEqual(straight.buckets)
    const weights = (folder: string) => readFile(join(folder, 'model.safetensors'))
    expect((await weights(out)).equals(await weights(join(root, 'straight')))).toBe(true)
  })
})
