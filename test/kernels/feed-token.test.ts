import { beforeAll, describe, expect, test } from 'vitest'
import { feedTokenReference } from '../../kernels/feed-token.ref.ts'
import { createFeedToken, endWords, MOST_ENDS } from '../../kernels/feed-token.ts'
import { createHybridAttend } from '../../kernels/hybrid-attend.ts'
import { attentionBuffers, randomProjections, stateAt } from '../support/attention.ts'
import { UNTRAINED } from '../support/attention-cases.ts'
import { downloadU32, poisoned, run, testDevice, upload } from '../support/gpu.ts'
import { seeded } from '../support/numerics.ts'

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

async function feed(before: readonly [position: number, tokens: number], ids: number[], ends: number[]) {
  const kernel = await createFeedToken(device)
  const step = upload(device, Uint32Array.from(before))
  const words = endWords(ends)
  const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST
  const uniform = device.createBuffer({ size: words.byteLength, usage })
  device.queue.writeBuffer(uniform, 0, words)
  const tokens = poisoned(device, 1)
  for (const id of ids) {
    const result = upload(device, Uint32Array.of(id, 0))
    await run(device, [kernel.bind({ step, result, ends: uniform, tokens })])
  }
  const [position, count] = await downloadU32(device, step)
  return { step: { position, tokens: count }, token: (await downloadU32(device, tokens))[0] }
}

describe('feed_token', () => {
  test.each([
    ['goes on with what was found', [7, 1], [41], [2953, 5]],
    ['goes on behind a chunk', [100, 28], [0], [5]],
    ['ends with any of the ends', [7, 1], [2953], [1, 2, 3, 4, 2953]],
    [
      'ends with the last of as many as there may be',
      [7, 1],
      [15],
      Array.from({ length: MOST_ENDS }, (_, i) => i),
    ],
    ['reads nothing behind an end', [8, 0], [41], [5]],
    ['takes no unused place for an end', [0, 1], [0], []],
  ] as [string, [number, number], number[], number[]][])('%s', async (_, [position, tokens], ids, ends) => {
    const expected = feedTokenReference({ position, tokens }, ids[0]!, ends)
    expect(await feed([position, tokens], ids, ends)).toEqual({ step: expected, token: ids[0] })
  })

  test('step for step as its reference, far behind an end too', async () => {
    const ids = [4, 5, 9, 7, 4, 4]
    let step = { position: 3, tokens: 1 }
    for (const id of ids) step = feedTokenReference(step, id, [9])
    expect((await feed([3, 1], ids, [9])).step).toEqual(step)
    expect(step).toEqual({ position: 6, tokens: 0 })
  })

  test('refuses more ends than it can compare', () => {
    expect(() => endWords(Array.from({ length: MOST_ENDS + 1 }, (_, i) => i))).toThrow(
      'feed_token: ends must be at most 16, got 17',
    )
  })
})

test.each([1, 32])(
  'in attention, a step of 0 tokens leaves slots, ring and output as they are, %i lanes',
  async (lanes) => {
    for (const window of [5, 0]) {
      const state = stateAt(UNTRAINED, seeded(7), 80, 9, { sinks: 2 })
      const buffers = attentionBuffers(
        device,
        UNTRAINED,
        { window, slotsOn: true, sinks: 2 },
        { capacity: 9, tokens: 1, state },
      )
      const kernel = await createHybridAttend(device, UNTRAINED, null, lanes)
      const row = new Float32Array(randomProjections(UNTRAINED, seeded(8), 1))
      device.queue.writeBuffer(buffers.projections, 0, row)
      const { windowKeys, windowValues, windowGates, keySlots, valueSlots, output } = buffers
      const kept = () =>
        Promise.all(
          [windowKeys, windowValues, windowGates, keySlots, valueSlots, output].map((buffer) =>
            downloadU32(device, buffer),
          ),
        )
      const before = await kept()
      for (const tokens of [0, 1]) {
        device.queue.writeBuffer(buffers.step, 0, Uint32Array.of(80, tokens))
        await run(device, [kernel.bind(buffers)])
        const after = await kept()
        for (const [i, words] of after.entries()) {
          if (tokens === 0) expect(words).toEqual(before[i])
          else expect(words).not.toEqual(before[i])
        }
      }
    }
  },
)
