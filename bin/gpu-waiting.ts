/**
 * How long this thread sleeps between two looks at the GPU, milliseconds. Pocket decodes on SwiftShader, two cores, in
 * 61 ms a token without sleep, 32 with 0.05 ms and 11 with 0.3 or 1 ms; a GPU that is done sooner waits half of it.
 */
const NAP = 0.3

const BELL = new Int32Array(new SharedArrayBuffer(4))
let waits = 0
/** Whether the one chain of naps goes on: what begins before the last nap has seen that all is done needs no other. */
let naps = false

/**
 * Sleep while the GPU works. Dawn's binding for Node learns that something is done by asking in every turn of the event
 * loop, which keeps one core busy: a third of what a software GPU on two cores needs itself. Signals and input are
 * still seen between two naps.
 *
 * Changes the classes of WebGPU in place; call it once, when they are global.
 */
export function sleepWhileWaiting(): void {
  const slow = [
    [GPUBuffer.prototype, 'mapAsync'],
    [GPUQueue.prototype, 'onSubmittedWorkDone'],
    [GPUDevice.prototype, 'createComputePipelineAsync'],
  ] as const
  for (const [prototype, name] of slow) {
    const method: unknown = Reflect.get(prototype, name)
    if (typeof method !== 'function') throw new Error(`WebGPU has no ${name}`)
    Reflect.set(prototype, name, async function (this: unknown, ...values: unknown[]): Promise<unknown> {
      waits++
      if (!naps) setImmediate(nap)
      naps = true
      try {
        const done: unknown = await Reflect.apply(method, this, values)
        return done
      } finally {
        waits--
      }
    })
  }
}

function nap(): void {
  naps = waits > 0
  if (!naps) return
  Atomics.wait(BELL, 0, 0, NAP)
  setImmediate(nap)
}
