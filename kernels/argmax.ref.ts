/** The definition of `argmax`: the first of the largest. */
export function argmaxReference(logits: Float64Array): number {
  let id = 0
  for (let i = 1; i < logits.length; i++) {
    if (logits[i]! > logits[id]!) id = i
  }
  return id
}
