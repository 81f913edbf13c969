const BARS = '▁▂▃▄▅▆▇█'

/** The mean of each of so many stretches at most, the last one included. */
export function thinned(losses: readonly number[], most: number): number[] {
  const stretch = Math.ceil(losses.length / most)
  return Array.from({ length: stretch === 0 ? 0 : Math.ceil(losses.length / stretch) }, (_, i) => {
    const part = losses.slice(i * stretch, (i + 1) * stretch)
    return part.reduce((sum, loss) => sum + loss, 0) / part.length
  })
}

/** The losses of a fit as one line of bars, from nothing to the highest. */
export function lossCurve(losses: readonly number[], most: number): string {
  const points = thinned(losses, most)
  const highest = Math.max(...points)
  const bar = (loss: number) => BARS[Math.round((loss / highest) * (BARS.length - 1))] ?? BARS[0]
  return points.map(bar).join('')
}
