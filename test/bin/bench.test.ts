import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { timeSchedules } from '../../bin/bench/kernels.ts'
import { writeRandomModel } from '../../bin/bench/random-model.ts'
import { runCommandLine } from '../../bin/command-line.ts'
import { modelFolder } from '../../bin/model-folder.ts'
import { POCKET } from '../../bin/root.ts'
import { loadEngine } from '../../engine/engine.ts'
import { capturingGpu } from '../support/gpu.ts'
import { ScriptedWorld } from '../support/scripted-world.ts'
import { TINY_SHAPE } from '../support/tiny-shape.ts'

interface Report {
  readonly machine: Record<string, unknown>
  readonly rows: readonly {
    engine: string
    backend: string
    attention: string
    phase: string
    position: number
    msPerToken: number | null
    range: [number, number] | null
    stateBytes: number | null
    dispatchesPerToken: number | null
    bandwidthPercent: number | null
    note: string
  }[]
  readonly kernels: readonly {
    kernel: string
    milliseconds: number | null
    gigabytesPerSecond: number | null
  }[]
  readonly flatness: readonly { attention: string; place: string; ratio: number }[]
}

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plateau-bench-test-'))
  await writeRandomModel(folder, TINY_SHAPE, 'q4', POCKET)
})

afterAll(() => rm(folder, { recursive: true }))

function reportOf(world: ScriptedWorld): Report {
  return JSON.parse(world.stdout.text.trimEnd().split('\n').at(-1) ?? '') as Report
}

test('bench measures every phase and position, and ends with one JSON document', async () => {
  const world = new ScriptedWorld({ answer: () => ({ text: '' }) })
  expect(await runCommandLine(['bench', '--positions', '20,6000'], world)).toBe(0)
  expect(reportOf(world).rows).toMatchObject([
    { engine: 'plateau', attention: 'nha', phase: 'prefill', position: 128, stateBytes: 1000 },
    { phase: 'prefill', position: 512 },
    { phase: 'prefill', position: 2048 },
    { phase: 'decode', position: 20 },
    { phase: 'decode', position: 6000 },
    { phase: 'first-token', position: 128 },
    { phase: 'save' },
    { phase: 'restore' },
  ])
  const lines = world.stdout.text.split('\n')
  expect(lines[3]).toMatch(/^ {2}prefill 128 +[\d.]+ tok\/s/)
  expect(world.stdout.text).toMatch(/\ndispatches: \d+ a token, [\d.]+ a layer\n/)
  expect(world.stdout.text).toMatch(/\nms\/token at the last position ÷ at the first, nha in Node: [\d.]+\n/)
})

test('bench on the GPU: both attentions, far positions, with bytes and dispatches that are so', async () => {
  const { gpu } = capturingGpu()
  const world = new ScriptedWorld({ answer: () => ({ text: '' }) })
  world.loadEngine = (model) => loadEngine({ gpu, forceCpu: false, files: modelFolder(model) })
  world.timeSchedules = (shapes) => timeSchedules(gpu, shapes)
  const options = ['--model', folder, '--attention', 'nha,full', '--rounds', '1', '--kernels']
  const tasks = ['--prefill', '8', '--positions', '8,3000', '--json']
  expect(await runCommandLine(['bench', ...options, ...tasks], world)).toBe(0)
  const { rows, flatness, kernels } = reportOf(world)
  expect(rows.map(({ attention, phase, position }) => `${attention} ${phase} ${position}`)).toEqual(
    ['nha', 'full'].flatMap((attention) => [
      `${attention} prefill 8`,
      `${attention} decode 8`,
      `${attention} decode 3000`,
      `${attention} first-token 8`,
      `${attention} save 512`,
      `${attention} restore 512`,
    ]),
  )
  for (const { msPerToken, range, backend } of rows) {
    expect(msPerToken).not.toBeNull()
    expect(range?.[0]).toBeGreaterThanOrEqual(range?.[1] ?? Infinity)
    expect(backend).toMatch(/^WebGPU: .+, Node$/)
  }
  const decoded = (attention: string, position: number) =>
    rows.find((row) => row.phase === 'decode' && row.attention === attention && row.position === position)
  // Fixed with slots and windows; keys and values of 4,096 rows where they were 1,024.
  expect(decoded('nha', 3000)?.stateBytes).toBe(decoded('nha', 8)?.stateBytes)
  expect(decoded('full', 3000)?.stateBytes).toBe(4 * (decoded('full', 8)?.stateBytes ?? 0))
  expect(decoded('nha', 8)?.dispatchesPerToken).toBeGreaterThan(TINY_SHAPE.layers)
  expect(decoded('nha', 8)?.bandwidthPercent).toBeGreaterThan(0)
  // Two products, each way that this adapter can make them.
  expect(new Set(kernels.map(({ kernel }) => kernel)).size).toBe(kernels.length / 2)
  expect(kernels.map(({ kernel }) => kernel)).toContain('gemv, workgroup')
  for (const { milliseconds, gigabytesPerSecond } of kernels) {
    expect(milliseconds).toBeGreaterThan(0)
    expect(gigabytesPerSecond).toBeGreaterThan(0)
  }
  expect(flatness.map(({ attention, place }) => `${attention} ${place}`)).toEqual(['nha Node', 'full Node'])
}, 180_000)

