/** The definition of `rms_weigh` in f64: residual [C], norm [C]. */
export function rmsWeighReference(
  residual: Float64Array,
  norm: Float64Array,
): { weighted: Float64Array; squares: Float64Array } {
  const weighted = residual.map((value, c) => value * norm[c]!)
  const squares = new Float64Array(Math.ceil(residual.length / 8))
  for (let c = 0; c < residual.length; c++) squares[Math.floor(c / 8)]! += residual[c]! ** 2
  return { weighted, squares }
}
