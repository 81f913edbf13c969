import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import { readPieces } from '../../bin/hybridize/texts.ts'
import { modelFolder } from '../../bin/model-folder.ts'
import { attend, disposeReading, reading, type Reading, rotate } from '../../engine/hybridize/attention.ts'
import { startBackend } from '../../engine/hybridize/backend.ts'
import { type LayerCost, rankLayers, widest } from '../../engine/hybridize/compare-forward.ts'
import { firstGates, fitGates, gateName } from '../../engine/hybridize/fit-gates.ts'
import { rowsOf } from '../../engine/hybridize/fit-state.ts'
import { Forward } from '../../engine/hybridize/forward.ts'
import { firstGate } from '../../engine/hybridize/gates.ts'
import type { LayerInput } from '../../engine/hybridize/projections.ts'
import { readAgain } from '../../engine/hybridize/schedule.ts'
import { forwardTeacher } from '../../engine/hybridize/teacher.ts'
import { Checkpoint } from '../../engine/model/checkpoint.ts'
import { parseConfig } from '../../engine/model/config.ts'
import { readModelFiles } from '../../engine/model-files.ts'
import { Random } from '../../engine/text/random.ts'
import { WINDOW_ALL } from '../../kernels/attention-shape.ts'
import { expectClose } from '../support/numerics.ts'
import { ScriptedWorld } from '../support/scripted-world.ts'
import { row } from './rows.ts'

/** A model with full attention, and a .jsonl of dialogues (`assets/pocket/train/dialogues.py`). */
const { BASE, TEXT } = process.env
/** How many texts are read. */
const TEXTS = Number(process.env['TEXTS'] ?? 16)
/** From how many tokens the costliest layer's gates learn before they are looked at once more. */
const FIT = Number(process.env['FIT'] ?? 0)
/** T: half of it a dialogue, then the same in stretches of another order. */
const TOKENS = 160
const WINDOW = 32
const SINKS = 4
const SLOTS = 64
/** In deviations: how far z moves with first gates, the program's own among them. */
const SPREADS = [1.5, 3, 6, 12, 24]
/** Texts whose hidden states first gates are made from, as the program has it. */
const FIRST_TEXTS = 8
/** As the report ranks. */
const RANKED_TEXTS = 4

/** What a layer's attention gives, [T, Q*D]. */
type Attention = (layer: number, input: LayerInput) => tf.Tensor
/** How a query scores a token that left its window. */
type FarScore = 'without rotation' | 'at the edge'
/** Of each key head, query t and token j (row by row): whether t still reads j, which left its window. */
type Kept = (keys: tf.Tensor) => Float32Array

interface Found {
  readonly nats: number
  /** share of tokens that are foreseen right */
  readonly right: number
}

