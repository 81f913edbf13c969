import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { largeNumber } from '../../bin/arguments.ts'
import { runCommandLine } from '../../bin/command-line.ts'
import { Interrupted } from '../../bin/command.ts'
import { hybridize } from '../../bin/hybridize/job.ts'
import { lossCurve } from '../../bin/hybridize/loss-curve.ts'
import type { HybridizeJob } from '../../bin/hybridize/planned.ts'
import { beyondWindow, conclude, type HybridizeReport, perplexities } from '../../bin/hybridize/report.ts'
import { importInto } from '../../bin/import-model.ts'
import { modelFolder } from '../../bin/model-folder.ts'
import { type Finding, MODES } from '../../bin/recall/measure.ts'
import { loadEngine } from '../../engine/engine.ts'
import { readModelFiles } from '../../engine/model-files.ts'
import { ScriptedWorld } from '../support/scripted-world.ts'
import { temporaryFolder } from '../support/test-bridge.ts'
import { TINY, tinyModel } from '../support/tiny-model.ts'

// Seconds on an idle core; a machine with other work to do may take long.
vi.setConfig({ testTimeout: 180_000 })

let root: string
let job: HybridizeJob

beforeAll(async () => {
  root = temporaryFolder()
  await mkdir(join(root, 'base'))
  for (const [file, bytes] of tinyModel({ ...TINY, family: 'qwen2' }))
    await writeFile(join(root, 'base', file), bytes)
  const talk = { messages: [{ role: 'user', content: 'My dog is called Rex. '.repeat(8) }] }
  await writeFile(join(root, 'talk.jsonl'), `${JSON.stringify(talk)}\n`.repeat(3))
  await writeFile(join(root, 'text.txt'), 'The rain fell softly on the old harbour. '.repeat(16))
  await writeFile(join(root, 'long.txt'), 'The rain fell softly on the old harbour. '.repeat(90))
  job = {
    model: join(root, 'base'),
    text: [join(root, 'talk.jsonl'), join(root, 'text.txt')],
    out: join(root, 'hybrid'),
    quant: 'f16',
    tokens: 4 * 32,
    adapterTokens: 0,
    length: 32,
    window: 8,
    slots: 8,
    sinks: 2,
    wideLayers: 1,
    seed: 1,
  }
})

function world(): ScriptedWorld {
  return new ScriptedWorld({ answer: () => ({ text: '' }) })
}

/** The bytes of each tensor of a folder, by name. */
async function tensorsOf(path: string): Promise<Map<string, Buffer>> {
  const folder = await readModelFiles(modelFolder(path), () => undefined)
  const found = new Map<string, Buffer>()
  for (const [name, { file, begin, byteLength }] of folder.tensors)
    found.set(name, Buffer.from(await file.read(begin, byteLength)))
  await folder.close()
  return found
}

