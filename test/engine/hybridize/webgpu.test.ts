import { afterAll, expect, it } from 'vitest'
import { startBackend } from '../../../engine/hybridize/backend.ts'
import { expectClose } from '../../support/numerics.ts'
import { rankLayers, readText } from '../../../engine/hybridize/compare-forward.ts'
import { mergedProjections, slopesOf, withAdapters } from '../../../engine/hybridize/fit-adapters.ts'
import { firstGates, fitGates, measureGates } from '../../../engine/hybridize/fit-gates.ts'
import { Forward } from '../../../engine/hybridize/forward.ts'
import { Checkpoint } from '../../../engine/model/checkpoint.ts'
import { parseConfig } from '../../../engine/model/config.ts'
import { readModelFiles } from '../../../engine/model-files.ts'
import { modelFilesOf, TINY, tinyModel } from '../../support/tiny-model.ts'
import { testDevice } from '../../support/gpu.ts'

const TOKENS = 64
afterAll(async () => {
  await startBackend(null)
})

/** All that is fitted and measured, on the backend that is on. */
async function fitted(): Promise<readonly (readonly number[])[]> {
  const folder = await readModelFiles(modelFilesOf(tinyModel({ ...TINY, family: 'qwen3' })), () => undefined)
  const config = { ...parseConfig(folder.config), slots: 8 }
  const forward = await Forward.load(config, new Checkpoint(folder.tensors))
  const plan = { seed: 1, steps: 1, window: 16, sinks: 2, layers: [1], narrow: [0, 1] }
  const text = [Array.from({ length: TOKENS }, (_, i) => (37 * i) % 259)]
  const found: number[][] = []
  for await (const costs of rankLayers(forward, plan, text))
    found.push(costs.map(({ divergence }) => divergence))
  const gates = await firstGates(forward, plan, text)
  for await (const { loss } of fitGates(forward, plan, text, gates)) found.push([loss])
  const errors = await measureGates(forward, plan, text, gates)
  found.push(errors.flatMap(({ withSlots, without }) => [withSlots, without]))
  const state = withAdapters(forward, plan, gates)
  const { loss, slopes } = await slopesOf(forward, plan, text[0] ?? [], state, plan.window)
  found.push([loss], ...[...slopes.values()].map((slope) => [...slope]))
  for await (const sums of readText(forward, { ...plan, windows: [16, 16] }, text, state))
    found.push(sums.map(({ nats }) => nats))
  const merged = await mergedProjections(forward, plan.layers, state)
  found.push([...(merged.get('model.layers.1.self_attn.q_proj.weight')?.values ?? [])])
  forward.dispose()
  return found
}

// Some sixty shaders are compiled.
it('fits and measures on our own device what it does on the processor', { timeout: 300_000 }, async () => {
  const device = await testDevice()
  expect(await startBackend({ device, info: device.adapterInfo })).toBe('webgpu')
  const onDevice = await fitted()
  expect(await startBackend(null)).toBe('cpu')
  const onProcessor = await fitted()
  expect(onDevice.length).toBe(onProcessor.length)
  // Measured up to 4e-6.
  for (const [i, numbers] of onProcessor.entries()) expectClose(`part ${i}`, onDevice[i]!, numbers, 1e-5)
})
