/** A line at least so long was broken because it was full; a shorter one ends where its author ended it, as in a poem. */
const FULL_LINE = 45
/** A point of a list, or a line that is set in: begins where its author began it. */
const BEGINS = /^(\s|[-*•–—]\s|\d+[.)]\s)/

/**
 * A text whose lines were broken at the width of another page, for one of any width: the break after a full line becomes
 * a space, so that every character stays at its place.
 */
export function unwrapped(text: string): string {
  const lines = text.split('\n')
  return lines
    .map((line, i) => {
      const next = lines[i + 1]
      if (next === undefined) return line
      const goesOn = line.length >= FULL_LINE && next.trim() !== '' && !BEGINS.test(next)
      return `${line}${goesOn ? ' ' : '\n'}`
    })
    .join('')
}
