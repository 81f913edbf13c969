import texts from './asked-of-texts.json' with { type: 'json' }

interface Asked {
  readonly question: string
  /** words that a right answer has */
  readonly right: RegExp
}

/** A text and what a reader asks of it: of a book of the public domain, as Project Gutenberg has it, forty pages. */
interface AskedText {
  readonly what: string
  readonly file: string
  /** the line that the forty pages begin with; `null` for a text of our own, which is all of its file beside this one */
  readonly from: RegExp | null
  readonly asked: readonly Asked[]
}

/** All but the first thirty questions are by somebody who had seen neither the lessons nor the program. */
export const ASKED_OF_TEXTS: readonly AskedText[] = texts.map(({ what, file, from, asked }) => ({
  what,
  file,
  from: from === null ? null : new RegExp(from, 'gm'),
  asked: asked.map(({ question, right }) => ({ question, right: new RegExp(right, 'i') })),
}))
