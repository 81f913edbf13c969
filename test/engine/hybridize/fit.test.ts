import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { reading } from '../../../engine/hybridize/attention.ts'
import { startBackend } from '../../../engine/hybridize/backend.ts'
import {
  type LayerCost,
  rankLayers,
  readText,
  widest,
  worthSlots,
} from '../../../engine/hybridize/compare-forward.ts'
import {
  fitAdapters,
  mergedProjections,
  slopesOf,
  withAdapters,
} from '../../../engine/hybridize/fit-adapters.ts'
import {
  firstGates,
  fitGates,
  type FitPlan,
  measureGates,
  type School,
} from '../../../engine/hybridize/fit-gates.ts'
import { decodeFit, encodeFit, type FitState } from '../../../engine/hybridize/fit-state.ts'
import { Forward } from '../../../engine/hybridize/forward.ts'
import { openness } from '../../../engine/hybridize/gates.ts'
import { hybridFolder } from '../../../engine/hybridize/hybrid-folder.ts'
import { READINGS } from '../../../engine/hybridize/position-buckets.ts'
import { forwardTeacher } from '../../../engine/hybridize/teacher.ts'
import { Checkpoint } from '../../../engine/model/checkpoint.ts'
import { type ModelConfig, parseConfig } from '../../../engine/model/config.ts'
import { asTrained } from '../../../engine/model/trained-further.ts'
import { createReferenceModel } from '../../../engine/model/model.ref.ts'
import { readModelFiles } from '../../../engine/model-files.ts'
import { WINDOW_ALL } from '../../../kernels/attention-shape.ts'
import { expectClose, seeded } from '../../support/numerics.ts'
import { modelFilesOf, TINY, tinyModel } from '../../support/tiny-model.ts'

const TOKENS = 64
const PLAN: FitPlan = { seed: 1, steps: 10, window: 16, sinks: 2, layers: [1], narrow: [1] }

// Seconds on an idle core; a machine with other work to do may take long.
vi.setConfig({ testTimeout: 180_000 })

beforeAll(async () => {
  await startBackend(null)
})

async function teacher(family: 'llama' | 'qwen2' | 'qwen3') {
  const folder = await readModelFiles(modelFilesOf(tinyModel({ ...TINY, family })), () => undefined)
  const own = parseConfig(folder.config)
  const config: ModelConfig = { ...own, slots: 8 }
  return { folder, own, config, forward: await Forward.load(config, new Checkpoint(folder.tensors)) }
}

function schoolOf(forward: Forward): School {
  return { projections: forward.projections, teacher: forwardTeacher(forward) }
}

function texts(count: number): number[][] {
  const random = seeded(3)
  return Array.from({ length: count }, () => Array.from({ length: TOKENS }, () => Math.floor(random() * 259)))
}

function savedAs(state: FitState, plan: FitPlan): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat([...encodeFit(state, plan)]))
}

async function run(steps: AsyncIterable<{ readonly loss: number }>, most = Infinity): Promise<number[]> {
  const losses: number[] = []
  for await (const { loss } of steps) if (losses.push(loss) === most) break
  return losses
}

describe('the model with gradients', () => {
  it.each(['llama', 'qwen2', 'qwen3'] as const)(
    'foresees what the reference foresees: %s',
    async (family) => {
      const { folder, own, config, forward } = await teacher(family)
      const [tokens = []] = texts(1)
      const reference = await createReferenceModel(own, new Checkpoint(folder.tensors))
      const options = { windows: own.layerWindows.map(() => WINDOW_ALL), slotsOn: false }
      const sequence = await reference.createSequence(options)
      const { ids, logits } = await sequence.prefill(tokens, own.vocabSize)
      const expected = new Float64Array(own.vocabSize)
      for (const [i, id] of ids.entries()) expected[id] = logits[i]!
      const top = Math.max(...expected)
      const sum = Math.log(expected.reduce((total, x) => total + Math.exp(x - top), 0)) + top
      const own32 = tf.tidy(() => {
        const full = reading(config, TOKENS, WINDOW_ALL, { sinks: 0, slotsOn: false })
        let residual = forward.embed(tokens)
        for (let layer = 0; layer < config.layers; layer++)
          residual = forward.layer(layer, residual, full, null)
        return tf.slice(forward.logProbabilities(residual), [TOKENS - 1], [1]).dataSync()
      })
      // Measured up to 2e-6: f32 against f64, with keys and values as f16 in the reference 3e-4.
      expectClose(
        'log probabilities',
        own32,
        expected.map((x) => x - sum),
        1e-3,
      )
      forward.dispose()
    },
  )
})

