import { expect, test, vi } from 'vitest'
import { refuseChats, refuseLoading } from '../support/no-room.ts'

// Each loading compiles every kernel anew.
vi.setConfig({ testTimeout: 180_000 })
/** Of the buffers; the soak takes every one. */
const EVERY = { chat: 6, model: 16 }

test('any buffer of a chat that is refused: one sentence or the same answers, and every byte is given back', async () => {
  const { refused, wrong } = await refuseChats(EVERY.chat)
  expect(wrong).toEqual([])
  expect(refused).toBeGreaterThan(3)
})

test('a buffer of the model that is refused while it is loaded: one sentence, and nothing stays on the GPU', async () => {
  const { refused, wrong } = await refuseLoading(EVERY.model)
  expect(wrong).toEqual([])
  expect(refused).toBeGreaterThan(1)
})
