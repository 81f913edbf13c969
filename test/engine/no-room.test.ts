import { expect, test, vi } from 'vitest'
import { FaultyGpu } from '../support/faulty-gpu.ts'
import { loadTiny, loadWithoutRoom, takeMemory } from '../support/no-room.ts'

// Each loading compiles every kernel anew.
vi.setConfig({ testTimeout: 180_000 })
/** Of the buffers; the soak takes every one. */
const EVERY = { chat: 6, model: 16 }

test('any buffer of a chat that is refused: one sentence or the same answers, and every byte is given back', async () => {
  const gpu = new FaultyGpu()
  const engine = await loadTiny(gpu)
  const loaded = gpu.bytes
  const straight = await takeMemory(engine)
  expect(straight).toMatchObject({ refused: 0, wrong: '' })
  expect(gpu.bytes).toBe(loaded)
  let refused = 0
  for (let n = 1, failed = true; failed; n += EVERY.chat) {
    gpu.failIn(n)
    const run = await takeMemory(engine)
    expect(run.wrong, `buffer ${n}`).toBe('')
    if (run.refused === 0) expect(run.said, `buffer ${n}`).toEqual(straight.said)
    expect(gpu.bytes, `buffer ${n}`).toBe(loaded)
    refused += run.refused
    failed = gpu.takeFailure()
  }
  expect(refused).toBeGreaterThan(3)
  gpu.failIn(Infinity)
  expect((await takeMemory(engine)).said).toEqual(straight.said)
  engine.dispose()
  expect(gpu.bytes).toBe(0)
})

test('a buffer of the model that is refused while it is loaded: one sentence, and nothing stays on the GPU', async () => {
  let n = 1
  for (let failed = true; failed; n += EVERY.model) {
    const { wrong, ...run } = await loadWithoutRoom(n)
    expect(wrong, `buffer ${n}`).toBe('')
    failed = run.failed
  }
  expect(n).toBeGreaterThan(48)
})
