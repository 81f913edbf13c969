import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeRandomModel } from '../../bin/bench/random-model.ts'
import { runCommandLine } from '../../bin/command-line.ts'
import { modelFolder } from '../../bin/model-folder.ts'
import { POCKET } from '../../bin/root.ts'
import { loadEngine } from '../../engine/engine.ts'
import { ScriptedWorld } from '../support/scripted-world.ts'

test('bench measures every phase and position, and ends with one JSON document', async () => {
  const world = new ScriptedWorld({ answer: () => ({ text: '' }) })
  expect(await runCommandLine(['bench', '--positions', '20,600'], world)).toBe(0)
  const lines = world.stdout.text.trimEnd().split('\n')
  const report = JSON.parse(lines.at(-1) ?? '') as { rows: { phase: string; position: number }[] }
  expect(report.rows).toMatchObject([
    { phase: 'prefill', position: 128, stateBytes: 1000 },
    { phase: 'prefill', position: 512 },
    { phase: 'decode', position: 20 },
    { phase: 'decode', position: 600 },
  ])
  expect(lines[1]).toMatch(/^prefill 128 +[\d.]+ tok\/s/)
  expect(lines.at(-3)).toMatch(/^dispatches: \d+ a token, [\d.]+ a layer$/)
  expect(lines.at(-2)).toMatch(/^ms\/token at the last position ÷ at the first: [\d.]+$/)
})

test('bench ends at Ctrl-C', async () => {
  const world = new ScriptedWorld({ answer: () => ({ text: '' }) })
  world.interrupt.abort()
  expect(await runCommandLine(['bench'], world)).toBe(130)
  expect(world.stdout.text).toBe('')
})

test('bench refuses positions that are no positions', async () => {
  const world = new ScriptedWorld({ answer: () => ({ text: '' }) })
  expect(await runCommandLine(['bench', '--positions', '20,x'], world)).toBe(2)
  expect(world.stderr.text).toBe('--positions must be a whole number of at least 1, not "x".\n')
})

test.each([
  [
    ['--shape', 'gpt-5'],
    '--shape must be smollm2-135m, qwen2.5-0.5b, qwen3-0.6b, llama-3.2-1b, not "gpt-5".',
  ],
  [['--shape', 'smollm2-135m', '--quant', 'q3'], '--quant must be q4, q8, f16, not "q3".'],
  [['--quant', 'q4'], '--quant belongs to --shape: a model is stored as it is.'],
  [['--shape', 'smollm2-135m', '--model', 'x'], '--shape and --model exclude each other.'],
])('bench refuses %j in one sentence', async (options, sentence) => {
  const world = new ScriptedWorld({ answer: () => ({ text: '' }) })
  expect(await runCommandLine(['bench', ...options], world)).toBe(2)
  expect(world.stderr.text).toBe(`${sentence}\n`)
})

test.each(['q4', 'q8', 'f16'] as const)(
  'a random model of %s is one that the engine takes',
  async (quant) => {
    const folder = await mkdtemp(join(tmpdir(), 'plateau-random-'))
    const shape = {
      modelType: 'qwen3_nha',
      hiddenSize: 64,
      layers: 2,
      queryHeads: 4,
      kvHeads: 2,
      headDim: 16,
      mlpSize: 96,
      // At least as many as the tokenizer of the folder that lends it has.
      vocabSize: 4096,
    } as const
    try {
      await writeRandomModel(folder, shape, quant, POCKET)
      const engine = await loadEngine({ gpu: null, forceCpu: true, files: modelFolder(folder) })
      const logits = await engine.logits([1, 2, 3], { attention: 'nha', window: null })
      const spread = Math.sqrt(logits.reduce((sum, logit) => sum + logit ** 2, 0) / logits.length)
      // Unit-variance activations through a matrix of rows with length 1.
      expect(spread).toBeGreaterThan(0.5)
      expect(spread).toBeLessThan(2)
      engine.dispose()
    } finally {
      await rm(folder, { recursive: true })
    }
  },
)
