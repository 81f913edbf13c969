/** The definition of `rms_norm` in f64: input [T, C], weight [C]. */
export function rmsNormReference(input: Float64Array, weight: Float64Array, epsilon: number): Float64Array {
  const size = weight.length
  const output = new Float64Array(input.length)
  for (let first = 0; first < input.length; first += size) {
    let squares = 0
    for (let c = 0; c < size; c++) squares += input[first + c]! ** 2
    const scale = 1 / Math.sqrt(squares / size + epsilon)
    for (let c = 0; c < size; c++) output[first + c] = input[first + c]! * scale * weight[c]!
  }
  return output
}
