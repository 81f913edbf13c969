import * as tf from '@tensorflow/tfjs-core'
import { expect, it, vi } from 'vitest'
import { reading } from '../../../engine/hybridize/attention.ts'
import { startBackend } from '../../../engine/hybridize/backend.ts'
import { adapterOf, mergedProjections, withAdapters } from '../../../engine/hybridize/fit-adapters.ts'
import { firstGates, gateName } from '../../../engine/hybridize/fit-gates.ts'
import { rowsOf } from '../../../engine/hybridize/fit-state.ts'
import { Forward } from '../../../engine/hybridize/forward.ts'
import { hybridFolder } from '../../../engine/hybridize/hybrid-folder.ts'
import { forwardTeacher } from '../../../engine/hybridize/teacher.ts'
import { Checkpoint } from '../../../engine/model/checkpoint.ts'
import { type ModelConfig, parseConfig } from '../../../engine/model/config.ts'
import { createGpuModel } from '../../../engine/model/model.ts'
import { createReferenceModel } from '../../../engine/model/model.ref.ts'
import type { Model } from '../../../engine/model/sequence.ts'
import { readModelFiles } from '../../../engine/model-files.ts'
import { testDevice } from '../../support/gpu.ts'
import { everyLogit, gpuOptions } from '../../support/loaded-model.ts'
import { expectClose, relativeRms, seeded } from '../../support/numerics.ts'
import { modelFilesOf, TINY, tinyModel } from '../../support/tiny-model.ts'

// Seconds on an idle core; a machine with other work to do may take long.
vi.setConfig({ testTimeout: 180_000 })

const WINDOW = 16
const SINKS = 2
const SLOTS = 8
/** Six windows, so most of it is in the slots. */
const TOKENS = 96
const LAYERS = [0, 1]
/** Measured 3.4e-7. */
const KERNELS = 1e-5
/** Measured 2.8e-3: first gates are steep, and the engine keeps the logits of gates, keys and values as f16. */
const FIT = 6e-3

function logSoftmax(logits: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(logits)
  const top = values.reduce((most, value) => Math.max(most, value), -Infinity)
  const sum = Math.log(values.reduce((total, value) => total + Math.exp(value - top), 0)) + top
  return values.map((value) => value - sum)
}

it('foresees in the engine, on the GPU and in the reference, what the fit foresaw: gates, adapters, sinks', async () => {
  await startBackend(null)
  const folder = await readModelFiles(modelFilesOf(tinyModel({ ...TINY, family: 'qwen3' })), () => undefined)
  const own = parseConfig(folder.config)
  const config: ModelConfig = { ...own, slots: SLOTS, maskEmptySlots: true }
  const forward = await Forward.load(config, new Checkpoint(folder.tensors))
  const random = seeded(11)
  const tokens = Array.from({ length: TOKENS }, () => Math.floor(random() * 259))
  const plan = { seed: 1, steps: 1, window: WINDOW, sinks: SINKS, layers: LAYERS, narrow: LAYERS }
  const school = { projections: forward.projections, teacher: forwardTeacher(forward) }
  const state = withAdapters(forward, plan, await firstGates(school, plan, [tokens]))
  // Adapters change nothing at first.
  for (const { values } of state.parts.values())
    for (const i of values.keys()) values[i]! += 0.2 * (random() - 0.5)

  const foreseen = (slotsOn: boolean) =>
    tf.tidy(() => {
      const on = reading(config, TOKENS, WINDOW, { sinks: SINKS, slotsOn })
      const read = forward.through(0, forward.embed(tokens), (layer, residual) => {
        const gate = rowsOf(state.parts.get(gateName(layer))!, config.hiddenSize)
        const logits = (normed: tf.Tensor) => tf.matMul(normed, gate, false, true)
        return forward.layer(layer, residual, on, logits, adapterOf(forward, state, layer))
      })
      return tf.slice(forward.logProbabilities(read.at(-1)!), [TOKENS - 1], [1]).dataSync()
    })
  const fitted = foreseen(true)
  const hybrid = hybridFolder(folder, config, {
    slots: SLOTS,
    windows: [WINDOW, WINDOW],
    window: WINDOW,
    sinks: SINKS,
    gateNormalizer: config.gateNormalizer,
    gates: new Map(LAYERS.map((layer) => [layer, state.parts.get(gateName(layer))!.values])),
    changed: await mergedProjections(forward, LAYERS, state),
  })
  const made = parseConfig(hybrid.config)
  const last = async (model: Model) => {
    const sequence = await model.createSequence({ windows: made.layerWindows, slotsOn: true })
    return logSoftmax(everyLogit(await sequence.prefill(tokens, made.vocabSize)))
  }
  const reference = await last(await createReferenceModel(made, new Checkpoint(hybrid.tensors)))
  const gpu = await createGpuModel(gpuOptions(await testDevice(), made, new Checkpoint(hybrid.tensors)))
  const onGpu = await last(gpu)
  gpu.dispose()
  expectClose('kernels', onGpu, reference, KERNELS)
  expectClose('fit', fitted, onGpu, FIT)
  // Without slots it would be something else.
  expect(relativeRms(foreseen(false), onGpu)).toBeGreaterThan(10 * FIT)
  forward.dispose()
})

it.each([
  ['llama', 'llama_nha', 'LlamaNHAForCausalLM'],
  ['qwen2', 'qwen2_nha', 'Qwen2NHAForCausalLM'],
  ['qwen3', 'qwen3_nha', 'Qwen3NHAForCausalLM'],
] as const)('has the names that NHA’s authors give: %s', async (family, type, architecture) => {
  const folder = await readModelFiles(modelFilesOf(tinyModel({ ...TINY, family })), () => undefined)
  const own = parseConfig(folder.config)
  const gate = new Float32Array(own.kvHeads * SLOTS * own.hiddenSize)
  const hybrid = hybridFolder(folder, own, {
    slots: SLOTS,
    windows: [WINDOW, 2048],
    window: WINDOW,
    sinks: SINKS,
    gateNormalizer: 8,
    gates: new Map([[0, gate]]),
    changed: new Map(),
  })
  expect(hybrid.config).toMatchObject({
    model_type: type,
    architectures: [architecture],
    num_slots: SLOTS,
    window_size: WINDOW,
    block_size: 2,
    transformer_idx: 1,
  })
  const added = [...hybrid.tensors.keys()].filter((name) => !folder.tensors.has(name))
  expect(added).toEqual(['model.layers.0.self_attn.g_proj.weight'])
  const made = parseConfig(hybrid.config)
  const model = await createReferenceModel(made, new Checkpoint(hybrid.tensors))
  const sequence = await model.createSequence({ windows: made.layerWindows, slotsOn: true })
  expect(everyLogit(await sequence.prefill([1, 2, 3], made.vocabSize)).every(Number.isFinite)).toBe(true)
})