describe('hybridize', () => {
  it('makes a model with slots that loads, paused and continued on the way', async () => {
    const paused = world()
    const doing = hybridize(job, paused, null, ({ phase, done }) => {
      if (phase === 'gates' && done === 2) paused.interrupt.abort()
    })
    await expect(doing).rejects.toThrow(Interrupted)
    expect(await readdir(root)).toContain('hybrid.gates')
    const steps: number[] = []
    const made = await hybridize(job, world(), null, ({ phase, done }) => {
      if (phase === 'gates') steps.push(done)
    })
    expect(steps).toEqual([3, 4])
    expect(made.losses.gates).toHaveLength(4)
    expect(made.slotLayers).toHaveLength(1)
    const { weightBytes, tensorBytes, processBytes } = made.memory
    expect(tensorBytes).toBeGreaterThan(weightBytes)
    expect(processBytes).toBeGreaterThan(tensorBytes)
    expect(made.windows.filter((window) => window === 2048)).toHaveLength(1)
    expect(await readdir(root)).not.toContain('hybrid.gates')
    expect(Object.keys(perplexities(made.buckets))).toEqual(['full', 'slots on', 'slots off', 'slots random'])
    const engine = await loadEngine({ gpu: null, forceCpu: true, files: modelFolder(job.out) })
    expect(engine.info).toMatchObject({ slots: 8, windows: made.windows })
    const ids = Array.from({ length: 40 }, (_, i) => i + 1)
    const logits = await engine.logits(ids, { attention: 'nha', window: null })
    expect(logits.every(Number.isFinite)).toBe(true)
    engine.dispose()
    // To another program and back: the names of NHA's authors, and the same answers to the last bit.
    const back = join(root, 'back')
    const trip = { source: job.out, out: back, quant: 'f16', name: '', origin: null } as const
    await importInto(trip, new AbortController().signal, () => undefined)
    const config = JSON.parse(await readFile(join(back, 'config.json'), 'utf8')) as Record<string, unknown>
    expect(config).toMatchObject({ model_type: 'qwen2_nha', num_slots: 8, window_size: 8 })
    const returned = await loadEngine({ gpu: null, forceCpu: true, files: modelFolder(back) })
    expect(await returned.logits(ids, { attention: 'nha', window: null })).toEqual(logits)
    returned.dispose()
    // Gates alone have learned.
    const plain = join(root, 'plain')
    const asF16 = { ...trip, source: job.model, out: plain }
    await importInto(asF16, new AbortController().signal, () => undefined)
    const [before, after] = [await tensorsOf(plain), await tensorsOf(job.out)]
    const added = [...after.keys()].filter((name) => !before.has(name))
    expect(added).toEqual(made.slotLayers.map((layer) => `model.layers.${layer}.self_attn.g_proj.weight`))
    for (const [name, bytes] of before) expect(after.get(name)?.equals(bytes), name).toBe(true)
    await expect(hybridize(job, world(), null, () => undefined)).rejects.toThrow('is there already')
    const again = { ...job, model: job.out, out: join(root, 'again') }
    await expect(hybridize(again, world(), null, () => undefined)).rejects.toThrow('slots already')
  })

  it('fits adapters on top where it is asked to, and keeps a quarter of the layers wide, the costliest', async () => {
    const model = join(root, 'four')
    await mkdir(model)
    for (const [file, bytes] of tinyModel({ ...TINY, family: 'qwen2', layers: 4 }))
      await writeFile(join(model, file), bytes)
    const out = join(root, 'adapted')
    const asked = { ...job, model, out, tokens: 32, adapterTokens: 32, wideLayers: null }
    const made = await hybridize(asked, world(), null, () => undefined)
    expect(made.losses.adapters).toHaveLength(1)
    expect(await readdir(out)).toContain('model.safetensors')
    const [costliest] = [...made.costs].sort((a, b) => b.divergence - a.divergence)
    expect(made.windows).toEqual(made.costs.map(({ layer }) => (layer === costliest?.layer ? 2048 : 8)))
    expect(made.slotLayers).not.toContain(costliest?.layer)
  })

  it('says in one sentence what is wrong', async () => {
    const refused = async (...args: string[]) => {
      const asked = world()
      expect(await runCommandLine(['hybridize', ...args], asked)).not.toBe(0)
      return asked.stderr.text
    }
    expect(await refused()).toContain('--model is missing')
    const needed = ['--model', job.model, '--out', join(root, 'x')]
    expect(await refused(...needed)).toContain('--text is missing')
    expect(await refused(...needed, '--text', 'a', '--stage', 'all')).toContain('gates or gates+lora')
    expect(await refused(...needed, '--text', 'a', '--tokens', '5G')).toContain('200k or 5M')
    const tokens = ['5M', '0.5M', '500k', '40000'].map((words) => largeNumber('tokens', words, 1000))
    expect(tokens).toEqual([5_000_000, 500_000, 500_000, 40_000])
    await writeFile(join(root, 'bad.jsonl'), '{"messages": []}\n')
    const bad = { ...job, out: join(root, 'x'), text: [join(root, 'bad.jsonl')] }
    await expect(hybridize(bad, world(), null, () => undefined)).rejects.toThrow('Line 1 of')
    const short = { ...job, out: join(root, 'x'), length: 1024 }
    await expect(hybridize(short, world(), null, () => undefined)).rejects.toThrow('give more text')
  })
})

