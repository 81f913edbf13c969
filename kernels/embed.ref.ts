/** The definition of `embed`, f64 [T, C]; `table` is [V, C]. */
export function embedReference(cols: number, tokens: Uint32Array, table: Float64Array): Float64Array {
  const residual = new Float64Array(tokens.length * cols)
  for (let t = 0; t < tokens.length; t++) {
    for (let c = 0; c < cols; c++) residual[t * cols + c] = table[tokens[t]! * cols + c]!
  }
  return residual
}