test.skipIf(!BASE || !TEXT)('what keeps slots from recalling', async () => {
  await startBackend(null)
  const folder = await readModelFiles(modelFolder(BASE ?? ''), () => undefined)
  const own = parseConfig(folder.config, folder.configFile)
  const config = { ...own, slots: SLOTS, gateNormalizer: 8, maskEmptySlots: true }
  const forward = await Forward.load(config, new Checkpoint(folder.tensors))
  const world = new ScriptedWorld({ answer: () => ({ text: '' }) })
  const pieces = await readPieces([TEXT ?? ''], folder, TOKENS, world)
  await folder.close()
  expect(pieces.length).toBeGreaterThanOrEqual(TEXTS + FIRST_TEXTS + RANKED_TEXTS)

  let costs: readonly LayerCost[] = []
  const narrow = { window: WINDOW, sinks: SINKS }
  for await (costs of rankLayers(forward, narrow, pieces.slice(0, RANKED_TEXTS)));
  const [costliest = 0] = widest(costs, 1)
  row('cost of narrowing', costs.map(({ divergence }) => divergence.toFixed(4)).join(', '))

  const random = new Random(1)
  const texts = pieces.slice(-TEXTS).map((piece) => readAgain(random, piece))
  const on = {
    full: reading(config, TOKENS, WINDOW_ALL, { sinks: 0, slotsOn: false }),
    off: reading(config, TOKENS, WINDOW, { sinks: SINKS, slotsOn: false }),
    slots: reading(config, TOKENS, WINDOW, { sinks: SINKS, slotsOn: true }),
  }
  const teacher: Attention = (_, input) => attend(on.full, input, null)
  const asked = texts.map((tokens) => ({ tokens, should: secondHalf(forward, tokens, teacher) }))
  const found = (attention: Attention): string =>
    summary(asked.map(({ tokens, should }) => compared(forward, tokens, should, attention)))
  const alone =
    (attention: Attention): Attention =>
    (layer, input) =>
      (layer === costliest ? attention : teacher)(layer, input)
  const show = (what: string, attention: Attention): void => {
    row(what, found(attention), found(alone(attention)))
  }

  row('far tokens are', 'all layers narrow: nats, right', `layer ${costliest} alone`)
  show('there: full attention', teacher)
  show('gone', (_, input) => attend(on.off, input, null))
  for (const score of ['without rotation', 'at the edge'] as const)
    show(`each in a slot of its own, scored ${score}`, (_, input) => far(on.off, input, score, everyToken))
  for (const sides of [1, 2] as const) {
    const counts: number[] = []
    const kept: Kept = (keys) => newestOfChannel(keys, sides, counts)
    show(
      `in ${sides * config.headDim} slots, the newest of each channel${sides === 2 ? '’s side' : ''}`,
      (_, input) => far(on.off, input, 'without rotation', kept),
    )
    row(
      'of which are there at the end',
      (counts.reduce((sum, x) => sum + x, 0) / counts.length).toFixed(0),
      `of ${TOKENS - WINDOW - SINKS}`,
    )
  }
  const hidden = hiddenStates(forward, pieces.slice(RANKED_TEXTS, RANKED_TEXTS + FIRST_TEXTS), teacher)
  for (const spread of SPREADS) {
    const gates = hidden.map((states, layer) => {
      const keys = forward.projections.keyWeights(layer)
      const gate = firstGate(config, keys.dataSync<'float32'>(), states, spread)
      return tf.tensor2d(gate, [gate.length / config.hiddenSize, config.hiddenSize])
    })
    show(`in ${SLOTS} slots, first gates, z moving by ${spread}`, (layer, input) =>
      attend(on.slots, input, tf.matMul(input.normed, gates[layer]!, false, true)),
    )
  }

  if (FIT > 0) {
    const school = { projections: forward.projections, teacher: forwardTeacher(forward) }
    const steps = Math.ceil(FIT / TOKENS)
    const plan = { seed: 1, steps, window: WINDOW, sinks: SINKS, layers: [costliest], narrow: [costliest] }
    const lessons = pieces.slice(RANKED_TEXTS, -TEXTS)
    const state = await firstGates(school, plan, lessons)
    let learned = 0
    for await (const { step } of fitGates(school, plan, lessons, state)) learned = step
    expect(learned).toBe(steps)
    const gate = rowsOf(state.parts.get(gateName(costliest))!, config.hiddenSize)
    const fitted: Attention = (_, input) =>
      attend(on.slots, input, tf.matMul(input.normed, gate, false, true))
    row(`the program’s own, after ${FIT} tokens of stage 1`, '', found(alone(fitted)))
  }

  // What is measured with attention of our own is the program's where both can be had.
  const normed = forward.project(costliest, forward.embed(texts[0]!))
  const [ours, theirs] = [far(on.off, normed, 'at the edge', noToken), attend(on.off, normed, null)]
  expectClose('far tokens gone', ours.dataSync(), theirs.dataSync(), 1e-5)
  for (const each of Object.values(on)) disposeReading(each)
  forward.dispose()
})

/** The residual before each layer and after the last. */
function through(forward: Forward, tokens: readonly number[], attention: Attention): tf.Tensor[] {
  return forward.through(0, forward.embed(tokens), (layer, residual) =>
    tf.tidy(() => forward.finish(layer, residual, attention(layer, forward.project(layer, residual)))),
  )
}

/** The residual after the last layer where a text is read again and what follows is known, [T/2 - 1, C]. */
function secondHalf(forward: Forward, tokens: readonly number[], attention: Attention): tf.Tensor {
  const size = [TOKENS / 2 - 1, forward.config.hiddenSize] as [number, number]
  return tf.tidy(() => tf.slice(through(forward, tokens, attention).at(-1)!, [TOKENS / 2, 0], size))
}

/** KL(full attention ‖ attention) a token on the second half of a text, and what is foreseen right there. */
function compared(
  forward: Forward,
  tokens: readonly number[],
  should: tf.Tensor,
  attention: Attention,
): Found {
  return tf.tidy(() => {
    const does = secondHalf(forward, tokens, attention)
    const best = tf.argMax(forward.logProbabilities(does), -1).dataSync()
    const following = tokens.slice(-best.length)
    return {
      nats: forward.divergence(should, does).dataSync()[0]! / best.length,
      right: following.filter((id, i) => id === best[i]).length / best.length,
    }
  })
}

/** Means over texts; of the nats with the half of a 95 % interval. */
function summary(found: readonly Found[]): string {
  const mean = (of: (one: Found) => number) => found.reduce((sum, one) => sum + of(one), 0) / found.length
  const nats = mean((one) => one.nats)
  const variance = (mean((one) => (one.nats - nats) ** 2) * found.length) / (found.length - 1)
  const half = 1.96 * Math.sqrt(variance / found.length)
  return `${nats.toFixed(3)} ± ${half.toFixed(3)}, ${mean((one) => one.right).toFixed(2)}`
}

/** What gates of each layer are given over texts, f32 [T, C]. */
function hiddenStates(
  forward: Forward,
  texts: readonly (readonly number[])[],
  attention: Attention,
): Float32Array[] {
  const { layers } = forward.config
  return Array.from({ length: layers }, (_, layer) => {
    const parts = texts.map((tokens) =>
      tf.tidy(() =>
        forward.project(layer, through(forward, tokens, attention)[layer]!).normed.dataSync<'float32'>(),
      ),
    )
    return Float32Array.from(parts.flatMap((part) => [...part]))
  })
}

