/** Marks that a letter may carry, of all scripts. */
const MARKS = /\p{M}+/gu

/** Text as it is searched: without case, without accents, in one form of its letters. */
export function fold(text: string): string {
  return text.normalize('NFKD').replace(MARKS, '').toLowerCase()
}

/** As `fold`, and for each of its characters the place in `text` that it comes from. */
export function foldWithPlaces(text: string): {
  readonly folded: string
  readonly places: readonly number[]
} {
  let folded = ''
  const places: number[] = []
  let at = 0
  for (const character of text) {
    const part = fold(character)
    folded += part
    for (let i = 0; i < part.length; i++) places.push(at)
    at += character.length
  }
  return { folded, places }
}
