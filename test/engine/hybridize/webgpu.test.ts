import * as tf from '@tensorflow/tfjs-core'
import { afterAll, expect, it } from 'vitest'
import { startBackend } from '../../../engine/hybridize/backend.ts'
import { expectClose } from '../../support/numerics.ts'
import { rankLayers, readText } from '../../../engine/hybridize/compare-forward.ts'
import { mergedProjections, slopesOf, withAdapters } from '../../../engine/hybridize/fit-adapters.ts'
import { firstGates, fitGates, measureGates } from '../../../engine/hybridize/fit-gates.ts'
import { StagedModel } from '../../../engine/hybridize/staged-model.ts'
import { forwardTeacher } from '../../../engine/hybridize/teacher.ts'
import { Checkpoint } from '../../../engine/model/checkpoint.ts'
import { parseConfig } from '../../../engine/model/config.ts'
import { readModelFiles } from '../../../engine/model-files.ts'
import { modelFilesOf, TINY, tinyModel } from '../../support/tiny-model.ts'
import { testDevice } from '../../support/gpu.ts'

const TOKENS = 64
/** More than prefill reads at once. */
const LONG = 160
afterAll(async () => {
  await startBackend(null)
})

/** All that is fitted and measured, on the backend that is on; `gpu` is where the engine teaches. */
async function fitted(gpu: GPUDevice | null): Promise<Readonly<Record<'fit' | 'taught', number[][]>>> {
  const folder = await readModelFiles(modelFilesOf(tinyModel({ ...TINY, family: 'qwen3' })), () => undefined)
  const config = { ...parseConfig(folder.config), slots: 8 }
  const lost = new Promise<never>(() => undefined)
  const model = new StagedModel(config, new Checkpoint(folder.tensors), gpu && { device: gpu, lost })
  const plan = { seed: 1, steps: 1, window: 16, sinks: 2, layers: [1], narrow: [0, 1] }
  const tokens = Array.from({ length: LONG }, (_, i) => (37 * i) % 259)
  const text = [tokens.slice(0, TOKENS)]
  const fit: number[][] = []
  const whole = await model.whole()
  for await (const costs of rankLayers(whole, plan, text)) fit.push(costs.map(({ divergence }) => divergence))
  const own = { projections: whole.projections, teacher: forwardTeacher(whole) }
  const gates = await firstGates(own, plan, text)
  for await (const { loss } of fitGates(own, plan, text, gates)) fit.push([loss])

  const taught: number[][] = []
  const school = await model.school(plan.layers, LONG)
  const errors = await measureGates(school, plan, text, gates)
  taught.push(errors.flatMap(({ withSlots, without }) => [withSlots, without]))
  for (const { input, attended } of await school.teacher.lessons(plan.layers, tokens)) {
    for (const tensor of [input.normed, input.keys, attended]) taught.push([...(await tensor.data())])
    tf.dispose([attended, ...Object.values(input)])
  }

  const forward = await model.whole()
  const state = withAdapters(forward, plan, gates)
  const { loss, slopes } = await slopesOf(forward, plan, text[0] ?? [], state, plan.window)
  fit.push([loss], ...[...slopes.values()].map((slope) => [...slope]))
  for await (const sums of readText(forward, { ...plan, windows: [16, 16] }, text, state))
    fit.push(sums.map(({ nats }) => nats))
  const merged = await mergedProjections(forward, plan.layers, state)
  fit.push([...(merged.get('model.layers.1.self_attn.q_proj.weight')?.values ?? [])])
  model.dispose()
  expect(tf.memory().numTensors).toBe(0)
  return { fit, taught }
}

// Some sixty shaders are compiled.
it('fits and measures on our own device what it does on the processor', { timeout: 300_000 }, async () => {
  const device = await testDevice()
  expect(await startBackend({ device, info: device.adapterInfo })).toBe('webgpu')
  const onDevice = await fitted(device)
  expect(await startBackend(null)).toBe('cpu')
  const onProcessor = await fitted(null)
  for (const [part, most] of [
    // Measured up to 4e-6.
    ['fit', 1e-5],
    // Measured up to 2.3e-4: the engine teaches, whose keys and values are f16.
    ['taught', 1e-3],
  ] as const) {
    expect(onDevice[part].length).toBe(onProcessor[part].length)
    for (const [i, numbers] of onProcessor[part].entries())
      expectClose(`${part} ${i}`, onDevice[part][i]!, numbers, most)
  }
})