/** Sinks and window as the program has them, and beside them single tokens that left the window: one softmax. */
function far(on: Reading, { queries, keys, values }: LayerInput, score: FarScore, kept: Kept): tf.Tensor {
  return tf.tidy(() => {
    const { queryHeads, kvHeads, headDim, ropeFrequencies } = on.sizes
    const group = queryHeads / kvHeads
    const ofQueries = Array.from({ length: queryHeads }, (_, head) => Math.floor(head / group))
    const inHeads = (x: tf.Tensor, heads: number) =>
      tf.transpose(tf.reshape(x, [TOKENS, heads, headDim]), [1, 0, 2])
    const q = tf.mul(inHeads(queries, queryHeads), headDim ** -0.5)
    const ownKeys = inHeads(keys, kvHeads)
    const [k, v] = [tf.gather(ownKeys, ofQueries), tf.gather(inHeads(values, kvHeads), ofQueries)]
    const angles = (positions: readonly number[]) => {
      const all = positions.flatMap((position) => ropeFrequencies.map((frequency) => position * frequency))
      const tensor = tf.tensor(all, [1, positions.length, ropeFrequencies.length])
      return [tf.cos(tensor), tf.sin(tensor)] as const
    }
    const each = Array.from({ length: TOKENS }, (_, t) => t)
    const rotatedKeys = rotate(k, angles(each))
    const scored = (positions: readonly number[], keys: tf.Tensor) =>
      tf.matMul(rotate(q, angles(positions)), keys, false, true)
    const masked = (scores: tf.Tensor, isOpen: (t: number, j: number) => boolean) =>
      tf.add(
        scores,
        tf.tensor(
          each.flatMap((t) => each.map((j) => (isOpen(t, j) ? 0 : -1e9))),
          [1, TOKENS, TOKENS],
        ),
      )

    const near = masked(scored(each, rotatedKeys), (t, j) => j <= t && j > t - WINDOW)
    const sinks = masked(
      scored(
        each.map((t) => Math.min(t, SINKS + WINDOW - 1)),
        rotatedKeys,
      ),
      (t, j) => j < SINKS && j <= t - WINDOW,
    )
    const open = tf.gather(tf.tensor(kept(ownKeys), [kvHeads, TOKENS, TOKENS]), ofQueries)
    const position = score === 'at the edge' ? WINDOW : 0
    const gone = tf.add(
      scored(
        each.map(() => position),
        k,
      ),
      tf.mul(tf.sub(open, 1), 1e9),
    )
    const weights = tf.softmax(tf.concat([gone, sinks, near], -1))
    const output = tf.matMul(weights, tf.concat([v, v, v], 1))
    return tf.reshape(tf.transpose(output, [1, 0, 2]), [TOKENS, queryHeads * headDim])
  })
}

/** 1 where query t of a head reads token j, for every token that left the window and is no sink. */
function keptWhere(heads: number, isKept: (head: number, t: number, j: number) => boolean): Float32Array {
  const kept = new Float32Array(heads * TOKENS * TOKENS)
  for (let head = 0; head < heads; head++) {
    for (let t = WINDOW; t < TOKENS; t++) {
      for (let j = SINKS; j <= t - WINDOW; j++)
        kept[(head * TOKENS + t) * TOKENS + j] = Number(isKept(head, t, j))
    }
  }
  return kept
}

const everyToken: Kept = (keys) => keptWhere(keys.shape[0], () => true)
const noToken: Kept = (keys) => keptWhere(keys.shape[0], () => false)

/**
 * A token goes into the slot of the channel in which its key is furthest from the mean of all, in deviations, and stays
 * there until another one comes.
 *
 * @param sides 2: what lies above the mean and what lies below it are slots of their own
 * @param counts takes how many tokens are there at the end
 */
function newestOfChannel(keys: tf.Tensor, sides: 1 | 2, counts: number[]): Float32Array {
  const [heads = 0] = keys.shape
  const { mean, variance } = tf.moments(keys, 1, true)
  const apart = tf.div(tf.sub(keys, mean), tf.sqrt(variance))
  const channels = tf.argMax(tf.abs(apart), -1).dataSync()
  const values = apart.arraySync() as number[][][]
  const slotOf = (head: number, j: number) => {
    const channel = channels[head * TOKENS + j]!
    return sides === 2 && values[head]![j]![channel]! < 0 ? -1 - channel : channel
  }
  const slots = Array.from({ length: heads }, (_, head) =>
    Array.from({ length: TOKENS }, (_, j) => slotOf(head, j)),
  )
  for (const own of slots) counts.push(new Set(own.slice(SINKS, TOKENS - WINDOW)).size)
  return keptWhere(heads, (head, t, j) => slots[head]!.lastIndexOf(slots[head]![j]!, t - WINDOW) === j)
}
