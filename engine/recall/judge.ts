/** The value stands in the answer, as whole words, whatever the case and punctuation. */
export function isRight(answer: string, value: string): boolean {
  return ` ${normalised(answer)} `.includes(` ${normalised(value)} `)
}

/** The answer says that it was never told, or that it is not sure and gives the words that were looked up. */
export function isRefusal(answer: string): boolean {
  return / you have( not|nt|n t) told me | i am not sure /.test(` ${normalised(answer)} `)
}

function normalised(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/** A share with the interval that holds the true one in 95 of 100 measurements. */
export interface Share {
  readonly asked: number
  readonly share: number
  readonly low: number
  readonly high: number
}

/** The quantile of the normal distribution for 95 %, both sides. */
const Z = 1.959964

/** `hits` of `asked` with Wilson's interval, to a thousandth. Wilson 1927; it holds for shares near 0 and 1 too. */
export function wilson(hits: number, asked: number): Share {
  if (asked === 0) return { asked, share: 0, low: 0, high: 1 }
  const share = hits / asked
  const middle = (share + Z ** 2 / (2 * asked)) / (1 + Z ** 2 / asked)
  const half =
    (Z / (1 + Z ** 2 / asked)) * Math.sqrt((share * (1 - share)) / asked + Z ** 2 / (4 * asked ** 2))
  const round = (value: number) => Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000
  return { asked, share: round(share), low: round(middle - half), high: round(middle + half) }
}
