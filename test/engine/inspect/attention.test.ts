import { beforeAll, expect, test } from 'vitest'
import { countDispatches } from '../../../bin/bench/dispatches.ts'
import type { TokenAttention } from '../../../engine/inspect/token-attention.ts'
import { createGpuModel } from '../../../engine/model/model.ts'
import { createReferenceModel } from '../../../engine/model/model.ref.ts'
import { sequenceOptions } from '../../../engine/model/sequence.ts'
import { WINDOW_ALL } from '../../../kernels/attention-shape.ts'
import { testDevice } from '../../support/gpu.ts'
import { everyLogit, gpuOptions, loadTiny, tokensOf } from '../../support/loaded-model.ts'
import { seeded } from '../../support/numerics.ts'
import type { TinyModel } from '../../support/tiny-model.ts'

/** Of shares that sum to 1, f32 against f64 through two layers: measured up to 5.7e-5, by an f16 rounding in the window. */
const MAX_SHARE = 2e-4
/** Stored as f32 after a softmax in f64; after prefill the slots' weights are the GPU's: measured up to 1.2e-7. */
const MAX_SUM = 1e-5

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

/** Heads, groups, slots, windows and sinks that have nothing in common. */
const SHAPES: readonly (Partial<TinyModel> & { readonly windows: readonly number[] })[] = [2, 5].map(
  (seed) => {
    const random = seeded(100 + seed)
    const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!
    const kvHeads = pick([1, 2, 3])
    const window = () => pick([0, 1, 3, 8, 60, WINDOW_ALL])
    return {
      family: pick(['llama_nha', 'qwen2_nha', 'qwen3_nha'] as const),
      queryHeads: kvHeads * pick([1, 2, 3, 4]),
      kvHeads,
      headDim: pick([4, 12, 16]),
      slots: pick([1, 3, 4, 6]),
      windows: [window(), window()],
      sinks: pick([0, 1, 4]),
      emptySlots: pick(['masked', 'counted'] as const),
      seed,
    }
  },
)

const FIXED = [
  { windows: [0, WINDOW_ALL], sinks: 0, queryHeads: 6, kvHeads: 2, slots: 4 },
  { windows: [3, 200], sinks: 4, queryHeads: 7, kvHeads: 1, slots: 5, slotLayers: [true, false] },
  { family: 'llama', windows: [5, 5], queryHeads: 4, kvHeads: 2, slots: 0 },
] as const

test.each<Partial<TinyModel> & { readonly windows: readonly number[] }>([...FIXED, ...SHAPES])(
  'shares sum to 1 and equal the reference: W=$windows Q=$queryHeads H=$kvHeads M=$slots S=$sinks',
  async ({ windows, ...shape }) => {
    const { config, checkpoint } = await loadTiny({ ...shape, windows })
    const options = sequenceOptions(config, { attention: 'nha', window: windows })
    const reference = await (await createReferenceModel(config, checkpoint)).createSequence(options)
    const model = await createGpuModel(gpuOptions(device, config, checkpoint))
    const sequence = await model.createSequence(options)
    for (const each of [reference, sequence]) {
      expect(await each.attention()).toBeNull()
      await each.inspect(true)
      expect(await each.attention()).toBeNull()
    }
    const check = async () => {
      const [expected, actual] = await Promise.all([reference.attention(), sequence.attention()])
      if (!expected || !actual) throw new Error('nothing was kept')
      expectShares(actual, expected)
    }
    const tokens = tokensOf(config.vocabSize, 160)
    for (const end of [1, 9, 140]) {
      const piece = tokens.slice(reference.position, end)
      for (const each of [reference, sequence]) await each.prefill(piece, 1)
      await check()
      const next = tokens[end] ?? 0
      for (const each of [reference, sequence]) await each.decode(next, 1)
      await check()
    }
    model.dispose()
  },
)

function expectShares(actual: TokenAttention, expected: TokenAttention): void {
  expect(actual.position).toBe(expected.position)
  for (const name of ['shares', 'slots', 'sinks', 'window'] as const) {
    expect(actual[name].length, name).toBe(expected[name].length)
    const worst = actual[name].reduce(
      (most, x, i) => Math.max(most, Math.abs(x - (expected[name][i] ?? 9))),
      0,
    )
    expect(worst, `${name} at ${actual.position}`).toBeLessThan(MAX_SHARE)
  }
  for (let at = 0; at < actual.shares.length; at += 3) {
    const [slots = 9, sinks = 9, window = 9] = actual.shares.subarray(at, at + 3)
    expect(Math.abs(slots + sinks + window - 1)).toBeLessThan(MAX_SUM)
  }
}

test('what a word leaned on is the same sum told three ways', async () => {
  const { config, checkpoint } = await loadTiny({ windows: [6, 3], sinks: 2 })
  const sequence = await (
    await createReferenceModel(config, checkpoint)
  ).createSequence(sequenceOptions(config, { attention: 'nha', window: null }))
  await sequence.inspect(true)
  await sequence.prefill(tokensOf(config.vocabSize, 20), 1)
  const told = await sequence.attention()
  if (!told) throw new Error('nothing was kept')
  const heads = config.layers * config.queryHeads
  const part = (kind: number) =>
    told.shares.reduce((sum, x, i) => (i % 3 === kind ? sum + x / heads : sum), 0)
  const total = (values: Float32Array) => values.reduce((sum, x) => sum + x, 0)
  expect(total(told.slots) / (config.layers * config.kvHeads)).toBeCloseTo(part(0), 5)
  expect(total(told.sinks)).toBeCloseTo(part(1), 5)
  expect(total(told.window)).toBeCloseTo(part(2), 5)
  expect(part(1)).toBeGreaterThan(0)
})

test('closed, the inspector takes no dispatch and no byte; open, no dispatch more and the same bits', async () => {
  const { config, checkpoint } = await loadTiny({ windows: [8, 5] })
  const model = await createGpuModel(gpuOptions(device, config, checkpoint))
  const options = sequenceOptions(config, { attention: 'nha', window: null })
  const tokens = tokensOf(config.vocabSize, 140)
  const everything = config.vocabSize
  const never = await model.createSequence(options)
  const plain = { dispatches: 0, logits: new Float64Array(), bytes: 0 }
  const read = async (sequence: typeof never) => {
    let logits = new Float64Array()
    const dispatches = await countDispatches(async () => {
      await sequence.prefill(tokens, everything)
      for (const token of tokens.slice(0, 5)) logits = everyLogit(await sequence.decode(token, everything))
    })
    return { dispatches, logits, bytes: model.ledger.bytes('scratch') + model.ledger.bytes('state') }
  }
  Object.assign(plain, await read(never))
  expect(plain.dispatches).toBeGreaterThan(0)
  never.dispose()

  const closed = await model.createSequence(options)
  await closed.inspect(true)
  await closed.inspect(false)
  expect(await read(closed)).toEqual(plain)
  closed.dispose()

  const open = await model.createSequence(options)
  await open.inspect(true)
  const opened = await read(open)
  expect(opened.dispatches).toBe(plain.dispatches)
  expect(opened.logits).toEqual(plain.logits)
  expect(opened.bytes).toBeGreaterThan(plain.bytes)
  expect(await countDispatches(() => open.attention())).toBe(0)
  await open.inspect(false)
  expect(model.ledger.bytes('scratch') + model.ledger.bytes('state')).toBe(plain.bytes)
  model.dispose()
})