describe('the command', () => {
  it('shows the loss as a curve, pauses at Ctrl-C, goes on, and leaves its report with the model', async () => {
    const out = join(root, 'paused')
    const stopped = world()
    const write = stopped.stderr.write.bind(stopped.stderr)
    stopped.stderr.write = ((words: string) => {
      if (words.includes('Fitting gates')) stopped.interrupt.abort()
      return write(words)
    }) as typeof write
    const options = ['--window', '8', '--slots', '8', '--tokens', '1000', '--rounds', '1']
    const files = ['--model', job.model, '--out', out, '--text', join(root, 'long.txt')]
    expect(await runCommandLine(['hybridize', ...files, ...options], stopped)).toBe(130)
    expect(stopped.stderr.text).toContain('Ranking layers 100 % · 8 of 8 readings with one layer narrow')
    expect(stopped.stderr.text).toMatch(/Fitting gates \d+ % · loss [▁▂▃▄▅▆▇█]+ \d\.\d{4}/)
    expect(stopped.stderr.text).toContain(
      `Paused; the same command goes on. To give it up, delete ${out}.gates.\n`,
    )

    const again = new ScriptedWorld({ answer: () => ({ text: 'Nobody knows.' }) })
    expect(await runCommandLine(['hybridize', ...files, ...options], again)).toBe(0)
    expect(again.stderr.text).not.toContain('Ranking')
    expect(again.stdout.text).toMatch(/loss of gates {5}\d\.\d{4} [▁▂▃▄▅▆▇█]{7} \d\.\d{4}/)
    expect(again.stdout.text).toMatch(/slots random( +[\d.]+){4}/)
    const report = JSON.parse(await readFile(join(out, 'hybridize.json'), 'utf8')) as HybridizeReport
    expect(again.stdout.text).toContain(report.conclusion)
    expect(report.conclusion).toBe(
      'The slots did not help: of the facts told more than 8 tokens before, 0 % (0–32) were recalled with slots and 0 % (0–32) without, and the intervals overlap; full attention recalled 0 % (0–32).',
    )
    expect(Object.keys(report.beyond)).toEqual(['nha', 'slots-random', 'window-only', 'full'])
    const asked = report.recall.rows.map(({ attention, distance }) => `${attention} ${distance}`)
    expect([...new Set(asked)]).toEqual(
      MODES.flatMap((mode) => [4, 16, 40].map((distance) => `${mode} ${distance}`)),
    )
    for (const { low, high } of report.recall.rows) expect([low, high > 0.4]).toEqual([0, true])
    expect(await readFile(join(out, 'hybridize.svg'), 'utf8')).toContain('noise in the slots')
  })

  it('draws a curve from nothing to the highest loss', () => {
    expect(lossCurve([], 4)).toBe('')
    expect(lossCurve([7, 3.5, 0], 4)).toBe('█▅▁')
    expect(lossCurve([8, 6, 4, 4, 0, 0, 1], 4)).toBe('█▅▁▂')
  })
})

describe('what the report says', () => {
  const findings = (attention: Finding['attention'], right: number, asked: number): Finding[] =>
    Array.from({ length: asked }, (_, i) => ({
      attention,
      distance: 128,
      facts: 4,
      seen: true,
      fact: 'told',
      right: i < right,
      refused: false,
    }))

  it('is that slots help only where the intervals lie apart', () => {
    const of = (on: number, off: number) =>
      conclude(beyondWindow([...findings('nha', on, 20), ...findings('window-only', off, 20)], 64), 64)
    expect(of(18, 2)).toMatch(/^The slots help: .*90 % .* 10 %/)
    expect(of(8, 5)).toMatch(/^The slots did not help/)
    expect(of(1, 15)).toMatch(/^The slots do harm/)
    expect(conclude(beyondWindow(findings('nha', 3, 4), 128), 128)).toContain('nothing can be said')
  })
})
