import { expect, test } from 'vitest'
import { createGpuModel } from '../../../engine/model/model.ts'
import { sequenceOptions } from '../../../engine/model/sequence.ts'
import { testDevice } from '../../support/gpu.ts'
import { gpuOptions, loadTiny, tokensOf } from '../../support/loaded-model.ts'
import { SlotShadow } from '../../support/slot-shadow.ts'

/** One head, narrow layers, short windows: the smallest model that goes through the same kernels. */
const SMALLEST = {
  hiddenSize: 16,
  mlpSize: 16,
  queryHeads: 1,
  kvHeads: 1,
  windows: [4, 6],
}
const CALL = 4990

test('50,000 tokens later the state has the bytes it had after 100, and no GPU byte more is held', async () => {
  const { config, checkpoint } = await loadTiny(SMALLEST)
  const model = await createGpuModel(gpuOptions(await testDevice(), config, checkpoint))
  const sequence = await model.createSequence(sequenceOptions(config, { attention: 'nha', window: null }))
  const bytes = () => (['weights', 'state', 'scratch'] as const).map((owner) => model.ledger.bytes(owner))

  await sequence.prefill(tokensOf(config.vocabSize, 100), 1)
  const [after100, held] = [sequence.stateBytes, bytes()]
  expect((await sequence.save()).bytes.byteLength).toBe(after100)

  // A logit that is no number would throw.
  for (let read = 100; read < 50_000; read += CALL)
    await sequence.prefill(tokensOf(config.vocabSize, CALL), 1)
  expect(sequence.position).toBe(50_000)
  expect(sequence.stateBytes).toBe(after100)
  expect((await sequence.save()).bytes.byteLength).toBe(after100)
  expect(bytes()).toEqual(held)

  sequence.dispose()
  model.dispose()
})

/** Measured 5.2e-7; gates of random weights forget within a few tokens, those of Pocket do not (the soak). */
const LARGEST_DIFFERENCE = 1e-5

test('the slots in f32 are those in f64, written by the same tokens', async () => {
  const { config, checkpoint } = await loadTiny({ windows: [64, 100] })
  const model = await createGpuModel(gpuOptions(await testDevice(), config, checkpoint))
  const options = sequenceOptions(config, { attention: 'nha', window: null })
  const sequence = await model.createSequence(options)
  const shadow = new SlotShadow(config, options)
  let state = await sequence.save()
  const differences: number[] = []
  for (let call = 0; call < 20; call++) {
    if (call % 5 === 4) await sequence.decode(call, 1)
    else await sequence.prefill(tokensOf(config.vocabSize, 64 - call), 1)
    shadow.follow(state, sequence.position)
    state = await sequence.save()
    differences.push(shadow.difference(state))
  }
  expect(Math.max(...differences)).toBeLessThan(LARGEST_DIFFERENCE)
  // It is no shadow of nothing.
  shadow.follow(state, sequence.position + 1)
  expect(shadow.difference(state)).toBeGreaterThan(LARGEST_DIFFERENCE)
  sequence.dispose()
  model.dispose()
})
