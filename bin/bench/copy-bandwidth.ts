const BYTES = 64 << 20
const REPEATS = 4
const ROUNDS = 5

/**
 * Bytes a second that the adapter reads and writes when it copies 64 MiB from buffer to buffer, the best of five: the
 * ceiling of a decode, which reads each weight once.
 */
export async function copyBandwidth(gpu: GPU): Promise<number> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  const device = await adapter?.requestDevice({ label: 'copy_bandwidth' })
  if (!device) return 0
  const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST
  const [source, target] = ['copy_from', 'copy_to'].map((label) =>
    device.createBuffer({ label, size: BYTES, usage }),
  )
  if (!source || !target) return 0
  let best = Infinity
  // The first one allocates what is copied.
  for (let round = 0; round <= ROUNDS; round++) {
    const start = performance.now()
    const encoder = device.createCommandEncoder({ label: 'copy' })
    for (let i = 0; i < REPEATS; i++) encoder.copyBufferToBuffer(source, 0, target, 0, BYTES)
    device.queue.submit([encoder.finish()])
    await device.queue.onSubmittedWorkDone()
    if (round > 0) best = Math.min(best, performance.now() - start)
  }
  device.destroy()
  return (2 * REPEATS * BYTES * 1000) / best
}
