import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ModelConfig } from '../../../engine/model/config.ts'
import { createGpuModel, type GpuModel } from '../../../engine/model/model.ts'
import type { SavedState, Sequence, SequenceOptions } from '../../../engine/model/sequence.ts'
import { sequenceOptions } from '../../../engine/model/sequence.ts'
import { testDevice } from '../../support/gpu.ts'
import { gpuOptions, loadTiny, tokensOf } from '../../support/loaded-model.ts'

const STEPS = 24
const PROMPT = 20

let config: ModelConfig
let model: GpuModel
let options: SequenceOptions
let ends: number[]

/** Ids found by reading the prompt and then each id that was found, and the state behind them. */
async function follow(sequence: Sequence, steps: number, goesOn: (step: number) => boolean) {
  let id = (await sequence.prefill(tokensOf(config.vocabSize, PROMPT), 1)).ids[0]!
  const ids = [id]
  for (let step = 0; step < steps; step++) {
    id = (await sequence.decode(id, 1, goesOn(step))).ids[0]!
    ids.push(id)
    if (ends.includes(id)) break
  }
  return ids
}

async function told(steps: number, goesOn: (step: number) => boolean, using = model, how = options) {
  const sequence = await using.createSequence(how)
  const ids = await follow(sequence, steps, goesOn)
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
  // Random weights never end: what is found first at some step is taken for an end.
  ends = []
  const plain = await createGpuModel(gpuOptions(device, config, loaded.checkpoint))
  const { ids } = await told(STEPS, () => false, plain)
  plain.dispose()
  const at = ids.findIndex((id, i) => i > STEPS / 2 && ids.indexOf(id) === i)
  expect(at).toBeGreaterThan(0)
  ends = [ids[at]!, config.vocabSize - 1].filter((id, i) => i === 0 || !ids.includes(id))
  model = await createGpuModel({ ...gpuOptions(device, config, loaded.checkpoint), endsOfTurn: ends })
})

afterAll(() => model.dispose())

describe('a token that is read ahead', () => {
  test('gives the same ids and the same state, and the end of the turn is not read', async () => {
    const plain = await told(STEPS, () => false)
    expect(ends).toContain(plain.ids.at(-1))
    expect(await told(STEPS, () => true)).toEqual(plain)
    expect(plain.position).toBe(PROMPT + plain.ids.length - 1)
    expect(plain.isAhead).toBe(false)
  })

  test('may be waited for at any token, and gone on with', async () => {
    const plain = await told(9, () => false)
    for (const goesOn of [(step: number) => step % 3 !== 2 && step < 8, (step: number) => step % 2 === 1])
      expect(await told(9, goesOn)).toEqual(plain)
  })

  test('after the end the next turn goes on bit for bit, as on a sequence that never was ahead', async () => {
    const states: SavedState[] = []
    for (const goOn of [false, true]) {
      const sequence = await model.createSequence(options)
      await follow(sequence, STEPS, () => goOn)
      const { ids } = await sequence.prefill(tokensOf(config.vocabSize, 7), 1)
      await sequence.decode(ids[0]!, 1)
      states.push(await sequence.save())
      sequence.dispose()
    }
    expect(states[1]).toEqual(states[0])
  })

  test('sequences take turns', async () => {
    const plain = await told(9, () => false)
    const pair = [await model.createSequence(options), await model.createSequence(options)]
    const prompt = tokensOf(config.vocabSize, PROMPT)
    const ids = [[(await pair[0]!.prefill(prompt, 1)).ids[0]!], [(await pair[1]!.prefill(prompt, 1)).ids[0]!]]
    for (let step = 0; step < 9; step++) {
      for (const [i, sequence] of pair.entries())
        ids[i]!.push((await sequence.decode(ids[i]!.at(-1)!, 1, step < 8 && (step + i) % 4 !== 3)).ids[0]!)
    }
    for (const [i, sequence] of pair.entries()) {
      expect({ ids: ids[i], state: await sequence.save() }).toEqual({ ids: plain.ids, state: plain.state })
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
        id = (await sequence.decode(id, 1, goOn && step < 8)).ids[0]!
        sizes.push(sequence.stateBytes)
      }
      expect(sizes.findIndex((size) => size !== sizes[0])).toBe(4)
      states.push(await sequence.save())
      sequence.dispose()
    }
    expect(states[1]).toEqual(states[0])
  })

  test('nothing else may follow it, and what was not taken can be let go of', async () => {
    const sequence = await model.createSequence(options)
    const { ids } = await sequence.prefill(tokensOf(config.vocabSize, PROMPT), 1)
    await sequence.decode(ids[0]!, 1, true)
    expect([sequence.isAhead, sequence.position]).toEqual([true, PROMPT + 1])
    await expect(sequence.prefill([1], 1)).rejects.toThrow('read ahead')
    expect(() => sequence.save()).toThrow('read ahead')
    sequence.dispose()
    expect(model.ledger.bytes('state')).toBe(0)
  })
})