describe('stage 1', () => {
  it('lowers the error of the attention output, below that of the window alone', async () => {
    const { forward } = await teacher('qwen2')
    const text = texts(2)
    const state = await firstGates(schoolOf(forward), PLAN, text)
    const before = await measureGates(schoolOf(forward), PLAN, text, state)
    await run(fitGates(schoolOf(forward), PLAN, text, state))
    const after = await measureGates(schoolOf(forward), PLAN, text, state)
    for (const [i, { withSlots, without }] of after.entries()) {
      expect(withSlots).toBeLessThan(before[i]!.withSlots)
      expect(withSlots).toBeLessThan(without)
    }
    expect(state.losses).toHaveLength(PLAN.steps)
    forward.dispose()
  })

  it('goes on from a checkpoint as if it had never stopped', async () => {
    const { forward } = await teacher('qwen2')
    const text = texts(3)
    const plan = { ...PLAN, steps: 4 }
    const whole = await firstGates(schoolOf(forward), plan, text)
    const losses = await run(fitGates(schoolOf(forward), plan, text, whole))
    const first = await firstGates(schoolOf(forward), plan, text)
    const before = await run(fitGates(schoolOf(forward), plan, text, first), 2)
    const second = decodeFit(savedAs(first, plan), plan)!
    const after = await run(fitGates(schoolOf(forward), plan, text, second))
    expect([...before, ...after]).toEqual(losses)
    expect(second.parts.get('1.gate')?.values).toEqual(whole.parts.get('1.gate')?.values)
    expect(decodeFit(savedAs(first, plan), { ...plan, seed: 2 })).toBeNull()
    expect(decodeFit(savedAs(first, plan).slice(0, -1), plan)).toBeNull()
    forward.dispose()
  })

  it('begins with half-lives from 16 to 2,000 tokens, without a bias', async () => {
    const { forward, config } = await teacher('llama')
    const [text = []] = texts(1)
    const state = await firstGates(schoolOf(forward), { ...PLAN, layers: [0] }, [text])
    const gate = state.parts.get('0.gate')!.values
    const { normed } = forward.project(0, forward.embed(text))
    const z = tf.matMul(
      normed,
      tf.tensor2d(gate, [config.kvHeads * config.slots, config.hiddenSize]),
      false,
      true,
    )
    const means = tf.mean(z, 0).dataSync()
    // The tiny model's hidden states have little in common, so the constant is only partly there: see gates.test.ts.
    expect(means[7]!).toBeGreaterThan(means[0]!)
    const fading = (moved: number[], halfLife: number) => {
      const added = openness(Float64Array.from(moved), halfLife, 8)
      return moved.reduce((sum, x) => sum + Math.log1p(Math.exp(-x - added)) / 8, 0) / moved.length
    }
    expect(openness(Float64Array.of(0), 16, 8)).toBeCloseTo(0.88, 2)
    expect(fading([0], 2000)).toBeCloseTo(Math.LN2 / 2000, 8)
    expect(fading([-20, 0, 3, 15], 100)).toBeCloseTo(Math.LN2 / 100, 8)
    forward.dispose()
  })
})

describe('stage 2', () => {
  it('brings the predictions nearer to full attention, and merges into the projections', async () => {
    const { forward } = await teacher('qwen3')
    const text = texts(2)
    const plan = { ...PLAN, steps: 4 }
    const state = withAdapters(forward, plan, await firstGates(schoolOf(forward), plan, text))
    const narrow = { ...plan, window: 4 }
    const [before] = await run(fitAdapters(forward, narrow, text, state))
    // The first step's text and window once more.
    const [after] = await run(fitAdapters(forward, narrow, text, { ...state, step: 0 }), 1)
    expect(after).toBeLessThan(before!)
    const merged = await mergedProjections(forward, plan.layers, state)
    expect([...merged.keys()]).toContain('model.layers.1.self_attn.k_proj.weight')
    const own = forward.projections.keyWeights(1).dataSync()
    const now = merged.get('model.layers.1.self_attn.k_proj.weight')!.values
    expect(now).toHaveLength(own.length)
    expect(now).not.toEqual(own)
    forward.dispose()
  })
})

describe('the slopes of stage 2', () => {
  it('are those of finite differences, for gates and adapters of a layer below others', async () => {
    const { forward } = await teacher('qwen2')
    const [tokens = []] = texts(1)
    const plan = { ...PLAN, layers: [0, 1], narrow: [0, 1], window: 4 }
    const state = withAdapters(forward, plan, await firstGates(schoolOf(forward), plan, [tokens]))
    const random = seeded(9)
    // B is nothing at first, so that A would have no slope.
    for (const { values } of state.parts.values())
      for (const i of values.keys()) values[i]! += 0.1 * (random() - 0.5)
    const at = () => slopesOf(forward, plan, tokens, state, plan.window)
    const { slopes } = await at()
    expect([...slopes.keys()].sort()).toEqual([...state.parts.keys()].sort())
    for (const [name, slope] of slopes) {
      if (!name.startsWith('0.')) continue
      const { values } = state.parts.get(name)!
      const length = Math.hypot(...slope)
      const along = async (step: number) => {
        const before = values.slice()
        for (const i of values.keys()) values[i]! += (step * slope[i]!) / length
        const { loss } = await at()
        values.set(before)
        return loss
      }
      const step = 2e-2
      const difference = ((await along(step)) - (await along(-step))) / (2 * step)
      expect(length, name).toBeGreaterThan(1e-5)
      // Measured up to 1.6e-3: the curve within a step.
      expect(Math.abs(difference - length) / length, name).toBeLessThan(1e-2)
    }
    forward.dispose()
  })
})

