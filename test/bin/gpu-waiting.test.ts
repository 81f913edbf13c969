import { expect, test, vi } from 'vitest'
import { createGemm } from '../../kernels/gemm.ts'
import { matrixBytes } from '../../kernels/matrix.ts'
import { poisoned, testDevice, uploadStep } from '../support/gpu.ts'

// Without sleep the event loop turns about 100,000 times a second; with 0.3 ms of it, at most 3,400 times.
const MAX_TURNS_PER_MILLISECOND = 5

/** Work for the GPU that takes a while, and how often the event loop turned and slept until it was done. */
async function longWork(device: GPUDevice): Promise<{ turns: number; naps: number; milliseconds: number }> {
  const shape = { rows: 2048, cols: 2048, format: 'f32' } as const
  const gemm = await createGemm(device, shape, { bias: false, accumulate: false, mostWeights: Infinity })
  const weight = poisoned(device, matrixBytes(shape).weightBytes / 4)
  const step = uploadStep(device, 0, 1)
  const [input, output] = [poisoned(device, shape.cols), poisoned(device, shape.rows)]
  const [dispatch] = gemm.bind({ step, matrix: { shape, weight, scales: null }, input, bias: null, output })
  const encoder = device.createCommandEncoder()
  const pass = encoder.beginComputePass()
  for (let i = 0; i < 30; i++) dispatch?.encode(pass, 1)
  pass.end()

  let turns = 0
  let done = false
  const count = (): void => {
    turns++
    if (!done) setImmediate(count)
  }
  const naps = vi.spyOn(Atomics, 'wait')
  const start = performance.now()
  device.queue.submit([encoder.finish()])
  setImmediate(count)
  await device.queue.onSubmittedWorkDone()
  done = true
  const milliseconds = performance.now() - start
  const slept = naps.mock.calls.length
  naps.mockRestore()
  return { turns, naps: slept, milliseconds }
}

test('the event loop turns slowly while the GPU works', async () => {
  const { turns, milliseconds } = await longWork(await testDevice())
  expect(milliseconds).toBeGreaterThan(1)
  expect(turns / milliseconds).toBeLessThan(MAX_TURNS_PER_MILLISECOND)
})

test('one nap a turn, however many waits have come one behind another', async () => {
  const device = await testDevice()
  const buffer = device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ })
  for (let wait = 0; wait < 20; wait++) {
    await buffer.mapAsync(GPUMapMode.READ)
    buffer.unmap()
  }
  const { turns, naps } = await longWork(device)
  expect(naps).toBeLessThanOrEqual(turns + 2)
})

test('the reason why a wait failed arrives', async () => {
  const device = await testDevice()
  const buffer = device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ })
  const waiting = buffer.mapAsync(GPUMapMode.READ)
  buffer.destroy()
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
})