test('bench with too little time makes one round, and says what it left out', async () => {
  const world = new ScriptedWorld({ answer: () => ({ text: '' }) })
  const clock = vi.spyOn(performance, 'now')
  let now = 0
  clock.mockImplementation(() => (now += 1000))
  try {
    const tasks = ['--prefill', '8', '--positions', '20,6000', '--within', '2']
    expect(await runCommandLine(['bench', '--json', ...tasks], world)).toBe(0)
  } finally {
    clock.mockRestore()
  }
  const { rows } = reportOf(world)
  expect(rows.find(({ phase }) => phase === 'prefill')?.msPerToken).not.toBeNull()
  const left = rows.filter(({ msPerToken }) => msPerToken === null)
  expect(left.length).toBeGreaterThan(0)
  for (const { note } of left) expect(note).toBe('the time of --within was over')
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

const SHAPES = 'pocket, smollm2-135m, qwen2.5-0.5b, qwen3-0.6b, llama-3.2-1b'

test.each([
  [['--shape', 'gpt-5'], `--shape must be ${SHAPES}, not "gpt-5".`],
  [['--shape', 'smollm2-135m', '--quant', 'q3'], '--quant must be q4, q8, f16, not "q3".'],
  [['--quant', 'q4'], '--quant belongs to the random weights of a --shape: a model is stored as it is.'],
  [['--shape', 'smollm2-135m', '--model', 'x'], '--shape and --model exclude each other.'],
  [['--attention', 'sparse'], '--attention must be nha or full, not "sparse".'],
  [['--window', 'wide'], '--window must be numbers, all, lean, balanced, faithful, not "wide".'],
  [['--in', 'firefox'], '--in must be node, chromium or both with a comma, not "firefox".'],
])('bench refuses %j in one sentence', async (options, sentence) => {
  const world = new ScriptedWorld({ answer: () => ({ text: '' }) })
  expect(await runCommandLine(['bench', ...options], world)).toBe(2)
  expect(world.stderr.text).toBe(`${sentence}\n`)
})

test.each(['q4', 'q8', 'f16'] as const)(
  'a random model of %s is one that the engine takes',
  async (quant) => {
    const random = await mkdtemp(join(tmpdir(), 'plateau-random-'))
    try {
      const model = join(random, 'made', 'here')
      await writeRandomModel(model, { ...TINY_SHAPE, modelType: 'qwen3_nha' }, quant, POCKET)
      const engine = await loadEngine({ gpu: null, forceCpu: true, files: modelFolder(model) })
      const logits = await engine.logits([1, 2, 3], { attention: 'nha', window: null })
      const spread = Math.sqrt(logits.reduce((sum, logit) => sum + logit ** 2, 0) / logits.length)
      // Unit-variance activations through a matrix of rows with length 1.
      expect(spread).toBeGreaterThan(0.5)
      expect(spread).toBeLessThan(2)
      engine.dispose()
    } finally {
      await rm(random, { recursive: true })
    }
  },
)
