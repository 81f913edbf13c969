import { expect, test } from 'vitest'
import { createGpuModel } from '../../../engine/model/model.ts'
import { sequenceOptions } from '../../../engine/model/sequence.ts'
import { testDevice } from '../../support/gpu.ts'
import { gpuOptions, loadTiny, tokensOf } from '../../support/loaded-model.ts'

test('20,000 tokens later the state has the bytes it had after 100, and no GPU byte more is held', async () => {
  const { config, checkpoint } = await loadTiny({ windows: [8, 64] })
  const model = await createGpuModel(gpuOptions(await testDevice(), config, checkpoint))
  const sequence = await model.createSequence(sequenceOptions(config, { attention: 'nha', window: null }))
  const bytes = () => (['weights', 'state', 'scratch'] as const).map((owner) => model.ledger.bytes(owner))

  await sequence.prefill(tokensOf(config.vocabSize, 100), 1)
  const [after100, held] = [sequence.stateBytes, bytes()]
  expect((await sequence.save()).bytes.byteLength).toBe(after100)

  for (let read = 100; read < 20_000; read += 1990) {
    await sequence.prefill(tokensOf(config.vocabSize, 1990), 1)
  }
  expect(sequence.position).toBe(20_000)
  expect(sequence.stateBytes).toBe(after100)
  expect((await sequence.save()).bytes.byteLength).toBe(after100)
  expect(bytes()).toEqual(held)

  sequence.dispose()
  model.dispose()
})
