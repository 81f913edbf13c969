/** The first tokens are the printable characters from this one on, for a peer that takes text and no ids. */
const FIRST_LETTER = 33

/** Tokens that text has; the others stand for nothing. */
export const LETTERS = 94

export function tokenName(id: number): string {
  return id < LETTERS ? String.fromCharCode(FIRST_LETTER + id) : `[${id}]`
}

/** Text of as many tokens, each taken for one of those that text has. */
export function textOf(tokens: readonly number[]): string {
  return tokens.map((id) => tokenName(id % LETTERS)).join('')
}
