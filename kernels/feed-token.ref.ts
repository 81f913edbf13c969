/** The definition of `feed_token`: the step after `step`, whose argmax was `id`. */
export function feedTokenReference(
  step: { readonly position: number; readonly tokens: number },
  id: number,
  ends: readonly number[],
): { position: number; tokens: number } {
  const isRead = step.tokens > 0 && !ends.includes(id)
  return { position: step.position + step.tokens, tokens: isRead ? 1 : 0 }
}