describe('which layers stay wide', () => {
  it('are those that cost most to narrow', async () => {
    const { forward } = await teacher('llama')
    let ranked: readonly LayerCost[] = []
    let events = 0
    for await (ranked of rankLayers(forward, PLAN, texts(2))) events++
    expect(events).toBe(4)
    expect(ranked.map(({ layer }) => layer)).toEqual([0, 1])
    for (const { divergence } of ranked) expect(divergence).toBeGreaterThan(0)
    const costs = [0.2, 0.9, 0.1, 0.5].map((divergence, layer) => ({ layer, divergence }))
    expect(widest(costs, 2)).toEqual([1, 3])
    expect(worthSlots(costs)).toEqual([0, 1, 2, 3])
    expect(worthSlots([{ layer: 2, divergence: 0.01 }, ...costs])).toEqual([0, 1, 2, 3])
    forward.dispose()
  })

  it('reads a text in every way, by position', async () => {
    const { forward } = await teacher('llama')
    const plan = { windows: [8, 8], window: 8, sinks: 0 }
    for await (const sums of readText(
      forward,
      plan,
      texts(1),
      await firstGates(schoolOf(forward), PLAN, texts(1)),
    )) {
      expect(sums.map(({ tokens }) => tokens)).toEqual(READINGS.flatMap(() => [8, 8, 16, 31]))
      const nats = (kind: string, bucket: string) =>
        sums.find((sum) => sum.kind === kind && sum.bucket === bucket)!.nats
      // Nothing has left the window yet.
      expect(nats('slots on', '< W')).toBeCloseTo(nats('full', '< W'), 3)
      expect(nats('slots on', '> 4W')).not.toBeCloseTo(nats('slots off', '> 4W'), 3)
      expect(nats('slots off', '> 4W')).not.toBeCloseTo(nats('full', '> 4W'), 3)
      expect(nats('slots random', '< W')).toBe(nats('slots on', '< W'))
      for (const kind of ['slots on', 'slots off'])
        expect(nats('slots random', '> 4W')).not.toBeCloseTo(nats(kind, '> 4W'), 3)
    }
    forward.dispose()
  })
})

describe('the hybrid folder', () => {
  it('is read here and, without our own fields, as the paper’s code reads it', async () => {
    const { folder, own, forward } = await teacher('qwen2')
    const state = await firstGates(schoolOf(forward), { ...PLAN, layers: [0] }, texts(1))
    const hybrid = hybridFolder(folder, own, {
      slots: 8,
      windows: [16, 2048],
      window: 16,
      sinks: 2,
      gateNormalizer: 8,
      gates: new Map([[0, state.parts.get('0.gate')!.values]]),
      changed: new Map(),
    })
    const config = parseConfig(hybrid.config)
    expect(config).toMatchObject({
      modelType: 'qwen2_nha',
      slots: 8,
      layerWindows: [16, 2048],
      slotLayers: [true, false],
      sinks: 2,
    })
    const model = await createReferenceModel(config, new Checkpoint(hybrid.tensors))
    const sequence = await model.createSequence({ windows: config.layerWindows, slotsOn: true })
    const { logits } = await sequence.prefill(texts(1)[0]!, 1)
    expect(Number.isFinite(logits[0])).toBe(true)
    const ours = ['layer_windows', 'slot_layers', 'empty_slots', 'sinks', 'gate_bias']
    const fields = Object.entries(hybrid.config as Record<string, unknown>)
    const theirs = parseConfig(Object.fromEntries(fields.filter(([field]) => !ours.includes(field))))
    expect(theirs).toMatchObject({ slots: 8, layerWindows: [16, 2048], frozenSlots: [false, true] })
    // Their names, as their code asks for them (JusenD/NHA, qwennha.py).
    expect(hybrid.config).toMatchObject({
      model_type: 'qwen2_nha',
      architectures: ['Qwen2NHAForCausalLM'],
      num_slots: 8,
      window_size: 16,
      block_size: 2,
      transformer_idx: 1,
    })
    expect(hybrid.tensors.get('model.layers.0.self_attn.g_proj.weight')?.shape).toEqual([2 * 8, 32])

    // Trained further there: every layer has gates then, and our fields are kept by who does not know them.
    const gates = hybrid.tensors.get('model.layers.0.self_attn.g_proj.weight')!
    const back = new Map([...hybrid.tensors, ['model.layers.1.self_attn.g_proj.weight', gates] as const])
    expect(asTrained(hybrid.config, hybrid.tensors)).toEqual(hybrid.config)
    const returned = parseConfig(asTrained(hybrid.config, back))
    expect(returned).toEqual(theirs)
    expect(returned.maskEmptySlots).toBe(false)
    const trained = await createReferenceModel(returned, new Checkpoint(back))
    expect(trained.config.slotLayers).toEqual([true, true])
    await expect(createReferenceModel(config, new Checkpoint(back))).rejects.toThrow('g_proj')
    forward.dispose()
  })
})
