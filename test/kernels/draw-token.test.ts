import { beforeAll, describe, expect, test } from 'vitest'
import { drawTokenReference } from '../../kernels/draw-token.ref.ts'
import { createDrawToken, DRAW_BYTES, type DrawSettings, writeDraw } from '../../kernels/draw-token.ts'
import { downloadU32, poisoned, run, testDevice, upload } from '../support/gpu.ts'
import { seeded, uniform } from '../support/numerics.ts'

// Of 800 draws with numbers within 1e-6 of a border, f32 fell on its other side 18 times, 1.8e-7 from it at most.
const MARGIN = 1e-6

const ALL: DrawSettings = { temperature: 1, topK: 256, topP: 1, minP: 0 }

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

async function draw(logits: Float64Array, settings: DrawSettings, numbers: readonly number[]) {
  const kernel = await createDrawToken(device, { count: logits.length })
  const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST
  const words = new ArrayBuffer(DRAW_BYTES)
  const drawn = device.createBuffer({ size: DRAW_BYTES, usage })
  // Ids of their own, ascending, so that a place taken for an id shows.
  const ids = upload(
    device,
    Uint32Array.from(logits, (_, place) => 1000 + 3 * place),
  )
  const values = upload(device, logits)
  const found = []
  for (const number of numbers) {
    writeDraw(words, settings, number)
    device.queue.writeBuffer(drawn, 0, words)
    const result = poisoned(device, 2)
    await run(device, [kernel.bind({ draw: drawn, ids, values, result })])
    const [id = 0, bits = 0] = await downloadU32(device, result)
    found.push({ place: (id - 1000) / 3, logit: new Float32Array(Uint32Array.of(bits).buffer)[0] })
  }
  return found
}

describe('draw_token', () => {
  test.each([
    ['one candidate', 1, ALL],
    ['all of them', 256, ALL],
    ['hot', 256, { ...ALL, temperature: 5 }],
    ['cold', 256, { ...ALL, temperature: 0.05 }],
    ['top-k', 200, { ...ALL, topK: 40 }],
    ['top-k of more than there are', 7, { ...ALL, topK: 40 }],
    ['top-p', 256, { ...ALL, topP: 0.9 }],
    ['a top-p of next to nothing', 256, { ...ALL, topP: 1e-6 }],
    ['min-p', 130, { ...ALL, minP: 0.2 }],
    ['as Qwen3 is sampled', 256, { temperature: 0.6, topK: 20, topP: 0.95, minP: 0 }],
    ['all at once', 256, { temperature: 0.8, topK: 60, topP: 0.8, minP: 0.05 }],
  ] as [string, number, DrawSettings][])('draws as the reference: %s', async (_, count, settings) => {
    const random = seeded(count)
    for (let round = 0; round < 3; round++) {
      const logits = uniform(random, count, -12, 12).map(Math.fround)
      const numbers = [0, 1 - 2 ** -24, ...uniform(random, 12, 0, 1).map(Math.fround)]
      const found = await draw(logits, settings, numbers)
      for (const [i, number] of numbers.entries()) {
        const { place, margin } = drawTokenReference(logits, settings, number)
        if (margin < MARGIN) continue
        expect(found[i], `${number} of ${count}`).toEqual({ place, logit: logits[place] })
      }
    }
  })

  test('every candidate comes as often as its weight says', async () => {
    const logits = Float64Array.of(Math.log(1), Math.log(4), Math.log(3), Math.log(2))
    const numbers = Array.from({ length: 100 }, (_, i) => (i + 0.5) / 100)
    const counts = [0, 0, 0, 0]
    for (const { place } of await draw(logits, ALL, numbers)) counts[place]!++
    expect(counts).toEqual([10, 40, 30, 20])
  })

  test('of equal ones the lowest ids are kept, and minus zero equals zero', async () => {
    const logits = Float64Array.of(-1, 0, -0, 0, -1)
    const numbers = [0, 0.49, 0.51, 0.99]
    const found = await draw(logits, { ...ALL, topK: 2 }, numbers)
    expect(found.map(({ place }) => place)).toEqual([1, 1, 2, 2])
  })

  test('a NaN or an infinity shows; minus infinity is never drawn beside a number', async () => {
    const [nan, infinite] = [Float64Array.of(1, NaN, 2), Float64Array.of(1, Infinity, 2)]
    expect(await draw(nan, ALL, [0.9])).toEqual([{ place: 1, logit: NaN }])
    expect(await draw(infinite, ALL, [0.9])).toEqual([{ place: 1, logit: Infinity }])
    expect((await draw(Float64Array.of(-Infinity, 3, -Infinity), ALL, [0.999]))[0]?.place).toBe(1)
    expect((await draw(Float64Array.of(-Infinity, -Infinity), ALL, [0.5]))[0]?.logit).toBe(-Infinity)
  })

  test('refuses a shape it cannot run, naming the field', async () => {
    await expect(createDrawToken(device, { count: 257 })).rejects.toThrow(
      'draw_token: count must be at most 256, got 257',
    )
  })
})
