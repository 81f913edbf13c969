import type { Output } from './command.ts'

/** A terminal so narrow breaks lines where it will. */
const NARROWEST = 20
/** East Asian wide and full-width characters: two cells each. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u
const NO_WIDTH = /\p{M}|\p{Cf}/u

/** Scripts without blanks, and their punctuation: a line may be broken before and after each character. */
const IDEOGRAPH =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3001-\u303f\u30fb\u30fc\uff01-\uff65]/u
/** It may not end a line. */
const OPENING = /[\p{Ps}\p{Pi}"']/u
/** It may not begin a line: punctuation, and of kana the small ones and the marks that repeat or lengthen. */
const CLOSING = /[\p{Pe}\p{Pf}\p{Po}\p{Lm}\u301cぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ\uff67-\uff6f]/u

/** Cells of a terminal that a character takes. */
function widthOf(character: string): number {
  return NO_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1
}

/** Whether a line may be broken between two characters that are not blank. */
function mayBreak(before: string, after: string): boolean {
  if (NO_WIDTH.test(after) || CLOSING.test(after) || OPENING.test(before)) return false
  return IDEOGRAPH.test(before) || IDEOGRAPH.test(after)
}

const LINE_ENDS = /\r\n|[\r\f\v\x85\u2028\u2029]/g
/** Of a model or a document they may move the cursor, or write to the clipboard: only line ends and tabs are written. */
const CONTROLS = /(?![\n\t])\p{Cc}/gu

/**
 * Text that comes in pieces, with its lines broken between words as wide as the terminal is: a word is held back until its
 * end has come, or until it is wider than the terminal. What is no terminal gets it as it comes.
 */
export class WordWrap {
  readonly #terminal: Output
  #word = ''
  /** cells of the word, with what is written of it */
  #width = 0
  /** the last character that takes a cell */
  #last = ''
  /** blanks before the word, which are left out where a line is broken */
  #blanks = ''
  #column = 0
  /** the last piece ended with \r, which may be half of \r\n */
  #endedWithReturn = false

  /** @param terminal at the start of a line */
  constructor(terminal: Output) {
    this.#terminal = terminal
  }

  write(text: string): void {
    const { isTTY = false, columns = 0 } = this.#terminal
    if (!isTTY) {
      this.#terminal.write(text)
      return
    }
    const plain = this.#normalizeLineEnds(text).replace(CONTROLS, '')
    if (columns < NARROWEST) {
      // It may have been wider a moment ago.
      this.end()
      this.#terminal.write(plain)
      return
    }
    let placed = ''
    for (const character of plain) {
      if (/\s/u.test(character)) {
        placed += this.#endWord(columns) + this.#takeBlank(character)
        continue
      }
      if (mayBreak(this.#last, character)) placed += this.#endWord(columns)
      const width = widthOf(character)
      this.#word += character
      this.#width += width
      if (width > 0) this.#last = character
    }
    if (this.#width > columns) placed += this.#placeWord(columns)
    if (placed !== '') this.#terminal.write(placed)
  }

  /** What is held back. */
  end(): void {
    const placed = this.#endWord(this.#terminal.columns ?? 0)
    if (placed !== '') this.#terminal.write(placed)
  }

  #normalizeLineEnds(text: string): string {
    const rest = this.#endedWithReturn && text.startsWith('\n') ? text.slice(1) : text
    if (text !== '') this.#endedWithReturn = text.endsWith('\r')
    return rest.replace(LINE_ENDS, '\n')
  }

  /** What a blank writes at once: a line end itself, another one nothing. */
  #takeBlank(blank: string): string {
    this.#last = ''
    if (blank !== '\n') {
      this.#blanks += blank
      return ''
    }
    this.#blanks = ''
    this.#column = 0
    return blank
  }

  #endWord(columns: number): string {
    const placed = this.#placeWord(columns)
    this.#width = 0
    return placed
  }

  /** The word, or what came of it since it is wider than the terminal, behind what is written or on a line of its own. */
  #placeWord(columns: number): string {
    if (this.#word === '') return ''
    let gap = 0
    for (const blank of this.#blanks) gap += widthOf(blank)
    const fits = this.#column + gap + this.#width <= columns
    // A word that is wider than the terminal is broken by it.
    const isBroken = !fits && this.#column > 0 && this.#width <= columns
    if (isBroken) {
      this.#blanks = ''
      this.#column = 0
    }
    const placed = this.#blanks + this.#word
    for (const character of placed) {
      const width = widthOf(character)
      this.#column = this.#column + width > columns ? width : this.#column + width
    }
    this.#word = ''
    this.#blanks = ''
    return isBroken ? `\n${placed}` : placed
  }
}

/** A line that is no part of an answer: faint, where the terminal has that. */
export function writeAside(line: string, output: Output): void {
  const isFaint = output.isTTY && output.hasColors?.()
  if (isFaint) output.write('\x1b[2m')
  new WordWrap(output).write(`${line}\n`)
  if (isFaint) output.write('\x1b[22m')
}
