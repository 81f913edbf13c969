import type { DrawSettings } from './draw-token.ts'

/**
 * The definition of `draw_token`, in f64.
 *
 * @returns the place of what is drawn, and how far the nearest border lies from the number, or from a cut, as a share of
 *   the sum: what is nearer than the kernel's rounding may fall on the other side
 */
export function drawTokenReference(
  logits: Float64Array,
  { temperature, topK, topP, minP }: DrawSettings,
  number: number,
): { place: number; margin: number } {
  const places = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]! || a - b).slice(0, topK)
  const largest = logits[places[0]!]!
  const weights = places.map((place) => Math.exp((logits[place]! - largest) / temperature))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let margin = Infinity
  let kept = 0
  let sum = 0
  while (kept < weights.length) {
    const weight = weights[kept]!
    if (kept > 0 && topP < 1) {
      margin = Math.min(margin, Math.abs(sum / total - topP))
      if (sum >= topP * total) break
    }
    if (minP > 0) {
      margin = Math.min(margin, Math.abs(weight - minP))
      if (weight < minP) break
    }
    sum += weight
    kept++
  }
  let passed = 0
  let rank = 0
  for (; rank < kept - 1; rank++) {
    passed += weights[rank]!
    margin = Math.min(margin, Math.abs(passed / sum - number))
    if (passed > number * sum) break
  }
  return { place: places[rank]!, margin }
}
