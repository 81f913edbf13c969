import { Random } from '../text/random.ts'
import type { SavedState } from './sequence.ts'

/**
 * The same state with its slots full of noise: uniform numbers with the RMS that keys, and values, had in each layer.
 * A model that answers as well from these never looked at its slots.
 */
export function withRandomSlots(saved: SavedState, seed: number): SavedState {
  const random = new Random(seed)
  const bytes = saved.bytes.slice()
  const slots = saved.slots.map((written) => {
    const View = written instanceof Float32Array ? Float32Array : Float64Array
    const noise = new View(bytes.buffer, written.byteOffset, written.length)
    let squares = 0
    for (const value of written) squares += value * value
    // Uniform in ±a has an RMS of a / √3.
    const most = Math.sqrt((3 * squares) / Math.max(1, written.length))
    for (let i = 0; i < noise.length; i++) noise[i] = most * (2 * random.next() - 1)
    return noise
  })
  return { position: saved.position, bytes, slots }
}
