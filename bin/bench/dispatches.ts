/** How many dispatches the GPU is given while `work` runs; 0 where there is no GPU. */
export async function countDispatches(work: () => Promise<unknown>): Promise<number> {
  if (!('GPUComputePassEncoder' in globalThis)) return work().then(() => 0)
  const { prototype } = GPUComputePassEncoder
  const method: unknown = Reflect.get(prototype, 'dispatchWorkgroups')
  if (typeof method !== 'function') throw new Error('WebGPU has no dispatchWorkgroups')
  let count = 0
  Reflect.set(prototype, 'dispatchWorkgroups', function (this: unknown, ...sizes: unknown[]): void {
    count++
    Reflect.apply(method, this, sizes)
  })
  try {
    await work()
  } finally {
    Reflect.set(prototype, 'dispatchWorkgroups', method)
  }
  return count
}
