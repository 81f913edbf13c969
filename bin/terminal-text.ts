import type { Output } from './command.ts'

/** A terminal so narrow breaks lines where it will. */
const NARROWEST = 20
const WIDE =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}/u
const NO_WIDTH = /\p{M}|\p{Cf}/u

/** Cells of a terminal that a text takes. */
function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += NO_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1
  return width
}

/** Of a model or a document they may move the cursor, or write to the clipboard: only line ends and tabs are written. */
const CONTROLS = /(?![\n\t])\p{Cc}/gu

/**
 * Text that comes in pieces, with its lines broken between words as wide as the terminal is: a word is held back until its
 * end has come. What is no terminal gets it as it comes.
 */
export class WordWrap {
  readonly #terminal: Output
  #word = ''
  /** blanks before the word, which are left out where a line is broken */
  #blanks = ''
  #column = 0

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
    const plain = text.replace(CONTROLS, '')
    if (columns < NARROWEST) {
      this.#terminal.write(plain)
      return
    }
    for (const piece of plain.match(/\n|[^\S\n]+|\S+/gu) ?? []) {
      if (/\S/u.test(piece)) {
        this.#word += piece
        continue
      }
      this.#writeWord(columns)
      if (piece !== '\n') {
        this.#blanks += piece
        continue
      }
      this.#terminal.write('\n')
      this.#blanks = ''
      this.#column = 0
    }
  }

  /** What is held back. */
  end(): void {
    this.#writeWord(this.#terminal.columns ?? 0)
  }

  #writeWord(columns: number): void {
    if (this.#word === '') return
    const width = widthOf(this.#word)
    const gap = this.#blanks.length
    const fits = this.#column + gap + width <= columns
    // A word that is wider than the terminal is broken by it, as are scripts without blanks.
    const isBroken = !fits && this.#column > 0 && width <= columns
    this.#terminal.write(`${isBroken ? '\n' : this.#blanks}${this.#word}`)
    const end = isBroken ? width : this.#column + gap + width
    this.#column = end > columns ? end % columns : end
    this.#word = ''
    this.#blanks = ''
  }
}

/** A line that is no part of an answer: faint, where the terminal has that. */
export function writeAside(line: string, output: Output): void {
  const isFaint = output.isTTY && output.hasColors?.()
  if (isFaint) output.write('\x1b[2m')
  new WordWrap(output).write(`${line}\n`)
  if (isFaint) output.write('\x1b[22m')
}
