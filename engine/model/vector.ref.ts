/** y[r] = Σ_c w[r, c]·x[c] */
export function multiply(matrix: Float64Array, input: Float64Array): Float64Array {
  const cols = input.length
  const output = new Float64Array(matrix.length / cols)
  for (let r = 0; r < output.length; r++) {
    let sum = 0
    for (let c = 0, i = r * cols; c < cols; c++, i++) sum += matrix[i]! * input[c]!
    output[r] = sum
  }
  return output
}

/** x·w / sqrt(mean x² + ε) */
export function rmsNorm(input: Float64Array, weight: Float64Array, epsilon: number): Float64Array {
  const scale = 1 / Math.sqrt(dot(input, input) / input.length + epsilon)
  return input.map((x, i) => x * scale * weight[i]!)
}

/** RMSNorm of each head of D values, in place. */
export function normHeads(heads: Float64Array, weight: Float64Array, epsilon: number): void {
  for (let start = 0; start < heads.length; start += weight.length) {
    const head = heads.subarray(start, start + weight.length)
    head.set(rmsNorm(head, weight, epsilon))
  }
}

/** Σ a·b */
function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

/** target += source */
export function addInPlace(target: Float64Array, source: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i]! += source[i]!
}

/** log(1 / (1 + e^−z)), without overflow at either end. */
export function logSigmoid(z: number): number {
  return z < 0 ? z - Math.log1p(Math.exp(z)) : -Math.log1p(Math.exp(-z))
}
