/** Characters of a token of plain text; of a source that was read it is known, and fewer in German or Chinese with an English tokenizer. */
export const TOKEN_CHARACTERS = 3
/** A source of fewer characters says too little of how many tokens its characters are: a message stands with its answer. */
const TELLING_CHARACTERS = 500
/** Of the window; the question and its answer need the rest. */
const WINDOW_SHARE = 0.6
/** A model with a long window is not told more than this either. */
const MOST_CHARACTERS = 1500

/**
 * A window of so few tokens is that of a small model, which answers better from words right before the question: they are
 * put there though the window has them. See DECISIONS.md.
 */
const NARROW = 128

/** A window of so many tokens is that of a small model. */
export function isNarrow(window: number): boolean {
  return window <= NARROW
}

/** Characters that may be put back into a window of so many tokens. */
export function roomIn(window: number): number {
  return Math.min(window * WINDOW_SHARE * TOKEN_CHARACTERS, MOST_CHARACTERS)
}

/**
 * Tokens of a character of `text`, which takes `tokens` of the memory. Of a short one that says little, so they are about
 * what Pocket's English tokenizer takes: a digit or a sign is one, another script one a byte, and letters beside either
 * are mostly not in words that it knows.
 */
export function tokensEach(text: string, tokens: number): number {
  if (text.length >= TELLING_CHARACTERS) return Math.max(tokens / text.length, 1 / TOKEN_CHARACTERS)
  const signs = text.match(/[!-@[-`{-~]/g)?.length ?? 0
  const strange = text.match(/(?!\p{ASCII})\p{L}/gu) ?? []
  const plain = text.length - signs - strange.length
  const each = strange.length > 0 ? 3 / 4 : signs > plain / 4 ? 1 / 2 : 1 / TOKEN_CHARACTERS
  const bytes = new TextEncoder().encode(strange.join('')).length
  return (plain * each + signs + bytes) / Math.max(1, text.length)
}
