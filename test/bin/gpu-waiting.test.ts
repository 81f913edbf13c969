import { expect, test } from 'vitest'
import { createGemm } from '../../kernels/gemm.ts'
import { matrixBytes } from '../../kernels/matrix.ts'
import { poisoned, testDevice, uploadStep } from '../support/gpu.ts'

// Without sleep the event loop turns about 100,000 times a second; with 0.3 ms of it, at most 3,400 times.
const MAX_TURNS_PER_MILLISECOND = 5

test('the event loop turns slowly while the GPU works', async () => {
  const device = await testDevice()
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
  const start = performance.now()
  device.queue.submit([encoder.finish()])
  setImmediate(count)
  await device.queue.onSubmittedWorkDone()
  done = true
  const milliseconds = performance.now() - start
  expect(milliseconds).toBeGreaterThan(1)
  expect(turns / milliseconds).toBeLessThan(MAX_TURNS_PER_MILLISECOND)
})

test('the reason why a wait failed arrives', async () => {
  const device = await testDevice()
  const buffer = device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ })
  const waiting = buffer.mapAsync(GPUMapMode.READ)
  buffer.destroy()
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
})
