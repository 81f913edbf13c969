import { describe, expect, test } from 'vitest'
import { WINDOW_ALL } from '../../../kernels/attention-shape.ts'
import { createReferenceModel } from '../../../engine/model/model.ref.ts'
import type { Model, SequenceOptions } from '../../../engine/model/sequence.ts'
import { everyLogit, loadTiny, tokensOf } from '../../support/loaded-model.ts'
import { expectClose, relativeRms } from '../../support/numerics.ts'
import type { TinyModel } from '../../support/tiny-model.ts'

/** Two sums in f64 in another order: measured 1e-13 and less. */
const SAME = 1e-11

const SHAPES: readonly Partial<TinyModel>[] = [
  { queryHeads: 4, kvHeads: 2, headDim: 16, slots: 8 },
  { queryHeads: 3, kvHeads: 1, headDim: 12, slots: 5, family: 'qwen3_nha' },
  { queryHeads: 2, kvHeads: 2, headDim: 8, slots: 4, family: 'llama_nha', slotLayers: [false, true] },
  { queryHeads: 3, kvHeads: 1, headDim: 12, slots: 12, family: 'qwen3', sinks: 0 },
]

const all = (model: Model): SequenceOptions => ({
  windows: model.config.layerWindows.map(() => WINDOW_ALL),
  slotsOn: false,
})
const windowed = (model: Model, window: number): SequenceOptions => ({
  windows: model.config.layerWindows.map(() => window),
  slotsOn: true,
})

async function logitsAfter(
  model: Model,
  options: SequenceOptions,
  tokens: readonly number[],
): Promise<Float64Array> {
  const sequence = await model.createSequence(options)
  const logits = everyLogit(await sequence.prefill(tokens, model.config.vocabSize))
  sequence.dispose()
  return logits
}

describe.each(SHAPES)('the reference, Q=$queryHeads H=$kvHeads D=$headDim M=$slots', async (shape) => {
  const { config, checkpoint } = await loadTiny(shape)
  const model = await createReferenceModel(config, checkpoint)
  const tokens = tokensOf(config.vocabSize, 23)

  test('NHA equals full attention while the text fits the window', async () => {
    const full = await logitsAfter(model, all(model), tokens)
    expectClose('logits', await logitsAfter(model, windowed(model, 23), tokens), full, SAME)
  })

  test('one token past the window they part', async () => {
    const full = await logitsAfter(model, all(model), tokens)
    const nha = await logitsAfter(model, windowed(model, 22), tokens)
    expect(nha).not.toEqual(full)
  })

  test('slots matter once a token has left, and only then', async () => {
    const off = { ...windowed(model, 8), slotsOn: false }
    const short = tokens.slice(0, 8)
    expect(await logitsAfter(model, windowed(model, 8), short)).toEqual(await logitsAfter(model, off, short))
    expect(await logitsAfter(model, windowed(model, 8), tokens)).not.toEqual(
      await logitsAfter(model, off, tokens),
    )
  })

  test('prefill in any pieces and token by token are the same', async () => {
    const whole = await logitsAfter(model, windowed(model, 4), tokens)
    for (const split of [1, 4, 5, 22]) {
      const sequence = await model.createSequence(windowed(model, 4))
      await sequence.prefill(tokens.slice(0, split), 1)
      expect(everyLogit(await sequence.prefill(tokens.slice(split), config.vocabSize))).toEqual(whole)
    }
    const sequence = await model.createSequence(windowed(model, 4))
    let last = new Float64Array()
    for (const token of tokens) last = everyLogit(await sequence.decode(token, config.vocabSize))
    expect(last).toEqual(whole)
  })
})

test('sinks stay when they leave the window: full attention up to W + S tokens, and never folded', async () => {
  const { config, checkpoint } = await loadTiny({
    queryHeads: 4,
    kvHeads: 2,
    headDim: 16,
    slots: 8,
    sinks: 3,
  })
  const model = await createReferenceModel(config, checkpoint)
  const none = await createReferenceModel({ ...config, sinks: 0 }, checkpoint)
  const tokens = tokensOf(config.vocabSize, 14)
  for (const [window, isFull] of [
    [14, true],
    [11, true],
    [10, false],
  ] as const) {
    const full = await logitsAfter(model, all(model), tokens)
    const error = relativeRms(await logitsAfter(model, windowed(model, window), tokens), full)
    if (isFull) expect(error).toBeLessThan(SAME)
    else expect(error).toBeGreaterThan(1e-3)
  }
  expectClose(
    'no sinks',
    await logitsAfter(none, windowed(none, 14), tokens),
    await logitsAfter(model, all(model), tokens),
    SAME,
  )
  expect(await logitsAfter(none, windowed(none, 11), tokens)).not.toEqual(
    await logitsAfter(model, windowed(model, 11), tokens),
  )
  const off = { ...windowed(model, 11), slotsOn: false }
  expect(await logitsAfter(model, off, tokens)).toEqual(await logitsAfter(model, windowed(model, 11), tokens))
})

test.each([0, 3, 4, 9])('the reference saved after %i tokens goes on bit for bit', async (at) => {
  const { config, checkpoint } = await loadTiny({
    queryHeads: 4,
    kvHeads: 2,
    headDim: 16,
    slots: 8,
    slotLayers: [false, true],
    sinks: 2,
  })
  const model = await createReferenceModel(config, checkpoint)
  const tokens = tokensOf(config.vocabSize, 15)
  const straight = await model.createSequence(windowed(model, 4))
  if (at > 0) await straight.prefill(tokens.slice(0, at), 1)
  const restored = await model.createSequence(windowed(model, 4), await straight.save())
  expect(restored.position).toBe(at)
  for (const token of tokens.slice(at)) {
    const expected = everyLogit(await straight.decode(token, config.vocabSize))
    expect(everyLogit(await restored.decode(token, config.vocabSize))).toEqual(expected)
  }
})

test('the state of the reference has the same size at every position', async () => {
  const { config, checkpoint } = await loadTiny({ queryHeads: 4, kvHeads: 2, headDim: 16, slots: 8 })
  const model = await createReferenceModel(config, checkpoint)
  const sequence = await model.createSequence(windowed(model, 6))
  const before = sequence.stateBytes
  await sequence.prefill(tokensOf(config.vocabSize, 3), 1)
  expect(sequence.stateBytes).toBe(before)
  await sequence.prefill(tokensOf(config.vocabSize, 20), 1)
  expect(sequence.stateBytes).toBe(before)
})

test('with W = 0 in every layer with slots the model is a linear RNN that still tells its inputs apart', async () => {
  const { config, checkpoint } = await loadTiny({ queryHeads: 4, kvHeads: 2, headDim: 16, slots: 8 })
  const model = await createReferenceModel(config, checkpoint)
  const tokens = tokensOf(config.vocabSize, 12)
  const other = [(tokens[0] ?? 0) + 1, ...tokens.slice(1)]
  const first = await logitsAfter(model, windowed(model, 0), tokens)
  const second = await logitsAfter(model, windowed(model, 0), other)
  expect(first.every(Number.isFinite)).toBe(true)
  expect(first).not.toEqual(second)
})
