/** The definition of `swiglu` in f64: gateUp [T, 2, F] in, [T, F] out. */
export function swigluReference(size: number, gateUp: Float64Array): Float64Array {
  const tokens = gateUp.length / (2 * size)
  const output = new Float64Array(tokens * size)
  for (let t = 0; t < tokens; t++) {
    for (let f = 0; f < size; f++) {
      const gate = gateUp[t * 2 * size + f]!
      const up = gateUp[(t * 2 + 1) * size + f]!
      output[t * size + f] = (gate / (1 + Math.exp(-gate))) * up
    }
  }
  return output
}
