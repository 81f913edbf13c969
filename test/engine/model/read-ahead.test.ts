import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ModelConfig } from '../../../engine/model/config.ts'
import { createGpuModel, type GpuModel } from '../../../engine/model/model.ts'
import {
  type Next,
  type SavedState,
  type Sequence,
  sequenceOptions,
  type SequenceOptions,
} from '../../../engine/model/sequence.ts'
import { Sampler } from '../../../engine/text/sampler.ts'
import { testDevice } from '../../support/gpu.ts'
import { gpuOptions, loadTiny, tokensOf } from '../../support/loaded-model.ts'

const STEPS = 24
const PROMPT = 20
const DRAWN = { temperature: 0.8, topK: 40, topP: 0.9, minP: 0, repetitionPenalty: 1, seed: 7 }
const WAYS = { greedy: { ...DRAWN, temperature: 0 }, drawn: DRAWN }
type Way = keyof typeof WAYS

let config: ModelConfig
let model: GpuModel
let options: SequenceOptions
let ends: number[]

/** Ids found by reading the prompt and then each id that was found. */
async function follow(sequence: Sequence, way: Way, steps: number, goesOn: (step: number) => boolean) {
  const { wanted, draw } = new Sampler(WAYS[way], config.vocabSize)
  const next = (nth: number, goOn = false): Next => ({ draw, nth, goOn })
  let id = (await sequence.prefill(tokensOf(config.vocabSize, PROMPT), wanted, next(0))).ids[0]!
  const ids = [id]
  for (let step = 0; step < steps && !ends.includes(id); step++) {
    id = (await sequence.decode(id, wanted, next(step + 1, goesOn(step)))).ids[0]!
    ids.push(id)
  }
  return ids
}

async function told(way: Way, steps: number, goesOn: (step: number) => boolean, using = model) {
  const sequence = await using.createSequence(options)
  const ids = await follow(sequence, way, steps, goesOn)
  const { position, isAhead } = sequence
  const state = await sequence.save()
  sequence.dispose()
  return { ids, position, isAhead, state }
}

beforeAll(async () => {
  const loaded = await loadTiny({ windows: [0, 6], slots: 8 })
  config = loaded.config
  options = sequenceOptions(config, { attention: 'nha', window: null })
  const device = await testDevice()
  // Random weights never end: what is found first at some step is taken for an end, one of each way.
  ends = []
  const plain = await createGpuModel(gpuOptions(device, config, loaded.checkpoint))
  const found: number[] = []
  for (const way of ['greedy', 'drawn'] as const) {
    const { ids } = await told(way, STEPS, () => false, plain)
    const at = ids.findIndex((id, i) => i > STEPS / 2 && ids.indexOf(id) === i)
    expect(at).toBeGreaterThan(0)
    found.push(ids[at]!)
  }
  plain.dispose()
  ends = found
  model = await createGpuModel({ ...gpuOptions(device, config, loaded.checkpoint), endsOfTurn: ends })
})

afterAll(() => model.dispose())

describe.each(['greedy', 'drawn'] as const)('a token that is read ahead, %s', (way) => {
  test('gives the same ids and the same state, and the end of the turn is not read', async () => {
    const plain = await told(way, STEPS, () => false)
    expect(ends).toContain(plain.ids.at(-1))
    expect(plain.ids.length).toBeGreaterThan(3)
    expect(await told(way, STEPS, () => true)).toEqual(plain)
    expect(plain.position).toBe(PROMPT + plain.ids.length - 1)
    expect(plain.isAhead).toBe(false)
  })

  test('may be waited for at any token, and gone on with', async () => {
    const plain = await told(way, STEPS, () => false)
    for (const goesOn of [(step: number) => step % 3 !== 2, (step: number) => step % 2 === 1])
      expect(await told(way, STEPS, goesOn)).toEqual(plain)
  })

  test('after the end the next turn goes on bit for bit, as on a sequence that never was ahead', async () => {
    const states: SavedState[] = []
    for (const goOn of [false, true]) {
      const sequence = await model.createSequence(options)
      await follow(sequence, way, STEPS, () => goOn)
      const { ids } = await sequence.prefill(tokensOf(config.vocabSize, 7), 1)
      await sequence.decode(ids[0]!, 1)
      states.push(await sequence.save())
      sequence.dispose()
    }
    expect(states[1]).toEqual(states[0])
  })
})

describe('a token that is read ahead', () => {
  test('sequences take turns, each with the draws of its own', async () => {
    const prompt = tokensOf(config.vocabSize, PROMPT)
    const pair = []
    for (const way of ['greedy', 'drawn'] as const) {
      const alone = await told(way, STEPS, () => false)
      const { wanted, draw } = new Sampler(WAYS[way], config.vocabSize)
      const ids: number[] = []
      pair.push({ alone, wanted, draw, ids, sequence: await model.createSequence(options) })
    }
    for (const one of pair) {
      const first = await one.sequence.prefill(prompt, one.wanted, { draw: one.draw, nth: 0 })
      one.ids.push(first.ids[0]!)
    }
    for (let step = 0; step < STEPS; step++) {
      for (const [i, { ids, wanted, draw, sequence, alone }] of pair.entries()) {
        if (ids.length === alone.ids.length) continue
        const goOn = (step + i) % 4 !== 3
        const found = await sequence.decode(ids.at(-1)!, wanted, { draw, nth: step + 1, goOn })
        ids.push(found.ids[0]!)
      }
    }
    for (const { ids, sequence, alone } of pair) {
      expect({ ids, state: await sequence.save() }).toEqual({ ids: alone.ids, state: alone.state })
      sequence.dispose()
    }
  })

  test('a memory that grows grows at the same token', async () => {
    const full = sequenceOptions(config, { attention: 'full', window: null })
    const empty = await model.createSequence(full)
    const begun = { ...(await empty.save()), position: 1020 }
    empty.dispose()
    const states: SavedState[] = []
    for (const goOn of [false, true]) {
      const sequence = await model.createSequence(full, begun)
      let id = 1
      const sizes: number[] = []
      for (let step = 0; step < 9; step++) {
        // An end is said as any other here: what follows is read by the host.
        id = (await sequence.decode(id, 1, { goOn: goOn && step < 8 })).ids[0]!
        sizes.push(sequence.stateBytes)
      }
      expect(sizes.findIndex((size) => size !== sizes[0])).toBe(4)
      states.push(await sequence.save())
      sequence.dispose()
    }
    expect(states[1]).toEqual(states[0])
  })

  test('nothing else may follow it, and what was not taken can be let go of', async () => {
    const held = model.ledger.bytes('state')
    const sequence = await model.createSequence(options)
    const { ids } = await sequence.prefill(tokensOf(config.vocabSize, PROMPT), 1)
    await sequence.decode(ids[0]!, 1, { goOn: true })
    expect([sequence.isAhead, sequence.position]).toEqual([true, PROMPT + 1])
    await expect(sequence.prefill([1], 1)).rejects.toThrow('read ahead')
    expect(() => sequence.save()).toThrow('read ahead')
    sequence.dispose()
    expect(model.ledger.bytes('state')).toBe(held)
  })
})
